/** What was typed and not sent, over a lock of the screen or the end of a session: in the memory of this page alone, and for
 *  nobody but who typed it. Secrets are no drafts: whoever types one types it again. */
import { useEffect, useState, type Dispatch, type SetStateAction } from "react";

/** Of what stands on the page now. */
const shown = new Map<string, unknown>();
/** Taken from the page that was closed, until the same person has it back. */
let kept = new Map<string, unknown>();
let owner: number | undefined;

/** Before the page is taken down. `user`: whose it is. */
export function keepDrafts(user: number): void {
  if (owner !== user) kept.clear();
  owner = user;
  for (const [name, value] of shown) kept.set(name, value);
}

/** Before a page is built for whoever has just proved who they are: what somebody else typed is gone. */
export function giveBackDrafts(user: number): void {
  if (owner !== user) dropDrafts();
}

/** The person has left. */
export function dropDrafts(): void {
  kept = new Map();
  owner = undefined;
}

/** State that outlasts a lock: `name` tells it from every other on the page. */
export function useKept<T>(name: string): [T | undefined, Dispatch<SetStateAction<T | undefined>>];
export function useKept<T>(name: string, first: T | (() => T)): [T, Dispatch<SetStateAction<T>>];
export function useKept<T>(name: string, first?: T | (() => T)): [T | undefined, Dispatch<SetStateAction<T | undefined>>] {
  const [value, setValue] = useState<T | undefined>(() => {
    if (kept.has(name)) return kept.get(name) as T;
    return typeof first === "function" ? (first as () => T)() : first;
  });
  useEffect(() => {
    kept.delete(name);
    shown.set(name, value);
    return () => void shown.delete(name);
  }, [name, value]);
  return [value, setValue];
}
