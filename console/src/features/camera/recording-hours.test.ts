import { describe, expect, it } from "vitest";
import { parts } from "../../ui/hours/week";
import { heldS, isWhole, type Draft } from "./recording-hours";

const NIGHT = { days: [5, 8], from: "22:00", to: "06:00" };
const plan = (mode: Draft["mode"], hours: Draft["hours"], times: Partial<Draft> = {}): Draft => ({ mode, hours, stream: "main", before_s: 10, after_s: 30, ...times });

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
    expect(isWhole(plan("always", []))).toBe(true);
    expect(isWhole(plan("schedule", []))).toBe(false);
    expect(isWhole(plan("schedule", [NIGHT]))).toBe(true);
    expect(isWhole(plan("schedule", [{ ...NIGHT, days: [] }]))).toBe(false);
    expect(isWhole(plan("schedule", [{ ...NIGHT, from: "24:00" }]))).toBe(false);
    expect(isWhole(plan("schedule", [{ ...NIGHT, to: "24:00" }]))).toBe(true);
  });
  it("takes times around an event within their bounds, and no hours beside them", () => {
    expect(isWhole(plan("event", []))).toBe(true);
    expect(isWhole(plan("event", [], { before_s: 0, after_s: 600 }))).toBe(true);
    expect(isWhole(plan("event", [], { before_s: 61 }))).toBe(false);
    expect(isWhole(plan("event", [], { before_s: 2.5 }))).toBe(false);
    expect(isWhole(plan("event", [], { after_s: 4 }))).toBe(false);
    expect(isWhole(plan("event", [NIGHT]))).toBe(false);
    expect(isWhole(plan("always", [], { after_s: 0 })), "of no matter there").toBe(true);
  });
  it("tells how much of the time before is held", () => {
    const now = Date.parse("2026-11-28T01:00:30Z");
    expect(heldS({ held_since: "2026-11-28T01:00:18.4Z" }, now)).toBe(12);
    expect(heldS({ held_since: null }, now)).toBe(0);
    expect(heldS({ held_since: "2026-11-28T01:00:31Z" }, now), "the clocks differ a little").toBe(0);
  });
});
