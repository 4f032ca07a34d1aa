import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Conductor, opening, type HeldPlayer, type Parts } from "./conductor";
import type { Period } from "./pieces";

const MIN_US = 60e6;
const minutes = (from: number, to: number): Period => ({ fromUs: from * MIN_US, toUs: to * MIN_US });
const holds = (atUs: number) => (one: Period) => one.fromUs <= atUs && atUs < one.toUs;

let conductor: Conductor;
/** Where the clock was, each time that it was told. */
const seen: number[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  seen.length = 0;
});
afterEach(() => {
  conductor.stop();
  vi.useRealTimers();
});

/** It shows its part at once, but for what lacks. */
function shows(part: Period, gap?: Period): HeldPlayer & { held: number[] } {
  const held: number[] = [];
  return {
    held,
    hold: (atUs) => {
      if (!holds(atUs)(part)) return "over";
      held.push(atUs);
      return gap !== undefined && holds(atUs)(gap) ? "missing" : "showing";
    },
    gapAt: (atUs) => (gap !== undefined && holds(atUs)(gap) ? { kind: "gap", from_us: gap.fromUs, to_us: gap.toUs } : undefined),
    neighbour: () => "wait",
    beginOf: () => undefined,
  };
}

/** What a page tells of each camera's parts, of which it has opened one. */
function page(of: Record<string, { open: Period; all: Period[] }>): Parts {
  const all = Object.values(of).flatMap((one) => one.all);
  return {
    onwards: (atUs) => (all.some(holds(atUs)) ? atUs : undefined),
    next: (atUs, backwards) => (backwards ? Math.max(...all.map((one) => one.toUs - 1).filter((end) => end < atUs)) : Math.min(...all.map((one) => one.fromUs).filter((begin) => begin > atUs))),
    beside: () => undefined,
    turns: (camera, atUs) => of[camera]?.all.some((one) => one !== of[camera]?.open && holds(atUs)(one)) === true,
  };
}

function begin(atMin: number, speed: number): void {
  conductor = new Conductor(atMin * MIN_US, (now) => seen.push(now.atUs));
  conductor.go(speed);
}

test("a gap is jumped as far as where another camera's next part begins", () => {
  begin(29.9, 4);
  const [next, long] = [minutes(60, 120), minutes(0, 240)];
  const [a, b] = [shows(next), shows(long, minutes(30, 180))];
  conductor.parts = page({ a: { open: next, all: [minutes(0, 20), next] }, b: { open: long, all: [long] } });
  conductor.players.set("a", a).set("b", b);
  conductor.play(true);
  vi.advanceTimersByTime(3_000);
  expect(a.held[0]).toBe(60 * MIN_US);
});

test("going back a gap is jumped as far as where another camera's part ends, and that part is waited for until it is open", () => {
  begin(180.1, -4);
  const [later, earlier, long] = [minutes(200, 240), minutes(60, 120), minutes(0, 240)];
  const of = { a: { open: later, all: [earlier, later] }, b: { open: long, all: [long] } };
  conductor.parts = page(of);
  conductor.players.set("a", shows(later)).set("b", shows(long, minutes(30, 180)));
  conductor.play(true);
  vi.advanceTimersByTime(3_000);
  const a = shows(earlier);
  [of.a.open] = [earlier];
  conductor.players.set("a", a);
  vi.advanceTimersByTime(100);
  expect(a.held[0]).toBe(120 * MIN_US - 1);
});

test("nobody runs past the border of a part while the page turns, and for no longer than one has patience", () => {
  begin(9.99, 32);
  const [first, second] = [minutes(0, 10), minutes(10, 20)];
  conductor.parts = page({ a: { open: first, all: [first, second] } });
  conductor.players.set("a", shows(first));
  conductor.play(true);
  vi.advanceTimersByTime(2_000);
  expect(seen.at(-1)).toBe(10 * MIN_US);
  vi.advanceTimersByTime(3_000);
  expect(seen.at(-1)).toBeGreaterThan(10 * MIN_US);
});

