import { expect, test } from "vitest";
import { presetText } from "./wall-grid";
import { emptyWall, keepWall, keptWall, nextWall, planOf, shownTiles, wallOf, type Wall } from "./wall-state";

const show = (wall: Wall, code: string) => nextWall(wall, { kind: "show", camera: { code, name: code } });
const codes = (wall: Wall) => shownTiles(wall).map((tile) => tile?.code);
const full = ["a", "b", "c", "d"].reduce(show, emptyWall);

test("four clicks fill a wall of four", () => {
  expect(codes(full)).toEqual(["a", "b", "c", "d"]);
});
test("a fifth camera replaces the active tile", () => {
  expect(codes(show(nextWall(full, { kind: "select", at: 1 }), "e"))).toEqual(["a", "e", "c", "d"]);
});
test("a camera that is shown already is selected, not opened twice", () => {
  const two = ["a", "b"].reduce(show, emptyWall);
  expect(show(two, "a")).toEqual({ ...two, active: 0 });
});
test("arrows stay on the wall", () => {
  const moved = nextWall(nextWall(emptyWall, { kind: "move", dx: 1, dy: 0 }), { kind: "move", dx: 0, dy: 1 });
  expect(nextWall(moved, { kind: "move", dx: 1, dy: 0 }).active).toBe(3);
});
test("a tile keeps which stream is wanted there until another camera comes", () => {
  const wanted = nextWall(show(emptyWall, "a"), { kind: "stream", at: 0, stream: "sub" });
  expect(wanted.tiles[0]).toMatchObject({ code: "a", stream: "sub" });
  expect(nextWall(wanted, { kind: "grid", grid: presetText(9) }).tiles[0]?.stream).toBe("sub");
  expect(nextWall(wanted, { kind: "show", camera: { code: "b", name: "b" }, at: 0 }).tiles[0]?.stream).toBeUndefined();
  expect(nextWall(wanted, { kind: "stream", at: 3, stream: "sub" })).toBe(wanted);
});
test("two pictures change places and go on, and the moved one stays the active one", () => {
  const swapped = nextWall(full, { kind: "swap", from: 0, to: 3 });
  expect(codes(swapped)).toEqual(["d", "b", "c", "a"]);
  expect(swapped.active).toBe(3);
  expect(swapped.tiles[3]?.id).toBe(full.tiles[0]?.id);
  expect(codes(nextWall(swapped, { kind: "carry", dx: -1, dy: 0 }))).toEqual(["d", "b", "a", "c"]);
});
test("the spot shows the camera chosen last, is not filled by another, and moves with its picture", () => {
  const spotted = nextWall(["a", "b"].reduce(show, emptyWall), { kind: "spot", at: 3 });
  expect(codes(spotted)).toEqual(["a", "b", undefined, "b"]);
  const chosen = nextWall(spotted, { kind: "select", at: 0 });
  expect(codes(chosen)).toEqual(["a", "b", undefined, "a"]);
  expect(codes(["c", "e"].reduce(show, chosen))).toEqual(["a", "b", "e", "e"]);
  expect(nextWall(chosen, { kind: "swap", from: 3, to: 2 }).spot).toBe(2);
  expect(nextWall(chosen, { kind: "close", at: 3 }).spot).toBeUndefined();
  expect(planOf(chosen).tiles[3]).toBeUndefined();
});
test("a plan of a wall makes the same wall, of other showings", () => {
  const made = wallOf(planOf(full), full);
  expect(codes(made)).toEqual(codes(full));
  expect(made.tiles[0]?.id).not.toBe(full.tiles[0]?.id);
});
test("a wall outlasts its page, and what cannot be read is an empty one", () => {
  const kept = new Map<string, string>();
  globalThis.sessionStorage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, text: string) => void kept.set(key, text) } as Storage;
  keepWall(full);
  expect(keptWall()).toEqual(full);
  kept.set("fengsui.wall", '{"layout":4,"tiles":[]}');
  expect(keptWall()).toEqual(emptyWall);
});
