// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen } from "@testing-library/react";
import { createRef, type ReactElement } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../../api-client/client";
import { QuietObserver, renderInConsole } from "../testing";
import { Steer } from "./Steer";

const sent: string[] = [];
const ended = vi.fn();
let show: (heldBy: string | undefined) => ReactElement;
let again: (what: ReactElement) => void;

function told(path: string, options: { params: { path: { number?: number } }; body?: { action?: string; pan?: number; tilt?: number; zoom?: number; x?: number; y?: number } }): string {
  if (path.endsWith("/go")) return `preset ${options.params.path.number}`;
  const { action, pan, tilt, zoom, x, y } = options.body ?? {};
  return path.endsWith("/centre") ? `centre ${x} ${y}` : action === "stop" ? "stop" : `${pan},${tilt},${zoom}`;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("ResizeObserver", QuietObserver);
  sent.length = 0;
  ended.mockClear();
  vi.spyOn(api, "POST").mockImplementation(((path: string, options: never) => {
    sent.push(told(path, options));
    return Promise.resolve({});
  }) as never);
  const presets = [1, 3].map((number) => ({ number, name: `place ${number}`, has_picture: number === 1, allowed: number === 1 }));
  vi.spyOn(api, "GET").mockResolvedValue({ data: { items: presets } } as never);
  const video = createRef<HTMLVideoElement>();
  const shown = document.createElement("video");
  for (const [name, value] of Object.entries({ clientWidth: 640, clientHeight: 360, videoWidth: 640, videoHeight: 360 })) Object.defineProperty(shown, name, { value });
  video.current = shown;
  HTMLElement.prototype.setPointerCapture = () => undefined;
  show = (heldBy) => <Steer camera="c" video={video} heldBy={heldBy} onDone={ended} />;
  again = renderInConsole(show(undefined)).rerender;
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
/** Without the stop that is said once more for an order that was under way. */
const said = () => sent.filter((one, at) => one !== "stop" || sent[at - 1] !== "stop");
const sheet = () => screen.getByTestId("steer-sheet");

test("dragged from the middle it turns, faster farther out, and stops when let go", async () => {
  fireEvent.pointerDown(sheet(), { button: 0, clientX: 320, clientY: 180 });
  fireEvent.pointerMove(sheet(), { buttons: 1, clientX: 400, clientY: 180 });
  await pass(120);
  fireEvent.pointerMove(sheet(), { buttons: 1, clientX: 482, clientY: 180 });
  await pass(120);
  const [slow, fast] = sent.map((one) => Number(one.split(",")[0]));
  expect(slow).toBeGreaterThan(0);
  expect(fast).toBe(100);
  fireEvent.pointerUp(sheet(), { clientX: 482, clientY: 180 });
  expect(sent.at(-1)).toBe("stop");
});
test("a hand that lets go before its movement was drawn stops, and turns nowhere", async () => {
  act(() => {
    // what comes in one go is drawn once, afterwards
    fireEvent.pointerDown(sheet(), { button: 0, clientX: 320, clientY: 180 });
    fireEvent.pointerMove(sheet(), { buttons: 1, clientX: 482, clientY: 180 });
    fireEvent.pointerUp(sheet(), { clientX: 482, clientY: 180 });
  });
  await pass(3_000);
  expect(said()).toEqual(["100,0,0", "stop"]);
});
test("after a lost focus a hand moves nothing until it takes hold again, and one that came up elsewhere lets go", async () => {
  fireEvent.pointerDown(sheet(), { button: 0, clientX: 320, clientY: 180 });
  fireEvent.pointerMove(sheet(), { buttons: 1, clientX: 482, clientY: 180 });
  fireEvent.blur(window);
  fireEvent.pointerMove(sheet(), { buttons: 1, clientX: 160, clientY: 180 });
  await pass(3_000);
  fireEvent.pointerUp(sheet(), { clientX: 160, clientY: 180 });
  await pass(3_000);
  expect(said()).toEqual(["100,0,0", "stop"]);
  fireEvent.pointerDown(sheet(), { button: 0, clientX: 320, clientY: 180 });
  fireEvent.pointerMove(sheet(), { buttons: 1, clientX: 482, clientY: 180 });
  await pass(120);
  fireEvent.pointerMove(sheet(), { buttons: 0, clientX: 160, clientY: 180 });
  await pass(3_000);
  expect(said().slice(2)).toEqual(["100,0,0", "stop"]);
});
test("a click turns there and is no movement", async () => {
  fireEvent.pointerDown(sheet(), { button: 0, clientX: 480, clientY: 90 });
  fireEvent.pointerUp(sheet(), { clientX: 481, clientY: 90 });
  await pass(500);
  expect(sent).toEqual(["centre 0.75 0.25"]);
});
test("a notch of the wheel zooms for a moment", async () => {
  fireEvent.wheel(sheet(), { deltaY: -100 });
  await pass(500);
  expect(sent).toEqual(["0,0,50", "stop"]);
});
test("keys turn while they are down, a lost focus stops, Escape ends", async () => {
  fireEvent.keyDown(document, { key: "ArrowLeft" });
  fireEvent.keyDown(document, { key: "ArrowLeft", repeat: true });
  await pass(120);
  fireEvent.keyDown(document, { key: "ArrowUp", shiftKey: true });
  await pass(120);
  expect(sent).toEqual(["-35,0,0", "-90,90,0"]);
  fireEvent.keyUp(document, { key: "ArrowLeft" });
  await pass(120);
  expect(sent.at(-1)).toBe("0,35,0");
  fireEvent.blur(window);
  expect(sent.at(-1)).toBe("stop");
  fireEvent.keyDown(document, { key: "Escape" });
  expect(ended).toHaveBeenCalledOnce();
});
test("digits and the small pictures go to presets that there are", async () => {
  await pass(50);
  fireEvent.keyDown(document, { key: "1" });
  fireEvent.keyDown(document, { key: "7" });
  await pass(50);
  expect(sent).toEqual(["preset 1"]);
  fireEvent.click(screen.getByTestId("strip-preset-1"));
  await pass(50);
  expect(sent).toEqual(["preset 1", "preset 1"]);
  expect(screen.getByTestId<HTMLButtonElement>("strip-preset-3").disabled, "it lies outside the sector").toBe(true);
  again(show("zhao.liu"));
  fireEvent.keyDown(document, { key: "1" });
  await pass(50);
  expect(sent.length, "somebody else steers").toBe(2);
});
test("a joystick is shown, turns beyond its dead zone, and its buttons go to presets", async () => {
  const buttons = [0, 0, 0].map(() => ({ pressed: false, touched: false, value: 0 }));
  const pad = { id: "AXIS T8311", mapping: "", connected: true, axes: [0.05, 0, 0], buttons };
  vi.stubGlobal("navigator", Object.assign(navigator, { getGamepads: () => [null, pad] }));
  await pass(60);
  expect(screen.getByTestId("steer-pad").textContent).toContain("AXIS T8311");
  expect(sent).toEqual([]);
  pad.axes = [1, 0, 0];
  await pass(60);
  pad.axes = [0.02, 0, 0];
  await pass(60);
  expect(sent).toEqual(["100,0,0", "stop"]);
  buttons[2] = { pressed: true, touched: true, value: 1 };
  await pass(300);
  expect(sent.slice(2)).toEqual(["preset 3"]);
  Object.assign(navigator, { getGamepads: () => [] });
  await pass(60);
  expect(screen.queryByTestId("steer-pad")).toBeNull();
});
test("a stick that is pushed when the page is left or hidden turns nothing until it was in its middle", async () => {
  const pad = { id: "AXIS T8311", mapping: "", connected: true, axes: [1, 0, 0], buttons: [] };
  vi.stubGlobal("navigator", Object.assign(navigator, { getGamepads: () => [pad] }));
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  for (const leave of [() => fireEvent.blur(window), () => fireEvent(document, new Event("visibilitychange"))]) {
    sent.length = 0;
    await pass(60);
    leave();
    await pass(3_000);
    expect(said(), "the browser tells of it as it was").toEqual(["100,0,0", "stop"]);
    pad.axes = [0, 0, 0];
    await pass(60);
    pad.axes = [1, 0, 0];
    await pass(60);
    expect(said().slice(2)).toEqual(["100,0,0"]);
    pad.axes = [0, 0, 0];
    await pass(200);
    pad.axes = [1, 0, 0];
  }
  hidden.mockRestore();
  Object.assign(navigator, { getGamepads: () => [] });
});
test("whoever loses the camera has a dead stick: nothing more is said, not even a stop, and the sheet says why", async () => {
  fireEvent.keyDown(document, { key: "ArrowRight" });
  await pass(10);
  again(show("王五"));
  await pass(5_000);
  expect(sent).toEqual(["35,0,0"]);
  expect(screen.getByTestId("steer-dead").textContent).toContain("王五");
  fireEvent.keyUp(document, { key: "ArrowRight" });
  fireEvent.keyDown(document, { key: "+" });
  fireEvent.wheel(sheet(), { deltaY: -100 });
  fireEvent.pointerDown(sheet(), { button: 0, clientX: 320, clientY: 180 });
  fireEvent.pointerMove(sheet(), { buttons: 1, clientX: 480, clientY: 180 });
  await pass(2_000);
  fireEvent.pointerUp(sheet(), { clientX: 480, clientY: 180 });
  fireEvent.pointerDown(sheet(), { button: 0, clientX: 480, clientY: 90 });
  fireEvent.pointerUp(sheet(), { clientX: 480, clientY: 90 });
  fireEvent.keyUp(document, { key: "+" });
  await pass(2_000);
  expect(sent).toEqual(["35,0,0"]);
  again(show(undefined));
  fireEvent.keyDown(document, { key: "ArrowLeft" });
  await pass(10);
  expect(sent).toEqual(["35,0,0", "-35,0,0"]);
});
test("a sheet that goes away while it moves stops the camera", async () => {
  fireEvent.keyDown(document, { key: "ArrowRight" });
  await pass(10);
  cleanup();
  expect(sent).toEqual(["35,0,0", "stop"]);
});
