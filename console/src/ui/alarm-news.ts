import type { NodeEvent } from "../api-client/events";

/** An alarm came, or something was done with one. */
export interface AlarmNews extends NodeEvent {
  id: number;
}

export function isAlarmNews(event: NodeEvent): event is AlarmNews {
  return event.type === "alarm.received" || event.type === "alarm.work";
}

/** The node tells that an alarm came. */
export interface NewAlarm extends AlarmNews {
  priority: number;
  change: "new" | "restored" | "standing";
}

export function isNewAlarm(event: NodeEvent): event is NewAlarm {
  return event.type === "alarm.received";
}
