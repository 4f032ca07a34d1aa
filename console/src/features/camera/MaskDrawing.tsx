import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { useWords } from "../../ui/language";
import { useKept } from "../../ui/kept";
import { shownPicture } from "../../ui/player/drag-zoom";
import { UNITS, cornerAt, moved, withCorner, type Corner } from "./mask-shape";

interface Props {
  /** Those that are there already, as outlines. */
  others: Corner[][];
  onDone: (corners: Corner[]) => void;
  onCancel: () => void;
}

/** A sheet over the picture: clicks, or arrow keys and space, set corners; Enter or a double click closes, Escape gives up. */
export function MaskDrawing({ others, onDone, onCancel }: Props) {
  const { t } = useWords();
  const sheet = useRef<HTMLDivElement>(null);
  const [corners, setCorners] = useKept<Corner[]>("corners of a mask", []);
  const [cursor, setCursor] = useState<Corner>([UNITS / 2, UNITS / 2]);
  const [box, setBox] = useState({ left: 0, top: 0, width: 0, height: 0 });

  useEffect(() => {
    const element = sheet.current;
    if (element === null) return;
    element.focus();
    const measure = () => setBox(shownPicture({ width: element.clientWidth, height: element.clientHeight }, videoSize(element)));
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    const frame = element.parentElement; // a drawing that is taken up again may be there before the picture
    const loaded = ["loadedmetadata", "resize"];
    loaded.forEach((kind) => frame?.addEventListener(kind, measure, true));
    return () => {
      watch.disconnect();
      loaded.forEach((kind) => frame?.removeEventListener(kind, measure, true));
    };
  }, []);

  const at = (event: MouseEvent<HTMLElement>): Corner => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    return cornerAt({ width, height }, videoSize(event.currentTarget), { x: event.clientX - left, y: event.clientY - top });
  };
  const finish = (drawn: Corner[]) => {
    if (drawn.length >= 3) onDone(drawn);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") onCancel();
    else if (event.key === "Enter") finish(corners);
    else if (event.key === "Backspace") setCorners(corners.slice(0, -1));
    else if (event.key === " ") setCorners(withCorner(corners, cursor));
    else if (event.key.startsWith("Arrow")) setCursor(moved(cursor, event.key, event.shiftKey));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const path = (points: Corner[]) => points.map((point) => point.join(",")).join(" ");
  return (
    <div
      ref={sheet}
      className="mask-sheet"
      role="application"
      aria-label={t("mask.draw.help")}
      tabIndex={0}
      data-testid="mask-sheet"
      onKeyDown={onKey}
      onMouseMove={(event) => setCursor(at(event))}
      onClick={(event) => {
        event.stopPropagation();
        setCorners(withCorner(corners, at(event)));
      }}
      onDoubleClick={() => finish(corners)}
    >
      <svg viewBox={`0 0 ${UNITS} ${UNITS}`} preserveAspectRatio="none" style={{ position: "absolute", ...box }} aria-hidden>
        {others.map((points, index) => (
          <polygon key={index} points={path(points)} className="other" />
        ))}
        <polygon points={path([...corners, cursor])} className="drawn" />
        <path d={`M${cursor[0]} 0V${UNITS}M0 ${cursor[1]}H${UNITS}`} className="cross" />
      </svg>
      <span className="mask-help">{t("mask.draw.help")}</span>
    </div>
  );
}

function videoSize(element: Element): { width: number; height: number } {
  const video = element.parentElement?.querySelector("video");
  return { width: video?.videoWidth ?? 0, height: video?.videoHeight ?? 0 };
}
