import { expect, test } from "vitest";
import type { Area } from "../../api-client/client";
import type { CameraName } from "./camera-pages";
import { placeOf } from "./row-identity";
import { treeRows, type Row } from "./tree-rows";

const area = (code: string, here: number): Area => ({ code, name: code, parent: "", level: "province", cameras_total: here, cameras_online: here, cameras_here: here });
const rowsOf = (...areas: [string, number][]) => treeRows(areas.map(([code, here]) => area(code, here)), new Map());
const named = (codes: Record<string, string[]>) => (row: Row | undefined) => (row?.kind === "camera" ? ({ code: codes[row.area]?.[row.at] } as CameraName) : undefined);

test("an area and a camera are found where news have put them", () => {
  const rows = rowsOf(["51", 1], ["52", 3]);
  const codes = named({ "51": ["z"], "52": ["new", "a", "b"] });
  expect(placeOf(rows, "area 52", 0, codes)).toBe(2);
  expect(placeOf(rows, "camera 52 b", 3, codes)).toBe(5);
  expect(placeOf(rows, "camera 52 gone", 3, codes)).toBeUndefined();
  expect(placeOf(rows, "camera 51 b", 3, codes)).toBeUndefined();
});
