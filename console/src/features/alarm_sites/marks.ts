import type { Schemas } from "../../api-client/client";

export type Point = Schemas["SitePoint"];
export type Mark = Schemas["SiteMark"];
type Named = Pick<Point, "account" | "zone">;

/** By this one point is told from another. Pure. */
export const keyOf = ({ account, zone }: Named): string => `${account} ${zone}`;

const FINE = 1_000;
const within = (share: number) => Math.round(Math.min(1, Math.max(0, share)) * FINE) / FINE;

/** With the point standing there, wherever it stood before. Pure. */
export function marked(marks: readonly Mark[], { account, zone }: Named, x: number, y: number): Mark[] {
  const there = { account, zone, x: within(x), y: within(y) };
  return [...marks.filter((one) => keyOf(one) !== keyOf(there)), there];
}

/** Without it. Pure. */
export const unmarked = (marks: readonly Mark[], point: Named): Mark[] => marks.filter((one) => keyOf(one) !== keyOf(point));

const [STEP, LEAP] = [0.01, 0.05];
const WAYS: Record<string, readonly [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Where a key moves a mark; undefined for other keys. Pure. */
export function stepped({ x, y }: Mark, key: string, far: boolean): { x: number; y: number } | undefined {
  const way = WAYS[key];
  const step = far ? LEAP : STEP;
  return way === undefined ? undefined : { x: within(x + way[0] * step), y: within(y + way[1] * step) };
}
