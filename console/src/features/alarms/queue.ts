import type { Schemas } from "../../api-client/client";

export type Alarm = Schemas["AlarmShape"];
/** Of the least urgent priority that is work for somebody; what is below is for the record. */
const LAST_PRIORITY = 3;

/** Whether somebody has to see to it. Pure. */
export function isOpen(alarm: Pick<Alarm, "change" | "priority">): boolean {
  return alarm.change === "new" && alarm.priority <= LAST_PRIORITY;
}

/** When it began to wait, in ms by the node's clock. Pure. */
export function openedMs(alarm: Pick<Alarm, "received_at">): number {
  return Date.parse(alarm.received_at);
}

/** The most urgent first, and of one priority the one that waits longest. Pure. */
export function byUrgency(one: Alarm, other: Alarm): number {
  return one.priority - other.priority || openedMs(one) - openedMs(other) || one.id - other.id;
}

/** A part of the queue as the node gives it. */
export interface QueuePart {
  items: readonly Alarm[];
  /** Of the part that follows; null: there is none. */
  next: string | null;
  /** Of the whole queue. */
  total: number;
}

export interface QueueState {
  /** As far as they are here, in order. */
  alarms: readonly Alarm[];
  total: number;
  next: string | null;
}

export const NO_QUEUE: QueueState = { alarms: [], total: 0, next: null };

/** The queue anew. Pure. */
export function queueOf({ items, next, total }: QueuePart): QueueState {
  return { alarms: [...items].sort(byUrgency), next, total };
}

/** With the part that follows; what is here already is as new. Pure. */
export function extended(state: QueueState, { items, next, total }: QueuePart): QueueState {
  const here = new Set(state.alarms.map(({ id }) => id));
  return { alarms: [...state.alarms, ...items.filter(({ id }) => !here.has(id))].sort(byUrgency), next, total };
}

/** With alarms as they are now, each in its place; those that nobody has to see to any more are gone. Pure. */
export function updated(state: QueueState, now: readonly Alarm[]): QueueState {
  const changed = new Map(now.map((one) => [one.id, one]));
  const here = new Set<number>();
  const kept = state.alarms.flatMap((one) => {
    here.add(one.id);
    const newer = changed.get(one.id);
    return newer === undefined ? [one] : isOpen(newer) ? [newer] : [];
  });
  const last = state.next === null ? undefined : state.alarms.at(-1);
  const came = [...changed.values()].filter((one) => !here.has(one.id) && isOpen(one));
  const within = came.filter((one) => last === undefined || byUrgency(one, last) < 0); // the others come with the part that follows
  const gone = state.alarms.length - kept.length;
  return { alarms: [...kept, ...within].sort(byUrgency), total: Math.max(0, state.total - gone + came.length), next: state.next };
}
