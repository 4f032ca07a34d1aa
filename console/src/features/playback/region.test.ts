import { expect, test } from "vitest";
import { cornersOf, LEAST, MIDDLE, movedBy, placeOf, regionOf, type Region } from "./region";

const near = (region: Region | undefined, wanted: Region) => (["left", "top", "right", "bottom"] as const).forEach((side) => expect(region?.[side]).toBeCloseTo(wanted[side]));

test("a region is drawn from any corner, ends at the picture, and a click is none", () => {
  near(regionOf({ x: 0.8, y: 0.7 }, { x: 0.2, y: 0.1 }), { left: 0.2, top: 0.1, right: 0.8, bottom: 0.7 });
  near(regionOf({ x: 0.5, y: 0.5 }, { x: 1.4, y: -0.3 }), { left: 0.5, top: 0, right: 1, bottom: 0.5 });
  expect(regionOf({ x: 0.5, y: 0.5 }, { x: 0.51, y: 0.9 })).toBeUndefined();
});
test("arrows move it within the picture, and with Shift make it larger and smaller, never nothing", () => {
  near(movedBy(MIDDLE, "ArrowLeft", false), { left: 0.38, top: 0.4, right: 0.58, bottom: 0.6 });
  let region = MIDDLE;
  for (let at = 0; at < 50; at++) region = movedBy(region, "ArrowDown", false);
  near(region, { left: 0.4, top: 0.8, right: 0.6, bottom: 1 });
  for (let at = 0; at < 50; at++) region = movedBy(region, "ArrowLeft", true);
  near(region, { left: 0.4, top: 0.8, right: 0.4 + LEAST, bottom: 1 });
  near(movedBy(region, "ArrowDown", true), region);
});
test("its corners go round, and it is drawn where it lies", () => {
  expect(cornersOf(MIDDLE)).toEqual([{ x: 0.4, y: 0.4 }, { x: 0.6, y: 0.4 }, { x: 0.6, y: 0.6 }, { x: 0.4, y: 0.6 }]);
  expect(placeOf({ left: 0.25, top: 0.5, right: 0.75, bottom: 1 })).toEqual({ left: "25%", top: "50%", width: "50%", height: "50%" });
});
