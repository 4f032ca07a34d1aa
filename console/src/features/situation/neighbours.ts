import { bearing, distanceM } from "../../ui/map/geometry";
import { digitAt, placeAt, type Points } from "../../ui/map/points";

export interface Neighbour {
  at: number;
  metres: number;
  /** From north by east, in degrees. */
  towards: number;
}

export const NEIGHBOURS = 4;
/** Farther than this nothing of a scene turns up next. */
const FARTHEST_M = 5_000;

/** The nearest cameras that have a picture, the nearest first. Pure. */
export function neighbours(points: Points, of: number): Neighbour[] {
  const here = placeAt(points, of);
  const found: Neighbour[] = [];
  for (let at = 0; at < points.codes.length; at++) {
    if (at === of || digitAt(points, at) !== 0) continue;
    const metres = distanceM(here, placeAt(points, at));
    if (metres <= FARTHEST_M && (found.length < NEIGHBOURS || metres < (found[NEIGHBOURS - 1]?.metres ?? 0))) {
      found.push({ at, metres, towards: bearing(here, placeAt(points, at)) });
      found.sort((one, other) => one.metres - other.metres);
      found.length = Math.min(found.length, NEIGHBOURS);
    }
  }
  return found;
}
