/** A place in a picture: shares of its width and height, from its upper left corner. */
export interface Region {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Where one begins with the keys. */
export const MIDDLE: Region = { left: 0.4, top: 0.4, right: 0.6, bottom: 0.6 };
/** Narrower is a click, and no place. */
export const LEAST = 0.03;
const STEP = 0.02;

const bounded = (value: number, least = 0, most = 1) => Math.min(most, Math.max(least, value));

/** Between two points that a hand drew; undefined for a click. Pure, as all below. */
export function regionOf(from: { x: number; y: number }, to: { x: number; y: number }): Region | undefined {
  const [left, right] = [from.x, to.x].map((x) => bounded(x)).sort((one, other) => one - other) as [number, number];
  const [top, bottom] = [from.y, to.y].map((y) => bounded(y)).sort((one, other) => one - other) as [number, number];
  return right - left < LEAST || bottom - top < LEAST ? undefined : { left, top, right, bottom };
}

/** An arrow moves it, or with Shift its lower right corner. */
export function movedBy(region: Region, key: string, sizes: boolean): Region {
  const by = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[key];
  const [dx, dy] = [by?.[0] ?? 0, by?.[1] ?? 0];
  const { left, top, right, bottom } = region;
  if (sizes) return { left, top, right: bounded(right + dx, left + LEAST), bottom: bounded(bottom + dy, top + LEAST) };
  const [x, y] = [bounded(dx, -left, 1 - right), bounded(dy, -top, 1 - bottom)];
  return { left: left + x, top: top + y, right: right + x, bottom: bottom + y };
}

export const cornersOf = ({ left, top, right, bottom }: Region) => [
  { x: left, y: top },
  { x: right, y: top },
  { x: right, y: bottom },
  { x: left, y: bottom },
];

/** Where it lies on a picture that is drawn whole. */
export const placeOf = ({ left, top, right, bottom }: Region) => ({ left: `${left * 100}%`, top: `${top * 100}%`, width: `${(right - left) * 100}%`, height: `${(bottom - top) * 100}%` });
