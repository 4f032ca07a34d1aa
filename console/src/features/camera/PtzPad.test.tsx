// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../../api-client/client";
import { QuietObserver, renderInConsole } from "../../ui/testing";
import { PtzPad } from "./PtzPad";

const sent: string[] = [];

beforeEach(() => {
  vi.stubGlobal("ResizeObserver", QuietObserver);
  sent.length = 0;
  vi.spyOn(api, "POST").mockImplementation(((_: string, options: { body: { action: string; speed: number } }) => {
    sent.push(`${options.body.action} ${options.body.speed}`);
    return Promise.resolve({});
  }) as never);
  renderInConsole(<PtzPad code="c" />);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("pressing moves and letting go anywhere stops, once", () => {
  fireEvent.pointerDown(screen.getByTestId("ptz-left_up"));
  expect(sent).toEqual(["left_up 50"]);
  fireEvent.pointerUp(window);
  fireEvent.pointerUp(window);
  expect(sent).toEqual(["left_up 50", "stop 50"]);
});
test("a window that loses its focus stops the camera", () => {
  fireEvent.pointerDown(screen.getByTestId("ptz-zoom_in"));
  fireEvent.blur(window);
  expect(sent).toEqual(["zoom_in 50", "stop 50"]);
});
test("by keyboard: holding a key moves, releasing it stops, and its repeats are not sent", () => {
  const button = screen.getByTestId("ptz-down");
  fireEvent.keyDown(button, { key: " " });
  fireEvent.keyDown(button, { key: " ", repeat: true });
  fireEvent.keyUp(button, { key: " " });
  expect(sent).toEqual(["down 50", "stop 50"]);
});
test("a pad that goes away while it moves stops the camera", () => {
  fireEvent.pointerDown(screen.getByTestId("ptz-right"));
  cleanup();
  expect(sent).toEqual(["right 50", "stop 50"]);
});
test("while it is held the node hears of it again and again, for it stops a camera of which it hears nothing", async () => {
  vi.useFakeTimers();
  fireEvent.pointerDown(screen.getByTestId("ptz-left"));
  await vi.advanceTimersByTimeAsync(1500);
  expect(sent).toEqual(["left 50", "left 50", "left 50"]);
  fireEvent.pointerUp(window);
  await vi.advanceTimersByTimeAsync(1500);
  expect(sent.at(-1)).toBe("stop 50");
  vi.useRealTimers();
});
test("stop is sent once", () => {
  fireEvent.pointerDown(screen.getByTestId("ptz-stop"));
  fireEvent.pointerUp(window);
  expect(sent).toEqual(["stop 50"]);
});
