import { api, body } from "../../api-client/client";
import type { Alarm, QueuePart } from "./queue";

/** Of one question. */
const PART = 500;

/** Where an alarm is kept once it was read. */
export const alarmKey = (id: number) => ["alarms", "one", id] as const;

/** What waits: its beginning, or the part behind `cursor`. */
export async function askedQueue(cursor = ""): Promise<QueuePart> {
  return body(api.GET("/api/v1/alarms", { params: { query: { queue: "open", limit: PART, cursor } } }));
}

export const askedAlarm = (id: number): Promise<Alarm> => body(api.GET("/api/v1/alarms/{alarm_id}", { params: { path: { alarm_id: id } } }));
