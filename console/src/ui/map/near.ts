import type { Feature } from "geojson";
import { arrow, wedge, type Place } from "./geometry";
import { digitAt, placeAt, within, type Points, type Shown } from "./points";
import type { Sight } from "./use-view";

/** Wedges and names are drawn close by: from this zoom, and of no more cameras than an eye can part. */
export const NEAR_ZOOM = 14.5;
const MOST = 1_500;
const NAMES_ZOOM = 15.5;
const ARROW_M = 25;
/** Bearings of the standard's directions, 1 east to 8 north-west (GB/T 28181-2022 A.2.1.2). */
const BEARINGS = [undefined, 90, 270, 180, 0, 135, 45, 225, 315];

export interface Near {
  /** Where cameras look and what of it they see; the state's digit as `s`. */
  views: Feature[];
  names: Feature[];
}

const NOTHING: Near = { views: [], names: [] };

/** Where a camera looks, and what of it it sees where that is known: none or one. `state`: the digit that colours it. */
export function viewOf(points: Points, at: number, shift: (place: Place) => Place, state: number): Feature[] {
  const towards = BEARINGS[points.directions[at] ?? 0];
  const [angle, metres] = [points.horizontal_angles[at] ?? 0, points.view_distances[at] ?? 0];
  const from = shift(placeAt(points, at));
  const all = angle >= 360 && metres > 0;
  if (towards === undefined && !all) return [];
  const geometry = angle > 0 && metres > 0 ? wedge(from, towards ?? 0, angle, metres) : arrow(from, towards ?? 0, ARROW_M);
  return [{ type: "Feature", properties: { s: state }, geometry }];
}

/** What is drawn around the cameras in sight; only what their devices say: no angle or distance is made up. */
export function near(points: Points, shown: Shown, sight: Sight, shift: (place: Place) => Place): Near {
  if (sight.zoom < NEAR_ZOOM) return NOTHING;
  const places = within(points, shown, sight.bounds);
  if (places.length > MOST) return NOTHING;
  const views = places.flatMap((at) => viewOf(points, at, shift, digitAt(points, at)));
  const named = sight.zoom < NAMES_ZOOM ? [] : places;
  const names = named.map((at): Feature => ({ type: "Feature", properties: { n: points.names[at] ?? "" }, geometry: { type: "Point", coordinates: shift(placeAt(points, at)) } }));
  return { views, names };
}
