import { expect, test } from "vitest";
import { daysFrom, percent, stateOf, summed, weekdayOf, type DayFacts } from "./day-facts";

const day = (due_s: number, missing: Partial<DayFacts["missing"]> = {}): DayFacts => {
  const all = { device: 0, node: 0, disk: 0, line: 0, unknown: 0, ...missing };
  return { day: "2026-11-26", due_s, recorded_s: due_s - Object.values(all).reduce((sum, one) => sum + one, 0), missing: all };
};

test("a day that lacks a minute is not whole, and one without a plan lacks nothing", () => {
  expect([undefined, day(0), day(86_400), day(86_400, { line: 60 }), day(86_400, { disk: 40_000 }), day(3_600, { node: 3_600 })].map(stateOf)).toEqual(["notDue", "notDue", "whole", "some", "little", "nothing"]);
});

test("no share is rounded up to whole", () => {
  expect([1, 0.99999, 0.98, 0].map(percent)).toEqual(["100", "99.9", "98.0", "0.0"]);
});

test("days follow one another over months, and each has its day of the week", () => {
  expect(daysFrom("2026-11-29", "2026-12-01")).toEqual(["2026-11-29", "2026-11-30", "2026-12-01"]);
  expect([weekdayOf("2026-11-30"), weekdayOf("2026-11-29")]).toEqual([0, 6]);
  expect(summed([day(10, { line: 4 }), day(20)])).toEqual({ due_s: 30, recorded_s: 26 });
});
