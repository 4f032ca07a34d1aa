import type { FeatureCollection, Point } from "geojson";
import type { Schemas } from "../../api-client/client";
import { CLASSES, type CameraClass } from "../camera-classes";
import type { Status } from "../status";

/** Cameras by columns as the node sends them: a camera is its place in each of them. Pure. */
export type Points = Schemas["CameraPoints"];
/** In the order of the digits of `states`. */
export const STATES: readonly Status[] = ["online", "offline", "fault", "unknown"];
/** In the order in which lists tell them: what needs somebody comes first. */
export const URGENCY: readonly number[] = [2, 3, 1, 0];

export interface Shown {
  states: ReadonlySet<Status>;
  classes: ReadonlySet<CameraClass>;
}

export const EVERYTHING: Shown = { states: new Set(STATES), classes: new Set(CLASSES) };
export const isEverything = (shown: Shown) => shown.states.size === STATES.length && shown.classes.size === CLASSES.length;

export const digitAt = (points: Points, at: number) => points.states.charCodeAt(at) - 48;
export const stateAt = (points: Points, at: number): Status => STATES[digitAt(points, at)] ?? "unknown";
export const placeAt = (points: Points, at: number): [number, number] => [points.longitudes[at] ?? 0, points.latitudes[at] ?? 0];

export function isShown(points: Points, at: number, shown: Shown): boolean {
  return shown.states.has(stateAt(points, at)) && shown.classes.has(points.classes[at] ?? "government");
}

/** What the worker of the map is given: `s` the state's digit, `c` the class's place in CLASSES; the id is the camera's place. */
export type Marks = FeatureCollection<Point, { s: number; c: number }>;

export function marks(points: Points, shown: Shown, shift: (place: [number, number]) => [number, number]): Marks {
  const all = isEverything(shown);
  const found: Marks = { type: "FeatureCollection", features: [] };
  for (let at = 0; at < points.codes.length; at++) {
    if (!all && !isShown(points, at, shown)) continue;
    const properties = { s: digitAt(points, at), c: CLASSES.indexOf(points.classes[at] ?? "government") };
    found.features.push({ type: "Feature", id: at, properties, geometry: { type: "Point", coordinates: shift(placeAt(points, at)) } });
  }
  return found;
}

/** Places of the cameras whose state is another one now; undefined when these are other cameras. */
export function changed(before: Points, now: Points): number[] | undefined {
  if (before.cameras !== now.cameras || before.codes !== now.codes) return undefined;
  const found: number[] = [];
  for (let at = 0; at < now.states.length; at++) if (before.states.charCodeAt(at) !== now.states.charCodeAt(at)) found.push(at);
  return found;
}

export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

export const WORLD: Bounds = { west: -180, south: -85, east: 180, north: 85 };

/** Places of the cameras inside, those first that need somebody. */
export function within(points: Points, shown: Shown, { west, south, east, north }: Bounds): number[] {
  const byState: number[][] = STATES.map(() => []);
  for (let at = 0; at < points.codes.length; at++) {
    const [longitude, latitude] = placeAt(points, at);
    if (longitude >= west && longitude <= east && latitude >= south && latitude <= north && isShown(points, at, shown)) byState[digitAt(points, at)]?.push(at);
  }
  return URGENCY.flatMap((digit) => byState[digit] ?? []);
}

/** The smallest box around these cameras; undefined around none. */
export function boundsOf(points: Points, places: readonly number[]): Bounds | undefined {
  if (places.length === 0) return undefined;
  const box = { west: 180, south: 90, east: -180, north: -90 };
  for (const at of places) {
    const [longitude, latitude] = placeAt(points, at);
    box.west = Math.min(box.west, longitude);
    box.east = Math.max(box.east, longitude);
    box.south = Math.min(box.south, latitude);
    box.north = Math.max(box.north, latitude);
  }
  return box;
}

/** How many cameras each state and each class has. */
export function counts(points: Points): { states: Record<Status, number>; classes: Record<CameraClass, number> } {
  const states = { online: 0, offline: 0, fault: 0, unknown: 0 };
  const classes = { government: 0, "operating-unit": 0, private: 0, "police-internal": 0, restricted: 0 };
  for (let at = 0; at < points.codes.length; at++) {
    states[stateAt(points, at)] += 1;
    classes[points.classes[at] ?? "government"] += 1;
  }
  return { states, classes };
}

/** The county of the camera that stands nearest to a place; empty where there is none. */
export function areaNear(points: Points, [longitude, latitude]: [number, number]): string {
  const narrow = Math.cos((latitude * Math.PI) / 180);
  let [found, least] = ["", Infinity];
  for (let at = 0; at < points.codes.length; at++) {
    const place = placeAt(points, at);
    const away = ((place[0] - longitude) * narrow) ** 2 + (place[1] - latitude) ** 2;
    if (away < least && (points.areas[at] ?? "") !== "") [found, least] = [(points.areas[at] ?? "").slice(0, 6), away];
  }
  return found;
}
