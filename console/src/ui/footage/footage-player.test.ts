// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Conductor } from "./conductor";
import { at, FakeSocket, FakeSource, groups, node, PERIOD, type Part } from "./fake-footage";
import { FootagePlayer } from "./footage-player";

let player: FootagePlayer;
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

test("within a second after the end was told, another moment is asked for at once and is not over", async () => {
  node.has = groups(0, 60);
  expect(await held(60, 100)).toBe("over");
  node.asks.length = 0;
  expect(player.hold(at(20), 1, true)).toBe("waiting");
  expect(node.asks).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(player.hold(at(20), 1, true)).toBe("showing");
  expect(await held(60, 3_100)).toBe("over");
  expect(node.asks.length, "the end itself is asked for once a second").toBeLessThan(8);
});

test("a moment in a later part of a long group is gone on to, in a bounded number of asks", async () => {
  node.has = [0, 10, 20].map((from) => ({ from, to: from + 10, key: from === 0 }));
  expect(await held(25)).toBe("showing");
  expect(node.asks.length).toBeLessThan(5);
  expect(node.asks.filter((one) => one.includes("seek"))).toHaveLength(1);
  expect(player.beginOf(at(25)), "a clip can begin at the key frame alone").toBe(at(0));
});

test("what came and cannot be shown is told, and not asked for again and again", async () => {
  node.has = groups(0, 60);
  node.dark = true;
  expect(await held(25, 5_000)).toBe("damaged");
  expect(node.asks.length).toBeLessThan(4);
});

test("of a fragment whose last moment is not shown, that moment alone is passed over", async () => {
  node.has = [{ from: 0, to: 10, key: true, shows: 9.6 }, ...groups(10, 60)];
  expect(await held(9.8)).toBe("missing");
  expect(player.gapAt(at(9.8))).toMatchObject({ kind: "gap", from_us: at(9.6), to_us: at(10) });
  expect(player.gapAt(at(5)), "it lies in the buffer").toBeUndefined();
  expect(await held(5)).toBe("showing");
});

test("a hole too small to be told is no reason to wait", async () => {
  node.has = [...groups(0, 10), ...groups(10.4, 20.4)];
  expect(await held(10.2)).toBe("missing");
  expect(player.gapAt(at(10.2))).toMatchObject({ kind: "gap", from_us: at(10.2), to_us: at(10.4) });
  expect(node.asks.length).toBeLessThan(4);
});

test("damage is told as what it is and skipped, with its reason; what is away is told and not skipped", async () => {
  node.has = [...groups(0, 10), { from: 10, to: 20, lacks: "damage" }, { from: 20, to: 30, lacks: "away" }, ...groups(30, 60)];
  expect(await held(12)).toBe("damaged");
  expect(player.metWithin(8_000)).toMatchObject({ from_us: at(10), to_us: at(20), reason: "its bytes do not agree with their checksum" });
  expect(player.gapAt(at(12))?.to_us).toBe(at(20));
  expect(await held(25)).toBe("away");
  expect(player.gapAt(at(25))).toBeUndefined();
  expect(await held(35, 9_000)).toBe("showing");
  expect(player.metWithin(8_000)).toBeUndefined();
});

test("what lacked is looked for again, beside what is played, and shown when it has come", async () => {
  node.has = [...groups(0, 10), ...groups(30, 60)];
  expect(await held(20)).toBe("missing");
  node.asks.length = 0;
  expect(await held(20, 25_000)).toBe("missing");
  expect(node.asks.every((one) => one.includes("peek"))).toBe(true);
  expect(node.asks.length).toBeLessThan(4);
  node.has = groups(0, 60);
  expect(await held(20, 20_000)).toBe("showing");
});

test("a later part of a long group that lacks is looked for ever more seldom, and shown when it is whole again", async () => {
  for (const lacks of ["damage", "away"] as const) {
    const group: Part[] = [0, 10, 20].map((from) => ({ from, to: from + 10, key: from === 0 }));
    node.has = [...group.slice(0, 2), { from: 20, to: 30, lacks }, ...groups(30, 60)];
    expect(await held(25)).toBe(STATES[lacks]);
    node.asks.length = 0;
    expect(await held(25, 300_000)).toBe(STATES[lacks]);
    expect(node.asks.length, "of a key frame beside, and of the whole").toBeLessThan(12);
    node.has = [...group, ...groups(30, 60)];
    expect(await held(25, 600_000)).toBe("showing");
    player.hold(at(25), 16, true); // what is known is forgotten
  }
});
const STATES = { damage: "damaged", away: "away" };

test("of what was played fast nothing grows", async () => {
  node.has = groups(0, 1_200);
  for (let seconds = 0; seconds < 1_000; seconds += 0.32) {
    player.hold(at(seconds), 16, true);
    await vi.advanceTimersByTimeAsync(20);
  }
  expect(player.beginOf(at(999))).toBe(at(998));
  expect(player.beginOf(at(500)), "far behind it is not known any more").toBeUndefined();
});

test("played fast on a clock that waits for it, it is asked for its key frames alone, and not anew", async () => {
  node.has = groups(0, 3_600);
  const conductor = new Conductor(at(0), () => undefined);
  conductor.players.set("a", player);
  conductor.go(32);
  node.asks.length = 0; // what is shown while it is paused
  conductor.play(true);
  await vi.advanceTimersByTimeAsync(2_000);
  conductor.stop();
  expect(conductor.states.get("a")).toBe("showing");
  expect(node.asks.filter((one) => one.includes(" all "))).toEqual([]);
  expect(node.asks.filter((one) => one.includes("seek")).length).toBeLessThan(3);
});
