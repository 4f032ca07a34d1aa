import { useEffect, useRef } from "react";

/** Keys of a round, by `KeyboardEvent.key`: heard before those of a tile; none while somebody writes, is in the tree, or a dialog is open. */
export function useKeys(keys: Record<string, (() => void) | undefined>): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const on = event.target instanceof Element ? event.target : document.body;
      if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
      if (on.closest("input, textarea, select, [contenteditable], [role=dialog], .camera-tree") !== null || document.querySelector("[role=dialog]") !== null) return;
      if (event.key === "Enter" && on.closest("a, button") !== null) return; // it presses that
      const act = now.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.body.addEventListener("keydown", onKey); // behind whatever steers, before the keys of tiles
    return () => document.body.removeEventListener("keydown", onKey);
  }, []);
}
