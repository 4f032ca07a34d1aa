import { api, body } from "../../api-client/client";
import type { Alarm, QueuePart } from "./queue";

/** Of one question. */
const PART = 500;
const PRIORITIES = [1, 2, 3];

/** Where an alarm is kept once it was read. */
export const alarmKey = (id: number) => ["alarms", "one", id] as const;

/** What waits: the newest of each priority. */
export async function askedQueue(): Promise<QueuePart> {
  const parts = await Promise.all(PRIORITIES.map((priority) => body(api.GET("/api/v1/alarms", { params: { query: { change: "new", priority, limit: PART } } }))));
  const items = parts.flatMap((part) => part.items);
  return { items, next: null, total: items.length };
}

export const askedAlarm = (id: number): Promise<Alarm> => body(api.GET("/api/v1/alarms/{alarm_id}", { params: { path: { alarm_id: id } } }));
