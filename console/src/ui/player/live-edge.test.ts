import { expect, test } from "vitest";
import { SETTLING, atItsPace, towardsLiveEdge } from "./live-edge";

test("a playhead near the newest picture stays", () => {
  expect(towardsLiveEdge(0, 10, 9.9)).toEqual({ kind: "stay", rate: 1 });
});
test("a playhead behind hurries, the more the further, and never more than twice as fast", () => {
  expect(towardsLiveEdge(0, 10, 9.7)).toEqual({ kind: "stay", rate: 1.35 });
  expect(towardsLiveEdge(0, 10, 9.6)).toEqual({ kind: "stay", rate: 1.55 });
  expect(towardsLiveEdge(0, 10, 8.6)).toEqual({ kind: "stay", rate: 2 });
});
test("a start that is late by most of a second is made up within two, and not overshot", () => {
  let at = 9.2;
  let end = 10;
  for (let looks = 0; looks < 10; looks += 1) {
    const move = towardsLiveEdge(0, end, at);
    at += 0.2 * (move.kind === "stay" ? move.rate : 0);
    end += 0.2;
    expect(end - at).toBeGreaterThan(0.12);
  }
  expect(end - at).toBeLessThanOrEqual(0.22);
});
test("a playhead that stands still before pictures jumps; one that moves, or has none before it, does not", () => {
  expect(towardsLiveEdge(0, 10, 9.5, 9.49)).toEqual({ kind: "jump", to: 9.88 });
  expect(towardsLiveEdge(0, 10, 9.5, 9.3)).toEqual({ kind: "stay", rate: 1.75 });
  expect(towardsLiveEdge(0, 10, 9.95, 9.95)).toEqual({ kind: "stay", rate: 1 });
});
test("a playhead far behind, before the buffer or after it jumps into the buffer", () => {
  expect(towardsLiveEdge(0, 10, 2)).toEqual({ kind: "jump", to: 9.88 });
  expect(towardsLiveEdge(9.95, 10, 0)).toEqual({ kind: "jump", to: 9.95 });
  expect(towardsLiveEdge(0, 10, 11)).toEqual({ kind: "jump", to: 9.88 });
});
test("a player that has only begun takes its place by jumping, where one that is watched would hurry", () => {
  expect(towardsLiveEdge(0, 10, 9.2, undefined, SETTLING)).toEqual({ kind: "jump", to: 9.88 });
  expect(towardsLiveEdge(0, 10, 9.7, undefined, SETTLING)).toEqual({ kind: "stay", rate: 1.35 });
});

test("what comes at its own pace is played at it, whether its stamps pass with the clock or with the recording", () => {
  const rate = (arriving: number, behind: number) => {
    const move = atItsPace(0, 100, 100 - behind, undefined, arriving);
    return move.kind === "stay" ? move.rate : undefined;
  };
  expect([rate(1, 0.3), rate(4, 1.2), rate(0.25, 0.3)]).toEqual([1, 4, 0.25]);
  expect(rate(1, 1)).toBeGreaterThan(1);
  expect(rate(4, 0.2)).toBeLessThan(4);
  expect(atItsPace(0, 100, 90, undefined, 1)).toEqual({ kind: "jump", to: 99.7 });
  expect(atItsPace(0, 100, 99.2, 99.2, 1).kind).toBe("jump");
});
