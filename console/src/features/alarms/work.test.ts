import { expect, test } from "vitest";
import type { Work } from "./queue";
import { clockOf, turnOf } from "./work";

const AT = Date.parse("2026-11-29T05:00:00Z");
const later = (seconds: number) => new Date(AT + seconds * 1_000).toISOString();
const work = (part: Partial<Work>): Work => ({ state: "open", owner: null, escalated: 0, claimed_at: null, opened_at: later(0), due_at: null, ...part }) as Work;

test("an alarm is taken by whoever comes first, and is the owner's until it is over", () => {
  const mine = { id: 7, name: "li.si" };
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

test("a clock shrinks from when it began, and stands at nothing behind its end", () => {
  const taken = work({ due_at: later(30) });
  expect(clockOf(taken, AT)).toEqual({ left: 1, leftMs: 30_000 });
  expect(clockOf(taken, AT + 15_000)).toEqual({ left: 0.5, leftMs: 15_000 });
  expect(clockOf(taken, AT + 45_000)).toEqual({ left: 0, leftMs: -15_000 });
  expect(clockOf(work({ state: "claimed", claimed_at: later(20), due_at: later(80) }), AT + 50_000)?.left).toBe(0.5);
  expect(clockOf(work({}), AT)).toBeUndefined();
});
