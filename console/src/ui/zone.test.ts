import { expect, test } from "vitest";
import { momentOf, wallTime, whichOf, written } from "./zone";

test("times are the node's, year first, wherever the browser stands", () => {
  expect(wallTime("2026-11-26T16:30:05Z", "Asia/Shanghai")).toBe("2026-11-27T00:30:05");
  expect(written("2026-11-26T16:30:05Z", "Europe/Berlin")).toBe("2026-11-26 17:30:05");
});

test("what is typed is the moment that clocks there show", () => {
  expect(momentOf("2026-11-27T00:30", "Asia/Shanghai").toISOString()).toBe("2026-11-26T16:30:00.000Z");
  expect(momentOf("2026-11-27", "Asia/Shanghai").toISOString()).toBe("2026-11-26T16:00:00.000Z");
  expect(momentOf("2026-11-27T00:30:05", "America/New_York").toISOString()).toBe("2026-11-27T05:30:05.000Z");
});

test("over a change to and from summer time a moment keeps itself", () => {
  for (const at of ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-10-25T02:30:00Z", "2026-07-01T12:00:00Z"]) {
    expect(momentOf(wallTime(at, "Europe/Berlin"), "Europe/Berlin").getTime()).toBe(Date.parse(at));
  }
});

test("where clocks are put back it is told which of the two times is meant, and nowhere else", () => {
  const which = (at: string, zone = "Europe/Berlin") => whichOf(at, zone);
  expect([which("2026-10-25T00:30:00Z"), which("2026-10-25T01:30:00.500Z")]).toEqual(["UTC+2", "UTC+1"]);
  expect([which("2026-10-24T23:59:59Z"), which("2026-10-25T02:00:00Z"), which("2026-03-29T01:00:00Z"), which("2026-10-25T00:30:00Z", "Asia/Shanghai")]).toEqual(["", "", "", ""]);
  expect([which("2026-11-01T05:30:00Z", "America/New_York"), which("2026-04-04T14:45:00Z", "Australia/Lord_Howe")]).toEqual(["UTC−4", "UTC+11"]);
});
