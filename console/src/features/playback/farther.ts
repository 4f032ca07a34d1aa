import type { Period } from "../../ui/footage/pieces";

/** What begins so near a border goes on over it. */
const BORDER_US = 1e6;

/** Where footage next begins, of whichever camera, in the days `wanted` behind the shown one (before it: where the last of it begins). What goes on
 *  over the border to the shown day began there, and is no other. Undefined: nowhere. Pure. */
export function nextStart(spans: readonly Period[], wanted: Period, by: 1 | -1): number | undefined {
  const starts = spans.map((one) => one.fromUs).sort((one, other) => one - other);
  return by > 0 ? starts.find((start) => start > wanted.fromUs + BORDER_US) : starts.at(-1);
}
