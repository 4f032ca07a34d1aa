import type { NodeEvent } from "../api-client/events";
import { URGENCIES, type Urgency } from "./ringing";

/** An alarm came, or something was done with one. */
export interface AlarmNews extends NodeEvent {
  id: number;
}

export function isAlarmNews(event: NodeEvent): event is AlarmNews {
  return ["alarm.received", "alarm.work", "alarm.passed", "alarm.silence"].includes(event.type);
}

/** An alarm that somebody has to see to: it has just come, was made more urgent and nobody has taken it, or nobody took it elsewhere and it was passed on to the centre where one is on shift. */
export interface AlarmToSee extends AlarmNews {
  priority: Urgency;
}

export function isAlarmToSee(event: NodeEvent): event is AlarmToSee {
  const begins = event.type === "alarm.received" ? event.change === "new" && event.shelved !== true : event.type === "alarm.work" && event.raised === true && event.owner === "";
  return (begins || event.type === "alarm.passed") && URGENCIES.some((one) => one === event.priority); // what is less urgent is for the record
}

/** The clock of an alarm has just run out: whoever supervises is told. */
export function isLate(event: NodeEvent): event is AlarmToSee {
  return event.type === "alarm.work" && event["late"] === true && URGENCIES.some((one) => one === event["priority"]);
}

/** What was shelved has come back to the queue. */
export function isReturn(event: NodeEvent): event is AlarmToSee {
  return event.type === "alarm.shelf" && event.change !== "shelved" && URGENCIES.some((one) => one === event.priority);
}
