import { boxOf, distanceM, isInside, middleOf, type Place, type Shape } from "../../ui/map/geometry";
import { digitAt, placeAt, within, type Points, type Shown } from "../../ui/map/points";

/** What was chosen on the map: a shape and whatever stands in it, or the cameras of one spot. */
export type Selection = Shape | { kind: "spot"; codes: readonly string[] };

/** Places of the chosen cameras, those first that need somebody. */
export function chosenOf(points: Points, shown: Shown, selection: Selection): number[] {
  if (selection.kind === "spot") return selection.codes.map((code) => points.codes.indexOf(code)).filter((at) => at >= 0);
  return within(points, shown, boxOf(selection)).filter((at) => isInside(selection, placeAt(points, at)));
}

/** As they go to the wall: online ones first, the nearest to the middle first. */
export function forTheWall(points: Points, places: readonly number[], middle: Place): number[] {
  const rank = (at: number) => (digitAt(points, at) === 0 ? 0 : 1);
  const far = (at: number) => distanceM(middle, placeAt(points, at));
  return [...places].sort((one, other) => rank(one) - rank(other) || far(one) - far(other));
}

export const middleOfSelection = (selection: Selection, points: Points, places: readonly number[]): Place => (selection.kind === "spot" ? placeAt(points, places[0] ?? 0) : middleOf(selection));
