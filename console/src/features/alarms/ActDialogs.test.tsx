// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { QuietObserver, renderInConsole } from "../../ui/testing";
import { ActDialogs } from "./ActDialogs";
import type { Alarm } from "./queue";
import { SEEN_MS } from "./signals";
import type { DeskActs } from "./use-acts";

const alarm = (folded: number, folded_at: string | null) => ({ id: 1, repeats: 0, last_at: "2026-11-29T05:00:00Z", work: { state: "claimed", folded, folded_at, version: 1 } }) as Alarm;
const verify = vi.fn<DeskActs["verify"]>();
const acts = { asking: "false", ask: vi.fn(), verify } as unknown as DeskActs;
const passed = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

beforeEach(() => {
  vi.useFakeTimers();
  verify.mockReset().mockResolvedValue(true);
  vi.stubGlobal("ResizeObserver", QuietObserver);
  vi.stubGlobal("matchMedia", () => ({ matches: false, addListener: () => undefined, removeListener: () => undefined, addEventListener: () => undefined, removeEventListener: () => undefined }));
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("a signal that comes while somebody decides is said in the dialog, and nothing is confirmed before it was to be seen", async () => {
  const { rerender } = renderInConsole(<ActDialogs alarm={alarm(2, "2026-11-29T05:00:10Z")} acts={acts} />);
  fireEvent.click(screen.getByTestId("word-equipment"));
  await passed(SEEN_MS);
  expect(screen.queryByTestId("another-signal")).toBeNull();
  rerender(<ActDialogs alarm={alarm(3, "2026-11-29T05:01:20Z")} acts={acts} />);
  expect(screen.getByTestId("another-signal").textContent).toMatch(/又来 1 次信号，最近 \d\d:01:20/);
  expect(screen.getByTestId("sure")).toHaveProperty("disabled", true);
  fireEvent.keyDown(screen.getByTestId("word-equipment"), { key: "Enter" });
  await passed(0);
  expect(verify).not.toHaveBeenCalled();
  await passed(SEEN_MS);
  expect(screen.getByTestId("another-signal")).toBeTruthy();
  fireEvent.keyDown(screen.getByTestId("word-equipment"), { key: "Enter" });
  await passed(0);
  expect(verify).toHaveBeenCalledExactlyOnceWith("false", "equipment", "");
});

test("a source that never rests holds nobody up for longer than it takes to see it", async () => {
  const at = (folded: number) => <ActDialogs alarm={alarm(folded, "2026-11-29T05:00:10Z")} acts={acts} />;
  const { rerender } = renderInConsole(at(0));
  fireEvent.click(screen.getByTestId("word-equipment"));
  const held: number[] = [];
  for (let folded = 1; folded <= 40; folded++) {
    rerender(at(folded)); // each half second
    if ((screen.getByTestId("sure") as HTMLButtonElement).disabled) held.push(folded);
    await passed(500);
  }
  expect(held).toEqual([1, 2, 13, 14, 25, 26, 37, 38]);
  expect(screen.getByTestId("another-signal").textContent).toMatch(/又来 40 次信号/);
});

test("an alarm is given back without a look at what has just come", async () => {
  const giving = { ...acts, asking: "release" } as DeskActs;
  const { rerender } = renderInConsole(<ActDialogs alarm={alarm(0, null)} acts={giving} />);
  fireEvent.change(screen.getByTestId("reason"), { target: { value: "交给同事" } });
  rerender(<ActDialogs alarm={alarm(1, "2026-11-29T05:00:10Z")} acts={giving} />);
  expect(screen.getByTestId("another-signal")).toBeTruthy();
  expect(screen.getByTestId("sure")).toHaveProperty("disabled", false);
  await passed(0);
});

test("after the node refused a count that was overtaken the dialog says what a second confirm is about", () => {
  const { rerender } = renderInConsole(<ActDialogs alarm={alarm(0, null)} acts={acts} />);
  expect(screen.queryByTestId("up-to-now")).toBeNull();
  rerender(<ActDialogs alarm={alarm(0, null)} acts={{ ...acts, upToNow: true }} />);
  expect(screen.getByTestId("up-to-now").textContent).toMatch(/到那时为止的全部信号/);
});
