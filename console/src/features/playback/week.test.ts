import { expect, test } from "vitest";
import { dayAfter, dayNameAt, dayOf, endOfWeek, weekTo } from "./week";

const CHINA = "Asia/Shanghai";
const BERLIN = "Europe/Berlin";

test("a week is seven days to the one that was chosen, over months, each joined to the next", () => {
  const week = weekTo("2026-12-02", CHINA);
  expect(week.map((day) => day.name)).toEqual(["2026-11-26", "2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30", "2026-12-01", "2026-12-02"]);
  week.slice(1).forEach((day, at) => expect(day.fromUs).toBe(week[at]?.toUs));
  expect(week[0]?.fromUs).toBe(Date.parse("2026-11-25T16:00Z") * 1_000);
});

test("a day is as long as the clocks of the node's zone make it", () => {
  const hours = (name: string) => (dayOf(name, BERLIN).toUs - dayOf(name, BERLIN).fromUs) / 3_600e6;
  expect([hours("2026-10-25"), hours("2026-03-29"), hours("2026-03-28")]).toEqual([25, 23, 24]);
  expect(dayNameAt(dayOf("2026-10-25", BERLIN).toUs - 1, BERLIN)).toBe("2026-10-25");
});

test("the rows stay where they are while the day that is played lies in them", () => {
  expect(endOfWeek("2026-11-22", "2026-11-28")).toBe("2026-11-28");
  expect(endOfWeek("2026-11-21", "2026-11-28")).toBe("2026-11-21");
  expect(endOfWeek("2026-11-29", "2026-11-28")).toBe("2026-11-29");
  expect(dayAfter("2026-03-01", -1)).toBe("2026-02-28");
});
