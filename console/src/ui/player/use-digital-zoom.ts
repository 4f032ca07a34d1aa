import { useCallback, useEffect, useState, type PointerEvent, type RefObject } from "react";
import { isWriting } from "../writing";
import { panned, STEP, WHOLE, zoomed, type View } from "./digital-zoom";

const PAN_STEP = 0.1;
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [PAN_STEP, 0], ArrowRight: [-PAN_STEP, 0], ArrowUp: [0, PAN_STEP], ArrowDown: [0, -PAN_STEP] };

interface DigitalZoom {
  view: View;
  reset: () => void;
  /** For the tile: the zoomed picture is moved by dragging. */
  onPointerDown: (event: PointerEvent<HTMLElement>) => void;
}

/** The wheel, and + and - while `keyed`, show part of the picture large; Alt with the arrows, and dragging, move it. What lies over the
 *  picture and steers a camera with the wheel takes it for itself (`data-takes-wheel`). */
export function useDigitalZoom(tile: RefObject<HTMLElement | null>, keyed: boolean, off: boolean): DigitalZoom {
  const [view, setView] = useState<View>(WHOLE);
  const reset = useCallback(() => setView(WHOLE), []);
  useEffect(() => {
    if (off) setView(WHOLE);
  }, [off]);
  useEffect(() => {
    const element = tile.current;
    if (element === null || off) return;
    const onWheel = (event: WheelEvent) => {
      if (event.defaultPrevented || event.ctrlKey || (event.target instanceof Element && event.target.closest("[data-takes-wheel], .ant-dropdown") !== null)) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      setView((old) => zoomed(old, event.deltaY < 0 ? STEP : 1 / STEP, { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height }));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [tile, off]);
  const isZoomed = view.scale > 1;
  useEffect(() => {
    if (!keyed || off) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.defaultPrevented || isWriting(event.target)) return;
      const arrow = event.altKey && isZoomed ? ARROWS[event.key] : undefined;
      if (arrow !== undefined) setView((old) => panned(old, ...arrow));
      else if (event.altKey) return;
      else if (event.key === "+" || event.key === "=") setView((old) => zoomed(old, STEP));
      else if (event.key === "-" && isZoomed) setView((old) => zoomed(old, 1 / STEP));
      else if (event.key === "0" && isZoomed) setView(WHOLE);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [keyed, off, isZoomed]);
  const onPointerDown = useCallback(
    (event: PointerEvent<HTMLElement>) => {
      const element = tile.current;
      if (!isZoomed || element === null || event.button !== 0 || event.shiftKey || (event.target instanceof Element && event.target.closest("button, a, .title") !== null)) return;
      let last = { x: event.clientX, y: event.clientY };
      const onMove = (moved: globalThis.PointerEvent) => {
        const { clientWidth, clientHeight } = element;
        const [dx, dy] = [(moved.clientX - last.x) / clientWidth, (moved.clientY - last.y) / clientHeight];
        last = { x: moved.clientX, y: moved.clientY };
        setView((old) => panned(old, dx, dy));
      };
      const end = () => {
        window.removeEventListener("pointermove", onMove);
        window.removeEventListener("pointerup", end);
        window.removeEventListener("pointercancel", end);
      };
      window.addEventListener("pointermove", onMove);
      window.addEventListener("pointerup", end);
      window.addEventListener("pointercancel", end);
    },
    [tile, isZoomed],
  );
  return { view, reset, onPointerDown };
}
