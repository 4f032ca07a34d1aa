import type { LineString, Polygon } from "geojson";
import type { Bounds } from "./points";

/** Distances and shapes on the ground, near enough for what cameras see. Places are [longitude, latitude] in degrees. Pure. */
export type Place = [number, number];
export type Shape = { kind: "polygon"; corners: Place[] } | { kind: "circle"; centre: Place; radiusM: number };

const METRES_A_DEGREE = 111_320;
const CIRCLE_CORNERS = 64;
const WEDGE_STEP_DEGREES = 6;
const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (angle: number) => (angle * 180) / Math.PI;

/** Metres between two places that are not far from each other. */
export function distanceM([lon, lat]: Place, [toLon, toLat]: Place): number {
  return Math.hypot((toLon - lon) * Math.cos(radians((lat + toLat) / 2)), toLat - lat) * METRES_A_DEGREE;
}

/** From north by east, 0 to 360 degrees. */
export function bearing([lon, lat]: Place, [toLon, toLat]: Place): number {
  return (degrees(Math.atan2((toLon - lon) * Math.cos(radians((lat + toLat) / 2)), toLat - lat)) + 360) % 360;
}

/** So many metres away, towards a bearing. */
export function away([lon, lat]: Place, metres: number, towards: number): Place {
  const north = (metres * Math.cos(radians(towards))) / METRES_A_DEGREE;
  const east = (metres * Math.sin(radians(towards))) / (METRES_A_DEGREE * Math.cos(radians(lat)));
  return [lon + east, lat + north];
}

export function circle(centre: Place, radiusM: number): Polygon {
  const corners = Array.from({ length: CIRCLE_CORNERS + 1 }, (_, at) => away(centre, radiusM, (at * 360) / CIRCLE_CORNERS));
  return { type: "Polygon", coordinates: [corners] };
}

/** What a camera sees from a place: `angle` degrees wide, `metres` far, its middle towards a bearing. */
export function wedge(from: Place, towards: number, angle: number, metres: number): Polygon {
  if (angle >= 360) return circle(from, metres);
  const steps = Math.max(2, Math.ceil(angle / WEDGE_STEP_DEGREES));
  const arc = Array.from({ length: steps + 1 }, (_, at) => away(from, metres, towards - angle / 2 + (at * angle) / steps));
  return { type: "Polygon", coordinates: [[from, ...arc, from]] };
}

/** Only where it looks: an arrow of that length. */
export function arrow(from: Place, towards: number, metres: number): LineString {
  const tip = away(from, metres, towards);
  return { type: "LineString", coordinates: [from, tip, away(tip, metres / 4, towards + 150), tip, away(tip, metres / 4, towards - 150)] };
}

export function asPolygon(shape: Shape): Polygon {
  if (shape.kind === "circle") return circle(shape.centre, shape.radiusM);
  return { type: "Polygon", coordinates: [[...shape.corners, ...shape.corners.slice(0, 1)]] };
}

export function isInside(shape: Shape, place: Place): boolean {
  if (shape.kind === "circle") return distanceM(shape.centre, place) <= shape.radiusM;
  const [x, y] = place;
  let inside = false;
  shape.corners.forEach(([ax, ay], at) => {
    const [bx, by] = shape.corners.at(at - 1) ?? [ax, ay];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}

export function boxOf(shape: Shape): Bounds {
  const corners = asPolygon(shape).coordinates[0] ?? [];
  const [longitudes, latitudes] = [0, 1].map((axis) => corners.map((corner) => corner[axis] ?? 0));
  return { west: Math.min(...(longitudes ?? [])), east: Math.max(...(longitudes ?? [])), south: Math.min(...(latitudes ?? [])), north: Math.max(...(latitudes ?? [])) };
}

export function middleOf(shape: Shape): Place {
  if (shape.kind === "circle") return shape.centre;
  const { west, east, south, north } = boxOf(shape);
  return [(west + east) / 2, (south + north) / 2];
}

/** The same shape elsewhere: onto a map of another datum, or back from it. */
export function movedBy(shape: Shape, shift: (place: Place) => Place): Shape {
  return shape.kind === "circle" ? { ...shape, centre: shift(shape.centre) } : { ...shape, corners: shape.corners.map(shift) };
}

export function movedBox({ west, south, east, north }: Bounds, shift: (place: Place) => Place): Bounds {
  const [[left, bottom], [right, top]] = [shift([west, south]), shift([east, north])];
  return { west: left, south: bottom, east: right, north: top };
}
