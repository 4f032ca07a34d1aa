import { expect, test } from "vitest";
import { arrow, away, bearing, boxOf, circle, distanceM, isInside, middleOf, wedge, type Place } from "./geometry";

const HERE: Place = [106.71, 26.58];

test("a place so far away is that far away, towards its bearing", () => {
  for (const towards of [0, 45, 90, 135, 180, 225, 270, 315]) {
    const there = away(HERE, 500, towards);
    expect(distanceM(HERE, there)).toBeCloseTo(500, 0);
    expect(bearing(HERE, there)).toBeCloseTo(towards, 1);
  }
});
test("a wedge holds what lies ahead and not what lies behind", () => {
  const ring = wedge(HERE, 90, 80, 60).coordinates[0] as Place[];
  const seen = { kind: "polygon" as const, corners: ring.slice(0, -1) };
  expect(isInside(seen, away(HERE, 40, 90))).toBe(true);
  expect(isInside(seen, away(HERE, 40, 125))).toBe(true);
  expect(isInside(seen, away(HERE, 40, 270))).toBe(false);
  expect(isInside(seen, away(HERE, 40, 140))).toBe(false);
  expect(isInside(seen, away(HERE, 70, 90))).toBe(false);
});
test("who sees all around has a circle, who says only a direction an arrow", () => {
  expect(wedge(HERE, 0, 360, 50)).toEqual(circle(HERE, 50));
  expect(bearing(HERE, arrow(HERE, 225, 30).coordinates[1] as Place)).toBeCloseTo(225, 1);
});
test("inside a radius, and inside a polygon with a bay", () => {
  const round = { kind: "circle" as const, centre: HERE, radiusM: 300 };
  expect(isInside(round, away(HERE, 299, 200))).toBe(true);
  expect(isInside(round, away(HERE, 301, 20))).toBe(false);
  const bay = { kind: "polygon" as const, corners: [[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]] as Place[] };
  expect(isInside(bay, [1, 1])).toBe(true);
  expect(isInside(bay, [2, 3])).toBe(false);
  expect(boxOf(bay)).toEqual({ west: 0, south: 0, east: 4, north: 4 });
  expect(middleOf(bay)).toEqual([2, 2]);
});
