import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { useWords } from "../../ui/language";
import { shownPicture } from "../../ui/player/drag-zoom";
import { MIDDLE, movedBy, placeOf, regionOf, type Region } from "./region";

interface Props {
  region: Region | undefined;
  onChange: (region: Region) => void;
  onDone: () => void;
  onCancel: () => void;
}

interface Point {
  x: number;
  y: number;
}

/** A sheet over a tile's picture: a place is drawn on it, or moved with the arrows; Enter looks for its changes, Escape gives up. */
export function RegionSheet({ region, onChange, onDone, onCancel }: Props) {
  const { t } = useWords();
  const sheet = useRef<HTMLDivElement>(null);
  const [box, setBox] = useState({ left: 0, top: 0, width: 0, height: 0 });
  const [from, setFrom] = useState<Point>();
  useEffect(() => {
    const element = sheet.current;
    const video = element?.parentElement?.querySelector("video");
    if (element === null || video === null || video === undefined) return;
    element.focus();
    const measure = () => setBox(shownPicture({ width: element.clientWidth, height: element.clientHeight }, { width: video.videoWidth, height: video.videoHeight }));
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    const kinds = ["loadedmetadata", "resize"];
    kinds.forEach((kind) => video.addEventListener(kind, measure));
    return () => {
      watch.disconnect();
      kinds.forEach((kind) => video.removeEventListener(kind, measure));
    };
  }, []);
  const at = (event: PointerEvent<HTMLElement>): Point => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return { x: (event.clientX - left - box.left) / (box.width || 1), y: (event.clientY - top - box.top) / (box.height || 1) };
  };
  const draw = (event: PointerEvent<HTMLElement>) => {
    const drawn = from && regionOf(from, at(event));
    if (drawn !== undefined) onChange(drawn);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") onCancel();
    else if (event.key === "Enter") onDone();
    else if (event.key.startsWith("Arrow")) onChange(movedBy(region ?? MIDDLE, event.key, event.shiftKey));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={sheet}
      className="region-sheet"
      role="application"
      aria-label={t("finding.draw")}
      tabIndex={0}
      data-testid="region-sheet"
      onKeyDown={onKey}
      onClick={(event) => event.stopPropagation()}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom(at(event));
      }}
      onPointerMove={draw}
      onPointerUp={() => setFrom(undefined)}
    >
      <div className="region-picture" style={box}>
        {region !== undefined && <i className="region" data-testid="region" style={placeOf(region)} />}
      </div>
    </div>
  );
}
