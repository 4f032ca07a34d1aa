import type { Feature } from "geojson";
import type { Place } from "../../ui/map/geometry";
import { digitAt, placeAt, type Bounds, type Points } from "../../ui/map/points";
import type { Sight } from "../../ui/map/use-view";

/** Where no camera sees anything now: cells of the map whose cameras are all down, and areas by their share. Pure. */
const CELL_PX = 56;
const WORLD_PX = 512;
/** Cells are squares near this latitude. */
const SQUARE_AT = Math.cos((26.6 * Math.PI) / 180);

export interface BlindArea {
  code: string;
  total: number;
  down: number;
}

/** Sides of a cell at a zoom, in degrees: the same cells for every view of that zoom, so that panning moves nothing. */
export function cellOf(zoom: number): Place {
  const width = (CELL_PX * 360) / (WORLD_PX * 2 ** Math.floor(zoom));
  return [width, width * SQUARE_AT];
}

interface Cell {
  total: number;
  up: number;
}

/** Cells in sight that have cameras: `up` of `total` are online. Whatever the filter hides counts too. */
export function cells(points: Points, { bounds, zoom }: Sight, shift: (place: Place) => Place): Feature[] {
  const [width, height] = cellOf(zoom);
  const found = new Map<string, Cell>();
  const { west, east, south, north }: Bounds = { west: bounds.west - width, east: bounds.east + width, south: bounds.south - height, north: bounds.north + height };
  for (let at = 0; at < points.codes.length; at++) {
    const [longitude, latitude] = placeAt(points, at);
    if (longitude < west || longitude > east || latitude < south || latitude > north) continue;
    const key = `${Math.floor(longitude / width)}/${Math.floor(latitude / height)}`;
    const cell = found.get(key) ?? { total: 0, up: 0 };
    cell.total += 1;
    if (digitAt(points, at) === 0) cell.up += 1;
    found.set(key, cell);
  }
  return [...found].map(([key, { total, up }]): Feature => {
    const [x = 0, y = 0] = key.split("/").map(Number);
    const corners: Place[] = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]];
    const ring = corners.map(([column, row]) => shift([column * width, row * height]));
    return { type: "Feature", properties: { total, up, share: up / total }, geometry: { type: "Polygon", coordinates: [ring] } };
  });
}

/** Areas with cameras that are down, the worst first. */
export function blindAreas(points: Points): BlindArea[] {
  const found = new Map<string, BlindArea>();
  points.areas.forEach((code, at) => {
    const area = found.get(code) ?? { code, total: 0, down: 0 };
    area.total += 1;
    if (digitAt(points, at) !== 0) area.down += 1;
    found.set(code, area);
  });
  return [...found.values()].filter(({ down }) => down > 0).sort((one, other) => other.down / other.total - one.down / one.total || other.down - one.down);
}

/** Places of an area's cameras that are down. */
export function downIn(points: Points, code: string): number[] {
  return points.areas.flatMap((area, at) => (area === code && digitAt(points, at) !== 0 ? [at] : []));
}
