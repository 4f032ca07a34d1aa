import { expect, test } from "vitest";
import { emptyWall, nextWall, type Wall } from "./wall-state";

const show = (wall: Wall, code: string) => nextWall(wall, { kind: "show", camera: { code, name: code } });
const codes = (wall: Wall) => wall.tiles.slice(0, wall.layout).map((tile) => tile?.code);

test("four clicks fill a wall of four", () => {
  expect(codes(["a", "b", "c", "d"].reduce(show, emptyWall))).toEqual(["a", "b", "c", "d"]);
});
test("a fifth camera replaces the active tile", () => {
  const full = ["a", "b", "c", "d"].reduce(show, emptyWall);
  expect(codes(show(nextWall(full, { kind: "select", at: 1 }), "e"))).toEqual(["a", "e", "c", "d"]);
});
test("a camera that is shown already is selected, not opened twice", () => {
  const full = ["a", "b"].reduce(show, emptyWall);
  expect(show(full, "a")).toEqual({ ...full, active: 0 });
});
test("arrows stay on the wall", () => {
  const moved = nextWall(nextWall(emptyWall, { kind: "move", dx: 5, dy: 0 }), { kind: "move", dx: 0, dy: 9 });
  expect(moved.active).toBe(3);
});
test("a tile keeps which stream is wanted there until another camera comes", () => {
  const wanted = nextWall(show(emptyWall, "a"), { kind: "stream", at: 0, stream: "sub" });
  expect(wanted.tiles[0]).toMatchObject({ code: "a", stream: "sub" });
  expect(nextWall(wanted, { kind: "layout", layout: 9 }).tiles[0]?.stream).toBe("sub");
  expect(nextWall(wanted, { kind: "show", camera: { code: "b", name: "b" }, at: 0 }).tiles[0]?.stream).toBeUndefined();
  expect(nextWall(wanted, { kind: "stream", at: 3, stream: "sub" })).toBe(wanted);
});
