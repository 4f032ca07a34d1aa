import { expect, test } from "vitest";
import { pagesOf, wallFor } from "./tours";

const cameras = (count: number) => Array.from({ length: count }, (_, at) => ({ code: `c${at}`, name: `${at}` }));

test("more cameras than a wall has tiles come by pages, and none is lost", async () => {
  const tour = pagesOf("早高峰", cameras(60), (from, to, of) => `${from}-${to}/${of}`);
  expect([tour.byPages, tour.steps.map(({ name }) => name)]).toEqual([true, ["1-25/60", "26-50/60", "51-60/60"]]);
  const plans = await Promise.all(tour.steps.map(({ plan }) => plan()));
  expect(plans.flatMap(({ tiles }) => tiles.map((tile) => tile?.code))).toEqual(cameras(60).map(({ code }) => code));
});
test("a wall is no larger than it must be", () => {
  expect(wallFor(cameras(5)).grid).toBe("AAB/AAC/DEF");
  expect(wallFor(cameras(3)).tiles).toHaveLength(3);
});
