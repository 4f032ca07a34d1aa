import type { components } from "../../api-client/schema";
import { areWhole } from "../../ui/hours/week";

export type Plan = components["schemas"]["RecordingShape"];
export type Mode = Plan["mode"];
export type StreamState = NonNullable<Plan["other"]>;
export type Times = Pick<Plan, "before_s" | "after_s">;
/** How one stream is to be recorded. */
export type StreamDraft = Pick<Plan, "mode" | "hours"> & Times;
export type Draft = StreamDraft & Pick<Plan, "stream">;

export const MODES: readonly Mode[] = ["off", "schedule", "event", "always"];
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
  return areWhole(hours);
}

/** Seconds of the time before an event that are in memory. */
export function heldS(plan: Pick<Plan, "held_since">, nowMs: number): number {
  return plan.held_since === null ? 0 : Math.max(0, Math.round((nowMs - Date.parse(plan.held_since)) / 1_000));
}
