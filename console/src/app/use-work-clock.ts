import { useEffect, useState } from "react";
import { api } from "../api-client/client";
import { WorkClock } from "../ui/work-clock";

const LOOK_EVERY_MS = 1_000;
const WORK = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/** While somebody is signed in: locks when nobody works. Returns the seconds until then once they are few. */
export function useWorkClock(limitS: number | undefined, onLock: () => void): number | undefined {
  const [leftMs, setLeftMs] = useState<number>();
  useEffect(() => {
    if (limitS === undefined) return;
    const clock = new WorkClock(
      limitS * 1_000,
      {
        lock: onLock,
        warn: (left) => setLeftMs(left === undefined ? undefined : Math.ceil(left / 1_000)),
        report: () => void api.POST("/api/v1/session/work").catch(() => undefined), // a lost node is told of elsewhere
      },
      Date.now(),
    );
    const work = () => clock.work(Date.now());
    const look = () => clock.look(Date.now());
    const timer = setInterval(look, LOOK_EVERY_MS);
    WORK.forEach((kind) => window.addEventListener(kind, work, { capture: true, passive: true }));
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      WORK.forEach((kind) => window.removeEventListener(kind, work, { capture: true }));
      document.removeEventListener("visibilitychange", look);
      setLeftMs(undefined);
    };
  }, [limitS, onLock]);
  return leftMs;
}
