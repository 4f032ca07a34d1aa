import { useEffect, useRef, useState } from "react";
import type { SmallPictures } from "../../ui/footage/aside-peeks";
import type { Peeked } from "../../ui/footage/peeks";
import { useWords } from "../../ui/language";
import { ScreenMark } from "../../ui/player/ScreenMark";
import { placeOf, type Region } from "./region";

/** A key frame, small, with a place marked on it; fetched the same way as what is played, when its turn comes. */
export function SmallPicture({ peeks, atUs, region }: { peeks: SmallPictures | undefined; atUs: number; region: Region | undefined }) {
  const { t } = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [kind, setKind] = useState<Peeked["kind"]>();
  useEffect(() => {
    return peeks?.later(atUs, (peeked) => {
      const to = canvas.current;
      setKind(peeked.kind);
      if (to === null || peeked.kind !== "picture") return;
      [to.width, to.height] = [peeked.picture.width, peeked.picture.height];
      to.getContext("2d")?.drawImage(peeked.picture, 0, 0);
    });
  }, [peeks, atUs]);
  const word = peeks === undefined || kind === "closed" ? "finding.peek.closed" : kind === undefined || kind === "picture" ? "loading" : (`playback.${kind}` as const);
  return (
    <span className="small-picture" data-testid="small-picture" data-state={kind ?? "waiting"}>
      <canvas ref={canvas} aria-hidden />
      {kind === "picture" ? (
        <>
          {region !== undefined && <i className="region" style={placeOf(region)} />}
          <ScreenMark />
        </>
      ) : (
        <em>{t(word)}</em>
      )}
    </span>
  );
}
