// @vitest-environment jsdom
import { act, cleanup, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { User } from "../api-client/client";
import { bell } from "../ui/ringing";
import { SignedIn } from "../ui/signed-in";
import { QuietObserver, renderInConsole } from "../ui/testing";
import { SoundOff } from "./SoundOff";

let state: "running" | "suspended";

class FakeContext {
  onstatechange: (() => void) | null = null;
  get state() {
    return state;
  }
  resume() {
    if (pressed) state = "running";
    this.onstatechange?.();
    return Promise.resolve();
  }
}
let pressed: boolean;

function show(functions: string[]): void {
  renderInConsole(
    <SignedIn value={{ user: { id: 1, functions } as unknown as User, signOut: vi.fn(), lock: vi.fn(), notices: [], putAway: vi.fn() }}>
      <SoundOff />
    </SignedIn>,
  );
}
const passed = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

beforeEach(() => {
  [state, pressed] = ["suspended", false];
  localStorage.clear();
  vi.useFakeTimers();
  vi.stubGlobal("AudioContext", FakeContext);
  vi.stubGlobal("ResizeObserver", QuietObserver);
  vi.stubGlobal("matchMedia", () => ({ matches: false, addListener: () => undefined, removeListener: () => undefined, addEventListener: () => undefined, removeEventListener: () => undefined }));
  bell.belongsTo(1);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("a desk that the browser lets nothing sound at says so until somebody clicks or presses a key", async () => {
  show(["take-duty"]);
  expect(screen.queryByTestId("sound-off")).toBeNull(); // it may still be asked
  await passed(1_000);
  expect(screen.getByTestId("sound-off").textContent).toContain("声音未开启");
  pressed = true;
  await act(async () => void window.dispatchEvent(new Event("keydown")));
  expect(screen.queryByTestId("sound-off")).toBeNull();
});

test("where nothing rings nothing is said, nor where somebody wants silence", async () => {
  show(["look-around"]);
  await passed(1_000);
  expect(screen.queryByTestId("sound-off")).toBeNull();
  cleanup();
  bell.setSilent(true);
  show(["take-duty"]);
  await passed(1_000);
  expect(screen.queryByTestId("sound-off")).toBeNull();
});
