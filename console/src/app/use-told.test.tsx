// @vitest-environment jsdom
import { cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { OwnNotice } from "../ui/own-notices";
import { bell } from "../ui/ringing";
import { useTold } from "./use-told";

const ring = vi.spyOn(bell, "ring");
const notice = (id: number, priority: number) => ({ id, priority }) as OwnNotice;
const MINUTE_MS = 60_000;

beforeEach(() => {
  ring.mockReset();
  vi.useFakeTimers();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("what comes rings once, by the most urgent, and again each minute until it is read", () => {
  const hook = renderHook(({ told }) => useTold(told), { initialProps: { told: [notice(1, 3), notice(2, 2)] } });
  expect(ring.mock.calls).toEqual([[2]]);
  hook.rerender({ told: [notice(1, 3), notice(2, 2)] }); // the same, asked again
  expect(ring.mock.calls).toEqual([[2]]);
  vi.advanceTimersByTime(MINUTE_MS);
  expect(ring.mock.calls).toEqual([[2], [2]]);
  hook.rerender({ told: [notice(1, 3)] });
  vi.advanceTimersByTime(MINUTE_MS);
  expect(ring.mock.calls.at(-1)).toEqual([3]);
  hook.rerender({ told: [] });
  ring.mockReset();
  vi.advanceTimersByTime(10 * MINUTE_MS);
  expect(ring).not.toHaveBeenCalled();
});

test("what nobody reads is silent after ten minutes, and what is for the record rings as the least urgent", () => {
  renderHook(() => useTold([notice(1, 4)]));
  expect(ring.mock.calls).toEqual([[3]]);
  vi.advanceTimersByTime(60 * MINUTE_MS);
  expect(ring.mock.calls.length).toBe(10); // when it came, and nine minutes
});
