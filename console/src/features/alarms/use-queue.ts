import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { ApiProblem } from "../../api-client/client";
import { isAlarmNews } from "../../ui/alarm-news";
import { useNews } from "../../ui/news";
import { alarmKey, askedAlarm, askedQueue } from "./asked";
import { extended, NO_QUEUE, queueOf, updated, type Alarm, type QueueState } from "./queue";

/** News of one glance are asked about together. */
const GLANCE_MS = 30;
/** So many at once are asked for with the queue anew, not each by itself. */
const MANY = 20;
const AGAIN_MS = 2_000;

interface Told {
  queue: QueueState;
  /** Undefined until the node has answered once. */
  asked: boolean;
  error: Error | null;
}

/** The desk's queue as it is now: read once, then changed by the node's news. One question is asked at a time, so that no older answer comes after a newer one. */
class QueueFeed {
  private told: Told = { queue: NO_QUEUE, asked: false, error: null };
  private readonly listeners = new Set<() => void>();
  private readonly changed = new Set<number>();
  private anew = true;
  private further = false;
  private running = false;
  private stopped = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly queries: QueryClient) {}

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

  readonly hear = (id: number) => {
    this.changed.add(id);
    this.wake(GLANCE_MS);
  };

  /** The end of what is here comes into sight. */
  readonly more = () => {
    if (this.told.queue.next === null || this.further) return;
    this.further = true;
    this.wake(0);
  };

  private wake(inMs: number): void {
    if (!this.stopped && !this.running) this.timer ??= setTimeout(() => void this.work(), inMs);
  }

  private async work(): Promise<void> {
    this.timer = undefined;
    this.running = true;
    let failed = false;
    try {
      if (this.anew || this.changed.size > MANY) {
        this.anew = false;
        this.changed.clear();
        this.tell({ queue: queueOf(await askedQueue()), asked: true, error: null });
      } else if (this.changed.size > 0) {
        const ids = [...this.changed];
        this.changed.clear();
        const now = await Promise.all(ids.map((id) => askedAlarm(id).catch(beyondRight)));
        this.take(now.filter((one) => one !== undefined));
        for (const one of now) if (typeof one?.folded_into === "number") this.changed.add(one.folded_into); // which counts it
      } else if (this.further) {
        this.further = false;
        const { next } = this.told.queue;
        if (next !== null) this.tell({ ...this.told, queue: extended(this.told.queue, await askedQueue(next)) });
      }
    } catch (error) {
      failed = this.anew = true;
      this.tell({ ...this.told, error: error instanceof Error ? error : new Error(String(error)) });
    }
    this.running = false;
    if (failed) this.wake(AGAIN_MS);
    else if (this.anew || this.further || this.changed.size > 0) this.wake(0);
  }

  /** Alarms as the node has just said that they are. */
  take(now: readonly Alarm[]): void {
    for (const one of now) this.queries.setQueryData(alarmKey(one.id), one);
    this.tell({ ...this.told, queue: updated(this.told.queue, now) });
  }

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

export interface Queue extends Told {
  more: () => void;
  /** Something was done with this one: it is read anew. */
  hear: (id: number) => void;
}

/** The queue of the page, from the moment it is opened. After a lost connection it is read anew. */
export function useQueue(): Queue {
  const queries = useQueryClient();
  const { feed, epoch } = useNews();
  const queue = useMemo(() => new QueueFeed(queries), [queries]);
  const told = useSyncExternalStore(queue.listen, queue.now);
  useEffect(() => {
    queue.start();
    return () => queue.stop();
  }, [queue]);
  useEffect(() => {
    if (epoch > 0) queue.readAnew();
  }, [queue, epoch]);
  useEffect(() => feed?.listen((event) => isAlarmNews(event) && queue.hear(event.id)), [queue, feed]);
  return { ...told, more: queue.more, hear: queue.hear };
}
