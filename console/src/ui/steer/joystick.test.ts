import { expect, test } from "vitest";
import { presetOf, readPad } from "./gamepad";
import { curved, dragged, keyed, wheeled } from "./joystick";

test("a hand that rests in the middle moves nothing, and the rim is full speed", () => {
  expect(dragged(5, 5, 100)).toEqual({ pan: 0, tilt: 0, zoom: 0 });
  expect(dragged(100, 0, 100)).toEqual({ pan: 100, tilt: 0, zoom: 0 });
  expect(dragged(0, -300, 100)).toEqual({ pan: 0, tilt: 100, zoom: 0 });
});
test("between there is every direction, slower near the middle", () => {
  const half = dragged(-35, 35, 100);
  expect(half.pan).toBe(half.tilt);
  expect(half.pan).toBeLessThan(0);
  expect(Math.abs(dragged(-20, 20, 100).pan)).toBeLessThan(Math.abs(half.pan) / 2);
  expect(dragged(60, 8, 100).tilt).toBe(0);
});
test("the curve keeps its sign and never exceeds full speed", () => {
  expect([curved(-2), curved(2), curved(0.1), curved(0.13)]).toEqual([-100, 100, 0, 1]);
});
test("keys add up, opposite ones cancel, Shift is fast", () => {
  expect(keyed(["ArrowLeft", "ArrowUp"], false)).toEqual({ pan: -35, tilt: 35, zoom: 0 });
  expect(keyed(["ArrowLeft", "ArrowRight"], true)).toEqual({ pan: 0, tilt: 0, zoom: 0 });
  expect(keyed(["+"], true).zoom).toBe(90);
});
test("the wheel away from the hand zooms in", () => {
  expect(wheeled(-100, false).zoom).toBeGreaterThan(0);
  expect(wheeled(100, true).zoom).toBe(-90);
});

const button = (value: number) => ({ pressed: value > 0.5, touched: value > 0, value });
const pad = (mapping: string, axes: number[], values: number[]) => ({ id: "DS4 Joystick (Vendor: 054c)", mapping, axes, buttons: values.map(button), connected: true }) as unknown as Gamepad;

test("a stick: dead zone, up is negative on the wire, a twist zooms", () => {
  expect(readPad(pad("", [0.1, -0.1, 0], []), []).state.speeds).toEqual({ pan: 0, tilt: 0, zoom: 0 });
  const { state } = readPad(pad("", [1, -1, -1], []), []);
  expect(state).toMatchObject({ name: "DS4 Joystick", speeds: { pan: 100, tilt: 100, zoom: -100 } });
});
test("a standard pad zooms by its triggers and its right stick", () => {
  expect(readPad(pad("standard", [0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 1]), []).state.speeds.zoom).toBe(100);
  expect(readPad(pad("standard", [0, 0, 0, -1], []), []).state.speeds.zoom).toBe(100);
});
test("a button counts when it goes down, and once", () => {
  const first = readPad(pad("", [0, 0, 0], [0, 1]), [false, false]);
  expect(first.state.pressed).toEqual([1]);
  expect(readPad(pad("", [0, 0, 0], [0, 1]), first.down).state.pressed).toEqual([]);
});
test("buttons are presets from 1 on; the triggers are none", () => {
  expect([0, 5, 6, 7, 8, 11, 12].map((at) => presetOf(at, true))).toEqual([1, 6, undefined, undefined, 7, 10, undefined]);
  expect([0, 11, 12].map((at) => presetOf(at, false))).toEqual([1, 12, undefined]);
});
