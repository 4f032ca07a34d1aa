import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Gathered } from "./gathered";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("tells the first news at once, and a storm of them once in so long", async () => {
  const told: string[][] = [];
  const gathered = new Gathered(250, (keys) => Promise.resolve(told.push(keys)));
  gathered.note(["queue"]);
  gathered.note(["steps", "queue"]);
  await vi.advanceTimersByTimeAsync(40);
  expect(told).toEqual([["queue", "steps"]]);
  for (let at = 0; at < 22; at++) {
    gathered.note(["queue"]);
    await vi.advanceTimersByTimeAsync(25);
  }
  expect(told.length).toBe(3);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told.length).toBe(4);
});

it("asks nothing while an answer is awaited, and rests as long as that took", async () => {
  let asked = 0;
  const gathered = new Gathered(250, () => new Promise((done) => setTimeout(done, 600, asked++)));
  gathered.note(["queue"]);
  await vi.advanceTimersByTimeAsync(40);
  gathered.note(["queue"]);
  await vi.advanceTimersByTimeAsync(1_100);
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(150);
  expect(asked).toBe(2);
});

it("asks again though an answer fails or never comes, and nothing once it is stopped", async () => {
  const asked: string[] = [];
  const gathered = new Gathered(250, ([key = ""]) => {
    asked.push(key);
    return key === "fails" ? Promise.reject(new Error("away")) : new Promise(() => undefined);
  });
  gathered.note(["fails"]);
  await vi.advanceTimersByTimeAsync(300);
  gathered.note(["hangs"]);
  await vi.advanceTimersByTimeAsync(300);
  gathered.note(["after"]);
  await vi.advanceTimersByTimeAsync(10_100);
  expect(asked).toEqual(["fails", "hangs", "after"]);
  gathered.note(["stopped"]);
  gathered.stop();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked.length).toBe(3);
});
