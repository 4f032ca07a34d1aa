import { expect, test } from "vitest";
import { parsed, stepped } from "./date-text";

test("year first, with strokes or without", () => {
  expect(["2026-11-26", "20261126", "2026/11/6", "2026年1月5日"].map((text) => parsed(text, "day"))).toEqual(["2026-11-26", "2026-11-26", "2026-11-06", "2026-01-05"]);
  expect(["2026-11-26 17:30", "202611261730", "2026-11-26T7:05"].map((text) => parsed(text, "minute"))).toEqual(["2026-11-26T17:30", "2026-11-26T17:30", "2026-11-26T07:05"]);
  expect(parsed("2026-11-26 17:30", "second")).toBe("2026-11-26T17:30:00");
});

test("what is no such time is none", () => {
  for (const text of ["11/26/2026", "2026-02-30", "2026-13-01", "2026-11-26 24:01", "tomorrow", ""]) expect(parsed(text, text.includes(":") ? "minute" : "day"), text).toBeUndefined();
  expect(parsed("2026-11-26", "minute"), "the time is missing").toBeUndefined();
});

test("the arrow keys step the part under the caret, over the ends", () => {
  expect(stepped("2026-12-31", "day", 10, 1)).toBe("2027-01-01");
  expect(stepped("2026-11-26T23:59", "minute", 16, 1)).toBe("2026-11-27T00:00");
  expect(stepped("2026-11-26T17:30", "minute", 12, -1)).toBe("2026-11-26T16:30");
  expect(stepped("2026-11-26T17:30", "minute", 2, 1)).toBe("2027-11-26T17:30");
});
