import { expect, test } from "vitest";
import { areaNear, boundsOf, changed, counts, EVERYTHING, marks, within, WORLD, type Points } from "./points";

const POINTS: Points = {
  cameras: "a",
  states: "0123",
  unplaced: 2,
  codes: ["1", "2", "3", "4"],
  names: ["东门", "南门", "西门", "北门"],
  longitudes: [106.7, 106.8, 106.9, 107],
  latitudes: [26.5, 26.6, 26.7, 26.8],
  areas: ["520102", "520102", "520103", "520103"],
  classes: ["government", "private", "government", "restricted"],
  ptz_types: [1, 3, 3, 3],
  directions: [1, null, null, null],
  horizontal_angles: [90, null, null, null],
  view_distances: [50, null, null, null],
};
const asIs = (place: [number, number]) => place;

test("what needs somebody stands first in a list: fault, unknown, offline, online", () => {
  expect(within(POINTS, EVERYTHING, WORLD)).toEqual([2, 3, 1, 0]);
});
test("a list keeps to the view, and to the states and classes that are shown", () => {
  expect(within(POINTS, EVERYTHING, { west: 106.75, south: 26.55, east: 106.95, north: 26.75 })).toEqual([2, 1]);
  expect(within(POINTS, { ...EVERYTHING, states: new Set(["online", "unknown"]) }, WORLD)).toEqual([3, 0]);
  expect(within(POINTS, { ...EVERYTHING, classes: new Set(["private"]) }, WORLD)).toEqual([1]);
});
test("marks carry state and class by number and the camera's place in the columns", () => {
  const drawn = marks(POINTS, { ...EVERYTHING, classes: new Set(["government"]) }, asIs);
  expect(drawn.features.map(({ id, properties }) => [id, properties])).toEqual([
    [0, { s: 0, c: 0 }],
    [2, { s: 2, c: 0 }],
  ]);
});
test("only what changed is drawn anew; of other cameras, all", () => {
  expect(changed(POINTS, { ...POINTS, states: "0023" })).toEqual([1]);
  expect(changed(POINTS, { ...POINTS, cameras: "b" })).toBeUndefined();
});
test("the box around cameras and the counts of the legend", () => {
  expect(boundsOf(POINTS, [0, 3])).toEqual({ west: 106.7, east: 107, south: 26.5, north: 26.8 });
  expect(boundsOf(POINTS, [])).toBeUndefined();
  expect(counts(POINTS)).toMatchObject({ states: { online: 1, offline: 1, fault: 1, unknown: 1 }, classes: { government: 2, restricted: 1 } });
});

test("a free place is proposed to lie where the nearest camera does", () => {
  const four = { ...POINTS };
  expect(areaNear(four, [four.longitudes[2] ?? 0, four.latitudes[2] ?? 0])).toBe(four.areas[2]);
  expect(areaNear({ ...four, codes: [] }, [106, 26])).toBe("");
});
