/** Where a player should be in its buffer. Pure. Times in seconds. */
export interface EdgePolicy {
  /** Further behind than this: jump. */
  jumpBehind: number;
  /** Further behind than this: faster, the more the further. */
  hurryBehind: number;
  /** A playhead that stands still is moved on when so much lies before it: browsers wait long once they ran out of pictures. */
  stuckBehind: number;
  /** Wanted distance from the newest picture. */
  target: number;
}

export const LIVE: EdgePolicy = { jumpBehind: 1.5, hurryBehind: 0.22, stuckBehind: 0.4, target: 0.12 };
/** Of a player that has only begun: the pictures since the last key frame came at once, those before the newest need not be seen. */
export const SETTLING: EdgePolicy = { ...LIVE, jumpBehind: 0.45 };
/** Each second too much is made up at this much above the right speed: most of a late start is gone after a second, and what little is
 * left afterwards is not seen. */
const HURRY = 2;
/** Sound is still understood, and a decoder that barely keeps up is not asked for more than twice its work. */
const FASTEST = 2;
/** Less than this between two looks is standing still. */
const STILL_S = 0.03;

export type Move = { kind: "stay"; rate: number } | { kind: "jump"; to: number };

/** Of what a device plays at another speed: its time stamps may pass with the clock or with the recording. `arriving`: seconds of
 * pictures that come in a second. */
export function atItsPace(start: number, end: number, at: number, before: number | undefined, arriving: number): Move {
  const pace = Math.max(1, arriving);
  const [behind, wanted] = [end - at, 0.3 * pace];
  const stuck = before !== undefined && Math.abs(at - before) < STILL_S && behind > 0.6 * pace;
  if (at < start || stuck || behind > 3 * pace || behind < 0) return { kind: "jump", to: Math.max(start, end - wanted) };
  const rate = arriving * (1 + (0.5 * (behind - wanted)) / pace);
  return { kind: "stay", rate: Math.round(Math.min(16, Math.max(0.1, rate)) * 20) / 20 };
}

/** `start`, `end`: the newest buffered range; `at`: the playhead; `before`: where it was a look ago. */
export function towardsLiveEdge(start: number, end: number, at: number, before?: number, policy: EdgePolicy = LIVE): Move {
  const behind = end - at;
  const stuck = before !== undefined && Math.abs(at - before) < STILL_S && behind > policy.stuckBehind;
  if (at < start || stuck || behind > policy.jumpBehind || behind < 0) return { kind: "jump", to: Math.max(start, end - policy.target) };
  if (behind <= policy.hurryBehind) return { kind: "stay", rate: 1 };
  return { kind: "stay", rate: Math.min(FASTEST, Math.round(20 + 20 * HURRY * (behind - policy.target)) / 20) };
}
