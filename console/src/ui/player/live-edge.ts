/** Where a player should be in its buffer. Pure. Times in seconds. */
export interface EdgePolicy {
  /** Further behind than this: jump. */
  jumpBehind: number;
  /** Further behind than this: a little faster. */
  hurryBehind: number;
  /** A playhead that stands still is moved on when so much lies before it: browsers wait long once they ran out of pictures. */
  stuckBehind: number;
  /** Wanted distance from the newest picture. */
  target: number;
}

export const LIVE: EdgePolicy = { jumpBehind: 1.5, hurryBehind: 0.22, stuckBehind: 0.4, target: 0.12 };
/** Less than this between two looks is standing still. */
const STILL_S = 0.03;

export type Move = { kind: "stay"; rate: number } | { kind: "jump"; to: number };

/** `start`, `end`: the newest buffered range; `at`: the playhead; `before`: where it was a look ago. */
export function towardsLiveEdge(start: number, end: number, at: number, before?: number, policy: EdgePolicy = LIVE): Move {
  const behind = end - at;
  const stuck = before !== undefined && Math.abs(at - before) < STILL_S && behind > policy.stuckBehind;
  if (at < start || stuck || behind > policy.jumpBehind || behind < 0) return { kind: "jump", to: Math.max(start, end - policy.target) };
  return { kind: "stay", rate: behind > policy.hurryBehind ? 1.15 : 1 };
}
