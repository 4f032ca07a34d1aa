// @vitest-environment jsdom
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useOnScreen } from "./use-on-screen";

let tell: (isIntersecting: boolean) => void = () => undefined;

const full = vi.fn<() => Element | null>();

class FakeObserver {
  constructor(told: (entries: { isIntersecting: boolean }[]) => void) {
    tell = (isIntersecting) => act(() => told([{ isIntersecting }]));
  }
  observe = () => undefined;
  disconnect = () => undefined;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("IntersectionObserver", FakeObserver);
  full.mockReturnValue(null);
  Object.defineProperty(document, "fullscreenElement", { configurable: true, get: full });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
const tile = { current: document.createElement("div") };

test("a tile outside the window is nobody's after a moment, one that is back in it at once somebody's", async () => {
  const { result } = renderHook(() => useOnScreen(tile));
  expect(result.current).toBe(true);
  tell(false);
  await pass(2_900);
  expect(result.current).toBe(true);
  tell(true);
  await pass(10_000);
  expect(result.current).toBe(true);
  tell(false);
  await pass(3_100);
  expect(result.current).toBe(false);
  tell(true);
  expect(result.current).toBe(true);
});
test("while another element fills the screen it is not seen; while it does itself, it is", async () => {
  const { result } = renderHook(() => useOnScreen(tile));
  full.mockReturnValue(document.createElement("div"));
  const change = () => act(() => void document.dispatchEvent(new Event("fullscreenchange")));
  change();
  await pass(3_100);
  expect(result.current).toBe(false);
  full.mockReturnValue(tile.current);
  change();
  expect(result.current).toBe(true);
  full.mockReturnValue(null);
  change();
  await pass(3_100);
  expect(result.current).toBe(true);
});
