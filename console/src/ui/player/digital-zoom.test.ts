import { expect, test } from "vitest";
import { MOST, panned, transformOf, WHOLE, zoomed } from "./digital-zoom";

test("what lies under the pointer stays there", () => {
  const at = { x: 0.25, y: 0.75 };
  const near = zoomed(WHOLE, 2, at);
  expect((at.x - near.x) / near.scale).toBeCloseTo(0.25);
  expect((at.y - near.y) / near.scale).toBeCloseTo(0.75);
  expect(zoomed(near, 0.5, at)).toEqual(WHOLE);
});
test("the picture fills its tile however far it is moved, and is not blown up without end", () => {
  expect(panned(zoomed(WHOLE, 2), 9, -9)).toEqual({ scale: 2, x: 0, y: -1 });
  expect(zoomed(WHOLE, 1000).scale).toBe(MOST);
  expect(zoomed(WHOLE, 0.5)).toEqual(WHOLE);
  expect(transformOf(WHOLE)).toBeUndefined();
});
