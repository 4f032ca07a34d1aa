import { useCallback, useEffect, useRef, useState } from "react";
import type { Picture } from "../../ui/player/use-live";
import { shownTiles, wallOf, type Wall } from "../../ui/wall-state";
import { stepFrom, tourMove } from "./tour";
import type { Tour, TourStep } from "./tours";

const LOOK_MS = 250;
/** So long after a step has come, a picture of it that does not play is told. */
const SETTLE_MS = 3000;

interface Staged {
  at: number;
  wall: Wall;
  sinceMs: number;
}

export interface RunningTour {
  name: string;
  byPages: boolean;
  steps: readonly TourStep[];
  at: number;
  leftS: number;
  /** Pictures of this step that do not play. */
  lacking: number;
  paused: boolean;
}

interface Running {
  running: RunningTour | undefined;
  /** What plays behind the wall, to be shown next; `layer` tells it from every other. */
  staged: Wall | undefined;
  layer: number;
  /** `from`: the step to begin with. */
  begin: (tour: Tour, from?: number) => void;
  stop: () => void;
  pause: () => void;
  /** Somebody works on the wall by hand: it stays as it is until the tour is told to go on. */
  hold: () => void;
  go: (by: 1 | -1) => void;
  notePicture: (id: number, kind: Picture["kind"]) => void;
}

/** Runs a tour on the wall. `load`: puts a wall in the place of the one that is shown. */
export function useTour(wall: Wall, load: (wall: Wall) => void): Running {
  const [tour, setTour] = useState<Tour>();
  const [at, setAt] = useState(0);
  const [paused, setPaused] = useState(false);
  const [staged, setStaged] = useState<Staged>();
  const [leftMs, setLeftMs] = useState(0);
  const [layer, setLayer] = useState(0);
  const [lacking, setLacking] = useState(0);
  const sinceMs = useRef(0);
  const asked = useRef<1 | -1>(undefined);
  const busy = useRef(false);
  const pictures = useRef(new Map<number, Picture["kind"]>());
  const now = useRef({ wall, staged, at, leftMs, paused });
  useEffect(() => {
    now.current = { wall, staged, at, leftMs, paused };
  }, [wall, staged, at, leftMs, paused]);
  const notePicture = useCallback((id: number, kind: Picture["kind"]) => void pictures.current.set(id, kind), []);

  const stop = useCallback(() => {
    setTour(undefined);
    setStaged(undefined);
    setPaused(false);
    asked.current = undefined;
  }, []);
  const begin = useCallback(
    (found: Tour, from = 0) => {
      const first = found.steps[from];
      if (first === undefined) return;
      stop();
      void first.plan().then((plan) => {
        load(wallOf(plan, now.current.wall));
        setTour(found);
        setPaused(found.byPages);
        setAt(from);
        setLeftMs(first.dwellS * 1000);
        sinceMs.current = Date.now();
        setLacking(0);
      });
    },
    [load, stop],
  );
  useEffect(() => {
    if (tour === undefined) return;
    let over = false;
    let lookedMs = Date.now();
    const stage = async () => {
      busy.current = true;
      const next = stepFrom(now.current.at, asked.current ?? 1, tour.steps.length);
      const plan = await tour.steps[next]?.plan();
      busy.current = false;
      if (over || plan === undefined) return;
      const shown = new Set(shownTiles(now.current.wall).map((tile) => tile?.id));
      pictures.current.forEach((_, id) => shown.has(id) || pictures.current.delete(id));
      const staging = wallOf(plan, now.current.wall);
      if (tour.byPages) show({ at: next, wall: staging });
      else setStaged({ at: next, wall: staging, sinceMs: Date.now() });
    };
    const show = (next: Pick<Staged, "at" | "wall">) => {
      asked.current = undefined;
      load(next.wall);
      setAt(next.at);
      sinceMs.current = Date.now();
      setLacking(0);
      setLeftMs((tour.steps[next.at]?.dwellS ?? 0) * 1000);
      setStaged(undefined);
    };
    const timer = setInterval(() => {
      const passedMs = Date.now() - lookedMs;
      lookedMs = Date.now();
      const { staged: waiting, leftMs: left, paused: isPaused } = now.current;
      if (!isPaused && !document.hidden) setLeftMs(left - passedMs);
      const settled = Date.now() - sinceMs.current > SETTLE_MS;
      setLacking(settled ? shownTiles(now.current.wall).filter((tile) => tile !== undefined && pictures.current.get(tile.id) !== "playing").length : 0);
      if (busy.current) return;
      const ready = waiting !== undefined && shownTiles(waiting.wall).every((tile) => tile === undefined || tile.lack !== undefined || ["playing", "refused"].includes(pictures.current.get(tile.id) ?? ""));
      const move = tourMove({ leftMs: left, asked: asked.current !== undefined, paused: isPaused, steps: tour.steps.length, stagedMs: waiting === undefined ? undefined : Date.now() - waiting.sinceMs, ready });
      if (move === "stage" && (!tour.byPages || asked.current !== undefined || left <= 0)) void stage();
      if (move !== "switch" || waiting === undefined) return;
      show(waiting);
      setLayer((old) => old + 1);
    }, LOOK_MS);
    return () => {
      over = true;
      busy.current = false;
      clearInterval(timer);
    };
  }, [tour, load]);
  const go = useCallback((by: 1 | -1) => {
    const other = asked.current !== by || now.current.staged === undefined;
    asked.current = by;
    if (other) setStaged(undefined); // what was opened for the other way
  }, []);
  const pause = useCallback(() => setPaused((old) => !old), []);
  const hold = useCallback(() => setPaused(true), []);
  const running = tour === undefined ? undefined : { name: tour.name, byPages: tour.byPages, steps: tour.steps, at, leftS: Math.max(0, Math.ceil(leftMs / 1000)), lacking, paused };
  return { running, staged: staged?.wall, layer, begin, stop, pause, hold, go, notePicture };
}
