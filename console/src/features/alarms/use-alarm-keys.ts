import { useEffect, useRef } from "react";
import { isWriting } from "../../ui/writing";

export interface AlarmActs {
  step: (by: 1 | -1) => void;
  take: () => void;
  /** False: the alarm has just changed by itself, and a key may be meant for the one before. */
  settled: boolean;
  /** A key that would have acted was not heard. */
  ignored: () => void;
  /** One was. */
  heard: () => void;
  /** Real, false, unclear. */
  verify: (which: 0 | 1 | 2) => void;
  close: () => void;
  handOver: () => void;
  /** The next or the last picture that a rule shows. */
  picture: (by: 1 | -1) => void;
}

/** Keys that change something, besides Enter. */
const ACTS: ReadonlySet<string> = new Set(["1", "2", "3", "c", "h"]);

/** The queue without a mouse. What stands open above the page has the keys. */
export function useAlarmKeys(acts: AlarmActs): void {
  const now = useRef(acts);
  useEffect(() => {
    now.current = acts;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      if (event.target instanceof Element && event.target.closest("dialog, [role=dialog], [role=menu], [role=listbox].ant-select-dropdown, .ant-select") !== null) return;
      const { settled, ignored, heard, step, take, verify, close, handOver, picture } = now.current;
      const pressable = event.target instanceof Element && event.target.closest("button, a") !== null; // Enter is theirs
      if (event.key === "j" || event.key === "ArrowDown") step(1);
      else if (event.key === "k" || event.key === "ArrowUp") step(-1);
      else if (event.repeat) return; // held down, one act is not another
      else if (event.key === ".") picture(1);
      else if (event.key === ",") picture(-1);
      else if (!settled && (event.key === "Enter" ? !pressable || event.target.closest(".alarm-acts") !== null : ACTS.has(event.key))) ignored();
      else if (event.key === "Enter" && !pressable) take();
      else if (event.key === "1") verify(0);
      else if (event.key === "2") verify(1);
      else if (event.key === "3") verify(2);
      else if (event.key === "c") close();
      else if (event.key === "h") handOver();
      else return;
      if (settled) heard();
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
