import { expect, test } from "vitest";
import { actsOfTask, isRunning, timerOf } from "./task";

const at = (clock: string) => `2026-11-29T${clock}Z`;

test("a timer runs from its step to when it is due, the way from the sending", () => {
  const sent = { state: "sent" as const, times: { sent: at("10:00:00") }, due_at: at("10:01:00") };
  expect(timerOf(sent, Date.parse(at("10:00:30")))).toEqual({ left: 0.5, leftMs: 30_000 });
  expect(timerOf(sent, Date.parse(at("10:01:10")))).toEqual({ left: 0, leftMs: -10_000 });
  const under = { state: "on_the_way" as const, times: { sent: at("10:00:00"), on_the_way: at("10:02:00") }, due_at: at("10:04:00") };
  expect(timerOf(under, Date.parse(at("10:03:00")))?.left).toBe(0.25);
});

test("nothing runs for what is over, or has no limit", () => {
  expect(timerOf({ state: "done", times: {}, due_at: at("10:01:00") }, 0)).toBeUndefined();
  expect(timerOf({ state: "arrived", times: {}, due_at: null }, 0)).toBeUndefined();
  expect([isRunning({ state: "cancelled" }), isRunning({ state: "arrived" })]).toEqual([false, true]);
});

test("a unit that drives off has accepted, and one that is there is done or called off", () => {
  expect(actsOfTask({ state: "sent" })).toContain("on-the-way");
  expect(actsOfTask({ state: "arrived" })).toEqual(["done", "cancel"]);
});
