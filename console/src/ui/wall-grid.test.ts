import { expect, test } from "vitest";
import { beside, gridText, parseGrid, presetOf, PRESETS, presetText, type Grid } from "./wall-grid";

const grid = (text: string): Grid => {
  const found = parseGrid(text);
  if (found === undefined) throw new Error(text);
  return found;
};

test("each named grid has as many tiles as its name says", () => {
  for (const preset of PRESETS) {
    expect(grid(presetText(preset)).boxes).toHaveLength(preset);
    expect(presetOf(presetText(preset))).toBe(preset);
  }
});
test("a large tile is one tile", () => {
  expect(grid("AAB/AAC/DEF").boxes[0]).toEqual({ column: 0, row: 0, width: 2, height: 2 });
});
test("what is no grid is none", () => {
  for (const text of ["", "AB/C", "AAB/BAA", "ABA", "AB/BA", "A?", "ABCDEFGHI", Array(9).fill("A").join("/"), "ABCDEFG/HIJKLMN/OPQRSTU/VWXYZab/cdefghi/jklmnop"]) expect(parseGrid(text), text).toBeUndefined();
});
test("merged cells are written as one tile, and read back", () => {
  const text = gridText(4, 3, [{ column: 1, row: 0, width: 2, height: 2 }]);
  expect(text).toBe("ABBC/DBBE/FGHI");
  expect(grid(text).boxes).toHaveLength(9);
});
test("of two large tiles that overlap the later stays whole", () => {
  const text = gridText(3, 2, [{ column: 0, row: 0, width: 2, height: 2 }, { column: 1, row: 0, width: 2, height: 1 }]);
  expect(grid(text).boxes).toContainEqual({ column: 1, row: 0, width: 2, height: 1 });
});
test("arrows go from tile to tile, whatever their sizes, and stay on the wall", () => {
  const six = grid("AAB/AAC/DEF");
  expect(beside(six, 0, 1, 0)).toBe(1);
  expect(beside(six, 0, 0, 1)).toBe(3);
  expect(beside(six, 2, -1, 0)).toBe(0);
  expect(beside(six, 5, 1, 0)).toBe(5);
});
