import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { alarmKey, type QueueName } from "./asked";
import type { Alarm, QueuePart } from "./queue";
import { QueueFeed } from "./queue-feed";

const ME = 7;
const alarm = (id: number, part: Partial<Alarm> = {}, owner?: number) =>
  ({ id, priority: 2, repeats: 0, folded_into: null, received_at: new Date(id * 1_000).toISOString(), work: { state: owner === undefined ? "open" : "claimed", version: 0, folded: 0, opened_at: new Date(id * 1_000).toISOString(), owner: owner === undefined ? null : { id: owner, name: "" } }, ...part }) as Alarm;

/** The node: what it has, how long it takes, and what it was asked. */
let node: Map<number, Alarm>;
let takesMs: number;
let parts: string[];
let singles: number[];
let atOnce: number;
let mostAtOnce: number;
const PART = 200;

vi.mock("./asked", async (original) => ({
  ...(await original<typeof import("./asked")>()),
  askedQueue: (which: QueueName, cursor = "") => answer(() => queue(which, cursor), () => parts.push(`${which} ${cursor}`.trim())),
  askedAlarms: (wanted: number[]) => answer(() => wanted.flatMap((id) => node.get(id) ?? []), () => singles.push(...wanted)),
  askedAlarm: (id: number) => answer(() => node.get(id), () => singles.push(id)),
}));

async function answer<T>(what: () => T, note: () => void): Promise<T> {
  note();
  const now = what(); // as it is when the node looks, told later
  mostAtOnce = Math.max(mostAtOnce, ++atOnce);
  await new Promise((done) => setTimeout(done, takesMs));
  atOnce--;
  return now;
}

function queue(which: QueueName, cursor: string): QueuePart {
  const all = [...node.values()].filter(({ work }) => work !== null && work.state !== "closed" && (which === "open" || work.owner?.id === ME)).sort((one, other) => one.priority - other.priority || one.id - other.id);
  const from = cursor === "" ? 0 : all.findIndex(({ id }) => String(id) === cursor) + 1;
  const items = all.slice(from, from + PART);
  return { items, next: from + PART < all.length ? String(items.at(-1)?.id) : null };
}

let queries: QueryClient;
let feed: QueueFeed;
const panel = (id: number) => queries.getQueryData<Alarm>(alarmKey(id));
const ids = (alarms: readonly Alarm[]) => alarms.map(({ id }) => id);

beforeEach(() => {
  vi.useFakeTimers();
  [node, takesMs, parts, singles, atOnce, mostAtOnce] = [new Map(), 5, [], [], 0, 0];
  queries = new QueryClient();
  feed = new QueueFeed(queries, ME);
});
afterEach(() => {
  feed.stop();
  queries.clear();
  vi.useRealTimers();
});

async function opened(...alarms: Alarm[]): Promise<void> {
  node = new Map(alarms.map((one) => [one.id, one]));
  feed.start();
  await vi.advanceTimersByTimeAsync(20);
}

test("the panel of the chosen alarm follows, however many are told of at once", async () => {
  await opened(...Array.from({ length: 40 }, (_, at) => alarm(at + 1)));
  feed.look(3);
  const taken = alarm(3, {}, 8);
  node.set(3, taken);
  for (let id = 1; id <= 40; id++) feed.hear(id);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(panel(3)).toEqual(taken);
});

test("the panel follows where its alarm stands behind the part that was read, and when it is over", async () => {
  await opened(...Array.from({ length: 700 }, (_, at) => alarm(at + 1)));
  feed.look(650);
  const closed = alarm(650, { work: { ...alarm(650).work, state: "closed" } as Alarm["work"] });
  node.set(650, closed);
  for (let id = 600; id <= 650; id++) feed.hear(id);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(panel(650)).toEqual(closed);
});

test("an older answer never takes the place of a newer one in the panel", async () => {
  const acted = alarm(3, { work: { ...alarm(3, {}, ME).work, version: 4 } as Alarm["work"] });
  await opened(alarm(3));
  feed.look(3);
  feed.take([acted]);
  feed.take([alarm(3)]);
  expect(panel(3)).toEqual(acted);
});

test("a list that was read further is read as far again", async () => {
  await opened(...Array.from({ length: 1_200 }, (_, at) => alarm(at + 1)));
  feed.more("open");
  await vi.advanceTimersByTimeAsync(100);
  expect(feed.now().queue.alarms).toHaveLength(400);
  feed.readAnew();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(feed.now().queue.alarms).toHaveLength(400);
  expect(feed.now().queue.next).not.toBeNull();
});

test("one's own are asked for by themselves, wherever they stand in the queue", async () => {
  await opened(...Array.from({ length: 900 }, (_, at) => alarm(at + 1, {}, at >= 800 ? ME : undefined)));
  expect(ids(feed.now().mine.alarms)).toEqual(Array.from({ length: 100 }, (_, at) => at + 801));
  node.set(801, alarm(801, {}, 8));
  node.set(5, alarm(5, {}, ME));
  feed.hear(801);
  feed.hear(5);
  await vi.advanceTimersByTimeAsync(200);
  expect(ids(feed.now().mine.alarms).slice(0, 2)).toEqual([5, 802]);
});

