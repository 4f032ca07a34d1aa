import { describe, expect, it } from "vitest";
import { cornerAt, moved, withCorner } from "./mask-shape";

describe("corners of a mask", () => {
  const element = { width: 1000, height: 1000 };
  const video = { width: 1600, height: 900 }; // bars above and below

  it("are shares of the picture, not of its element", () => {
    expect(cornerAt(element, video, { x: 0, y: 218.75 })).toEqual([0, 0]);
    expect(cornerAt(element, video, { x: 500, y: 500 })).toEqual([5000, 5000]);
    expect(cornerAt(element, video, { x: 1000, y: 781.25 })).toEqual([10000, 10000]);
  });
  it("never leave the picture", () => {
    expect(cornerAt(element, video, { x: -20, y: 10 })).toEqual([0, 0]);
    expect(moved([0, 10_000], "ArrowLeft", true)).toEqual([0, 10_000]);
    expect(moved([0, 10_000], "ArrowDown", false)).toEqual([0, 10_000]);
  });
  it("move by keys", () => {
    expect(moved([5000, 5000], "ArrowRight", false)).toEqual([5100, 5000]);
    expect(moved([5000, 5000], "ArrowUp", true)).toEqual([5000, 4500]);
    expect(moved([5000, 5000], "a", true)).toEqual([5000, 5000]);
  });
  it("stand once where one clicks twice", () => {
    expect(withCorner([[100, 100]], [101, 100])).toHaveLength(1);
    expect(withCorner([[100, 100]], [900, 100])).toHaveLength(2);
  });
});
