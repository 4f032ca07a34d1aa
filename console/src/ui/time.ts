import { useCallback } from "react";
import { useWords } from "./language";
import { useZone, written } from "./zone";

/** Writes a time of the node's zone, year first, to the second; "never" where there is none. */
export function useTime(): (at: string | null) => string {
  const { t } = useWords();
  const zone = useZone();
  return useCallback((at) => (at === null ? t("user.never") : written(at, zone)), [t, zone]);
}

/** A time of this year without the year and the seconds, `11-26 17:30`, where a plan or a line of a list has no use for them. */
export function useShortTime(): (at: string) => string {
  const time = useTime();
  return useCallback((at) => time(at).slice("2026-".length, -":00".length), [time]);
}
