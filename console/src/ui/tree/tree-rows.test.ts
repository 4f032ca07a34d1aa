import { expect, test } from "vitest";
import type { Area } from "../../api-client/client";
import { foundRows, parentOf, rowAt, treeRows } from "./tree-rows";

const area = (code: string, total: number, here = code.length === 6 ? total : 0): Area => ({
  code,
  name: code,
  parent: code.slice(0, -2),
  level: code.length === 2 ? "province" : code.length === 4 ? "city" : code.length === 6 ? "county" : "unit",
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
test("units stand below their county: closed in a large one, open in a small one", () => {
  const units = [area("52", 303), area("5201", 303), area("520102", 300, 0), area("52010201", 150, 150), area("52010202", 150, 150), area("520103", 3, 1), area("52010301", 2, 2)];
  const rows = treeRows(units, new Map());
  expect(rows.count).toBe(2 + 1 + 1 + 1 + 1 + 2);
  expect(rowAt(rows, 5)).toMatchObject({ kind: "area", area: { code: "52010301" }, depth: 3, open: true });
  const opened = treeRows(units, new Map([["520102", true]]));
  expect(rowAt(opened, 3)).toMatchObject({ kind: "area", area: { code: "52010201" }, open: false });
});
test("areas that were found stand before the cameras, the first of many until all are asked for", () => {
  const many = Array.from({ length: 9 }, (_, at) => area(`5201020${at}`, at));
  const some = foundRows(3, many, false, (code) => ({ "52": "省", "5201": "市", "520102": "区" })[code] ?? code);
  expect(rowAt(some, 0)).toMatchObject({ kind: "found-area", above: "省 › 市 › 区" });
  expect(rowAt(some, 5)).toEqual({ kind: "more-areas", count: 4, depth: 0 });
  expect(rowAt(some, 6)).toMatchObject({ kind: "camera", at: 0 });
  expect([some.count, foundRows(3, many, true).count]).toEqual([9, 12]);
});
