import { useRef, useState, type KeyboardEvent } from "react";

/** One stop of the Tab key for a grid of buttons, within which the arrow keys move: `row` and `column` of the one that has it. */
export function useRoving(rows: number, columns: number, first: { row: number; column: number }) {
  const grid = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(first);
  const within = (place: number, count: number) => Math.max(0, Math.min(place, count - 1));
  const held = { row: within(at.row, rows), column: within(at.column, columns) };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = { row: held.row + (by[0] ?? 0), column: held.column + (by[1] ?? 0) };
    const button = grid.current?.querySelector<HTMLElement>(`[data-cell="${next.row}-${next.column}"]`);
    event.preventDefault();
    button?.focus();
  };
  const cell = (row: number, column: number) => ({ "data-cell": `${row}-${column}`, tabIndex: held.row === row && held.column === column ? 0 : -1, onFocus: () => setAt({ row, column }) });
  return { grid, onKeyDown, cell };
}
