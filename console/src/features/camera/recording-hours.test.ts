import { describe, expect, it } from "vitest";
import { isWhole, parts } from "./recording-hours";

const NIGHT = { days: [5, 8], from: "22:00", to: "06:00" };

describe("hours of recording", () => {
  it("draws a night on its day and on the one after", () => {
    expect(parts([NIGHT], 5)).toEqual([{ from: 22 / 24, to: 1 }]);
    expect(parts([NIGHT], 6)).toEqual([{ from: 0, to: 0.25 }]);
    expect(parts([{ days: [7], from: "22:00", to: "06:00" }], 1)).toEqual([{ from: 0, to: 0.25 }]);
    expect(parts([NIGHT], 4)).toEqual([]);
  });
  it("draws nothing of a time that is not written out", () => {
    expect(parts([{ days: [1], from: "7", to: "18:00" }], 1)).toEqual([]);
  });
  it("takes what the node takes", () => {
    expect(isWhole("always", [])).toBe(true);
    expect(isWhole("schedule", [])).toBe(false);
    expect(isWhole("schedule", [NIGHT])).toBe(true);
    expect(isWhole("schedule", [{ ...NIGHT, days: [] }])).toBe(false);
    expect(isWhole("schedule", [{ ...NIGHT, from: "24:00" }])).toBe(false);
    expect(isWhole("schedule", [{ ...NIGHT, to: "24:00" }])).toBe(true);
  });
});
