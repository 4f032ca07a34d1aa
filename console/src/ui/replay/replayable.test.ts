import { expect, test } from "vitest";
import { byTicket, lackOf, ticketTime } from "./replayable";

const NOW = Date.parse("2026-11-28T01:00:30Z");
const on = { mode: "always", due: true, recording: true, safe_until: "2026-11-28T01:00:20Z" } as const;

test("what was recorded within the last minute can be shown again, also of a camera that has just gone", () => {
  expect(lackOf(on, NOW)).toBeUndefined();
  expect(lackOf({ ...on, recording: false }, NOW)).toBeUndefined();
  expect(lackOf({ ...on, safe_until: null }, NOW), "the first pictures are on their way").toBeUndefined();
});
test("why nothing can: no plan, not at this hour, nothing happened, or no longer", () => {
  expect(lackOf({ mode: "off", due: false, recording: false, safe_until: null }, NOW)).toBe("off");
  expect(lackOf({ ...on, mode: "schedule", due: false, recording: false, safe_until: "2026-11-28T00:30:00Z" }, NOW)).toBe("hours");
  expect(lackOf({ ...on, mode: "event", due: false, recording: false, safe_until: "2026-11-28T00:30:00Z" }, NOW)).toBe("event");
  expect(lackOf({ ...on, recording: false, safe_until: "2026-11-28T00:59:29Z" }, NOW)).toBe("broken");
});
test("the ticket's time begins no later than what is asked for, and ends half an hour on", () => {
  expect(ticketTime(NOW - 60_000, NOW)).toEqual({ since: "2026-11-28T00:59:00.000Z", until: "2026-11-28T01:31:00.000Z" });
});
test("a ticket helps where one is missing, not where the post or a mask forbids", () => {
  expect(["ACC-TICKET", "ticket.over", "ticket.beyond"].every(byTicket)).toBe(true);
  expect(["playback.masked", "ticket.suspended", "access.denied"].some(byTicket)).toBe(false);
});
