import type { Schemas } from "../../api-client/client";

/** Hours of a schedule on kinds of day. */
export type Hours = Schemas["HoursShape"];

/** 1 is Monday, 8 a holiday. */
export const KINDS = [1, 2, 3, 4, 5, 6, 7, 8] as const;
const DAY_MIN = 1_440;

const BEGIN = /^([01]\d|2[0-3]):[0-5]\d$/;
const END = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

/** Whether the node would take this schedule. */
export function areWhole(hours: readonly Hours[]): boolean {
  return hours.length > 0 && hours.every((one) => one.days.length > 0 && isTime(one.from, "from") && isTime(one.to, "to"));
}

/** `HH:MM`; an end may be 24:00. */
export function isTime(text: string, which: "from" | "to"): boolean {
  return (which === "from" ? BEGIN : END).test(text);
}

/** The minutes of one kind of day that are recorded, as parts of the day from 0 to 1; what goes past midnight stands on the day after. */
export function parts(hours: readonly Hours[], kind: number): { from: number; to: number }[] {
  // Behind a holiday may come any day: its night is drawn on its own line.
  const before = kind === 8 ? 8 : kind === 1 ? 7 : kind - 1;
  const found: [number, number][] = [];
  for (const one of hours) {
    if (!isTime(one.from, "from") || !isTime(one.to, "to")) continue;
    const [from, to] = [minutes(one.from), minutes(one.to)];
    if (from < to) {
      if (one.days.includes(kind)) found.push([from, to]);
      continue;
    }
    if (one.days.includes(kind)) found.push([from, DAY_MIN]);
    if (one.days.includes(before) && to > 0) found.push([0, to]);
  }
  return found.map(([from, to]) => ({ from: from / DAY_MIN, to: to / DAY_MIN }));
}

function minutes(text: string): number {
  const [hours = 0, rest = 0] = text.split(":").map(Number);
  return hours * 60 + rest;
}
