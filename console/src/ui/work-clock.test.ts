import { beforeEach, expect, test } from "vitest";
import { WorkClock, rememberWork } from "./work-clock";

const LIMIT = 900_000;
const BEGAN = 1_000_000_000;
let kept: Map<string, string>;
let done: string[];
let warned: (number | undefined)[];

/** What all tabs of a browser share. */
const store = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
const tab = (nowMs = BEGAN, limitMs = LIMIT) =>
  new WorkClock(limitMs, { lock: () => done.push("lock"), report: () => done.push("report"), warn: (left) => warned.push(left) }, nowMs, store);

beforeEach(() => {
  kept = new Map();
  done = [];
  warned = [];
  rememberWork(BEGAN, store);
});

test("without work the screen is locked at the limit, and warned a minute before", () => {
  const clock = tab();
  clock.look(BEGAN + LIMIT - 61_000);
  clock.look(BEGAN + LIMIT - 59_000);
  expect(warned).toEqual([undefined, 59_000]);
  clock.look(BEGAN + LIMIT - 1);
  expect(done).toEqual([]);
  clock.look(BEGAN + LIMIT);
  expect(done).toEqual(["lock"]);
});

test("work in one tab keeps every tab open", () => {
  const [one, other] = [tab(), tab()];
  one.work(BEGAN + LIMIT - 5_000);
  other.look(BEGAN + LIMIT + 5_000);
  expect(done).not.toContain("lock");
  other.look(BEGAN + 2 * LIMIT);
  expect(done).toContain("lock");
});

test("work is reported to the node once a minute, the last of it too", () => {
  const clock = tab();
  for (let second = 1; second <= 59; second++) clock.work(BEGAN + second * 1_000);
  expect(done).toEqual([]);
  clock.look(BEGAN + 60_000);
  clock.look(BEGAN + 121_000);
  expect(done).toEqual(["report"]);
  clock.work(BEGAN + 122_000);
  expect(done).toEqual(["report", "report"]);
});

test("a machine that slept over the limit is locked by the very first touch", () => {
  const clock = tab();
  clock.work(BEGAN + LIMIT + 3_600_000);
  clock.work(BEGAN + LIMIT + 3_600_010);
  clock.look(BEGAN + LIMIT + 3_601_000);
  expect(done).toEqual(["lock"]);
});

test("a clock that was set back does not lengthen the time", () => {
  const clock = tab();
  clock.look(BEGAN - 7_200_000);
  expect(done).toEqual(["lock"]);
});

test("a page that is opened while the node has the session open begins anew", () => {
  tab(BEGAN + 10 * LIMIT).look(BEGAN + 10 * LIMIT + 1_000);
  expect(done).toEqual([]);
});

test("a short limit warns and reports in its own measure", () => {
  const clock = tab(BEGAN, 12_000);
  clock.work(BEGAN + 3_000);
  expect(done).toEqual(["report"]);
  clock.look(BEGAN + 10_000);
  clock.look(BEGAN + 12_000);
  expect(warned).toEqual([undefined, undefined, 3_000]);
});
