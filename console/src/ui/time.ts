import { useCallback } from "react";
import { useWords } from "./language";
import { useZone, written } from "./zone";

/** Writes a time of the node's zone, year first, to the second; "never" where there is none. */
export function useTime(): (at: string | null) => string {
  const { t } = useWords();
  const zone = useZone();
  return useCallback((at) => (at === null ? t("user.never") : written(at, zone)), [t, zone]);
}
