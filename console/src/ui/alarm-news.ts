import type { NodeEvent } from "../api-client/events";

/** The node tells that an alarm came. */
export interface AlarmNews extends NodeEvent {
  id: number;
  priority: number;
  change: "new" | "restored" | "standing";
}

export function isAlarmNews(event: NodeEvent): event is AlarmNews {
  return event.type === "alarm.received";
}
