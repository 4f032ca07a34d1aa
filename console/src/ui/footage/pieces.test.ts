import { expect, test } from "vitest";
import { mediaTime, overGaps, rateOf, towards, wallTimeUs, wayOf, type Missing } from "./pieces";

const PERIOD = { fromUs: 1_764_000_000_000_000, toUs: 1_764_000_800_000_000 };

test("media time is the clock's, an eighth of it for key frames, and counts from the end backwards", () => {
  const at = PERIOD.fromUs + 80_000_000;
  expect(mediaTime("all", PERIOD, at)).toBe(80);
  expect(mediaTime("keys", PERIOD, at)).toBe(10);
  expect(mediaTime("back", PERIOD, at)).toBe(90);
  for (const way of ["all", "keys", "back"] as const) expect(wallTimeUs(way, PERIOD, mediaTime(way, PERIOD, at))).toBe(at);
});
test("every picture up to four times the speed, key frames above and backwards; the browser never plays faster than that", () => {
  expect([0.125, 4, 8, 32, -1, -32].map(wayOf)).toEqual(["all", "all", "keys", "keys", "back", "back"]);
  expect([0.125, 4, 8, 32, -1, -32].map(rateOf)).toEqual([0.125, 4, 1, 4, 0.125, 4]);
});
test("a picture that is late runs a little faster, one that is far off jumps", () => {
  expect(towards(0.001, 1)).toEqual({ jump: false, rate: 1 });
  expect(towards(-0.1, 1).rate).toBeCloseTo(1.15);
  expect(towards(0.1, 1).rate).toBeCloseTo(0.85);
  expect(towards(-2, 1).jump).toBe(true);
});
test("what no camera has is jumped over to the first that has some again", () => {
  const gap = (from_us: number, to_us: number): Missing => ({ kind: "gap", from_us, to_us });
  expect(overGaps([gap(0, 50), gap(10, 30)], false)).toBe(30);
  expect(overGaps([gap(0, 50), gap(10, 30)], true)).toBe(10);
  expect(overGaps([gap(0, 50), undefined], false)).toBeUndefined();
  expect(overGaps([], false)).toBeUndefined();
});
