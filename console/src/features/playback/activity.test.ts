import { expect, test } from "vitest";
import { nextBusy, outline, partsOf, stepOf, viewOf, type Curve } from "./activity";

const HOUR = 3_600e6;
const DAY = { fromUs: 0, toUs: 24 * HOUR };
const curve = (busy: [number, number][], levels: number[] = []): Curve => ({ period: DAY, levels, busy: busy.map(([fromUs, toUs]) => ({ fromUs, toUs, peak: 50 })) });

test("a day is asked for in parts of ten seconds, a longer time in as many as the node gives", () => {
  expect(partsOf(DAY)).toBe(8_640);
  expect(partsOf({ fromUs: 0, toUs: 48 * HOUR })).toBe(10_000);
  expect(partsOf({ fromUs: 0, toUs: 1 })).toBe(1);
});
test("the outline has the highest level of each step, and lies on the ground where there is no footage", () => {
  expect(outline([0, 40, -1, -1, 100], 1)).toBe("M0 100V100H1V60H2V100H3V100H4V0H5V100Z");
  expect(outline([0, 40, -1, -1, 100], 2)).toBe("M0 100V60H2V100H4V0H5V100Z");
  expect(outline([], 4)).toBe("M0 100V100Z");
});
test("a long window is drawn in fewer steps than a screen has columns, a short one in every part", () => {
  const day = curve([], Array.from({ length: 8_640 }, () => 0));
  expect(stepOf(day, DAY)).toBe(16);
  expect(8_640 / stepOf(day, DAY)).toBeLessThan(900);
  expect(stepOf(day, { fromUs: 0, toUs: HOUR })).toBe(1);
});
test("a window shows its part of the outline, also where it begins before the curve", () => {
  const day = curve([], Array.from({ length: 24 }, () => 0));
  expect(viewOf(day, { fromUs: 6 * HOUR, toUs: 12 * HOUR })).toEqual({ left: 6, width: 6 });
  expect(viewOf(day, { fromUs: -HOUR, toUs: HOUR })).toEqual({ left: -1, width: 2 });
});
test("the next activity is that of whichever camera begins first, and one that has just begun is where one is", () => {
  const curves = [curve([[10e6, 20e6], [90e6, 95e6]]), undefined, curve([[40e6, 50e6]])];
  expect(nextBusy(curves, 0, 1)).toBe(10e6);
  expect(nextBusy(curves, 10e6, 1)).toBe(40e6);
  expect(nextBusy(curves, 45e6, -1)).toBe(40e6);
  expect(nextBusy(curves, 40.5e6, -1)).toBe(10e6);
  expect(nextBusy(curves, 90e6, 1)).toBeUndefined();
  expect(nextBusy([undefined], 0, 1)).toBeUndefined();
});
