import { expect, test } from "vitest";
import { covers } from "./footage-before";
import type { Alarm } from "./queue";
import { opensItself } from "./use-chosen";

const ME = 7;
const of = (priority: number, owner?: number, state = "open") => ({ priority, work: { state, owner: owner === undefined ? null : { id: owner, name: "" } } }) as Alarm;
const looked = (alarm: Alarm | undefined, held = false) => ({ alarm, held, over: alarm?.work?.state === "closed" });

test("a new alarm opens by itself in the place of a less urgent one alone", () => {
  expect(opensItself(of(2), looked(undefined), true, ME)).toBe(true);
  expect(opensItself(of(1), looked(of(2)), true, ME)).toBe(true);
  expect(opensItself(of(2), looked(of(2)), true, ME)).toBe(false); // as urgent, and came first
  expect(opensItself(of(3), looked(of(1)), true, ME)).toBe(false);
  expect(opensItself(of(1), looked(of(3)), false, ME)).toBe(false);
  expect(opensItself(of(3), looked(of(1, 8)), true, ME)).toBe(true); // somebody else sees to it
});

test("what one chose, touched or works on is never taken away", () => {
  expect(opensItself(of(1), looked(of(3), true), true, ME)).toBe(false);
  expect(opensItself(of(1), looked(of(3, ME)), true, ME)).toBe(false);
  expect(opensItself(of(1), looked(of(3, 8), true), true, ME)).toBe(false);
  expect(opensItself(of(1), looked(undefined, true), true, ME)).toBe(false); // chosen, and not read yet
  expect(opensItself(of(1), looked(of(3, 8, "closed"), true), true, ME)).toBe(false); // closed by another under one's hands
  expect(opensItself(of(3), looked(of(1, ME, "closed"), true), true, ME)).toBe(true);
  expect(opensItself(of(1), { ...looked(of(3, ME, "closed"), true), over: false }, true, ME)).toBe(false); // looked up when it was over
});

test("footage before an alarm is shown unasked under an open ticket for that camera and time alone", () => {
  const at = Date.parse("2026-11-29T05:00:00Z");
  const ticket = { state: "open", opens: ["view-recorded"], cameras: ["c"], since: "2026-11-29T04:00:00Z", until: "2026-11-29T06:00:00Z" };
  expect(covers(ticket, "c", at)).toBe(true);
  expect(covers(ticket, "d", at)).toBe(false);
  expect(covers({ ...ticket, state: "closed" }, "c", at)).toBe(false);
  expect(covers({ ...ticket, opens: ["export"] }, "c", at)).toBe(false);
  expect(covers({ ...ticket, since: "2026-11-29T04:59:45Z" }, "c", at)).toBe(false);
  expect(covers({ ...ticket, until: "2026-11-29T04:59:59Z" }, "c", at)).toBe(false);
});
