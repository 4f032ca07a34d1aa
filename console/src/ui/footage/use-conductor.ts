import { useEffect, useState } from "react";
import { Conductor, type Playing } from "./conductor";

const TOLD_EVERY_MS = 100;

/** The page's one clock, and what it shows ten times a second. */
export function useConductor(firstUs: number): { conductor: Conductor | undefined; now: Playing } {
  const [now, setNow] = useState<Playing>({ atUs: firstUs, speed: 1, playing: false, waiting: false });
  const [conductor, setConductor] = useState<Conductor>();
  useEffect(() => {
    let told = 0;
    let before: Playing | undefined;
    const made = new Conductor(firstUs, (next, sought) => {
      // What is put somewhere is told at once: the next press of a key goes on from there.
      const turned = sought || before?.playing !== next.playing || before.speed !== next.speed || before.waiting !== next.waiting;
      if (!turned && performance.now() - told < TOLD_EVERY_MS) return;
      told = performance.now();
      before = next;
      setNow(next);
    });
    setConductor(made);
    return () => made.stop();
    // The day's first instant is where the clock begins; it is moved by seeking afterwards.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return { conductor, now };
}
