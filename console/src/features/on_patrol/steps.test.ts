import { expect, test } from "vitest";
import { mayRefuse, newKey, nextStep, read, stateHere, type Kept } from "./steps";

const kept = (task: number, step: Kept["step"]): Kept => ({ key: newKey(), task, step, text: "", pressedAt: "2026-11-29T10:00:00Z" });

test("the big button goes from accepted to done, and then there is none", () => {
  expect((["sent", "accepted", "on_the_way", "arrived", "done", "cancelled"] as const).map(nextStep)).toEqual(["accept", "on-the-way", "arrive", "done", undefined, undefined]);
  expect((["sent", "accepted", "on_the_way"] as const).map(mayRefuse)).toEqual([true, true, false]);
});

test("a phone shows the steps it has not sent, of this task alone", () => {
  const task = { id: 7, state: "sent" as const };
  expect(stateHere(task, [])).toBe("sent");
  expect(stateHere(task, [kept(7, "accept"), kept(7, "on-the-way"), kept(6, "done")])).toBe("on_the_way");
});

test("what stands in the browser's storage is taken as far as it is steps", () => {
  const one = kept(7, "accept");
  expect(read(JSON.stringify([one, { ...one, step: "fly" }, null, 3]))).toEqual([one]);
  expect([read("{"), read(null), read('{"a":1}')]).toEqual([[], [], []]);
});

test("no two steps have one key", () => {
  expect(new Set(Array.from({ length: 500 }, newKey)).size).toBe(500);
  expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
});