test("up to a hundred that changed are one question by their numbers", async () => {
  await opened(...Array.from({ length: 90 }, (_, at) => alarm(at + 1)));
  parts = [];
  for (let id = 1; id <= 90; id++) feed.hear(id);
  for (let id = 1; id <= 90; id++) node.set(id, alarm(id, {}, ME));
  await vi.advanceTimersByTimeAsync(50);
  expect(feed.now().mine.alarms).toHaveLength(90);
  expect(parts).toEqual([]);
  expect(mostAtOnce).toBe(2); // the two queues when it was opened
});

test("in a storm the queue is read once at a time with a rest between, longer under load, and once more after the last event", async () => {
  await opened(alarm(1));
  [parts, takesMs, mostAtOnce] = [[], 400, 0];
  let id = 1;
  for (let ms = 0; ms < 12_000; ms += 10) {
    for (let more = 0; more < 4; more++) {
      node.set(++id, alarm(id));
      feed.hear(id, true);
    }
    await vi.advanceTimersByTimeAsync(10);
  }
  const readings = parts.filter((one) => one === "open").length;
  expect(readings).toBeGreaterThan(5);
  expect(readings).toBeLessThan(12); // 400 ms and at least twice as long for rest
  node.set(++id, alarm(id, { priority: 1 }));
  feed.hear(id, true);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(feed.now().queue.alarms[0]?.id).toBe(id);
  const quiet = parts.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(parts.length).toBe(quiet);
});

test("what came during a gap of the news is told of as come; what comes into sight further down is not", async () => {
  await opened(...Array.from({ length: 700 }, (_, at) => alarm(at + 1)));
  expect(feed.came(feed.now().queue.alarms)).toEqual([]);
  node.set(801, alarm(801, { priority: 1 }));
  feed.readAnew();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ids(feed.came(feed.now().queue.alarms))).toEqual([801]);
  feed.more("open");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(feed.came(feed.now().queue.alarms)).toEqual([]);
});

test("who scrolls on does not wait for the rest of a storm", async () => {
  await opened(...Array.from({ length: 1_200 }, (_, at) => alarm(at + 1)));
  takesMs = 2_000;
  feed.readAnew();
  await vi.advanceTimersByTimeAsync(2_500);
  takesMs = 5;
  for (let id = 1; id <= 140; id++) feed.hear(id);
  await vi.advanceTimersByTimeAsync(100);
  expect(feed.now().queue.alarms).toHaveLength(200); // it rests
  feed.more("open");
  await vi.advanceTimersByTimeAsync(100);
  expect(feed.now().queue.alarms).toHaveLength(400);
});

test("what is raised is told of as come: from the record into the queue, from one priority to another, and during a gap", async () => {
  await opened(alarm(1), alarm(2), alarm(4, { priority: 4, work: null }), alarm(5, { priority: 4, work: null }));
  feed.hear(5);
  await vi.advanceTimersByTimeAsync(100);
  feed.hear(4);
  await vi.advanceTimersByTimeAsync(32); // the answer of before is under way
  node.set(4, alarm(4, { priority: 1 }));
  feed.hear(4, true);
  await vi.advanceTimersByTimeAsync(100);
  expect(ids(feed.came(feed.now().queue.alarms))).toEqual([4]);
  node.set(2, alarm(2, { priority: 1 }));
  feed.hear(2);
  await vi.advanceTimersByTimeAsync(100);
  expect(ids(feed.came(feed.now().queue.alarms))).toEqual([2]);
  [node] = [new Map([...node, [1, alarm(1, { priority: 1 })], [5, alarm(5, { priority: 3 })]])];
  feed.readAnew();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ids(feed.came(feed.now().queue.alarms))).toEqual([1, 5]);
  feed.readAnew();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(feed.came(feed.now().queue.alarms)).toEqual([]);
});

test("what was folded into another is not shown as open by an older answer, and what was for the record is once it is work", async () => {
  await opened(alarm(3, { work: { ...alarm(3).work, version: 2 } as Alarm["work"] }), alarm(4, { priority: 4, work: null }));
  feed.look(3);
  const [stale, folded] = [node.get(3) as Alarm, alarm(3, { work: null, folded_into: 1 })];
  feed.take([stale]);
  feed.take([folded]);
  expect(panel(3)).toEqual(folded);
  feed.take([stale]);
  expect(panel(3)).toEqual(folded);
  feed.look(4);
  feed.take([node.get(4) as Alarm]);
  feed.take([alarm(4)]);
  feed.take([node.get(4) as Alarm]);
  expect(panel(4)).toEqual(alarm(4));
});

test("what the node shows no longer leaves the queue, and the panel is told", async () => {
  await opened(alarm(1), alarm(2, {}, ME));
  feed.look(2);
  node.delete(2);
  feed.hear(2);
  await vi.advanceTimersByTimeAsync(200);
  expect([ids(feed.now().queue.alarms), ids(feed.now().mine.alarms), feed.now().gone]).toEqual([[1], [], 2]);
  node.set(2, alarm(2));
  feed.hear(2);
  await vi.advanceTimersByTimeAsync(200);
  expect([ids(feed.now().queue.alarms), feed.now().gone]).toEqual([[1, 2], undefined]);
});
