import { expect, test } from "vitest";
import { changesOf, type RosterLine } from "./roster-changes";

const line = (seat: number, name: string, hour = "08"): RosterLine => ({ seat, name, since: `2026-11-28T${hour}:00:00Z`, until: "2026-11-28T18:00:00Z" });

test("a version tells what came and what went", () => {
  const before = [line(1, "li.si"), line(2, "wang.wu")];
  expect(changesOf([...before, line(3, "chen.qi")], before)).toEqual({ added: [line(3, "chen.qi")], removed: [] });
  expect(changesOf([line(1, "li.si", "09"), line(2, "wang.wu")], before), "moved by an hour").toEqual({ added: [line(1, "li.si", "09")], removed: [line(1, "li.si")] });
  expect(changesOf(before, before)).toEqual({ added: [], removed: [] });
});
