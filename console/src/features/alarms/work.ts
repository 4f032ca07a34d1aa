import type { Alarm, Work } from "./queue";

/** Why an alarm was false, in the order of their keys. */
export const FALSE_REASONS = ["user_error", "equipment", "weather", "animal", "test", "malicious", "unknown"] as const;
export type FalseReason = (typeof FALSE_REASONS)[number];
/** What became of it. */
export const OUTCOMES = ["handled", "no_action", "passed_on", "test", "duplicate"] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type Result = NonNullable<Work["result"]>;

/** What can be done now, and by whom. */
export type Turn = "take" | "verify" | "close" | "others" | "over" | "none";

/** Whose turn it is. `acts`: whether the reader works at a desk. Pure. */
export function turnOf(work: Work | null | undefined, me: number, acts: boolean): Turn {
  if (work === null || work === undefined) return "none";
  if (work.state === "closed") return "over";
  const anothers = work.owner !== null && work.owner.id !== me;
  if (anothers && (work.escalated === 0 || !acts)) return "others";
  if (!acts) return "none";
  if (anothers || work.owner === null) return "take"; // it was left to wait, or given back: whoever comes may take it over
  return work.state === "open" ? "take" : work.state === "claimed" ? "verify" : "close";
}

/** The clock that runs: how much of it is left, from 1 to 0, and the milliseconds until it is over, below zero behind it. Pure. */
export function clockOf(work: Work, nowMs: number): { left: number; leftMs: number } | undefined {
  if (work.due_at === null) return undefined;
  const due = Date.parse(work.due_at);
  const began = Date.parse(work.state === "claimed" ? (work.claimed_at ?? work.opened_at) : work.opened_at);
  return { left: Math.max(0, Math.min(1, (due - nowMs) / Math.max(1, due - began))), leftMs: due - nowMs };
}

/** Which result the reasons of a false alarm belong to, and whether a word of the list is needed. Pure. */
export const wantsReason = (result: Result): boolean => result === "false";

/** The next one that nobody has taken; undefined: there is none. Pure. */
export function nextFree(alarms: readonly Alarm[]): Alarm | undefined {
  return alarms.find(({ work }) => work?.owner === null);
}

/** Which of the queue are shown. */
export type Whose = "all" | "free" | "mine";

/** Of what is here. Pure. */
export function shownOf(alarms: readonly Alarm[], whose: Whose, me: number): readonly Alarm[] {
  if (whose === "all") return alarms;
  return alarms.filter(({ work }) => (whose === "free" ? work?.owner === null : work?.owner?.id === me));
}
