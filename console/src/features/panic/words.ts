import type { panicZh } from "../../ui/texts-panic";
import type { Node, Sent } from "./calling";

export type PanicKey = keyof typeof panicZh;
export type Tone = "calm" | "under-way" | "bad" | "good";
export interface Status {
  /** For tests and style. */
  name: "connecting" | "ready" | "away" | "invalid" | "sending" | "failing" | "refused" | "tried" | "delivered" | "taken" | "closed";
  tone: Tone;
  sign: string;
  attempt?: number;
  at?: string;
  why?: { zh: string; en: string };
}

/** So long the page says that the last call is over. */
const OVER_MS = 12 * 3_600_000;

/** What the phone says of a call, the most pressing first: what is not delivered, then what the desk does. */
export function statusOf(sent: Sent, node: Node, nowMs: number): Status {
  if (sent.kind === "sending") return sent.failed ? { name: "failing", tone: "bad", sign: "!", attempt: sent.attempt } : { name: "sending", tone: "under-way", sign: "…", attempt: Math.max(1, sent.attempt) };
  if (sent.kind === "refused") return { name: "refused", tone: "bad", sign: "✕", why: sent };
  const place = node.kind === "known" ? node.place : undefined;
  const at = place?.received_at ?? undefined;
  if (place?.state === "taken") return { name: "taken", tone: "good", sign: "✓", at };
  if (sent.kind === "delivered" && sent.trial) return { name: "tried", tone: "good", sign: "✓", at: sent.at };
  if (place?.state === "waiting") return { name: "delivered", tone: "good", sign: "✓", at };
  if (sent.kind === "delivered" && (at === undefined || Date.parse(at) < Date.parse(sent.at))) return { name: "delivered", tone: "good", sign: "✓", at: sent.at };
  if (node.kind === "invalid") return { name: "invalid", tone: "bad", sign: "✕" };
  if (node.kind === "away") return { name: "away", tone: "bad", sign: "!" };
  if (node.kind === "asking") return { name: "connecting", tone: "calm", sign: "…" };
  if (place?.state === "closed" && at !== undefined && nowMs - Date.parse(at) < OVER_MS) return { name: "closed", tone: "calm", sign: "—", at };
  return { name: "ready", tone: "calm", sign: "●" };
}

/** By the phone's own clock and zone: 14:05:09. */
export function clockOf(at: string): string {
  const when = new Date(at);
  return [when.getHours(), when.getMinutes(), when.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}
