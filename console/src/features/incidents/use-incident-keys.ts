import { useEffect, useRef } from "react";
import { isWriting } from "../../ui/writing";
import type { Act } from "./steps";

export interface IncidentKeys {
  step: (by: 1 | -1) => void;
  /** What comes next. */
  next: () => void;
  begin: (act: Act) => void;
  note: () => void;
  open: () => void;
}

/** The page without a mouse. What stands open above it has the keys. */
export function useIncidentKeys(acts: IncidentKeys): void {
  const now = useRef(acts);
  useEffect(() => {
    now.current = acts;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      if (event.target instanceof Element && event.target.closest("dialog, [role=dialog], [role=menu], [role=listbox].ant-select-dropdown, .ant-select, .ant-segmented") !== null) return;
      const { step, next, begin, note, open } = now.current;
      const pressable = event.target instanceof Element && event.target.closest("button, a") !== null; // Enter is theirs
      if (event.key === "j" || event.key === "ArrowDown") step(1);
      else if (event.key === "k" || event.key === "ArrowUp") step(-1);
      else if (event.repeat) return; // held down, one act is not another
      else if (event.key === "Enter" && !pressable) next();
      else if (event.key === "1") begin("confirm");
      else if (event.key === "2") begin("refute");
      else if (event.key === "3") begin("control");
      else if (event.key === "d") begin("send");
      else if (event.key === "h") begin("hand-over");
      else if (event.key === "m") begin("merge");
      else if (event.key === "c") begin("close");
      else if (event.key === "n") note();
      else if (event.key === "i") open();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
