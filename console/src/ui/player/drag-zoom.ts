import type { Schemas } from "../../api-client/client";

/** Boxes drawn on a picture, as GB/T 28181-2022 A.2.3.1.8 wants them: in pixels of the displayed picture. Pure. */
export type ZoomOrder = Schemas["ZoomOrder"];

export interface Point {
  x: number;
  y: number;
}

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Smaller than this was a click. */
const SMALLEST_PX = 8;

/** Where the picture stands in its element: `object-fit: contain` leaves bars. */
export function shownPicture(element: { width: number; height: number }, video: { width: number; height: number }): Box {
  if (video.width === 0 || video.height === 0) return { left: 0, top: 0, ...element };
  const scale = Math.min(element.width / video.width, element.height / video.height);
  const width = video.width * scale;
  const height = video.height * scale;
  return { left: (element.width - width) / 2, top: (element.height - height) / 2, width, height };
}

export function within(picture: Box, { x, y }: Point): Point {
  return { x: Math.min(picture.left + picture.width, Math.max(picture.left, x)), y: Math.min(picture.top + picture.height, Math.max(picture.top, y)) };
}

export function boxOf(from: Point, to: Point): Box {
  return { left: Math.min(from.x, to.x), top: Math.min(from.y, to.y), width: Math.abs(to.x - from.x), height: Math.abs(to.y - from.y) };
}

/** Drawn towards the upper left the camera zooms out, else in. */
export function directionOf(from: Point, to: Point): "in" | "out" {
  return to.x < from.x && to.y < from.y ? "out" : "in";
}

/** The order for a box drawn from one corner to the other; undefined when it is too small to be meant. */
export function zoomOn(picture: Box, from: Point, to: Point): ZoomOrder | undefined {
  const box = boxOf(within(picture, from), within(picture, to));
  if (box.width < SMALLEST_PX || box.height < SMALLEST_PX) return undefined;
  return order(directionOf(from, to), picture, box);
}

/** A box as large as the picture around the point: the camera turns there and keeps its zoom. */
export function recentreOn(picture: Box, point: Point): ZoomOrder {
  const { x, y } = within(picture, point);
  return order("in", picture, { left: x - picture.width / 2, top: y - picture.height / 2, width: picture.width, height: picture.height });
}

function order(direction: "in" | "out", picture: Box, box: Box): ZoomOrder {
  return {
    direction,
    window_length: Math.round(picture.width),
    window_width: Math.round(picture.height),
    middle_x: Math.round(box.left + box.width / 2 - picture.left),
    middle_y: Math.round(box.top + box.height / 2 - picture.top),
    box_length: Math.round(box.width),
    box_width: Math.round(box.height),
  };
}
