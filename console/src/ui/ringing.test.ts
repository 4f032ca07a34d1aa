// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";

/** When each tone was begun, and which were ended. */
let begun: number;
let ended: number;
let state: "running" | "suspended";

let contexts: FakeContext[];

class FakeContext {
  constructor() {
    contexts.push(this);
  }
  destination = {};
  currentTime = 0;
  onstatechange: (() => void) | null = null;
  get state() {
    return state;
  }
  resume() {
    state = "running";
    contexts.forEach((one) => one.onstatechange?.());
    return Promise.resolve();
  }
}

class FakeNode {
  context = {};
  connect() {}
  start() {
    begun += 1;
  }
  stop(at?: number) {
    if (at === undefined) ended += 1;
  }
}

async function aBell() {
  vi.resetModules();
  const { bell } = await import("./ringing");
  bell.belongsTo(7);
  return bell;
}

beforeEach(() => {
  [begun, ended, state, contexts] = [0, 0, "running", []];
  localStorage.clear();
  vi.useFakeTimers({ toFake: ["performance"] });
  vi.stubGlobal("AudioContext", FakeContext);
  vi.stubGlobal("GainNode", FakeNode);
  vi.stubGlobal("OscillatorNode", FakeNode);
});

test("one sound at a time: the less urgent one waits, the more urgent one takes its place", async () => {
  const bell = await aBell();
  bell.ring(2);
  expect(begun).toBe(3);
  bell.ring(3);
  bell.ring(2);
  expect([begun, ended]).toEqual([3, 0]);
  bell.ring(1);
  expect([begun, ended]).toEqual([9, 3]);
  vi.advanceTimersByTime(4_000);
  bell.ring(3);
  expect(begun).toBe(10);
});

test("silence ends what sounds, and is kept for the person alone", async () => {
  const bell = await aBell();
  bell.ring(1);
  bell.setSilent(true);
  expect(ended).toBe(6);
  bell.ring(1);
  expect([begun, bell.state()]).toEqual([6, "off"]);
  bell.belongsTo(8);
  expect(bell.state()).toBe("on");
});

test("before somebody has pressed or clicked the browser lets nothing sound, and it says so", async () => {
  state = "suspended";
  const resume = vi.spyOn(FakeContext.prototype, "resume").mockResolvedValueOnce();
  const bell = await aBell();
  bell.ring(1);
  expect([begun, bell.state()]).toEqual([0, "blocked"]);
  resume.mockRestore();
  window.dispatchEvent(new Event("pointerdown"));
  expect([begun, bell.state()]).toEqual([6, "on"]); // what came meanwhile is heard now
});

test("what came long before somebody let the page sound, or when it was to be silent, is not heard", async () => {
  state = "suspended";
  const resume = vi.spyOn(FakeContext.prototype, "resume").mockResolvedValueOnce();
  const bell = await aBell();
  resume.mockRestore();
  bell.ring(1);
  vi.advanceTimersByTime(61_000);
  window.dispatchEvent(new Event("pointerdown"));
  expect([begun, bell.state()]).toEqual([0, "on"]);
  bell.setSilent(true);
  bell.ring(1);
  bell.setSilent(false);
  expect(begun).toBe(0);
});
