import type { Schemas } from "../../api-client/client";
import type { AlarmPriority } from "../../ui/Priority";

export type Alarm = Schemas["AlarmShape"];
export type Work = NonNullable<Alarm["work"]>;

/** Whether somebody has to see to it. Pure. */
export function isOpen({ work }: Pick<Alarm, "work">): boolean {
  return work !== null && work.state !== "closed";
}

/** Whether this person sees to it. Pure. */
export function isOf(alarm: Pick<Alarm, "work">, me: number): boolean {
  return isOpen(alarm) && alarm.work?.owner?.id === me;
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

/** With alarms as they are now, each in its place; those that do not belong there any more are gone. Pure. */
export function updated(state: QueueState, now: readonly Alarm[], belongs: (one: Alarm) => boolean = isOpen): QueueState {
  const changed = new Map(now.map((one) => [one.id, one]));
  const alarms = state.alarms.filter(({ id }) => !changed.has(id));
  const last = state.next === null ? undefined : state.alarms.at(-1);
  for (const one of [...changed.values()].filter(belongs)) {
    if (last === undefined || byUrgency(one, last) <= 0) alarms.splice(placeIn(alarms, one), 0, one); // the others come with the part that follows
  }
  return { alarms, next: state.next };
}

/** Which are more urgent than they were in the queue. Pure. */
export function wasRaised(before: QueueState): (one: Alarm) => boolean {
  const were = new Map(before.alarms.map(({ id, priority }) => [id, priority]));
  return ({ id, priority }) => priority < (were.get(id) ?? 0);
}

/** Which are news beside the queue of before, of alarms up to `highest`: what comes into sight behind its end is none. Pure. */
export function isNewIn(before: QueueState, highest: number): (one: Alarm) => boolean {
  const [here, raised, last] = [new Set(before.alarms.map(({ id }) => id)), wasRaised(before), before.alarms.at(-1)];
  return (one) => (here.has(one.id) ? raised(one) : one.id > highest || before.next === null || (last !== undefined && byUrgency(one, last) < 0));
}

/** With this one, where it belongs: what is looked at keeps its place behind the part that is here, too. Pure. */
export function withLooked(alarms: readonly Alarm[], looked: Alarm | undefined): readonly Alarm[] {
  if (looked === undefined || !isOpen(looked) || alarms.some(({ id }) => id === looked.id)) return alarms;
  return [...alarms].toSpliced(placeIn(alarms, looked), 0, looked);
}

/** Where it belongs in a list that is in order. Pure. */
export function placeIn(alarms: readonly Alarm[], one: Alarm): number {
  let [from, to] = [0, alarms.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const there = alarms[middle];
    if (there !== undefined && byUrgency(there, one) <= 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
