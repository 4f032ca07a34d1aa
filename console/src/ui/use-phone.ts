import { useSyncExternalStore } from "react";

/** Up to this width a screen is a phone held upright. */
export const PHONE = "(max-width: 600px)";

/** Whether the console is on a phone: one picture at a time, and what is pressed is at the bottom. Follows the screen as it turns. */
export function usePhone(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const screen = window.matchMedia(PHONE);
      screen.addEventListener("change", changed);
      return () => screen.removeEventListener("change", changed);
    },
    () => window.matchMedia(PHONE).matches,
  );
}
