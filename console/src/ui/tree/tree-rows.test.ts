import { expect, test } from "vitest";
import type { Area } from "../../api-client/client";
import { foundRows, parentOf, rowAt, treeRows } from "./tree-rows";

const area = (code: string, total: number, here = code.length === 6 ? total : 0): Area => ({
  code,
  name: code,
  parent: code.slice(0, -2),
  level: code.length === 2 ? "province" : code.length === 4 ? "city" : "county",
  cameras_total: total,
  cameras_online: total,
  cameras_here: here,
});
const AREAS = [area("52", 100_103), area("5201", 100_103, 1), area("520102", 2), area("520103", 100_000), area("520111", 100)];

test("a small county is open, a large one is one row until it is opened", () => {
  const rows = treeRows(AREAS, new Map());
  expect(rows.count).toBe(5 + 1 + 2 + 100);
  expect(rowAt(rows, 2)).toEqual({ kind: "camera", area: "5201", at: 0, depth: 2 });
  expect(rowAt(rows, 6)).toMatchObject({ kind: "area", area: { code: "520103" }, open: false });
});
test("any of a hundred thousand rows is found without writing them out", () => {
  const rows = treeRows(AREAS, new Map([["520103", true]]));
  expect(rows.segments.length).toBe(9 - 1 + 1);
  expect(rowAt(rows, 7 + 54_321)).toEqual({ kind: "camera", area: "520103", at: 54_321, depth: 3 });
  expect(rowAt(rows, rows.count)).toBeUndefined();
  expect(parentOf(rows, 7 + 54_321)).toBe(6);
});
test("what stands under a closed city is hidden, its own cameras too", () => {
  expect(treeRows(AREAS, new Map([["5201", false]])).count).toBe(2);
});
test("a search is one flat block", () => {
  expect(rowAt(foundRows(7), 6)).toEqual({ kind: "camera", area: "", at: 6, depth: 0 });
  expect(foundRows(0).count).toBe(0);
});
