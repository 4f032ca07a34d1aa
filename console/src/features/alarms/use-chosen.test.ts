import { expect, test } from "vitest";
import { covers } from "./footage-before";
import { opensItself } from "./use-chosen";

const of = (priority: number) => ({ priority });

test("a new alarm opens by itself, but in the place of none that is more urgent or was chosen by hand", () => {
  expect(opensItself(of(2), undefined, true, false)).toBe(true);
  expect(opensItself(of(1), of(2), true, false)).toBe(true);
  expect(opensItself(of(2), of(2), true, false)).toBe(true);
  expect(opensItself(of(3), of(1), true, false)).toBe(false);
  expect(opensItself(of(1), of(3), true, true)).toBe(false);
  expect(opensItself(of(1), of(3), false, false)).toBe(false);
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
