import type { Schemas } from "../api-client/client";
import { URGENCIES, type Urgency } from "../ui/ringing";

/** So many are kept apart; behind them the highest number stands for all. */
const KEPT = 20_000;

type Waits = Pick<Schemas["AlarmShape"], "id" | "priority" | "work">;

/** Which alarms rang and how urgent they were then, so that after a gap in the news those ring that nobody was told of. */
export class Unheard {
  private readonly heard = new Map<number, number>();
  /** Those behind this one came since; undefined: the node was not asked yet. */
  private upTo: number | undefined;
  /** What is more urgent than this, and was not there, is in the queue since. */
  private sawAbove = 0;

  /** The news told of this one. */
  hear(id: number, priority: number): void {
    this.heard.set(id, Math.min(priority, this.heard.get(id) ?? priority));
    if (this.heard.size <= KEPT) return;
    this.upTo = Math.max(this.upTo ?? 0, ...this.heard.keys());
    this.sawAbove = 0;
    this.heard.clear();
  }

  /** The most urgent of those that nobody was told of, at least as so urgent, and nobody has taken. `waiting`: the beginning of the queue, of which the first time nothing is news; `whole`: there is no more of it. */
  among(waiting: readonly Waits[], whole: boolean): Urgency | undefined {
    const missed = waiting.filter((one) => one.work !== null && one.work.owner === null && this.isNews(one));
    this.upTo = Math.max(this.upTo ?? 0, ...waiting.map(({ id }) => id));
    for (const { id, priority } of waiting) this.hear(id, priority);
    this.sawAbove = whole ? Infinity : (waiting.at(-1)?.priority ?? 0);
    return URGENCIES.find((urgency) => missed.some(({ priority }) => priority === urgency));
  }

  private isNews({ id, priority }: Waits): boolean {
    if (this.upTo === undefined) return false;
    const heard = this.heard.get(id);
    return heard === undefined ? id > this.upTo || priority < this.sawAbove : priority < heard;
  }
}
