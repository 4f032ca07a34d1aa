import { momentOf, wallTime } from "../../ui/zone";
import type { Slot } from "./seats";

const DAY_MS = 86_400_000;
const DAY = "2026-11-26".length;
/** Usual hours of a shift; the second of two may lie on the next day. */
export const HOURS: [string, string][] = [
  ["00:00", "08:00"],
  ["08:00", "16:00"],
  ["16:00", "00:00"],
  ["08:00", "20:00"],
  ["20:00", "08:00"],
];

/** A day, so many days later; days are written `2026-11-26`. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00Z`) + days * DAY_MS).toISOString().slice(0, DAY);
}

/** The Monday of the week in which the node's clocks are. */
export function mondayOf(now: number, zone: string): string {
  const today = wallTime(now, zone).slice(0, DAY);
  return dayAfter(today, -((new Date(`${today}T00:00Z`).getUTCDay() + 6) % 7));
}

/** The seven days from a Monday on. */
export function weekFrom(monday: string): string[] {
  return Array.from({ length: 7 }, (_, at) => dayAfter(monday, at));
}

/** Slots by the day on which they begin and the seat, each in order of time. */
export function cellsOf(slots: readonly Slot[], zone: string): Map<string, Slot[]> {
  const cells = new Map<string, Slot[]>();
  for (const slot of [...slots].sort((a, b) => a.since.localeCompare(b.since))) {
    const key = `${wallTime(slot.since, zone).slice(0, DAY)} ${slot.seat}`;
    cells.set(key, [...(cells.get(key) ?? []), slot]);
  }
  return cells;
}

/** `08:00–16:00`, and `⁺¹` where it ends on another day. */
export function hoursOf(slot: Slot, zone: string): string {
  const [since, until] = [wallTime(slot.since, zone), wallTime(slot.until, zone)];
  const time = (wall: string) => wall.slice(DAY + 1, -":00".length);
  return `${time(since)}–${time(until)}${since.slice(0, DAY) === until.slice(0, DAY) ? "" : "⁺¹"}`;
}

/** Beginning and end on a day, as the fields hold them. */
export function spanOn(day: string, [since, until]: [string, string]): { since: string; until: string } {
  return { since: `${day}T${since}`, until: `${until <= since ? dayAfter(day, 1) : day}T${until}` };
}

/** The first day shift that is not over at `now` ("2026-11-26T17:30"): who is appointed later can sit no earlier. */
export function proposedOn(day: string, now: string): { since: string; until: string } {
  const morning = spanOn(day, ["08:00", "16:00"]);
  return morning.until > now || day < now.slice(0, DAY) ? morning : spanOn(day, ["16:00", "00:00"]);
}

/** What is sent of a copy: last week, and this one. */
export function copyOf(monday: string, zone: string): { since: string; to: string } {
  return { since: momentOf(dayAfter(monday, -7), zone).toISOString(), to: momentOf(monday, zone).toISOString() };
}
