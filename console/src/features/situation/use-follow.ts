import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Place } from "../../ui/map/geometry";
import { neighbours, type Neighbour } from "./neighbours";
import { placeAt, type Points } from "../../ui/map/points";

const NOBODY: readonly Neighbour[] = [];
const NOWHERE: readonly Place[] = [];

export interface Follow {
  following: boolean;
  /** Codes of the cameras looked through, the first first. Kept nowhere: it is gone when the camera is closed. */
  trail: readonly string[];
  /** Where they stand. */
  way: readonly Place[];
  around: readonly Neighbour[];
  toggle: () => void;
}

/** Following a scene by hand: the pictures around the chosen one, figures that go there, and the way so far. */
export function useFollow(points: Points | undefined, at: number, onChoose: (at: number) => void): Follow {
  const [trail, setTrail] = useState<readonly string[]>();
  const chosen = at < 0 ? undefined : points?.codes[at];
  useEffect(() => {
    setTrail((old) => (old === undefined || chosen === undefined ? undefined : old.at(-1) === chosen ? old : [...old, chosen]));
  }, [chosen]);
  const following = trail !== undefined;
  const around = useMemo(() => (points === undefined || at < 0 || !following ? NOBODY : neighbours(points, at)), [points, at, following]);
  const way = useMemo(() => (points === undefined || trail === undefined ? NOWHERE : trail.map((code) => points.codes.indexOf(code)).filter((place) => place >= 0).map((place) => placeAt(points, place))), [points, trail]);
  const seen = useRef({ points, trail, around, onChoose });
  useLayoutEffect(() => {
    seen.current = { points, trail, around, onChoose }; // a key is about what stands on the screen in its moment
  }, [points, trail, around, onChoose]);
  useEffect(() => {
    if (!following) return;
    const onKey = (event: KeyboardEvent) => {
      const { points, trail, around, onChoose } = seen.current;
      if (points === undefined || trail === undefined || event.defaultPrevented || event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
      const next = around[Number(event.key) - 1];
      const before = points.codes.indexOf(trail.at(-2) ?? "");
      if (next !== undefined) onChoose(next.at);
      else if (event.key === "Backspace" && before >= 0) {
        setTrail(trail.slice(0, -1));
        onChoose(before);
      } else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [following]);
  return { following, trail: trail ?? [], way, around, toggle: () => setTrail(following || chosen === undefined ? undefined : [chosen]) };
}
