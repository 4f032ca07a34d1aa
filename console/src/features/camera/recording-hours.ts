import type { components } from "../../api-client/schema";

export type Plan = components["schemas"]["RecordingShape"];
export type Hours = components["schemas"]["HoursShape"];
export type Mode = Plan["mode"];
export type StreamState = NonNullable<Plan["other"]>;
export type Times = Pick<Plan, "before_s" | "after_s">;
/** How one stream is to be recorded. */
export type StreamDraft = Pick<Plan, "mode" | "hours"> & Times;
export type Draft = StreamDraft & Pick<Plan, "stream">;

export const MODES: readonly Mode[] = ["off", "schedule", "event", "always"];
/** 1 is Monday, 8 a holiday. */
export const KINDS = [1, 2, 3, 4, 5, 6, 7, 8] as const;
const DAY_MIN = 1_440;

const BEGIN = /^([01]\d|2[0-3]):[0-5]\d$/;
const END = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

/** Seconds before and after an event that the node takes. */
export const TIMES = { before_s: { min: 0, max: 60 }, after_s: { min: 5, max: 600 } } as const;

/** The plan of a stream that is not recorded. */
export const NOT_RECORDED: StreamDraft = { mode: "off", hours: [], before_s: 10, after_s: 30 };

/** What a plan asks of one stream. */
export const draftOf = ({ mode, hours, before_s, after_s }: StreamDraft): StreamDraft => ({ mode, hours, before_s, after_s });

/** Another mode; a schedule begins with working days. */
export function switched(shown: StreamDraft, mode: Mode): Partial<StreamDraft> {
  const first = shown.hours.length > 0 ? shown.hours : [{ days: [1, 2, 3, 4, 5], from: "07:00", to: "19:00" }];
  return { mode, hours: mode === "schedule" ? first : [] };
}

/** Whether the node would take this plan. */
export function isWhole({ mode, hours, ...times }: StreamDraft): boolean {
  const within = (which: keyof Times) => Number.isInteger(times[which]) && times[which] >= TIMES[which].min && times[which] <= TIMES[which].max;
  if (mode === "event" && !(within("before_s") && within("after_s"))) return false;
  if (mode !== "schedule") return hours.length === 0;
  return hours.length > 0 && hours.every((one) => one.days.length > 0 && isTime(one.from, "from") && isTime(one.to, "to"));
}

/** Seconds of the time before an event that are in memory. */
export function heldS(plan: Pick<Plan, "held_since">, nowMs: number): number {
  return plan.held_since === null ? 0 : Math.max(0, Math.round((nowMs - Date.parse(plan.held_since)) / 1_000));
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
