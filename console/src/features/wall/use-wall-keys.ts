import { useCallback, useEffect, useRef, type RefObject } from "react";
import { isWriting } from "../../ui/writing";
import { presetText, type Preset } from "../../ui/wall-grid";
import type { Wall, WallAct } from "../../ui/wall-state";

export const LAYOUT_KEYS: Record<string, Preset> = { "1": 1, "4": 4, "6": 6, "8": 8, "9": 9, "2": 16, "5": 25 };
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** What goes round is held, and gone on and back in. */
export const tourKeys = (pause: () => void, go: (by: 1 | -1) => void): Record<string, () => void> => ({ " ": pause, PageDown: () => go(1), PageUp: () => go(-1) });

/** Grids by digits, tiles by arrows (with Shift the picture goes along), Delete closes. Returns what puts the focus on a tile. */
export function useWallKeys(wall: Wall, act: (act: WallAct) => void, tiles: RefObject<HTMLElement | null>, others: Record<string, () => void>): (at: number) => void {
  const keyed = useRef(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const inDialog = event.target instanceof Element && event.target.closest("[role=dialog], [role=menu], [role=listbox]") !== null;
      if (event.defaultPrevented || isWriting(event.target) || inDialog || event.ctrlKey || event.metaKey || event.altKey) return;
      const layout = LAYOUT_KEYS[event.key];
      const arrow = ARROWS[event.key];
      const onButton = event.target instanceof Element && event.target.closest("button, a") !== null;
      const other = event.key === " " && onButton ? undefined : others[event.key]; // there it presses the button
      if (layout !== undefined) act({ kind: "grid", grid: presetText(layout) });
      else if (arrow !== undefined) {
        keyed.current = true;
        act({ kind: event.shiftKey ? "carry" : "move", dx: arrow[0], dy: arrow[1] });
      } else if (event.key === "Delete") act({ kind: "close", at: wall.active });
      else if (other !== undefined) other();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [wall.active, act, others]);
  const focusTile = useCallback((at: number) => tiles.current?.querySelector<HTMLElement>(`[data-testid="tile-${at}"]`)?.focus(), [tiles]);
  useEffect(() => {
    if (keyed.current) focusTile(wall.active); // so that Tab goes on to this tile's own buttons
    keyed.current = false;
  }, [wall.active, focusTile]);
  return focusTile;
}
