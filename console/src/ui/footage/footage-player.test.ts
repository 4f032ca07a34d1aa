// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Conductor } from "./conductor";
import { FootagePlayer } from "./footage-player";
import type { Answer, Fragment, Missing } from "./pieces";

const FROM_US = 1_764_000_000_000_000;
const at = (seconds: number) => FROM_US + seconds * 1e6;
const PERIOD = { fromUs: FROM_US, toUs: at(3_600) };
const IS_KEY = 0x0200_0000;
const IS_NONE = 0x0101_0000;

const box = (name: string, ...parts: Uint8Array[]): Uint8Array => {
  const length = 8 + parts.reduce((sum, one) => sum + one.length, 0);
  const made = new Uint8Array(length);
  new DataView(made.buffer).setUint32(0, length);
  made.set([...name].map((one) => one.charCodeAt(0)), 4);
  parts.reduce((to, one) => (made.set(one, to), to + one.length), 8);
  return made;
};
const numbers = (...values: number[]) => {
  const made = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, one) => made.setUint32(4 * one, value));
  return new Uint8Array(made.buffer);
};
/** As the node writes it: the flags of the first sample stand in `trun`. Where its pictures lie stands where they would be. */
function fragmentOf(from: number, to: number, key: boolean): Uint8Array {
  const head = box("moof", box("mfhd", numbers(0, 1)), box("traf", box("tfhd", numbers(0x02_0020, 1, IS_NONE)), box("tfdt", numbers(0x0100_0000, 0, 0)), box("trun", numbers(0x0100_0005, 1, 0, key ? IS_KEY : IS_NONE))));
  const times = new Float64Array([from, to]);
  const body = box("mdat", new Uint8Array(times.buffer));
  const whole = new Uint8Array(head.length + body.length);
  whole.set(head);
  whole.set(body, head.length);
  return whole;
}

type Part = { from: number; to: number; key: boolean } | { from: number; to: number; lacks: Missing["kind"] };

/** What the node has, in seconds of the period, in order. */
let has: Part[];
/** What it was asked. */
const asks: string[] = [];
/** The browser shows nothing of it. */
let dark: boolean;

