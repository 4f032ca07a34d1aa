/** Where a player should be in its buffer. Pure. Times in seconds. */
export interface EdgePolicy {
  /** Further behind than this: jump. */
  jumpBehind: number;
  /** Further behind than this: a little faster. */
  hurryBehind: number;
  /** Wanted distance from the newest picture. */
  target: number;
}

export const LIVE: EdgePolicy = { jumpBehind: 1.5, hurryBehind: 0.22, target: 0.12 };

export type Move = { kind: "stay"; rate: number } | { kind: "jump"; to: number };

/** `start`, `end`: the newest buffered range; `at`: the playhead. */
export function towardsLiveEdge(start: number, end: number, at: number, policy: EdgePolicy = LIVE): Move {
  const behind = end - at;
  if (at < start || behind > policy.jumpBehind || behind < 0) return { kind: "jump", to: Math.max(start, end - policy.target) };
  return { kind: "stay", rate: behind > policy.hurryBehind ? 1.15 : 1 };
}
