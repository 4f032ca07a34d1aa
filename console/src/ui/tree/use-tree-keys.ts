import type { KeyboardEvent } from "react";
import { isCombination, type RowAct } from "./row-acts";
import { parentOf, type Row, type TreeRows } from "./tree-rows";

interface Means {
  rows: TreeRows;
  row: Row | undefined;
  active: number;
  steps: Readonly<Record<string, () => void>>;
  go: (index: number) => void;
  acts: () => readonly RowAct[];
  choose: (row: Row | undefined) => void;
  onMenu: () => void;
  onLeave: () => void;
}

const opens = (row: Row | undefined): row is Extract<Row, { open: boolean }> => row?.kind === "area" || row?.kind === "folder";

/** Hears the tree's keys, and those of what can be done with the row. */
export function hearTreeKeys(event: KeyboardEvent, { rows, row, active, steps, go, acts, choose, onMenu, onLeave }: Means): void {
  const own: Record<string, () => void> = {
    Escape: onLeave,
    ContextMenu: onMenu,
    " ": () => choose(row),
    ArrowRight: () => (opens(row) && !row.open ? choose(row) : go(active + 1)),
    ArrowLeft: () => (opens(row) && row.open ? choose(row) : go(parentOf(rows, active))),
  };
  const plain = !event.altKey && !event.ctrlKey && !event.metaKey;
  const step =
    event.shiftKey && event.key === "F10" ? onMenu : (acts().find((act) => isCombination(act.keys, event))?.run ?? (event.key === "Enter" ? () => choose(row) : undefined) ?? (plain ? (own[event.key] ?? steps[event.key]) : undefined));
  if (step === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  step();
}
