import { expect, test } from "vitest";
import { EVERYTHING, matchingOf, narrows, queryOf, sortedBy } from "./filter";

test("what is not narrowed is not asked for", () => {
  expect(queryOf(EVERYTHING, { by: "name", down: false })).toEqual({ state: [], tag: [], class: [], file: [], by: "name", down: false });
  expect(queryOf({ ...EVERYTHING, q: "nm", placed: false, classes: ["unsaid"] }, { by: "code", down: true })).toEqual({ q: "nm", placed: false, state: [], tag: [], class: ["unsaid"], file: [], by: "code", down: true });
});

test("each part of a filter narrows", () => {
  expect(narrows(EVERYTHING)).toBe(false);
  for (const part of [{ q: "a" }, { area: "52" }, { device: "1" }, { states: ["online" as const] }, { tags: ["a"] }, { classes: ["unsaid" as const] }, { placed: false }, { placed: true }, { files: ["none" as const] }]) expect(narrows({ ...EVERYTHING, ...part }), JSON.stringify(part)).toBe(true);
});

test("an edit is told the same filter", () => {
  expect(matchingOf({ ...EVERYTHING, tags: ["学校"] })).toEqual({ q: "", area: "", device: "", states: [], tags: ["学校"], classes: [], placed: null, files: [] });
});

test("a second press on a heading turns the order round", () => {
  const first = sortedBy({ by: "code", down: false }, "name");
  expect([first, sortedBy(first, "name"), sortedBy(sortedBy(first, "name"), "name")]).toEqual([
    { by: "name", down: false },
    { by: "name", down: true },
    { by: "name", down: false },
  ]);
});
