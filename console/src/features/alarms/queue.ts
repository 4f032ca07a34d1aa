import type { Schemas } from "../../api-client/client";
import type { AlarmPriority } from "../../ui/Priority";

export type Alarm = Schemas["AlarmShape"];
export type Work = NonNullable<Alarm["work"]>;

/** Whether somebody has to see to it. Pure. */
export function isOpen({ work }: Pick<Alarm, "work">): boolean {
  return work !== null && work.state !== "closed";
}

/** How urgent it is. Pure. */
export const priorityOf = ({ priority }: Pick<Alarm, "priority">): AlarmPriority => priority as AlarmPriority;

/** When it began to wait, in ms by the node's clock. Pure. */
export function openedMs(alarm: Pick<Alarm, "received_at" | "work">): number {
  return Date.parse(alarm.work?.opened_at ?? alarm.received_at);
}

/** The most urgent first, and of one priority the one that waits longest. Pure. */
export function byUrgency(one: Alarm, other: Alarm): number {
  return priorityOf(one) - priorityOf(other) || openedMs(one) - openedMs(other) || one.id - other.id;
}

/** A part of the queue as the node gives it. */
export interface QueuePart {
  items: readonly Alarm[];
  /** Of the part that follows; null: there is none. */
  next: string | null;
}

export interface QueueState {
  /** As far as they are here, in order. */
  alarms: readonly Alarm[];
  next: string | null;
}

export const NO_QUEUE: QueueState = { alarms: [], next: null };

/** The queue anew. Pure. */
export function queueOf({ items, next }: QueuePart): QueueState {
  return { alarms: [...items].sort(byUrgency), next };
}

/** With the part that follows; what is here already is as new. Pure. */
export function extended(state: QueueState, { items, next }: QueuePart): QueueState {
  const here = new Set(state.alarms.map(({ id }) => id));
  return { alarms: [...state.alarms, ...items.filter(({ id }) => !here.has(id))].sort(byUrgency), next };
}

/** With alarms as they are now, each in its place; those that nobody has to see to any more are gone. Pure. */
export function updated(state: QueueState, now: readonly Alarm[]): QueueState {
  const changed = new Map(now.map((one) => [one.id, one]));
  const alarms = state.alarms.filter(({ id }) => !changed.has(id));
  const last = state.next === null ? undefined : state.alarms.at(-1);
  for (const one of [...changed.values()].filter(isOpen)) {
    if (last === undefined || byUrgency(one, last) <= 0) alarms.splice(placeIn(alarms, one), 0, one); // the others come with the part that follows
  }
  return { alarms, next: state.next };
}

/** Where it belongs in a list that is in order. */
function placeIn(alarms: readonly Alarm[], one: Alarm): number {
  let [from, to] = [0, alarms.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const there = alarms[middle];
    if (there !== undefined && byUrgency(there, one) <= 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
