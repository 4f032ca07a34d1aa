import { shownPicture, type Point } from "../../ui/player/drag-zoom";

/** Corners are told in ten-thousandths of the picture, whatever its size on screen. Pure. */
export const UNITS = 10_000;
export type Corner = [number, number];

interface Size {
  width: number;
  height: number;
}

const share = (at: number, from: number, length: number) => Math.round(Math.min(1, Math.max(0, (at - from) / Math.max(1, length))) * UNITS);

/** A point of the element as a corner of the picture in it. */
export function cornerAt(element: Size, video: Size, point: Point): Corner {
  const picture = shownPicture(element, video);
  return [share(point.x, picture.left, picture.width), share(point.y, picture.top, picture.height)];
}

/** The next place of the crosshair; a step is a hundredth, with Shift a twentieth. */
export function moved(at: Corner, key: string, far: boolean): Corner {
  const step = far ? UNITS / 20 : UNITS / 100;
  const clamp = (value: number) => Math.min(UNITS, Math.max(0, value));
  if (key === "ArrowLeft") return [clamp(at[0] - step), at[1]];
  if (key === "ArrowRight") return [clamp(at[0] + step), at[1]];
  if (key === "ArrowUp") return [at[0], clamp(at[1] - step)];
  if (key === "ArrowDown") return [at[0], clamp(at[1] + step)];
  return at;
}

/** Twice the same corner is one: a double click ends a drawing without a corner too many. */
export function withCorner(corners: Corner[], next: Corner): Corner[] {
  const last = corners.at(-1);
  return last !== undefined && Math.hypot(last[0] - next[0], last[1] - next[1]) < UNITS / 200 ? corners : [...corners, next];
}
