import { expect, test } from "vitest";
import { PATIENCE_MS, PRELOAD_MS, stepFrom, tourMove, type TourState } from "./tour";

const running: TourState = { leftMs: 10_000, asked: false, paused: false, steps: 3, stagedMs: undefined, ready: false };

test("the next step is opened before its time, and shown at its time once it plays", () => {
  expect(tourMove(running)).toBe("wait");
  expect(tourMove({ ...running, leftMs: PRELOAD_MS })).toBe("stage");
  expect(tourMove({ ...running, leftMs: 100, stagedMs: 4000, ready: true })).toBe("wait");
  expect(tourMove({ ...running, leftMs: 0, stagedMs: 5000, ready: false })).toBe("wait");
  expect(tourMove({ ...running, leftMs: 0, stagedMs: 5000, ready: true })).toBe("switch");
});
test("a picture that does not come holds the tour up for a while only", () => {
  expect(tourMove({ ...running, leftMs: -PATIENCE_MS, stagedMs: PRELOAD_MS + PATIENCE_MS })).toBe("switch");
});
test("by hand it goes on at once, paused or not; paused it stays", () => {
  expect(tourMove({ ...running, asked: true, paused: true })).toBe("stage");
  expect(tourMove({ ...running, asked: true, paused: true, stagedMs: 300, ready: true })).toBe("switch");
  expect(tourMove({ ...running, leftMs: 0, paused: true })).toBe("wait");
});
test("a tour of one step stays; others go round", () => {
  expect(tourMove({ ...running, steps: 1, leftMs: 0 })).toBe("wait");
  expect([stepFrom(2, 1, 3), stepFrom(0, -1, 3)]).toEqual([0, 2]);
});
