import { useEffect, useRef, useState } from "react";
import { ApiProblem, api, body, type Problem } from "../../api-client/client";
import type { Shown } from "../player/LiveTile";

const TICK_MS = 250;
const TELL_MS = 1000;

export interface Watched {
  seconds: number;
  /** How far the node's clock is ahead of this one's. */
  aheadMs: number;
  /** What the node refuses, other than what a new session heals. */
  problem: Problem | undefined;
}

/** Counts how long a stop's picture plays, and has the node count it too: what the node answers is what counts. */
export function useWatch(round: number, stop: number, shown: Shown | undefined, before: number): Watched {
  const [told, setTold] = useState<{ stop: number; seconds: number; problem: Problem | undefined }>({ stop, seconds: before, problem: undefined });
  const [aheadMs, setAhead] = useState(0);
  const playing = useRef(false);
  playing.current = shown?.playing === true;
  const session = shown?.session;
  useEffect(() => {
    if (session === undefined || stop === 0) return;
    let playedMs = 0;
    let at = performance.now();
    let asking = false;
    let over = false;
    const tick = setInterval(() => {
      const now = performance.now();
      if (playing.current && !document.hidden) playedMs += Math.min(now - at, 2 * TICK_MS);
      at = now;
    }, TICK_MS);
    const tell = () => {
      if (asking || document.hidden) return;
      asking = true;
      body(api.POST("/api/v1/video-patrols/rounds/{round}/stops/{stop}/watch", { params: { path: { round, stop } }, body: { session, played_s: playedMs / 1000 } }))
        .then((answer) => {
          if (over) return;
          setAhead(Date.parse(answer.at) - Date.now());
          setTold({ stop, seconds: answer.watched_s, problem: undefined });
        })
        .catch((error: unknown) => {
          const problem = error instanceof ApiProblem ? error.problem : undefined;
          // a lost connection comes back by itself, and a session that has ended is opened anew by the player
          if (!over && problem !== undefined && problem.code.startsWith("patrol.")) setTold((old) => ({ ...old, stop, problem }));
        })
        .finally(() => {
          asking = false;
        });
    };
    tell();
    const timer = setInterval(tell, TELL_MS);
    return () => {
      over = true;
      clearInterval(tick);
      clearInterval(timer);
    };
  }, [round, stop, session]);
  const fresh = told.stop === stop;
  return { seconds: fresh ? Math.max(told.seconds, before) : before, aheadMs, problem: fresh ? told.problem : undefined };
}
