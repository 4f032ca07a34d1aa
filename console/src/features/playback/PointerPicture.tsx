import { useEffect, useRef, useState } from "react";
import type { Conductor } from "../../ui/footage/conductor";
import { PEEK_WIDTH, type Peeked } from "../../ui/footage/peeks";
import { useWords } from "../../ui/language";
import { ScreenMark } from "../../ui/player/ScreenMark";
import { useZone, written } from "../../ui/zone";

/** Where the pointer is on the timeline: on which camera's lane, at what time, and where on the screen. */
export interface Pointed {
  code: string;
  name: string;
  atUs: number;
  x: number;
  top: number;
}

/** Between two asks while the pointer moves. */
const CALM_MS = 70;
const EDGE = 8;

/** The key frame under the pointer, small, with its own time: not the pointer's. */
export function PointerPicture({ pointed, conductor }: { pointed: Pointed; conductor: Conductor | undefined }) {
  const { t } = useWords();
  const zone = useZone();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [peeked, setPeeked] = useState<Peeked>();
  const { code, atUs } = pointed;
  const peeks = conductor?.players.get(code)?.peeks;
  useEffect(() => {
    const timer = setTimeout(() => peeks?.want(atUs, setPeeked), CALM_MS);
    return () => clearTimeout(timer);
  }, [peeks, atUs]);
  useEffect(() => () => peeks?.leave(), [peeks]);
  useEffect(() => {
    const to = canvas.current;
    if (to === null || peeked?.kind !== "picture") return;
    [to.width, to.height] = [peeked.picture.width, peeked.picture.height];
    to.getContext("2d")?.drawImage(peeked.picture, 0, 0);
  }, [peeked]);
  const left = Math.min(Math.max(pointed.x - PEEK_WIDTH / 2, EDGE), window.innerWidth - PEEK_WIDTH - EDGE);
  const state = peeks === undefined ? "closed" : (peeked?.kind ?? "waiting");
  return (
    <div className="pointer-picture" aria-hidden data-testid="pointer-picture" data-state={state} data-at-us={peeked?.kind === "picture" ? peeked.atUs : ""} style={{ left, bottom: window.innerHeight - pointed.top + EDGE, width: PEEK_WIDTH }}>
      {state === "picture" ? (
        <>
          <canvas ref={canvas} />
          <ScreenMark />
        </>
      ) : (
        <p>{t(state === "closed" ? "finding.peek.closed" : state === "waiting" ? "loading" : `playback.${state}`)}</p>
      )}
      <span>{peeked?.kind === "picture" ? written(peeked.atUs / 1_000, zone) : written(atUs / 1_000, zone)}</span>
    </div>
  );
}
