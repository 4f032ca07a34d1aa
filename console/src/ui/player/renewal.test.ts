import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Renewal, renewAfterMs } from "./renewal";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a ticket is renewed a minute before its end, a short one at half of its life", () => {
  expect(renewAfterMs(300)).toBe(240_000);
  expect(renewAfterMs(30)).toBe(15_000);
});
test("each ticket that comes is handed on, one that does not come is asked for again, and the end ends it", async () => {
  let asked = 0;
  const given: number[] = [];
  const ask = () => {
    asked += 1;
    return asked === 2 ? Promise.reject(new Error("away")) : Promise.resolve({ expires_in_s: 30, number: asked });
  };
  const renewal = new Renewal({ expires_in_s: 30, number: 0 }, ask, (session) => given.push(session.number));
  vi.setSystemTime(0); // a clock that is put right moves nothing
  await vi.advanceTimersByTimeAsync(15_000);
  expect(given).toEqual([1]);
  await vi.advanceTimersByTimeAsync(15_000);
  expect([asked, given]).toEqual([2, [1]]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(given).toEqual([1, 3]);
  renewal.stop();
  await vi.advanceTimersByTimeAsync(100_000);
  expect(asked).toBe(3);
});
