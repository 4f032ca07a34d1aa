import { expect, test } from "vitest";
import { EVERYTHING } from "./filter";
import { keepLook, lastLook } from "./last-look";

test("one comes back to one's own look, and to nobody else's", () => {
  keepLook(1, { filter: { ...EVERYTHING, q: "nm" }, at: 7 });
  keepLook(1, { sorting: { by: "name", down: true } });
  expect(lastLook(1)).toEqual({ filter: { ...EVERYTHING, q: "nm" }, sorting: { by: "name", down: true }, at: 7 });
  expect(lastLook(2)).toEqual({ filter: EVERYTHING, sorting: { by: "code", down: false }, at: 0 });
  keepLook(2, { at: 3 });
  expect(lastLook(1).at).toBe(0);
});
