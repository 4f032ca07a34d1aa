// @vitest-environment jsdom
import { expect, test } from "vitest";
import { presetText } from "../../ui/wall-grid";
import { emptyWall, nextWall, shownTiles, type Wall } from "../../ui/wall-state";
import { keepPatrol, keptPatrol, NO_PATROL, placed, putBack, type PatrolPlace } from "./patrol-place";

const camera = (code: string) => ({ code, name: code });
const codes = (wall: Wall) => wall.tiles.slice(0, 4).map((tile) => tile?.code);
const show = (wall: Wall, places: readonly PatrolPlace[], code: string): [Wall, readonly PatrolPlace[]] => {
  const next = placed(places, wall, code);
  return [nextWall(wall, { kind: "show", camera: camera(code), at: next.at(-1)?.at ?? -1 }), next];
};
const four = ["a", "b", "c", "d"].reduce((wall, code, at) => nextWall(wall, { kind: "show", camera: camera(code), at }), emptyWall);

test("each stop takes the place of the one before, and what stood there comes back", () => {
  let [wall, places] = show(nextWall(four, { kind: "select", at: 1 }), [], "one");
  [wall, places] = show(wall, places, "two");
  expect(codes(wall)).toEqual(["a", "two", "c", "d"]);
  const after = putBack(places, wall);
  expect(codes(after)).toEqual(["a", "b", "c", "d"]);
  expect(new Set(shownTiles(after).map((tile) => tile?.id)).size, "it is opened anew").toBe(4);
});
test("on a wall that becomes smaller the last tile is used, and both come back", () => {
  let [wall, places] = show(four, [], "one");
  expect(codes(wall)).toEqual(["a", "b", "c", "one"]);
  wall = nextWall(wall, { kind: "grid", grid: presetText(1) });
  [wall, places] = show(wall, places, "two");
  expect(codes(wall)).toEqual(["two", "b", "c", "one"]);
  expect(codes(putBack(places, wall))).toEqual(["a", "b", "c", "d"]);
});
test("what somebody has put on the tile meanwhile stays, and is what comes back when a stop took its place", () => {
  let [wall, places] = show(four, [], "one");
  wall = nextWall(wall, { kind: "show", camera: camera("x"), at: 3 });
  expect(codes(putBack(places, wall))[3]).toBe("x");
  [wall, places] = show(wall, places, "two");
  expect(codes(putBack(places, wall))[3]).toBe("x");
});
test("a free tile is free again", () => {
  const [wall, places] = show(emptyWall, [], "one");
  expect(codes(putBack(places, wall))).toEqual([undefined, undefined, undefined, undefined]);
});
test("it is kept with the wall until the round leaves it", () => {
  expect(keptPatrol()).toEqual(NO_PATROL);
  const [, places] = show(four, [], "one");
  keepPatrol({ round: 7, places });
  expect(keptPatrol()).toEqual({ round: 7, places });
  keepPatrol(NO_PATROL);
  expect(keptPatrol()).toEqual(NO_PATROL);
});
