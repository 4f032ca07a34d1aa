import { expect, test } from "vitest";
import { onceEach } from "./use-ruled";

const named = (camera: string, preset: number | null, rule = "one") => ({ camera, preset, rule, version: 1 });

test("a camera that two rules show stands once, where it was named first, at the preset that one of them named", () => {
  expect(onceEach([named("a", null), named("b", 2), named("a", 3, "two"), named("b", 4, "two")])).toEqual([named("a", 3), named("b", 2)]);
});
