import { expect, test } from "vitest";
import { blindAreas, cellOf, cells, downIn } from "./blind";
import { near } from "../../ui/map/near";
import { EVERYTHING, type Points } from "../../ui/map/points";

const [WIDTH, HEIGHT] = cellOf(15);
const at = (column: number, row: number): [number, number] => [(Math.floor(106.7 / WIDTH) + column + 0.5) * WIDTH, (Math.floor(26.6 / HEIGHT) + row + 0.5) * HEIGHT];
const PLACES = [at(0, 0), at(0, 0), at(1, 0), at(3, 0)];
const POINTS: Points = {
  cameras: "a",
  states: "0112",
  unplaced: 0,
  codes: ["1", "2", "3", "4"],
  names: ["甲", "乙", "丙", "丁"],
  longitudes: PLACES.map(([longitude]) => longitude),
  latitudes: PLACES.map(([, latitude]) => latitude),
  areas: ["520102", "520102", "520103", "520103"],
  classes: ["government", "government", "government", "government"],
  ptz_types: [3, 3, 3, 3],
  directions: [1, 4, null, null],
  horizontal_angles: [90, null, 360, null],
  view_distances: [50, null, 80, 40],
};
const SIGHT = { zoom: 15.4, bounds: { west: 106.6, south: 26.5, east: 106.8, north: 26.7 } };
const asIs = (place: [number, number]) => place;

test("a cell is blind when all its cameras are down, and half blind when half are", () => {
  const found = cells(POINTS, SIGHT, asIs).map(({ properties }) => [properties?.["up"], properties?.["total"]]);
  expect(found).toEqual([[1, 2], [0, 1], [0, 1]]);
  expect(cells(POINTS, { ...SIGHT, bounds: { west: 107, south: 26.5, east: 107.1, north: 26.6 } }, asIs)).toEqual([]);
});
test("areas with cameras down, the worst first", () => {
  expect(blindAreas(POINTS)).toEqual([{ code: "520103", total: 2, down: 2 }, { code: "520102", total: 2, down: 1 }]);
  expect(downIn(POINTS, "520103")).toEqual([2, 3]);
});
test("wedges where direction, angle and distance are said, an arrow for a direction alone, nothing made up", () => {
  const { views, names } = near(POINTS, EVERYTHING, SIGHT, asIs);
  const told = views.map(({ geometry, properties }) => `${geometry.type} ${properties?.["s"]}`);
  expect(told.sort()).toEqual(["LineString 1", "Polygon 0", "Polygon 1"]);
  expect(names).toEqual([]);
  expect(near(POINTS, EVERYTHING, { ...SIGHT, zoom: 16 }, asIs).names).toHaveLength(4);
  expect(near(POINTS, EVERYTHING, { ...SIGHT, zoom: 12 }, asIs)).toEqual({ views: [], names: [] });
});
