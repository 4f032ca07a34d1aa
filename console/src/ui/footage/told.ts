import type { Fragment, Missing, Period } from "./pieces";
import { ReadThrough } from "./read-through";

/** Where footage lacks, when it is looked for again (of `performance.now()`), and how long after it was told that is. */
export interface Lack extends Missing {
  againMs: number;
  pauseMs: number;
}

interface Kept extends Fragment {
  /** Where its group of pictures begins, as far as it is known. */
  groupUs: number | undefined;
}

/** Between two fragments less is no hole. */
export const HOLE_US = 120_000;
/** What lacks is looked for again after this, and after twice as long each time that it lacks still; what would be no other, never. */
export const AGAIN_MS = 10_000;
export const NEVER = Infinity;
/** Parts of one group follow each other within this. */
const TOUCHING_US = 2_000;
/** Times are rounded to 1/90 000 s and made eight times as long again. */
const ROUNDED_US = 1_000;
/** The same of a picture at its own pace. */
const EDGE_US = 50;

/** A picture's time, or where what was read ends without one. */
export type Neighbour = { atUs: number } | { endUs: number };

/** What the node told of a camera's footage near what is played: where there is some, and where it lacks. */
export class Told {
  /** In the order in which they begin. */
  private fragments: Kept[] = [];
  private lacking: Lack[] = [];
  /** What was forgotten last. */
  private forgotten: Lack | undefined;
  readonly read = new ReadThrough();

  clear(): void {
    this.fragments = [];
    this.lacking = [];
    this.forgotten = undefined;
    this.read.clear();
  }

  take(fragment: Fragment, isKey: boolean): void {
    const at = this.upTo(fragment.from_us);
    const same = this.fragments[at - 1]?.from_us === fragment.from_us ? 1 : 0;
    const before = this.fragments[at - 1 - same];
    const follows = before !== undefined && Math.abs(fragment.from_us - before.to_us) <= TOUCHING_US;
    const groupUs = isKey ? fragment.from_us : follows ? before.groupUs : undefined;
    this.fragments.splice(at - same, same, { ...fragment, groupUs });
  }

  at(atUs: number): Kept | undefined {
    const found = this.fragments[this.upTo(atUs) - 1];
    return found !== undefined && atUs < found.to_us ? found : undefined;
  }

  /** As `at`, for a time that was rounded on its way; at a border the one that ends there. */
  near(atUs: number): Kept | undefined {
    return this.fragments.find((one) => one.from_us < atUs + ROUNDED_US && atUs - ROUNDED_US <= one.to_us);
  }

  /** The picture after or before the one of an instant; only what was read without a hole up to there is known. Undefined: nothing was read there. */
  neighbour(atUs: number, by: 1 | -1, { fromUs, toUs, inclusive }: Period & { inclusive: boolean }): Neighbour | undefined {
    const read = this.read.around(Math.min(Math.max(atUs, fromUs), toUs));
    if (read === undefined) return undefined;
    const times = this.fragments.flatMap((one) => one.times_us.map((time) => one.from_us + time)).sort((one, other) => one - other);
    const edgeUs = atUs + EDGE_US;
    // In a hole too small to be told the picture behind it is shown.
    const here = inclusive ? undefined : (this.at(edgeUs) ?? this.fragments.find((one) => one.from_us > atUs && one.from_us - atUs < HOLE_US));
    const shown = here && (times.findLast((time) => here.from_us <= time && time <= edgeUs) ?? (here.from_us > edgeUs ? times.find((time) => time >= here.from_us) : undefined));
    if (by > 0) {
      const next = times.find((time) => (shown === undefined ? time >= atUs : time > shown));
      return next !== undefined && next < Math.min(read.toUs, toUs) ? { atUs: next } : { endUs: read.toUs };
    }
    const last = times.findLast((time) => (shown === undefined ? time <= atUs : time < shown));
    return last !== undefined && last >= Math.max(read.fromUs, fromUs) ? { atUs: last } : { endUs: read.fromUs };
  }

  lackAt(atUs: number): Lack | undefined {
    return this.lacking.find((one) => one.from_us <= atUs && atUs < one.to_us);
  }

  /** Stretches of one kind that follow each other are one: of a day of them nothing grows. */
  lacks(missing: Missing, pauseMs = this.pauseFor(missing)): void {
    const lack: Lack = { ...missing, againMs: performance.now() + pauseMs, pauseMs };
    this.answered(lack.from_us, lack.to_us);
    const touching = (one: Lack) => one.kind === lack.kind && (one.to_us === lack.from_us || one.from_us === lack.to_us);
    const [beside, rest] = [this.lacking.filter(touching), this.lacking.filter((one) => !touching(one))];
    const [fromUs, toUs] = [Math.min(lack.from_us, ...beside.map((one) => one.from_us)), Math.max(lack.to_us, ...beside.map((one) => one.to_us))];
    this.lacking = [...rest, { ...lack, from_us: fromUs, to_us: toUs }];
  }

  /** What came for an instant, and the browser does not show: the last moment of a fragment, or pictures that cannot be decoded without others.
   *  `shown`: the stretch without a hole around an instant that it does show. */
  unshown(atUs: number, shown: (us: number) => Period | undefined): void {
    const { from_us, to_us } = this.at(atUs) ?? { from_us: Math.floor(atUs), to_us: Math.floor(atUs) + HOLE_US };
    const beside = shown((from_us + to_us) / 2);
    if (beside === undefined) this.lacks({ kind: "damage", from_us, to_us }, NEVER);
    else if (atUs < beside.fromUs) this.lacks({ kind: "gap", from_us, to_us: Math.min(beside.fromUs, to_us) }, NEVER);
    else this.lacks({ kind: "gap", from_us: Math.max(from_us, Math.min(beside.toUs, Math.floor(atUs))), to_us }, NEVER);
  }

  /** What lacked there is told anew. */
  answered(fromUs: number, toUs: number): void {
    this.lacking = this.lacking.flatMap((one) => [
      ...(one.from_us < Math.min(fromUs, one.to_us) ? [{ ...one, to_us: Math.min(fromUs, one.to_us) }] : []),
      ...(one.to_us > Math.max(toUs, one.from_us) ? [{ ...one, from_us: Math.max(toUs, one.from_us) }] : []),
    ]);
  }

  /** It may be there now: that it lacks is to be told anew. */
  forgetLack(lack: Lack): void {
    this.forgotten = lack;
    this.lacking = this.lacking.filter((one) => one.from_us >= lack.to_us || one.to_us <= lack.from_us);
    this.read.drop(lack.from_us, lack.to_us);
  }

  /** Of what lies on one side of an instant nothing is wanted any more. */
  forget(atUs: number, side: "before" | "after"): void {
    const kept = (one: { from_us: number; to_us: number }) => (side === "before" ? one.to_us > atUs : one.from_us < atUs);
    this.fragments = this.fragments.filter(kept);
    this.lacking = this.lacking.filter(kept);
    if (side === "before") this.read.drop(-Infinity, atUs);
    else this.read.drop(atUs, Infinity);
  }

  /** What is damaged or away within a long group of pictures can be looked at in no other way than by fetching it anew: in vain ever more seldom. */
  private pauseFor({ from_us, to_us }: Missing): number {
    const before = this.forgotten;
    return before !== undefined && before.from_us < to_us && from_us < before.to_us ? before.pauseMs * 2 : AGAIN_MS;
  }

  /** How many begin no later. */
  private upTo(atUs: number): number {
    let [low, high] = [0, this.fragments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.fragments[middle]?.from_us ?? 0) <= atUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
