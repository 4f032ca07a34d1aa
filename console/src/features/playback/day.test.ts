import { expect, test } from "vitest";
import type { Schemas } from "../../api-client/client";
import { allCoveredBy, coveredBy, partOf, windowAround, within } from "./day";

const HOUR = 3_600_000_000;
const DAY = { fromUs: 0, toUs: 24 * HOUR };
const ticket = (part: Partial<Schemas["TicketShape"]>) => ({ state: "open", cameras: [], area: "", since: "1970-01-01T01:00:00Z", until: "1970-01-01T02:00:00Z", ...part }) as unknown as Schemas["TicketShape"];

test("what may be played is what the best ticket in force covers", () => {
  expect(coveredBy([], "c", "5201", DAY)).toBeUndefined();
  expect(coveredBy([ticket({ cameras: ["other"] }), ticket({ cameras: ["c"], state: "closed" })], "c", "5201", DAY)).toBeUndefined();
  const long = ticket({ area: "52", until: "1970-01-03T00:00:00Z" });
  expect(coveredBy([ticket({ cameras: ["c"] }), long], "c", "5201", DAY)).toEqual({ fromUs: HOUR + 1_000, toUs: 24 * HOUR });
});
test("the window stays within the day", () => {
  expect(windowAround(DAY, 0, HOUR)).toEqual({ fromUs: 0, toUs: HOUR });
  expect(windowAround(DAY, 12 * HOUR, 6 * HOUR)).toEqual({ fromUs: 9 * HOUR, toUs: 15 * HOUR });
  expect(windowAround(DAY, 24 * HOUR, HOUR)).toEqual({ fromUs: 23 * HOUR, toUs: 24 * HOUR });
});
test("a span is drawn where it lies, cut at the window", () => {
  expect(within({ fromUs: 0, toUs: 100 }, { fromUs: -50, toUs: 25 })).toEqual({ left: "0%", width: "25%" });
  expect(within({ fromUs: 0, toUs: 100 }, { fromUs: 100, toUs: 125 })).toBeUndefined();
});
test("of a week every part that some ticket opens is told once", () => {
  const of = (since: number, until: number) => ticket({ cameras: ["c"], since: new Date(since * 3_600_000).toISOString(), until: new Date(until * 3_600_000).toISOString() });
  const parts = allCoveredBy([of(5, 6), of(1, 3), of(2, 4), of(2.5, 3.5), ticket({ cameras: ["other"] })], "c", "5201", DAY);
  expect(parts.map(({ fromUs, toUs }) => [(fromUs - 1_000) / HOUR, toUs / HOUR])).toEqual([[1, 3], [2, 4], [5, 6]]);
  expect(allCoveredBy([], "c", "5201", DAY)).toEqual([]);
});
test("what is searched is what is wanted, as far as it may be seen", () => {
  expect(partOf({ fromUs: 10, toUs: 50 }, { fromUs: 0, toUs: 30 })).toEqual({ fromUs: 10, toUs: 30 });
  expect(partOf({ fromUs: 10, toUs: 50 }, { fromUs: 60, toUs: 70 })).toBeUndefined();
  expect(partOf(undefined, DAY)).toBeUndefined();
});
