import { useEffect, useRef } from "react";
import { isWriting } from "../../ui/writing";

export interface AlarmActs {
  step: (by: 1 | -1) => void;
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
      if (event.key === "j" || event.key === "ArrowDown") now.current.step(1);
      else if (event.key === "k" || event.key === "ArrowUp") now.current.step(-1);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}
