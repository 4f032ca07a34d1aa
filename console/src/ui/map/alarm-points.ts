import type { FeatureCollection, Point } from "geojson";
import type { Schemas } from "../../api-client/client";
import type { Place } from "./geometry";

/** Alarm points by columns as the node sends them: a point is its place in each of them. Pure. */
export type AlarmPoints = Schemas["AlarmPointMarks"];
export type Ringing = AlarmPoints["ringing"][number];
/** In the order of the digits of `states`. */
export const POINT_STATES = ["armed", "disarmed", "test", "silent", "always"] as const;
export type PointState = (typeof POINT_STATES)[number];

export const pointDigit = (points: AlarmPoints, at: number) => points.states.charCodeAt(at) - 48;
export const pointState = (points: AlarmPoints, at: number): PointState => POINT_STATES[pointDigit(points, at)] ?? "always";
export const pointPlace = (points: AlarmPoints, at: number): Place => [points.longitudes[at] ?? 0, points.latitudes[at] ?? 0];

/** With the columns of before where the node told only what changes: they are the same ones. */
export function whole(before: AlarmPoints | undefined, now: AlarmPoints): AlarmPoints {
  if (before === undefined || before.points !== now.points || now.ids.length > 0) return now;
  return { ...before, states: now.states, ringing: now.ringing, unplaced: now.unplaced };
}

/** Of each state how many, and how many ring. */
export function pointCounts(points: AlarmPoints): Record<PointState | "ringing", number> {
  const found = { armed: 0, disarmed: 0, test: 0, silent: 0, always: 0, ringing: points.ringing.length };
  for (let at = 0; at < points.ids.length; at++) found[pointState(points, at)] += 1;
  return found;
}

/** What the worker of the map is given: `s` the state's digit; the id is the point's place. */
export function pointMarks(points: AlarmPoints, shift: (place: Place) => Place): FeatureCollection<Point, { s: number }> {
  const features = points.ids.map((_, at) => ({ type: "Feature" as const, id: at, properties: { s: pointDigit(points, at) }, geometry: { type: "Point" as const, coordinates: shift(pointPlace(points, at)) } }));
  return { type: "FeatureCollection", features };
}

/** Those that ring, the most urgent on top. `p`: priority; `t`: 1 where somebody has taken it. */
export function ringingMarks(points: AlarmPoints, shift: (place: Place) => Place): FeatureCollection<Point, { p: number; t: number }> {
  const features = points.ringing.map(({ at, priority, taken }) => ({ type: "Feature" as const, id: at, properties: { p: priority, t: taken ? 1 : 0 }, geometry: { type: "Point" as const, coordinates: shift(pointPlace(points, at)) } }));
  return { type: "FeatureCollection", features };
}