class FakeSocket {
  static readonly OPEN = 1;
  readyState = 1;
  onmessage: ((message: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: (() => void) | null = null;
  send(ask: string): void {
    asks.push(ask);
    const [number, way, atUs, how, count] = ask.split(" ");
    const wanted = (Number(atUs) - FROM_US) / 1e6;
    const there = has.findIndex((one) => one.to > wanted + 1e-9);
    let first = there;
    if (how === "seek") while (first > 0 && isPart(has[first])) first -= 1;
    let pieces: Answer["pieces"] = [{ kind: "init", id: "a", mime: "avc", width: 16, height: 16, bytes: 0 }];
    let parts: Uint8Array[] = [];
    let next = wanted;
    let left = Number(count);
    for (const one of first < 0 ? [] : has.slice(first)) {
      if (left === 0) break;
      if (one.from > next + 0.5) pieces.push({ kind: "gap", from_us: at(next), to_us: at(one.from) });
      next = one.to;
      if ("lacks" in one) {
        pieces.push({ kind: one.lacks, from_us: at(one.from), to_us: at(one.to), reason: "its bytes do not agree with their checksum" });
        continue;
      }
      const faster = way === "keys" ? 8 : 1;
      const part = fragmentOf(one.from / faster, one.to / faster, one.key);
      parts.push(part);
      pieces.push({ kind: "fragment", from_us: at(one.from), to_us: at(one.to), camera_us: null, clock_error_us: null, from_device: false, times_us: [0], bytes: part.length } as Fragment);
      left -= 1;
    }
    if (way === "peek" && pieces.some((one) => one.kind === "gap")) [pieces, parts] = [pieces.filter((one) => one.kind === "gap"), []];
    const ended = left > 0;
    const bytes = parts.reduce((sum, one) => sum + one.length, 0);
    const whole = new Uint8Array(bytes);
    parts.reduce((to, one) => (whole.set(one, to), to + one.length), 0);
    const answer = { number: Number(number), way, next_us: at(next), ended, bytes, pieces: pieces.length === 1 ? [] : pieces };
    queueMicrotask(() => {
      this.onmessage?.({ data: JSON.stringify(answer) });
      if (bytes > 0) this.onmessage?.({ data: whole.buffer });
    });
  }
  close(): void {}
}
const isPart = (one: Part | undefined) => one !== undefined && "key" in one && !one.key;

class FakeBuffer extends EventTarget {
  updating = false;
  private ranges: [number, number][] = [];
  get buffered() {
    return { length: this.ranges.length, start: (one: number) => this.ranges[one]?.[0] ?? 0, end: (one: number) => this.ranges[one]?.[1] ?? 0 };
  }
  appendBuffer(part: Uint8Array<ArrayBuffer>): void {
    const times = part.length < 16 || dark ? undefined : new Float64Array(part.slice(-16).buffer);
    if (times !== undefined) this.ranges = joined([...this.ranges, [times[0] ?? 0, times[1] ?? 0]]);
    this.work();
  }
  remove(from: number, to: number): void {
    this.ranges = this.ranges.flatMap(([start, end]) => [...(start < from ? [[start, Math.min(end, from)] as [number, number]] : []), ...(end > to ? [[Math.max(start, to), end] as [number, number]] : [])]);
    this.work();
  }
  private work(): void {
    this.updating = true;
    queueMicrotask(() => {
      this.updating = false;
      this.dispatchEvent(new Event("updateend"));
    });
  }
}
const joined = (ranges: [number, number][]) =>
  ranges
    .sort(([one], [other]) => one - other)
    .reduce<[number, number][]>((found, [start, end]) => {
      const last = found.at(-1);
      return last !== undefined && start <= last[1] + 1e-6 ? [...found.slice(0, -1), [last[0], Math.max(last[1], end)]] : [...found, [start, end]];
    }, []);

class FakeSource extends EventTarget {
  static isTypeSupported = () => true;
  readyState = "open";
  addSourceBuffer = () => new FakeBuffer();
}

let player: FootagePlayer;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout", "performance"] });
  asks.length = 0;
  dark = false;
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
  player = new FootagePlayer("ws://node/playback", document.createElement("video"), PERIOD, { onShown: () => undefined, onEnd: () => undefined });
});
afterEach(() => {
  player.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Held to an instant as the conductor holds it; what it says at last. */
async function held(seconds: number, ms = 1_000) {
  let state = player.hold(at(seconds), 1, false);
  for (let passed = 0; passed < ms; passed += 20) {
    await vi.advanceTimersByTimeAsync(20);
    state = player.hold(at(seconds), 1, false);
  }
  return state;
}
const groups = (from: number, to: number, length = 2): Part[] => Array.from({ length: (to - from) / length }, (_, one) => ({ from: from + one * length, to: from + (one + 1) * length, key: true }));

test("within a second after the end was told, another moment is asked for at once and is not over", async () => {
  has = groups(0, 60);
  expect(await held(60, 100)).toBe("over");
  asks.length = 0;
  expect(player.hold(at(20), 1, true)).toBe("waiting");
  expect(asks).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(player.hold(at(20), 1, true)).toBe("showing");
  expect(await held(60, 3_100)).toBe("over");
  expect(asks.length, "the end itself is asked for once a second").toBeLessThan(8);
});

test("a moment in a later part of a long group is gone on to, in a bounded number of asks", async () => {
  has = [0, 10, 20].map((from) => ({ from, to: from + 10, key: from === 0 }));
  expect(await held(25)).toBe("showing");
  expect(asks.length).toBeLessThan(5);
  expect(asks.filter((one) => one.includes("seek"))).toHaveLength(1);
  expect(player.beginOf(at(25)), "a clip can begin at the key frame alone").toBe(at(0));
});

test("what came and cannot be shown is told, and not asked for again and again", async () => {
  has = groups(0, 60);
  dark = true;
  expect(await held(25, 5_000)).toBe("damaged");
  expect(asks.length).toBeLessThan(4);
});

test("a hole too small to be told is no reason to wait", async () => {
  has = [...groups(0, 10), ...groups(10.4, 20.4)];
  expect(await held(10.2)).toBe("missing");
  expect(player.gapAt(at(10.2))).toMatchObject({ kind: "gap", from_us: at(10.2), to_us: at(10.4) });
  expect(asks.length).toBeLessThan(4);
});

test("damage is told as what it is and skipped, with its reason; what is away is told and not skipped", async () => {
  has = [...groups(0, 10), { from: 10, to: 20, lacks: "damage" }, { from: 20, to: 30, lacks: "away" }, ...groups(30, 60)];
  expect(await held(12)).toBe("damaged");
  expect(player.metWithin(8_000)).toMatchObject({ from_us: at(10), to_us: at(20), reason: "its bytes do not agree with their checksum" });
  expect(player.gapAt(at(12))?.to_us).toBe(at(20));
  expect(await held(25)).toBe("away");
  expect(player.gapAt(at(25))).toBeUndefined();
  expect(await held(35, 9_000)).toBe("showing");
  expect(player.metWithin(8_000)).toBeUndefined();
});

test("what lacked is looked for again, beside what is played, and shown when it has come", async () => {
  has = [...groups(0, 10), ...groups(30, 60)];
  expect(await held(20)).toBe("missing");
  asks.length = 0;
  expect(await held(20, 25_000)).toBe("missing");
  expect(asks.every((one) => one.includes("peek"))).toBe(true);
  expect(asks.length).toBeLessThan(4);
  has = groups(0, 60);
  expect(await held(20, 20_000)).toBe("showing");
});

test("a later part of a long group that lacks is looked for ever more seldom, and shown when it is whole again", async () => {
  for (const lacks of ["damage", "away"] as const) {
    const group: Part[] = [0, 10, 20].map((from) => ({ from, to: from + 10, key: from === 0 }));
    has = [...group.slice(0, 2), { from: 20, to: 30, lacks }, ...groups(30, 60)];
    expect(await held(25)).toBe(STATES[lacks]);
    asks.length = 0;
    expect(await held(25, 300_000)).toBe(STATES[lacks]);
    expect(asks.length, "of a key frame beside, and of the whole").toBeLessThan(12);
    has = [...group, ...groups(30, 60)];
    expect(await held(25, 600_000)).toBe("showing");
    player.hold(at(25), 16, true); // what is known is forgotten
  }
});
const STATES = { damage: "damaged", away: "away" };

test("of what was played fast nothing grows", async () => {
  has = groups(0, 1_200);
  for (let seconds = 0; seconds < 1_000; seconds += 0.32) {
    player.hold(at(seconds), 16, true);
    await vi.advanceTimersByTimeAsync(20);
  }
  expect(player.beginOf(at(999))).toBe(at(998));
  expect(player.beginOf(at(500)), "far behind it is not known any more").toBeUndefined();
});

test("played fast on a clock that waits for it, it is asked for its key frames alone, and not anew", async () => {
  has = groups(0, 3_600);
  const conductor = new Conductor(at(0), () => undefined);
  conductor.players.set("a", player);
  conductor.go(32);
  asks.length = 0; // what is shown while it is paused
  conductor.play(true);
  await vi.advanceTimersByTimeAsync(2_000);
  conductor.stop();
  expect(conductor.states.get("a")).toBe("showing");
  expect(asks.filter((one) => one.includes(" all "))).toEqual([]);
  expect(asks.filter((one) => one.includes("seek")).length).toBeLessThan(3);
});
