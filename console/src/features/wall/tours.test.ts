import { expect, test } from "vitest";
import { goesRound, orderOfTour, pagesOf, wallFor } from "./tours";

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
test("only what goes round by itself is sent as a tour: pages that stand and a tour that is held are the wall that is seen", () => {
  expect(goesRound({ byPages: false, paused: false })).toBe(true);
  expect([undefined, { byPages: true, paused: false }, { byPages: true, paused: true }, { byPages: false, paused: true }].some(goesRound)).toBe(false);
});
test("a tour of more steps or cameras than a screen takes is not sent", async () => {
  const tour = (steps: number, each: number) => ({ name: "夜巡", at: 1, steps: Array.from({ length: steps }, (_, step) => ({ name: "", gone: false, dwellS: 9, plan: () => Promise.resolve(wallFor(Array.from({ length: each }, (__, at) => ({ code: `c${step * each + at}`, name: "" })))) })) });
  const sent = await orderOfTour(tour(60, 8));
  expect([sent?.name, sent?.from_step, sent?.steps?.length, sent?.steps?.[59]?.dwell_s]).toEqual(["夜巡", 1, 60, 9]);
  expect(await orderOfTour(tour(61, 1))).toBeUndefined();
  expect(await orderOfTour(tour(20, 25))).toBeDefined();
  expect(await orderOfTour(tour(21, 24))).toBeUndefined();
});
