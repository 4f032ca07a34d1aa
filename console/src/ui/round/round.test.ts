import { expect, test } from "vitest";
import { nextOpen } from "./round";

test("behind the last stop the first open one follows, and none when all have an outcome", () => {
  const open = { outcome: "open" } as const;
  const done = { outcome: "confirmed" } as const;
  expect(nextOpen([{ stop: 1, ...open }, { stop: 2, ...done }, { stop: 3, ...open }], 1)).toBe(3);
  expect(nextOpen([{ stop: 1, ...open }, { stop: 2, ...done }], 2)).toBe(1);
  expect(nextOpen([{ stop: 1, ...done }], 1)).toBe(0);
});