/** Of a camera whose footage this browser never shows. */
const dark = (state: "undecoded" | "forward"): HeldPlayer => ({ hold: () => state, gapAt: () => undefined, neighbour: () => "wait", beginOf: () => undefined });

test.each(["undecoded", "forward"] as const)("gaps of the others are jumped beside one that is %s, and what follows the last of theirs is gone on with", (state) => {
  begin(29.9, 4);
  const long = minutes(0, 90);
  const b = shows(long, minutes(30, 80));
  conductor.players.set("a", dark(state)).set("b", b);
  conductor.parts = { ...page({}), next: () => undefined, onwards: (atUs) => (atUs < 200 * MIN_US ? 200 * MIN_US : undefined) };
  conductor.play(true);
  vi.advanceTimersByTime(3_000);
  expect(b.held.find((atUs) => atUs > 30.1 * MIN_US)).toBe(80 * MIN_US + 1_000);
  conductor.seek(90 * MIN_US - 1_000);
  vi.advanceTimersByTime(100);
  expect(seen.at(-1)).toBeGreaterThanOrEqual(200 * MIN_US);
});

test("where nobody has any more, the clock stands until it is known what was recorded next", () => {
  begin(9.99, 32);
  const first = minutes(0, 10);
  let known = false;
  conductor.parts = { ...page({}), next: () => undefined, onwards: () => (known ? 3_000 * MIN_US : "wait"), turns: (_, atUs) => atUs >= 3_000 * MIN_US };
  conductor.players.set("a", shows(first));
  conductor.play(true);
  vi.advanceTimersByTime(1_000);
  const stood = seen.at(-1) ?? 0;
  vi.advanceTimersByTime(9_000);
  expect(seen.at(-1)).toBe(stood);
  known = true;
  vi.advanceTimersByTime(1_000);
  expect(seen.at(-1), "its first moment, until that day is opened").toBe(3_000 * MIN_US);
});

test("one that is being opened is waited for where it has footage, and only there, and not for ever", () => {
  begin(1, 32);
  conductor.players.set("a", shows(minutes(0, 240))).set("b", opening(minutes(2, 10)));
  conductor.play(true);
  vi.advanceTimersByTime(1_900);
  expect(seen.at(-1)).toBeGreaterThan(1.9 * MIN_US);
  vi.advanceTimersByTime(3_000);
  const stood = seen.at(-1) ?? 0;
  expect(stood).toBeLessThan(2.02 * MIN_US);
  vi.advanceTimersByTime(3_000);
  expect(seen.at(-1)).toBeGreaterThan(stood);
});

test.each([
  ["forwards", 1, 60e6],
  ["backwards", -1, 64e6 - 1],
])("what is repeated begins anew at its end, %s", (_, speed, again) => {
  begin(62 / 60, speed);
  conductor.players.set("a", shows(minutes(0, 10)));
  conductor.loop = { fromUs: 60e6, toUs: 64e6 };
  conductor.play(true);
  vi.advanceTimersByTime(10_000);
  expect(seen.filter((atUs) => atUs < 60e6 || atUs >= 64e6)).toEqual([]);
  expect(seen.filter((atUs) => atUs === again).length).toBeGreaterThan(1);
});

test("put to where footage begins, it goes on to the first picture there, also while it stands; elsewhere a gap is shown", () => {
  begin(0, 1);
  const part = minutes(10, 60);
  conductor.parts = page({ a: { open: part, all: [part] } });
  conductor.players.set("a", shows(part, minutes(10, 10.05)));
  conductor.seek(10 * MIN_US + 1_000);
  vi.advanceTimersByTime(100);
  expect(seen.at(-1)).toBe(10 * MIN_US + 1_000);
  conductor.seek(10 * MIN_US + 1_000, true);
  vi.advanceTimersByTime(100);
  expect(seen.at(-1)).toBe(10.05 * MIN_US + 1_000);
  conductor.players.set("a", shows(part, minutes(10, 30)));
  conductor.seek(10 * MIN_US + 1_000, true);
  vi.advanceTimersByTime(100);
  expect(seen.at(-1)).toBe(10 * MIN_US + 1_000); // a true gap is no beginning
});
