import type { Schemas } from "../../api-client/client";

/** How a system on the other side stands, for its mark. */
export type PeerState = "well" | "failing" | "refused" | "off" | "never" | "distrusted";

/** Of one that reports: its last word was taken, or refused. */
export function sourceState(one: Pick<Schemas["AlarmSourceShape"], "distrusted" | "fault_at" | "heard_at">): PeerState {
  if (one.distrusted) return "distrusted";
  if (one.fault_at && (!one.heard_at || one.fault_at >= one.heard_at)) return "refused";
  return one.heard_at ? "well" : "never";
}

/** Of one that is told. */
export function linkState(one: Pick<Schemas["DispatchLinkShape"], "distrusted" | "on" | "failures" | "sent_at" | "set_aside">): PeerState {
  if (one.distrusted) return "distrusted";
  if (!one.on) return "off";
  if (one.failures > 0) return "failing";
  if (one.set_aside > 0) return "refused";
  return one.sent_at ? "well" : "never";
}
