import { expect, test } from "vitest";
import { nextStart } from "./farther";

const DAYS = { fromUs: 100e6, toUs: 1_000e6 };
const span = (fromUs: number, toUs: number) => ({ fromUs: fromUs * 1e6, toUs: toUs * 1e6 });

test("the next footage of another day is the next that begins there, and none that goes on from the shown day", () => {
  expect(nextStart([span(300, 400), span(100, 150), span(200, 250)], DAYS, 1, [span(50, 100)])).toBe(200e6);
  expect(nextStart([span(100, 1_000)], DAYS, 1, [span(50, 100)])).toBeUndefined();
  expect(nextStart([span(100, 1_000)], DAYS, 1, [span(50, 80)])).toBe(100e6); // the ticket begins with that day
  expect(nextStart([], DAYS, 1)).toBeUndefined();
});

test("backwards it is where the last of it begins", () => {
  expect(nextStart([span(200, 250), span(900, 1_000), span(100, 150)], DAYS, -1)).toBe(900e6);
  expect(nextStart([], DAYS, -1)).toBeUndefined();
});
