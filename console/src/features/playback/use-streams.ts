import { useCallback, useMemo, useState } from "react";
import { MAIN_FROM_PX } from "../../ui/player/stream-choice";
import { otherThan, type Stream } from "./streams";
import type { Choices } from "./use-footage";

/** As many cameras are looked at closely; the tiles of more show the sub-stream where they are small, as those of a wall do. */
const CLOSELY = 4;

export interface ChosenStreams {
  chosen: Choices;
  /** From the stream that is shown to the other one for good, and back to whichever has footage. */
  turn: (code: string, shown: Stream) => void;
  /** Takes the element that holds the tiles. */
  grid: (element: HTMLElement | null) => (() => void) | undefined;
}

/** Which stream's footage somebody wants to see of each camera: it stays through seeks, and days. `count`: of the cameras, `side` a row. */
export function useStreams(count: number, side: number): ChosenStreams {
  const [by, choose] = useState<ReadonlyMap<string, Stream>>(new Map());
  const [width, setWidth] = useState(0);
  const turn = (code: string, shown: Stream) => {
    const next = new Map(by);
    if (!next.delete(code)) next.set(code, otherThan(shown));
    choose(next);
  };
  const grid = useCallback((element: HTMLElement | null) => {
    if (element === null) return;
    const measure = () => setWidth(element.clientWidth * window.devicePixelRatio);
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);
  const first: Stream = count > CLOSELY && width / side < MAIN_FROM_PX ? "sub" : "main";
  const chosen = useMemo(() => ({ get: (code: string) => by.get(code), first }), [by, first]);
  return { chosen, turn, grid };
}
