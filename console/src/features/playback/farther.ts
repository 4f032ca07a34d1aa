import type { Period } from "../../ui/footage/pieces";

/** What begins so near a border goes on over it. */
const BORDER_US = 1e6;

/** Where footage next begins, of whichever camera, in the days `wanted` behind the shown one (before it: where the last of it begins). What goes on
 *  over the border to the shown day began there, and is no other: `before` holds what is played up to that border. Undefined: nowhere. Pure. */
export function nextStart(spans: readonly Period[], wanted: Period, by: 1 | -1, before: readonly Period[] = []): number | undefined {
  const starts = spans.map((one) => one.fromUs).sort((one, other) => one - other);
  const goesOn = before.some((one) => Math.abs(one.toUs - wanted.fromUs) <= BORDER_US);
  return by > 0 ? starts.find((start) => !goesOn || start > wanted.fromUs + BORDER_US) : starts.at(-1);
}
