import { expect, test } from "vitest";
import { stopwatch } from "./stopwatch";

test("an age is written as a stop-watch shows it", () => {
  expect([-500, 7_000, 725_000, 10_925_000, 100 * 3_600_000].map(stopwatch)).toEqual(["0:00", "0:07", "12:05", "3:02:05", "100:00:00"]);
});
