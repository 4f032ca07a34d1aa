import { expect, test } from "vitest";
import { extended, NO_QUEUE, queueOf, updated, type Alarm } from "./queue";

const at = (second: number) => new Date(second * 1_000).toISOString();
const alarm = (id: number, priority: number, second = id, state = "open") => ({ id, priority, received_at: at(second), work: { state, opened_at: at(second) } }) as Alarm;
const forTheRecord = { ...alarm(4, 4), work: null };
const ids = ({ alarms }: { alarms: readonly Alarm[] }) => alarms.map(({ id }) => id);

test("the most urgent stands first, and of one priority the one that waits longest", () => {
  expect(ids(queueOf({ items: [alarm(3, 2), alarm(2, 1), alarm(1, 2), alarm(4, 1)], next: null }))).toEqual([2, 4, 1, 3]);
});

test("a new alarm takes its place, and one that is over leaves", () => {
  const before = queueOf({ items: [alarm(1, 2), alarm(2, 3)], next: null });
  const after = updated(before, [alarm(3, 1), alarm(2, 3, 2, "closed"), forTheRecord]);
  expect(ids(after)).toEqual([3, 1]);
});

test("what belongs behind the part that is here comes with the part that follows", () => {
  const part = queueOf({ items: [alarm(1, 1), alarm(2, 2)], next: "2" });
  const after = updated(part, [alarm(9, 3)]);
  expect(ids(after)).toEqual([1, 2]);
  expect(ids(extended(after, { items: [alarm(2, 2), alarm(5, 2), alarm(9, 3)], next: null }))).toEqual([1, 2, 5, 9]);
});

test("one told of twice stands once, as it is now", () => {
  const again = updated(updated(NO_QUEUE, [alarm(1, 2)]), [{ ...alarm(1, 2), repeats: 4 }]);
  expect(again.alarms.map(({ repeats }) => repeats)).toEqual([4]);
});

test("fifty thousand are put in order and changed within a glance", () => {
  const many = Array.from({ length: 50_000 }, (_, at) => alarm(at + 1, 1 + (at % 3)));
  const state = queueOf({ items: many, next: null });
  const began = performance.now();
  const after = updated(state, [alarm(60_000, 1)]);
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(after.alarms).toHaveLength(50_001);
});
