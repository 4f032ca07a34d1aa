import { expect, test } from "vitest";
import { recentreOn, shownPicture, zoomOn } from "./drag-zoom";

const picture = shownPicture({ width: 1000, height: 600 }, { width: 1920, height: 1080 });

test("a wide picture has bars above and below", () => {
  expect(picture.left).toBeCloseTo(0);
  expect(picture.top).toBeCloseTo(18.75);
  expect(picture.width).toBeCloseTo(1000);
  expect(picture.height).toBeCloseTo(562.5);
  expect(shownPicture({ width: 400, height: 300 }, { width: 0, height: 0 })).toEqual({ left: 0, top: 0, width: 400, height: 300 });
});
test("a box is told in pixels of the displayed picture, without the bars", () => {
  expect(zoomOn(picture, { x: 100, y: 118.75 }, { x: 300, y: 218.75 })).toEqual({ direction: "in", window_length: 1000, window_width: 563, middle_x: 200, middle_y: 150, box_length: 200, box_width: 100 });
});
test("a box drawn towards the upper left zooms out", () => {
  expect(zoomOn(picture, { x: 300, y: 218 }, { x: 100, y: 118 })?.direction).toBe("out");
  expect(zoomOn(picture, { x: 300, y: 118 }, { x: 100, y: 218 })?.direction).toBe("in");
});
test("what is drawn beyond the picture is cut, and a twitch is no box", () => {
  expect(zoomOn(picture, { x: -50, y: 0 }, { x: 200, y: 118.75 })).toMatchObject({ middle_x: 100, middle_y: 50, box_length: 200, box_width: 100 });
  expect(zoomOn(picture, { x: 100, y: 100 }, { x: 104, y: 300 })).toBeUndefined();
});
test("recentring keeps the zoom: the box is as large as the picture", () => {
  expect(recentreOn(picture, { x: 250, y: 18.75 })).toEqual({ direction: "in", window_length: 1000, window_width: 563, middle_x: 250, middle_y: 0, box_length: 1000, box_width: 563 });
});
