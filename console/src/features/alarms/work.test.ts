import { expect, test } from "vitest";
import type { Work } from "./queue";
import { clockOf, turnOf } from "./work";

const AT = Date.parse("2026-11-29T05:00:00Z");
const later = (seconds: number) => new Date(AT + seconds * 1_000).toISOString();
const work = (part: Partial<Work>): Work => ({ state: "open", owner: null, escalated: 0, claimed_at: null, opened_at: later(0), due_at: null, ...part }) as Work;

const mine = { id: 7, name: "li.si" };

test("an alarm is taken by whoever comes first, and is the owner's until it is over", () => {
  expect(turnOf(null, 7, true)).toBe("none");
  expect(turnOf(work({}), 7, true)).toBe("take");
  expect(turnOf(work({}), 7, false)).toBe("none");
  expect(turnOf(work({ state: "claimed", owner: mine }), 7, true)).toBe("verify");
  expect(turnOf(work({ state: "claimed", owner: mine }), 8, true)).toBe("others");
  expect(turnOf(work({ state: "claimed", owner: mine, escalated: 1 }), 8, true)).toBe("take");
  expect(turnOf(work({ state: "claimed", owner: mine, escalated: 1 }), 7, true)).toBe("verify");
  expect(turnOf(work({ state: "verified", owner: mine }), 7, true)).toBe("close");
  expect(turnOf(work({ state: "verified" }), 7, true)).toBe("take"); // given back after the verdict
  expect(turnOf(work({ state: "closed", owner: mine }), 8, true)).toBe("over");
});

test("a clock shrinks from when its step began, and stands at nothing behind its end", () => {
  const waits = work({ due_at: later(30) });
  expect(clockOf(waits, AT)).toEqual({ step: "take", left: 1, leftMs: 30_000, over: false });
  expect(clockOf(waits, AT + 15_000)).toEqual({ step: "take", left: 0.5, leftMs: 15_000, over: false });
  expect(clockOf(waits, AT + 45_000)).toEqual({ step: "take", left: 0, leftMs: -15_000, over: true });
  const taken = work({ state: "claimed", owner: mine, claimed_at: later(20), due_at: later(80) });
  expect(clockOf(taken, AT + 50_000)).toMatchObject({ step: "verify", left: 0.5 });
  expect(clockOf(work({}), AT)).toBeUndefined();
  expect(clockOf(work({ state: "closed", due_at: later(30) }), AT)).toBeUndefined();
});

test("of a verified alarm it runs from the verdict to its end, or from when another took it after that", () => {
  const verified = work({ state: "verified", owner: mine, claimed_at: later(20), verified_at: later(40), due_at: later(140) });
  expect(clockOf(verified, AT + 90_000)).toMatchObject({ step: "close", left: 0.5 });
  expect(clockOf({ ...verified, claimed_at: later(60), due_at: later(160) }, AT + 110_000)).toMatchObject({ step: "close", left: 0.5 });
  expect(clockOf({ ...verified, owner: null, claimed_at: null }, AT + 90_000)).toMatchObject({ step: "take", left: 0.5 });
});

test("a clock that ran out and runs again until the last limit is no new time", () => {
  const late = work({ state: "claimed", owner: mine, claimed_at: later(20), due_at: later(140), escalated: 1 });
  expect(clockOf(late, AT + 90_000)).toEqual({ step: "limit", left: 0, leftMs: 50_000, over: true });
});
