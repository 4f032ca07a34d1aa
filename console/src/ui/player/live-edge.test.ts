import { expect, test } from "vitest";
import { towardsLiveEdge } from "./live-edge";

test("a playhead near the newest picture stays", () => {
  expect(towardsLiveEdge(0, 10, 9.9)).toEqual({ kind: "stay", rate: 1 });
});
test("a playhead a little behind hurries", () => {
  expect(towardsLiveEdge(0, 10, 9.4)).toEqual({ kind: "stay", rate: 1.15 });
});
test("a playhead that stands still before pictures jumps; one that moves, or has none before it, does not", () => {
  expect(towardsLiveEdge(0, 10, 9.5, 9.49)).toEqual({ kind: "jump", to: 9.88 });
  expect(towardsLiveEdge(0, 10, 9.5, 9.3)).toEqual({ kind: "stay", rate: 1.15 });
  expect(towardsLiveEdge(0, 10, 9.95, 9.95)).toEqual({ kind: "stay", rate: 1 });
});
test("a playhead far behind, before the buffer or after it jumps into the buffer", () => {
  expect(towardsLiveEdge(0, 10, 2)).toEqual({ kind: "jump", to: 9.88 });
  expect(towardsLiveEdge(9.95, 10, 0)).toEqual({ kind: "jump", to: 9.95 });
  expect(towardsLiveEdge(0, 10, 11)).toEqual({ kind: "jump", to: 9.88 });
});
