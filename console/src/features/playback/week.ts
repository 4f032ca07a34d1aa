import type { Period } from "../../ui/footage/pieces";
import { momentOf, wallTime } from "../../ui/zone";

const DAY_MS = 86_400_000;
export const WEEK_DAYS = 7;

export interface WeekDay extends Period {
  /** `2026-11-26`, of the node's zone. */
  name: string;
}

/** So many days after a day, by name. */
export function dayAfter(name: string, days: number): string {
  return new Date(Date.parse(`${name}T00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** A day of the node's zone: as long as its clocks make it. */
export function dayOf(name: string, zone: string): WeekDay {
  return { name, fromUs: momentOf(name, zone).getTime() * 1_000, toUs: momentOf(dayAfter(name, 1), zone).getTime() * 1_000 };
}

/** Seven days, the last of them `end`. Pure. */
export function weekTo(end: string, zone: string): WeekDay[] {
  return Array.from({ length: WEEK_DAYS }, (_, at) => dayOf(dayAfter(end, at + 1 - WEEK_DAYS), zone));
}

/** The week that is shown: the one of before as long as the day lies in it, so that rows stay where they are. */
export function endOfWeek(date: string, before: string): string {
  return dayAfter(before, -WEEK_DAYS) < date && date <= before ? before : date;
}

/** The day of an instant. */
export const dayNameAt = (us: number, zone: string): string => wallTime(us / 1_000, zone).slice(0, 10);
