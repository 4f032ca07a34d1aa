import { expect, test } from "vitest";
import type { Schemas } from "../../api-client/client";
import type { Period } from "../../ui/footage/pieces";
import { allCoveredBy, onwards, partAt, partOf, partsOf, windowAround, within } from "./day";

const HOUR = 3_600_000_000;
const DAY = { fromUs: 0, toUs: 24 * HOUR };
const ticket = (part: Partial<Schemas["TicketShape"]>) => ({ state: "open", opens: ["view-recorded"], cameras: [], area: "", since: "1970-01-01T01:00:00Z", until: "1970-01-01T02:00:00Z", ...part }) as unknown as Schemas["TicketShape"];

test("what may be played is each part that a ticket in force opens, and only one that opens footage", () => {
  const covered = (tickets: Schemas["TicketShape"][]) => allCoveredBy(tickets, "c", "5201", DAY);
  expect(covered([])).toEqual([]);
  expect(covered([ticket({ cameras: ["other"] }), ticket({ cameras: ["c"], state: "closed" })])).toEqual([]);
  const long = ticket({ area: "52", until: "1970-01-03T00:00:00Z" });
  expect(covered([ticket({ cameras: ["c"] }), { ...long, opens: ["view-live"] }])).toEqual([{ fromUs: HOUR + 1_000, toUs: 2 * HOUR }]);
  expect(covered([ticket({ cameras: ["c"] }), long])).toEqual([{ fromUs: HOUR + 1_000, toUs: 24 * HOUR }]);
});
test("play goes on with the next part, and over midnight, and nowhere else", () => {
  const [morning, noon, night] = [8, 12, 23].map((hour) => ({ fromUs: hour * HOUR, toUs: (hour + 1) * HOUR })) as [Period, Period, Period];
  const parts = [morning, noon, night, { fromUs: 24 * HOUR, toUs: 25 * HOUR }, { fromUs: 30 * HOUR, toUs: 31 * HOUR }];
  expect(partAt(parts, 8.5 * HOUR)).toBe(morning);
  expect(partAt(parts, 10 * HOUR)).toBe(noon);
  expect(partAt([morning], 10 * HOUR)).toBe(morning);
  expect(onwards([morning], parts, DAY, 8.5 * HOUR, false), "nothing more was recorded").toBeUndefined();
  expect(onwards([morning], parts, DAY, 9 * HOUR, false)).toBe(12 * HOUR);
  expect(onwards([noon], parts, DAY, 12 * HOUR - 5, true)).toBe(9 * HOUR - 1);
  expect(onwards([morning], parts, DAY, 12.5 * HOUR, false)).toBe(12.5 * HOUR);
  expect(onwards([night], parts, DAY, 24 * HOUR + 5, false)).toBe(24 * HOUR);
  expect(onwards([night], parts.slice(0, 3), DAY, 24 * HOUR, false)).toBeUndefined();
  expect(onwards([night], [night, { fromUs: 30 * HOUR, toUs: 31 * HOUR }], DAY, 24 * HOUR, false), "the next day is another").toBeUndefined();
});
test("a part of a camera that is not open is turned to where it lies, and no part is run past", () => {
  const [morning, noon, night] = [8, 12, 23].map((hour) => ({ fromUs: hour * HOUR, toUs: (hour + 1) * HOUR })) as [Period, Period, Period];
  const parts = partsOf(new Map([["a", { period: noon, around: [morning, noon] }], ["b", { period: night, around: [night] }], ["c", { period: undefined, around: [] }]]), DAY);
  expect(["a", "b", "c", "d"].map((camera) => parts.turns(camera, 8.5 * HOUR))).toEqual([true, false, false, false]);
  expect(parts.turns("a", 12.5 * HOUR), "it is open").toBe(false);
  expect([7, 8, 12.5, 23].map((hour) => parts.next(hour * HOUR, false))).toEqual([8 * HOUR, 12 * HOUR, 23 * HOUR, undefined]);
  expect([24, 12.5, 9].map((hour) => parts.next(hour * HOUR - 1, true))).toEqual([13 * HOUR - 1, 9 * HOUR - 1, undefined]);
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
  expect(parts.map(({ fromUs, toUs }) => [Math.floor(fromUs / HOUR), toUs / HOUR])).toEqual([[1, 3], [3, 4], [5, 6]]);
  expect(allCoveredBy([], "c", "5201", DAY)).toEqual([]);
});
test("what is searched is what is wanted, as far as it may be seen", () => {
  expect(partOf({ fromUs: 10, toUs: 50 }, { fromUs: 0, toUs: 30 })).toEqual({ fromUs: 10, toUs: 30 });
  expect(partOf({ fromUs: 10, toUs: 50 }, { fromUs: 60, toUs: 70 })).toBeUndefined();
  expect(partOf(undefined, DAY)).toBeUndefined();
});
