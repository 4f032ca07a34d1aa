import { expect, test } from "vitest";
import { away } from "../../ui/map/geometry";
import { EVERYTHING, type Points } from "../../ui/map/points";
import { chosenOf, forTheWall } from "./selection";

const HERE: [number, number] = [106.7, 26.6];
const COUNT = 30;
const PLACES = Array.from({ length: COUNT }, (_, at) => away(HERE, 10 * at + 5, at * 40));
const each = <T,>(value: T) => PLACES.map(() => value);
const POINTS: Points = {
  cameras: "a",
  states: "1" + "0".repeat(COUNT - 1),
  unplaced: 0,
  codes: PLACES.map((_, at) => `camera ${at}`),
  names: PLACES.map((_, at) => `${at} 号`),
  longitudes: PLACES.map(([longitude]) => longitude),
  latitudes: PLACES.map(([, latitude]) => latitude),
  areas: each("520102"),
  classes: each("government" as const),
  ptz_types: each(3),
  directions: each(null),
  horizontal_angles: each(null),
  view_distances: each(null),
};

test("a radius chooses what stands in it; what is down comes first in the list and last on the wall", () => {
  const found = chosenOf(POINTS, EVERYTHING, { kind: "circle", centre: HERE, radiusM: 50 });
  expect(found).toEqual([0, 1, 2, 3, 4]);
  expect(forTheWall(POINTS, found, HERE)).toEqual([1, 2, 3, 4, 0]);
});
test("all go to the wall, however many, the nearest first", () => {
  const all = chosenOf(POINTS, EVERYTHING, { kind: "circle", centre: HERE, radiusM: 5_000 });
  expect(all).toHaveLength(COUNT);
  expect(forTheWall(POINTS, all, HERE)).toEqual([...Array.from({ length: COUNT - 1 }, (_, at) => at + 1), 0]);
});
test("cameras of one spot by their codes; one that is gone is left out", () => {
  expect(chosenOf(POINTS, EVERYTHING, { kind: "spot", codes: ["camera 3", "gone"] })).toEqual([3]);
});
