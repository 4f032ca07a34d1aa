import { useCallback, useState } from "react";

const KEY = "fengsui.tree";
type Toggles = ReadonlyMap<string, boolean>;

function kept(): Toggles {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(KEY) ?? "[]") as [string, boolean][]);
  } catch {
    return new Map();
  }
}

/** Areas and folders that the user opened (true) or closed (false), as they were left in this tab. */
export function useToggles(): [Toggles, (next: Toggles) => void] {
  const [toggled, setToggled] = useState(kept);
  const keep = useCallback((next: Toggles) => {
    sessionStorage.setItem(KEY, JSON.stringify([...next]));
    setToggled(next);
  }, []);
  return [toggled, keep];
}
