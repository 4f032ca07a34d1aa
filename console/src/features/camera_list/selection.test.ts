import { expect, test } from "vitest";
import { ALL, countOf, isChosen, NONE, toggled, withRows } from "./selection";

test("some by name", () => {
  const two = withRows(NONE, ["a", "b"], true);
  expect([countOf(two, 100), isChosen(two, "a"), isChosen(two, "c")]).toEqual([2, true, false]);
  expect(countOf(toggled(two, "a"), 100)).toBe(1);
  expect(countOf(withRows(two, ["b", "c"], false), 100)).toBe(1);
  expect(countOf(NONE, 100)).toBe(0);
});

test("all that match but some", () => {
  const most = toggled(toggled(ALL, "a"), "b");
  expect([countOf(most, 100), isChosen(most, "a"), isChosen(most, "c")]).toEqual([98, false, true]);
  expect(countOf(toggled(most, "a"), 100)).toBe(99);
  expect(countOf(withRows(most, ["a", "b", "c"], true), 100)).toBe(100);
  expect(countOf(withRows(ALL, ["x"], false), 0)).toBe(0);
});

test("what was chosen before stays as it was", () => {
  const one = withRows(NONE, ["a"], true);
  toggled(one, "a");
  expect(isChosen(one, "a")).toBe(true);
});
