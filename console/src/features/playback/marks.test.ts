import { expect, test } from "vitest";
import { alarmMark, bookmarkMark, causeOf, eventMark, gapMark, grouped, inOrder, isoOf, kindOf, nextMark, usOf, type Bookmark, type Mark } from "./marks";

const AT = 1_795_860_000_000_000;
const noted = (id: number, fromUs: number, toUs = fromUs): Mark => bookmarkMark({ id, camera: "a", from: isoOf(fromUs), to: isoOf(toUs) } as Bookmark);
const happened = (atUs: number): Mark => eventMark("a", { cause: "alarm", at: isoOf(atUs), from: isoOf(atUs - 10e6), to: isoOf(atUs + 30e6) });
const lacks = (fromUs: number, toUs: number): Mark => gapMark("a", { from: isoOf(fromUs), to: isoOf(toUs), parts: [{ cause: "line", from: isoOf(fromUs), to: isoOf(toUs) }] });
const HOUR = { fromUs: AT, toUs: AT + 3_600e6 };

test("a time is kept to the microsecond both ways", () => {
  for (const us of [AT, AT + 1, AT + 123_457, AT + 999_999, 0, 1]) expect(usOf(isoOf(us))).toBe(us);
  expect(usOf("2026-11-28T12:00:00+08:00")).toBe(Date.parse("2026-11-28T04:00:00Z") * 1_000);
  expect(usOf("2026-11-28T12:00:00.5Z")).toBe(Date.parse("2026-11-28T12:00:00Z") * 1_000 + 500_000);
  expect(isoOf(AT + 0.7)).toBe(isoOf(AT));
});

test("marks that lie too near to be told apart are one, and those outside are none", () => {
  const marks = [noted(3, AT + 1_800e6), noted(1, AT + 10e6), happened(AT + 12e6), noted(9, AT - 1e6), noted(8, AT + 4_000e6)];
  const groups = grouped(marks, HOUR, 0.01);
  expect(groups.map((group) => group.marks.map((mark) => mark.key.split("-")[0]))).toEqual([["bookmark", "event"], ["bookmark"]]);
  expect(groups.map(kindOf)).toEqual(["bookmark", "bookmark"]);
  expect(groups[1]?.left).toBeCloseTo(0.5);
  expect(grouped(marks, HOUR, 0).length).toBe(3);
});

test("a span that began before the window stands at its begin, a gap in the middle of what is seen", () => {
  expect(grouped([noted(1, AT - 60e6, AT + 60e6)], HOUR, 0)[0]?.left).toBe(0);
  expect(grouped([lacks(AT - 3_600e6, AT + 1_800e6)], HOUR, 0)[0]?.left).toBeCloseTo(0.25);
  expect(grouped([lacks(AT - 3_600e6, AT - 1)], HOUR, 0)).toEqual([]);
});

test("an alarm stands where it was received, and counts more than what was recorded for it", () => {
  const alarm = alarmMark("a", { id: 7, received_at: isoOf(AT + 60e6) } as Parameters<typeof alarmMark>[1]);
  expect([alarm.key, alarm.fromUs, alarm.toUs, alarm.atUs]).toEqual(["alarm-7", AT + 60e6, AT + 60e6, AT + 60e6]);
  expect(grouped([happened(AT + 60e6), alarm, lacks(AT + 50e6, AT + 70e6)], HOUR, 0.01).map(kindOf)).toEqual(["alarm"]);
});

test("one goes from mark to mark, on and back, also while playing", () => {
  const marks = [noted(2, AT + 20e6), noted(1, AT), happened(AT + 40e6)];
  const way = (from: number, by: 1 | -1) => nextMark(marks, from, by)?.atUs;
  expect([way(AT - 1e6, 1), way(AT, 1), way(AT + 20e6, 1), way(AT + 40e6, 1)]).toEqual([AT, AT + 20e6, AT + 40e6, undefined]);
  expect([way(AT + 40.4e6, -1), way(AT + 20e6, -1), way(AT, -1)]).toEqual([AT + 20e6, AT, undefined]);
  expect(inOrder(marks).map((mark) => mark.atUs)).toEqual([AT, AT + 20e6, AT + 40e6]);
});

test("a gap is told by the cause that most of it has", () => {
  const part = (cause: "line" | "node" | "device", from: number, to: number) => ({ cause, from: isoOf(AT + from * 1e6), to: isoOf(AT + to * 1e6) });
  expect(causeOf({ from: isoOf(AT), to: isoOf(AT + 90e6), parts: [part("device", 0, 40), part("node", 40, 50), part("device", 50, 60), part("line", 60, 90)] })).toBe("device");
  expect(causeOf({ from: isoOf(AT), to: isoOf(AT), parts: [] })).toBe("unknown");
});
