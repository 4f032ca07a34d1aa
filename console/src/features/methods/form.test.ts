import { expect, test } from "vitest";
import { EMPTY, everyMonth, isWhole } from "./form";

test("a month in which nothing was served is drawn as none", () => {
  expect(everyMonth([{ month: "2026-01", count: 2 }, { month: "2025-11", count: 1 }])).toEqual([
    { month: "2025-11", count: 1 },
    { month: "2025-12", count: 0 },
    { month: "2026-01", count: 2 },
  ]);
  expect(everyMonth([])).toEqual([]);
});

test("a method has a title, a kind of incident and steps", () => {
  expect(isWhole(EMPTY)).toBe(false);
  expect(isWhole({ ...EMPTY, title: "围栏", kinds: ["intrusion"], steps: "先看后门" })).toBe(true);
});
