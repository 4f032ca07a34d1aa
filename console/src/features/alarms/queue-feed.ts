import type { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "../../api-client/client";
import { alarmKey, askedAlarm, askedAlarms, askedQueue, AT_ONCE, keepAlarm, type QueueName } from "./asked";
import { extended, isNewIn, isOf, NO_QUEUE, queueOf, updated, wasRaised, type Alarm, type QueueState } from "./queue";

/** News of one glance are asked about together. */
const GLANCE_MS = 30;
/** Between two readings of the queue, at least; after one that took long, so many times as long. */
export const REST_MS = 250;
const REST_SHARE = 2;
const LONGEST_REST_MS = 5_000;
const AGAIN_MS = 2_000;
/** A list that was read so many parts far is read as far again. */
const PARTS_AGAIN = 25;

export interface Told {
  /** All that waits, the most urgent first. */
  queue: QueueState;
  /** One's own. */
  mine: QueueState;
  /** False until the node has answered once. */
  asked: boolean;
  error: Error | null;
  /** The alarm that is looked at, where the node shows it no longer: it was passed on, and has ended here. */
  gone: number | undefined;
}

/** The desk's queue as it is now: read once, then changed by the node's news. One question is asked at a time, so that no older answer comes after a newer one. */
export class QueueFeed {
  private told: Told = { queue: NO_QUEUE, mine: NO_QUEUE, asked: false, error: null, gone: undefined };
  private readonly listeners = new Set<() => void>();
  private readonly changed = new Set<number>();
  /** Told as new or raised, and not told of as come. */
  private readonly received = new Set<number>();
  /** Of all that were ever told of: after a gap the node tells of those above it by the queue alone. */
  private highest = 0;
  private looked: number | undefined;
  private anew = true;
  private readonly further = new Set<QueueName>();
  private running = false;
  private stopped = false;
  private restsUntil = 0;
  private wakesAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly queries: QueryClient,
    private readonly me: number,
  ) {}

  readonly listen = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  readonly now = () => this.told;

  start(): void {
    this.stopped = false;
    this.wake(0);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** What was read may not be so any more. */
  readonly readAnew = () => {
    this.anew = true;
    this.wake(0);
  };

  readonly hear = (id: number, received = false) => {
    this.changed.add(id);
    if (received) this.received.add(id);
    this.highest = Math.max(this.highest, id);
    this.wake(GLANCE_MS);
  };

  /** This one is kept up wherever it stands, and though it is over. */
  readonly look = (id: number | undefined) => {
    this.looked = id;
  };

  /** Of these, those that the node told of as new, each once: what comes into sight further down is no news. */
  readonly came = (alarms: readonly Alarm[]): readonly Alarm[] => (this.received.size === 0 ? [] : alarms.filter(({ id }) => this.received.delete(id)));

  /** The end of what is here comes into sight. */
  readonly more = (which: QueueName) => {
    if (this.stateOf(which).next === null || this.further.has(which)) return;
    this.further.add(which);
    this.wake(0);
  };

  private stateOf(which: QueueName): QueueState {
    return which === "open" ? this.told.queue : this.told.mine;
  }

  private get hasWork(): boolean {
    return this.anew || this.further.size > 0 || this.changed.size > 0;
  }

  private get wantsAll(): boolean {
    return this.anew || this.changed.size > AT_ONCE;
  }

  /** The whole queue is read no more often than its rests allow; who scrolls on does not wait for that. */
  private wake(inMs: number): void {
    if (this.stopped || this.running) return;
    const now = performance.now();
    const at = Math.max(now + inMs, this.wantsAll && this.further.size === 0 ? this.restsUntil : 0);
    if (this.timer !== undefined && this.wakesAt <= at) return;
    clearTimeout(this.timer);
    this.wakesAt = at;
    this.timer = setTimeout(() => void this.work(), at - now);
  }

  private async work(): Promise<void> {
    this.timer = undefined;
    const rests = this.wantsAll && performance.now() < this.restsUntil;
    if (rests && this.further.size === 0) return this.wake(0); // few have become many
    this.running = true;
    let failed = false;
    try {
      if (this.wantsAll && !rests) await this.readAll();
      else if (this.changed.size > 0 && !rests) await this.readChanged();
      else await this.readFurther();
    } catch (error) {
      failed = this.anew = true;
      this.tell({ ...this.told, error: error instanceof Error ? error : new Error(String(error)) });
    }
    this.running = false;
    if (failed) this.wake(AGAIN_MS);
    else if (this.hasWork) this.wake(0);
  }

  private async readChanged(): Promise<void> {
    const ids = [...this.changed];
    this.changed.clear();
    const now = await askedAlarms(ids);
    this.take(now);
    this.drop(ids.filter((id) => !now.some((one) => one.id === id)));
    this.forget(ids);
    for (const one of now) if (typeof one.folded_into === "number") this.changed.add(one.folded_into); // which counts it
  }

  private async readFurther(): Promise<void> {
    const [which] = this.further;
    if (which === undefined) return;
    this.further.delete(which);
    const before = this.stateOf(which);
    if (before.next === null) return;
    const now = extended(before, await askedQueue(which, before.next));
    this.tell(which === "open" ? { ...this.told, queue: now } : { ...this.told, mine: now });
  }

  private async readAll(): Promise<void> {
    const began = performance.now();
    this.anew = false;
    this.changed.clear();
    this.further.clear();
    const [received, looked, highest, before] = [[...this.received], this.looked, this.highest, this.told];
    try {
      const [queue, mine] = await Promise.all([this.readAsFar("open"), this.readAsFar("mine")]);
      const news = before.asked ? queue.alarms.filter(isNewIn(before.queue, highest)) : [];
      for (const { id } of news) this.received.add(id);
      for (const { id } of queue.alarms) this.highest = Math.max(this.highest, id);
      const one = looked === undefined ? undefined : ([...queue.alarms, ...mine.alarms].find(({ id }) => id === looked) ?? (await askedAlarm(looked).catch(beyondRight)));
      if (one !== undefined) keepAlarm(this.queries, one);
      this.tell({ queue, mine, asked: true, error: null, gone: one === undefined ? looked : undefined });
      this.forget(received);
    } finally {
      const took = performance.now() - began;
      this.restsUntil = performance.now() + Math.min(LONGEST_REST_MS, Math.max(REST_MS, REST_SHARE * took));
    }
  }

  /** As far as it was read before, so that what somebody looks at further down stays. */
  private async readAsFar(which: QueueName): Promise<QueueState> {
    const far = this.stateOf(which).alarms.length;
    let state = queueOf(await askedQueue(which));
    for (let parts = 1; state.next !== null && state.alarms.length < far && parts < PARTS_AGAIN; parts++) state = extended(state, await askedQueue(which, state.next));
    return state;
  }

  /** The node told of them, and does not show them. */
  private drop(ids: readonly number[]): void {
    if (ids.length === 0) return;
    const { queue, mine, gone } = this.told;
    const without = (some: QueueState): QueueState => ({ ...some, alarms: some.alarms.filter(({ id }) => !ids.includes(id)) });
    const looked = this.looked !== undefined && ids.includes(this.looked) ? this.looked : gone;
    this.tell({ ...this.told, queue: without(queue), mine: without(mine), gone: looked });
  }

  /** Of what was told as new, what is not here: it comes with a part that follows, counts with another or is over. */
  private forget(ids: readonly number[]): void {
    if (!ids.some((id) => this.received.has(id))) return;
    const here = new Set(this.told.queue.alarms.map(({ id }) => id));
    for (const id of ids) if (!here.has(id) && !this.changed.has(id)) this.received.delete(id); // one that is told of again may be here then
  }

  /** Alarms as the node has just said that they are. */
  readonly take = (now: readonly Alarm[]): void => {
    for (const one of now) if (one.id === this.looked || this.queries.getQueryData(alarmKey(one.id)) !== undefined) keepAlarm(this.queries, one);
    const { queue, mine, gone } = this.told;
    for (const { id } of now.filter(wasRaised(queue))) this.received.add(id);
    this.tell({ ...this.told, queue: updated(queue, now), mine: updated(mine, now, (one) => isOf(one, this.me)), gone: now.some(({ id }) => id === gone) ? undefined : gone });
  };

  private tell(now: Told): void {
    this.told = now;
    if (!this.stopped) this.listeners.forEach((listener) => listener());
  }
}

/** The node tells of an alarm that it then does not show: it was passed on meanwhile. Raises everything else. */
function beyondRight(error: unknown): undefined {
  if (error instanceof ApiProblem && error.problem.status === 404) return undefined;
  throw error;
}
