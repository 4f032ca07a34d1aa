// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Conductor, type Parts } from "./conductor";
import { at, FakeSocket, FakeSource, node, PERIOD, type Part } from "./fake-footage";
import { FootagePlayer } from "./footage-player";

let player: FootagePlayer;
let conductor: Conductor;
let hereUs = 0;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout", "performance"] });
  node.asks.length = 0;
  node.dark = false;
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("MediaSource", FakeSource);
  vi.stubGlobal("ManagedMediaSource", undefined);
  URL.createObjectURL = () => "blob:1";
  URL.revokeObjectURL = () => undefined;
  HTMLMediaElement.prototype.load = () => undefined;
  HTMLMediaElement.prototype.play = () => Promise.resolve();
  HTMLMediaElement.prototype.pause = () => undefined;
  HTMLVideoElement.prototype.requestVideoFrameCallback = () => 1;
  HTMLVideoElement.prototype.cancelVideoFrameCallback = () => undefined;
  player = opened(PERIOD);
});
afterEach(() => {
  conductor.stop();
  player.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const opened = (period: typeof PERIOD) => new FootagePlayer("ws://node/playback", document.createElement("video"), period, { onShown: () => undefined, onEnd: () => undefined });

function begin(seconds: number): void {
  conductor = new Conductor(at(seconds), (now) => (hereUs = now.atUs));
  conductor.players.set("a", player);
}

/** A group of pictures of a camera of that rate, in so many parts. */
function group(from: number, to: number, rate: number, parts = 1): Part[] {
  const times = Array.from({ length: Math.round((to - from) * rate) }, (_, one) => one / rate);
  const length = (to - from) / parts;
  return Array.from({ length: parts }, (_, part) => ({
    from: from + part * length,
    to: from + (part + 1) * length,
    key: part === 0,
    times: times.filter((time) => Math.floor(time / length + 1e-9) === part).map((time) => time - part * length),
  }));
}

const pictures = () => node.has.flatMap((one) => ("key" in one ? (one.times ?? []).map((time) => Math.round(at(one.from) + time * 1e6)) : []));
/** Which picture is shown at an instant: in a small hole the one behind it. */
function shownAt(us: number): number {
  const behind = node.has.findIndex((one) => at(one.from) > us);
  const [last, next] = [node.has.at(behind - 1)?.to ?? 0, node.has[behind]?.from ?? Infinity];
  const inHole = behind > 0 && us >= at(last) && at(next) - us < 120_000;
  return pictures().findLastIndex((time) => time <= (inHole ? at(next) : us));
}

async function passes(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

/** So many steps, one after the other; which pictures were shown. */
async function steps(count: number, by: 1 | -1): Promise<number[]> {
  const shown: number[] = [];
  for (let one = 0; one < count; one++) {
    conductor.step("a", by);
    await passes(300);
    shown.push(shownAt(hereUs));
  }
  return shown;
}

const counted = (from: number, count: number, by: 1 | -1) => Array.from({ length: count }, (_, one) => from + by * (one + 1));

/** Groups that tremble apart, a hole, and a long group in parts. */
const footage = (rate: number): Part[] => [...group(0, 2, rate), ...group(2.003, 4, rate), ...group(4.002, 6, rate), ...group(30, 42, rate, 3), ...group(42, 44, rate), ...group(44.09, 46, rate)];

test.each([12.5, 25, 30, 50, 60, 120])("at %f pictures a second each step shows the next one and none is left out, over groups, holes and files", async (rate) => {
  node.has = footage(rate);
  begin(45);
  await passes(200);
  const first = shownAt(hereUs);
  expect(await steps(first + 2, -1), "and stands at the first one").toEqual([...counted(first, first, -1), 0, 0]);
  const count = pictures().length - 1;
  expect(await steps(count + 1, 1)).toEqual([...counted(0, count, 1), count]);
}, 120_000);

test.each([
  ["four times as fast", 4],
  ["by key frames", 16],
  ["backwards", -8],
])("after play %s a step goes by one picture", async (_, speed) => {
  node.has = footage(25);
  for (const by of [1, -1] as const) {
    begin(speed < 0 ? 45 : 31);
    conductor.go(speed);
    conductor.play(true);
    await passes(700);
    conductor.play(false);
    const before = shownAt(hereUs);
    expect(await steps(3, by)).toEqual(counted(before, 3, by));
    conductor.step("a", by); // and in the midst of play
    conductor.stop();
  }
});

test("steps that come faster than pictures are all done, and a hand that goes elsewhere ends them", async () => {
  node.has = footage(25);
  begin(42.5);
  await passes(200);
  const before = shownAt(hereUs);
  for (let one = 0; one < 8; one++) conductor.step("a", 1);
  await passes(300);
  expect(shownAt(hereUs)).toBe(before + 8);
  for (let one = 0; one < 8; one++) conductor.step("a", 1);
  conductor.seek(at(5));
  await passes(300);
  expect(hereUs).toBe(at(5));
});

test("a border of what is open is stepped over to the next part, once that is open, and the others stand at the same instant", async () => {
  node.has = footage(25);
  player.close();
  const [first, second] = [{ fromUs: PERIOD.fromUs, toUs: at(34) }, { fromUs: at(38), toUs: PERIOD.toUs }];
  player = opened(first);
  begin(33.97);
  const other = opened(PERIOD);
  conductor.players.set("b", other);
  const held = vi.spyOn(other, "hold");
  let open = first;
  const inside = (us: number) => us >= open.fromUs && us < open.toUs;
  conductor.parts = {
    onwards: () => undefined,
    next: () => undefined,
    turns: (camera, us) => camera === "a" && !inside(us),
    beside: (_, us, backwards) => [first.toUs - 1, second.fromUs].find((one) => (backwards ? one < us && one < second.fromUs : one > us && one >= second.fromUs)),
  } satisfies Parts;
  await passes(200);
  conductor.step("a", 1);
  await passes(200);
  player.close();
  player = opened((open = second));
  conductor.players.set("a", player);
  await passes(500);
  expect(shownAt(hereUs), "the first picture of the next part").toBe(pictures().indexOf(at(38)));
  expect(held.mock.calls.at(-1)?.[0]).toBe(hereUs);
  conductor.step("a", -1);
  await passes(200);
  player.close();
  player = opened((open = first));
  conductor.players.set("a", player);
  await passes(500);
  expect(shownAt(hereUs)).toBe(pictures().indexOf(at(33.96)));
  other.close();
});
