import { expect, test } from "vitest";
import { marked, stepped, unmarked } from "./marks";

const DOOR = { account: "4321", zone: "5" };

test("a point stands in one place of a plan, within it", () => {
  const first = marked([], DOOR, 0.25, 0.5);
  expect(marked(first, DOOR, 1.2, -0.1)).toEqual([{ ...DOOR, x: 1, y: 0 }]);
  expect(unmarked(first, DOOR)).toEqual([]);
});

test("arrows move it by little, with Shift by more, and never out", () => {
  const mark = { ...DOOR, x: 0.5, y: 0.99 };
  expect(stepped(mark, "ArrowLeft", false)).toEqual({ x: 0.49, y: 0.99 });
  expect(stepped(mark, "ArrowDown", true)).toEqual({ x: 0.5, y: 1 });
  expect(stepped(mark, "a", false)).toBeUndefined();
});
