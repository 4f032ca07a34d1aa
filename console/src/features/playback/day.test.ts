import { expect, test } from "vitest";
import type { Schemas } from "../../api-client/client";
import type { Period } from "../../ui/footage/pieces";
import { wallTime } from "../../ui/zone";
import { allCoveredBy, ledIn, onwards, partAt, partsOf, ticksOf, windowAround, within } from "./day";
import { dayOf } from "./week";

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
test("play goes on with what was recorded next, on whichever day, and waits until that is known", () => {
  const [today, later] = [DAY, { fromUs: 24 * HOUR, toUs: 48 * HOUR }];
  const whole = { fromUs: 0, toUs: 300 * HOUR };
  const spans = [{ fromUs: 5 * HOUR, toUs: 6 * HOUR }, { fromUs: 20 * HOUR, toUs: 21 * HOUR }];
  const far = [{ fromUs: 80 * HOUR, toUs: 81 * HOUR }];
  const goes = (atHour: number, backwards: boolean, recorded: Period[], isWhole: boolean) => onwards([today], [whole], DAY, atHour * HOUR, backwards, { spans: recorded, isWhole });
  expect(goes(6, false, spans, false)).toBe(20 * HOUR);
  expect(goes(21, false, spans, false)).toBe("wait");
  expect(goes(21, false, [...spans, ...far], true)).toBe(80 * HOUR);
  expect(goes(21, false, spans, true), "nothing more was recorded").toBeUndefined();
  expect(goes(20, true, spans, false)).toBe(6 * HOUR - 1);
  expect(goes(5, true, spans, false)).toBe("wait");
  expect(goes(24, false, spans, false), "the page turns first").toBe(24 * HOUR);
  expect(onwards([later], [whole], later, 30 * HOUR, true, { spans: [...spans, { fromUs: 31 * HOUR, toUs: 32 * HOUR }], isWhole: true })).toBe(21 * HOUR - 1);
  const parts = partsOf(new Map([["a", { period: today, around: [today] }]]), DAY, { spans: far, isWhole: true, of: new Map([["a", far]]) });
  expect(parts.onwards(21 * HOUR, false)).toBe(80 * HOUR);
  expect([parts.turns("a", 80 * HOUR), parts.turns("a", 90 * HOUR)], "until the page has turned to that day").toEqual([true, false]);
});
test("what is opened from midnight on begins a minute before, and never before its ticket does", () => {
  const part = { fromUs: 24 * HOUR, toUs: 48 * HOUR };
  const led = (fromUs: number) => ledIn(part, [{ fromUs, toUs: 60 * HOUR }])?.fromUs;
  expect(led(10 * HOUR)).toBe(24 * HOUR - 60e6);
  expect(led(24 * HOUR - 5e6)).toBe(24 * HOUR - 5e6);
  expect(led(24 * HOUR)).toBe(24 * HOUR);
  expect(ledIn(undefined, [])).toBeUndefined();
});
test("a step goes on at the border of what is open of that camera: over midnight, in another part, in another stream", () => {
  const open = { fromUs: 24 * HOUR, toUs: 48 * HOUR };
  const long = { fromUs: 10 * HOUR, toUs: 60 * HOUR };
  const next = { fromUs: 70 * HOUR, toUs: 71 * HOUR };
  const beside = (around: Period[], atHour: number, backwards: boolean, more = {}) => partsOf(new Map([["a", { period: open, around, ...more }]]), open).beside("a", atHour * HOUR, backwards);
  expect(beside([long, next], 40, false)).toBe(48 * HOUR);
  expect(beside([long, next], 40, true)).toBe(24 * HOUR - 1);
  expect(beside([open, next], 40, false)).toBe(70 * HOUR);
  expect(beside([open], 40, true)).toBeUndefined();
  const spans = [{ fromUs: 30 * HOUR, toUs: 31 * HOUR, stream: "sub" as const }];
  expect(beside([open], 29, false, { spans, stream: "main" })).toBe(30 * HOUR);
  expect(partsOf(new Map(), open).beside("b", 0, false)).toBeUndefined();
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
test.each([
  ["2026-10-25", 25, ["00", "02", "02", "04", "06", "08", "10", "12", "14", "16", "18", "20", "22"]],
  ["2026-03-29", 23, ["00", "04", "06", "08", "10", "12", "14", "16", "18", "20", "22"]],
  ["2026-03-28", 24, ["00", "02", "04", "06", "08", "10", "12", "14", "16", "18", "20", "22"]],
])("the day %s of %f hours is shown whole, and labelled as clocks show it", (name, hours, labels) => {
  const zone = "Europe/Berlin";
  const day = dayOf(name, zone);
  const window = windowAround(day, day.fromUs + 13 * HOUR, Infinity);
  expect([window.fromUs, (window.toUs - window.fromUs) / HOUR]).toEqual([day.fromUs, hours]);
  const ticks = ticksOf(window, zone);
  expect(ticks.map((one) => wallTime(one.atUs / 1_000, zone).slice(11, 16))).toEqual(labels.map((hour) => `${hour}:00`));
  expect(ticks.at(-1)?.left).toBe(`${((hours - 2) * 100) / hours}%`);
});
test("less than a day is labelled in equal parts, and where clocks go by half an hour a day still at full hours", () => {
  expect(ticksOf({ fromUs: 0, toUs: HOUR }, "Asia/Shanghai").map((one) => one.atUs)).toEqual(Array.from({ length: 12 }, (_, at) => (at * HOUR) / 12));
  const zone = "Australia/Lord_Howe";
  const day = dayOf("2026-04-05", zone);
  expect((day.toUs - day.fromUs) / HOUR).toBe(24.5);
  expect(ticksOf(day, zone).map((one) => wallTime(one.atUs / 1_000, zone).slice(14, 16))).toEqual(Array.from({ length: 12 }, () => "00"));
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
