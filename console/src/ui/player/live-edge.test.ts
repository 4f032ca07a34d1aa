import { expect, test } from "vitest";
import { towardsLiveEdge } from "./live-edge";

test("a playhead near the newest picture stays", () => {
  expect(towardsLiveEdge(0, 10, 9.9)).toEqual({ kind: "stay", rate: 1 });
});
test("a playhead a little behind hurries", () => {
  expect(towardsLiveEdge(0, 10, 9.4)).toEqual({ kind: "stay", rate: 1.15 });
});
test("a playhead far behind, before the buffer or after it jumps into the buffer", () => {
  expect(towardsLiveEdge(0, 10, 2)).toEqual({ kind: "jump", to: 9.88 });
  expect(towardsLiveEdge(9.95, 10, 0)).toEqual({ kind: "jump", to: 9.95 });
  expect(towardsLiveEdge(0, 10, 11)).toEqual({ kind: "jump", to: 9.88 });
});
