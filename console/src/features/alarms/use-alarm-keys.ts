import { useEffect, useRef } from "react";
import { isWriting } from "../../ui/writing";

export interface AlarmActs {
  step: (by: 1 | -1) => void;
  take: () => void;
  /** Real, false, unclear. */
  verify: (which: 0 | 1 | 2) => void;
  close: () => void;
  handOver: () => void;
}

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
      const { step, take, verify, close, handOver } = now.current;
      const pressable = event.target instanceof Element && event.target.closest("button, a") !== null; // Enter is theirs
      if (event.key === "j" || event.key === "ArrowDown") step(1);
      else if (event.key === "k" || event.key === "ArrowUp") step(-1);
      else if (event.repeat) return; // held down, one act is not another
      else if (event.key === "Enter" && !pressable) take();
      else if (event.key === "1") verify(0);
      else if (event.key === "2") verify(1);
      else if (event.key === "3") verify(2);
      else if (event.key === "c") close();
      else if (event.key === "h") handOver();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
