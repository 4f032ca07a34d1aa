import type { Schemas } from "../../api-client/client";

/** How much of the time just gone by is shown again. */
export const REPLAY_S = 60;
/** The ticket for it lasts so long, and its time goes on so far: one looks again while the matter is in hand. */
export const TICKET_HOURS = 1;
const AFTER_MS = 30 * 60_000;
const MINUTE_MS = 60_000;

/** Why the last minute cannot be shown again: the post gives no right to footage, nothing is recorded, not at this hour, nothing happened, or no longer. */
export type Lack = "right" | "off" | "hours" | "event" | "broken";

/** By what the node says of a camera's recording; undefined where there is footage. Pure. */
export function lackOf(plan: Pick<Schemas["RecordingShape"], "mode" | "due" | "recording" | "safe_until">, nowMs: number): Lack | undefined {
  if (plan.mode === "off") return "off";
  if (plan.safe_until !== null && nowMs - Date.parse(plan.safe_until) < REPLAY_S * 1_000) return undefined;
  if (!plan.due) return plan.mode === "event" ? "event" : "hours";
  return plan.recording ? undefined : "broken";
}

/** What a ticket for a replay covers, to the minute: what was asked for, and the next half hour. Pure. */
export function ticketTime(sinceMs: number, untilMs: number): { since: string; until: string } {
  const iso = (ms: number) => new Date(ms).toISOString();
  return { since: iso(Math.floor(sinceMs / MINUTE_MS) * MINUTE_MS), until: iso(Math.ceil((untilMs + AFTER_MS) / MINUTE_MS) * MINUTE_MS) };
}

/** Refusals that another use ticket overcomes. */
export const byTicket = (code: string): boolean => code === "ACC-TICKET" || code === "ticket.over" || code === "ticket.beyond";
