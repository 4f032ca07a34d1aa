// @vitest-environment jsdom
import { renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import { useRoving } from "./use-roving";

const tabbed = (grid: ReturnType<typeof useRoving>, rows: number, columns: number) => Array.from({ length: rows * columns }, (_, at) => grid.cell(Math.floor(at / columns), at % columns)).filter((one) => one.tabIndex === 0);

test("the Tab key finds one cell, also where the grid was empty at first or has shrunk", () => {
  const { result, rerender } = renderHook(({ rows }) => useRoving(rows, 7, { row: rows - 1, column: -1 }), { initialProps: { rows: 0 } });
  rerender({ rows: 5 });
  expect(tabbed(result.current, 5, 7)).toHaveLength(1);
  const full = renderHook(({ rows }) => useRoving(rows, 7, { row: 4, column: 6 }), { initialProps: { rows: 5 } });
  expect(tabbed(full.result.current, 5, 7).map((one) => one["data-cell"])).toEqual(["4-6"]);
  full.rerender({ rows: 2 });
  expect(tabbed(full.result.current, 2, 7).map((one) => one["data-cell"])).toEqual(["1-6"]);
});
