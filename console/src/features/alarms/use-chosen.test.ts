import { expect, test } from "vitest";
import { covers } from "./footage-before";
import type { Alarm } from "./queue";
import { opensItself } from "./use-chosen";

const ME = 7;
const of = (priority: number, owner?: number) => ({ priority, work: { owner: owner === undefined ? null : { id: owner, name: "" } } }) as Alarm;

test("a new alarm opens by itself, but in the place of none that is more urgent, chosen by hand or worked on", () => {
  expect(opensItself(of(2), undefined, true, false, ME)).toBe(true);
  expect(opensItself(of(1), of(2), true, false, ME)).toBe(true);
  expect(opensItself(of(2), of(2), true, false, ME)).toBe(true);
  expect(opensItself(of(3), of(1), true, false, ME)).toBe(false);
  expect(opensItself(of(1), of(3), true, true, ME)).toBe(false);
  expect(opensItself(of(1), of(3), false, false, ME)).toBe(false);
  expect(opensItself(of(1), of(3, ME), true, false, ME)).toBe(false);
  expect(opensItself(of(3), of(1, 8), true, true, ME)).toBe(true);
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
