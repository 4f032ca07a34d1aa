import { useCallback } from "react";
import { useWords } from "./language";

/** Writes a time with date and seconds in the reader's language; "never" where there is none. */
export function useTime(): (at: string | null) => string {
  const { t, language } = useWords();
  return useCallback((at) => (at === null ? t("user.never") : new Date(at).toLocaleString(language, { hour12: false })), [t, language]);
}
