import { expect, test } from "vitest";
import { timesOf } from "./shapes";

test("times are read as they are written, in order and once", () => {
  expect(timesOf("22:30，8:00 22:30")).toEqual(["08:00", "22:30"]);
  expect(timesOf("")).toEqual([]);
  for (const wrong of ["24:00", "8", "8:60", "noon"]) expect(timesOf(wrong)).toBeUndefined();
});
