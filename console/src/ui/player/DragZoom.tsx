import { useEffect, useState, type MouseEvent, type PointerEvent, type RefObject } from "react";
import { api } from "../../api-client/client";
import { useWords } from "../language";
import { useTellProblem } from "../problem";
import { boxOf, directionOf, recentreOn, shownPicture, within, zoomOn, type Point, type ZoomOrder } from "./drag-zoom";

interface Props {
  camera: string;
  video: RefObject<HTMLVideoElement | null>;
  /** The toggle is pressed; with Shift held one can draw without it. */
  armed: boolean;
  onDone: () => void;
}

/** A sheet over a steerable camera's picture: a box drawn on it zooms there, a double click turns there. */
export function DragZoom({ camera, video, armed, onDone }: Props) {
  const { t } = useWords();
  const tell = useTellProblem();
  const [drawn, setDrawn] = useState<{ from: Point; to: Point }>();
  const drawing = drawn !== undefined;
  useEffect(() => {
    if (!armed && !drawing) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      setDrawn(undefined);
      onDone();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [armed, drawing, onDone]);

  const picture = () => {
    const shown = video.current;
    return shownPicture({ width: shown?.clientWidth ?? 0, height: shown?.clientHeight ?? 0 }, { width: shown?.videoWidth ?? 0, height: shown?.videoHeight ?? 0 });
  };
  const pointOf = (event: MouseEvent<HTMLElement>): Point => {
    const sheet = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - sheet.left, y: event.clientY - sheet.top };
  };
  const send = (order: ZoomOrder | undefined) => {
    if (order !== undefined) void api.POST("/api/v1/cameras/{code}/drag-zoom", { params: { path: { code: camera } }, body: order }).catch(tell);
  };
  const begin = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0 || !(armed || event.shiftKey)) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    const from = within(picture(), pointOf(event));
    setDrawn({ from, to: from });
  };
  const draw = (event: PointerEvent<HTMLElement>) => {
    if (drawn !== undefined) setDrawn({ from: drawn.from, to: within(picture(), pointOf(event)) });
  };
  const end = () => {
    if (drawn === undefined) return;
    const order = zoomOn(picture(), drawn.from, drawn.to);
    setDrawn(undefined);
    if (order === undefined) return; // a click: the toggle stays pressed
    send(order);
    onDone();
  };
  const direction = drawn === undefined ? "in" : directionOf(drawn.from, drawn.to);
  return (
    <div
      className={armed ? "zoom-sheet armed" : "zoom-sheet"}
      data-testid="zoom-sheet"
      title={armed ? t("player.zoom.help") : undefined}
      onPointerDown={begin}
      onPointerMove={draw}
      onPointerUp={end}
      onPointerCancel={() => setDrawn(undefined)}
      onDoubleClick={(event) => send(recentreOn(picture(), pointOf(event)))}
    >
      {drawn !== undefined && (
        <div className={`zoom-box ${direction}`} data-testid="zoom-box" style={boxOf(drawn.from, drawn.to)}>
          <span>{t(`player.zoom.${direction}`)}</span>
        </div>
      )}
    </div>
  );
}
