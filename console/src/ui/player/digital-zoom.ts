/** Part of a picture shown large, in the browser alone: nobody else's picture and no camera is touched. Pure. */
export interface View {
  scale: number;
  /** Of the upper left corner, in tiles: from 1 - scale to 0. */
  x: number;
  y: number;
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 };
export const MOST = 16;
export const STEP = 1.25;

const bounded = (scale: number, corner: number) => Math.min(0, Math.max(1 - scale, corner));

/** `at`: what stays where it is, as shares of the tile. */
export function zoomed({ scale, x, y }: View, factor: number, at = { x: 0.5, y: 0.5 }): View {
  const next = Math.min(MOST, Math.max(1, scale * factor));
  if (next < 1.01) return WHOLE;
  const moved = (corner: number, point: number) => bounded(next, point - ((point - corner) * next) / scale);
  return { scale: next, x: moved(x, at.x), y: moved(y, at.y) };
}

/** By shares of the tile. */
export const panned = ({ scale, x, y }: View, dx: number, dy: number): View => ({ scale, x: bounded(scale, x + dx), y: bounded(scale, y + dy) });

export const transformOf = ({ scale, x, y }: View): string | undefined => (scale === 1 ? undefined : `translate(${x * 100}%, ${y * 100}%) scale(${scale})`);
