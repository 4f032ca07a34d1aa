import { placeIn, type Alarm, type Work } from "./queue";

/** Why an alarm was false, in the order of their keys. */
export const FALSE_REASONS = ["user_error", "equipment", "weather", "animal", "test", "malicious", "unknown"] as const;
export type FalseReason = (typeof FALSE_REASONS)[number];
/** What became of it. */
export const OUTCOMES = ["handled", "no_action", "passed_on", "test", "duplicate"] as const;
export type Outcome = (typeof OUTCOMES)[number];
/** Why a point is shelved, in the order of their keys. */
export const SHELF_REASONS = ["chattering", "works", "faulty", "known_cause", "other"] as const;
export type Result = NonNullable<Work["result"]>;

/** What can be done now, and by whom. */
export type Turn = "take" | "verify" | "close" | "others" | "over" | "none";

/** Whose turn it is. `acts`: whether the reader works at a desk. Pure. */
export function turnOf(work: Work | null | undefined, me: number, acts: boolean): Turn {
  if (work === null || work === undefined) return "none";
  if (work.state === "closed") return "over";
  if (work.state === "shelved") return "none";
  const anothers = work.owner !== null && work.owner.id !== me;
  if (anothers && (work.escalated === 0 || !acts)) return "others";
  if (!acts) return "none";
  if (anothers || work.owner === null) return "take"; // it was left to wait, or given back: whoever comes may take it over
  return work.state === "open" ? "take" : work.state === "claimed" ? "verify" : "close";
}

/** What has to be done before the clock is over. `limit`: nothing more than that it be no later than anybody may let it wait. */
export type ClockStep = "take" | "verify" | "close" | "limit";

export interface ClockTime {
  step: ClockStep;
  /** How much of it is left, from 1 to 0. */
  left: number;
  /** Milliseconds until it is over, below zero behind it. */
  leftMs: number;
  /** It is over, or was and runs for the second time. */
  over: boolean;
}

/** The clock that runs. Pure. */
export function clockOf(work: Work, nowMs: number): ClockTime | undefined {
  if (work.due_at === null || work.state === "closed" || work.state === "shelved") return undefined;
  const due = Date.parse(work.due_at);
  const step = stepOf(work);
  const late = work.escalated > 0;
  const leftMs = due - nowMs;
  const left = late ? 0 : Math.max(0, Math.min(1, leftMs / Math.max(1, due - beganMs(work))));
  return { step: late && leftMs >= 0 ? "limit" : step, left, leftMs, over: late || leftMs < 0 };
}

/** What is to be done with it next. Pure. */
export function stepOf({ state, owner }: Pick<Work, "state" | "owner">): "take" | "verify" | "close" {
  if (owner === null) return "take"; // also one that was given back after the verdict
  return state === "verified" ? "close" : "verify";
}

/** When the step began that its clock is of. Pure. */
function beganMs({ state, owner, opened_at, claimed_at, verified_at }: Work): number {
  const taken = owner === null || claimed_at === null ? -Infinity : Date.parse(claimed_at);
  const found = state !== "verified" || verified_at === null ? -Infinity : Date.parse(verified_at);
  return Math.max(Date.parse(opened_at), taken, found);
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

/** Where the next one stands, or the one before; from where the one that is looked at would stand, if it is not there. Pure. */
export function placeBeside(shown: readonly Alarm[], looked: Alarm | undefined, at: number, by: 1 | -1): number {
  if (at >= 0) return at + by;
  if (looked === undefined) return 0;
  const place = placeIn(shown, looked);
  return by > 0 ? place : place - 1;
}
