import type { QueryClient } from "@tanstack/react-query";
import { api, body } from "../../api-client/client";
import type { Alarm, QueuePart } from "./queue";

/** Of one question: several screens full. */
const PART = 200;
/** So many are asked for by their numbers in one question. */
export const AT_ONCE = 100;

/** All that waits, or what one sees to oneself. */
export type QueueName = "open" | "mine";

/** Where an alarm is kept once it was read. */
export const alarmKey = (id: number) => ["alarms", "one", id] as const;

/** A queue: its beginning, or the part behind `cursor`. */
export async function askedQueue(queue: QueueName, cursor = ""): Promise<QueuePart> {
  return body(api.GET("/api/v1/alarms", { params: { query: { queue, limit: PART, cursor } } }));
}

export const askedAlarm = (id: number): Promise<Alarm> => body(api.GET("/api/v1/alarms/{alarm_id}", { params: { path: { alarm_id: id } } }));

/** These, as they are now; those that one does not see any more are not among them. At most AT_ONCE. */
export async function askedAlarms(ids: readonly number[]): Promise<readonly Alarm[]> {
  return (await body(api.GET("/api/v1/alarms", { params: { query: { id: [...ids], limit: AT_ONCE } } }))).items;
}

/** Whether one was told later than the other: each act counts, and each time that its source told again. Pure. */
export function isNewer(one: Alarm, other: Alarm): boolean {
  const [at, otherAt] = [versionOf(one), versionOf(other)];
  return at > otherAt || (at === otherAt && signals(one) > signals(other));
}

/** What is for the record may become work; what counts with another stays there. Pure. */
const versionOf = ({ folded_into, work }: Alarm): number => (typeof folded_into === "number" ? Infinity : (work?.version ?? -1));

/** How often its source told again. Pure. */
export const signals = ({ repeats, work }: Pick<Alarm, "repeats" | "work">): number => repeats + (work?.folded ?? 0);

/** As the node has just told of it, unless something newer is known. */
export function keepAlarm(queries: QueryClient, now: Alarm): void {
  queries.setQueryData<Alarm>(alarmKey(now.id), (old) => (old !== undefined && isNewer(old, now) ? old : now));
}

/** Asks for one; an answer that comes behind a newer one is not shown. */
export async function askedNewest(queries: QueryClient, id: number): Promise<Alarm> {
  const now = await askedAlarm(id);
  const known = queries.getQueryData<Alarm>(alarmKey(id));
  return known !== undefined && isNewer(known, now) ? known : now;
}
