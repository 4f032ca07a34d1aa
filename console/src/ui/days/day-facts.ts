import type { Schemas } from "../../api-client/client";

/** What is known of a day, of one camera or of many. Seconds. */
export type DayFacts = Pick<Schemas["RecordedDay"], "day" | "due_s" | "recorded_s" | "missing">;
export type Cause = Schemas["GapPart"]["cause"];
export type DayState = "whole" | "some" | "little" | "nothing" | "notDue";

export const CAUSES: readonly Cause[] = ["device", "node", "disk", "line", "unknown"];
/** Each cause has a sign of its own, beside its colour. */
export const CAUSE_MARKS: Record<Cause, string> = { device: "○", node: "■", disk: "▤", line: "≠", unknown: "?" };
/** The measure M5's target; and where a day is as good as lost. */
const TARGET = 0.98;
const DAY_MS = 86_400_000;

export function shareOf(day: Pick<DayFacts, "due_s" | "recorded_s">): number {
  return day.due_s > 0 ? Math.min(1, day.recorded_s / day.due_s) : 0;
}

export function missingOf(day: DayFacts): number {
  return CAUSES.reduce((sum, cause) => sum + day.missing[cause], 0);
}

/** A day that lacks little is no whole one, however near it comes. */
export function stateOf(day: DayFacts | undefined): DayState {
  if (day === undefined || day.due_s <= 0) return "notDue";
  if (missingOf(day) < 0.5) return "whole";
  const share = shareOf(day);
  return share <= 0.0005 ? "nothing" : share >= TARGET ? "some" : "little";
}

/** In hundredths, never rounded up to whole. */
export function percent(share: number): string {
  const rounded = Math.floor(share * 1000) / 10;
  return share >= 1 ? "100" : rounded.toFixed(1);
}

/** Days by name from `since` to `today`, both with. */
export function daysFrom(since: string, today: string): string[] {
  const [from, to] = [Date.parse(`${since}T00:00Z`), Date.parse(`${today}T00:00Z`)];
  return Array.from({ length: Math.max(0, Math.round((to - from) / DAY_MS)) + 1 }, (_, at) => new Date(from + at * DAY_MS).toISOString().slice(0, 10));
}

/** 0 is Monday. */
export function weekdayOf(day: string): number {
  return (new Date(`${day}T00:00Z`).getUTCDay() + 6) % 7;
}

/** Days summed: of several cameras, or of one over several days. */
export function summed(days: readonly DayFacts[]): { due_s: number; recorded_s: number } {
  return days.reduce((sum, one) => ({ due_s: sum.due_s + one.due_s, recorded_s: sum.recorded_s + one.recorded_s }), { due_s: 0, recorded_s: 0 });
}
