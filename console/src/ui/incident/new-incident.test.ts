import { expect, test } from "vitest";
import { kindOf, OrderKeys, positionOf, positionText, type Order } from "./new-incident";

const order = (place: string): Order => ({ type: "intrusion", area: "", place, text: "", alarms: [], priority: 2 });

test("the same order keeps its key, another one has another", () => {
  const keys = new OrderKeys();
  const first = keys.of(order("延安中路"));
  expect(first).toMatch(/^[0-9a-f-]{4,128}$/);
  expect(keys.of(order("延安中路"))).toBe(first);
  expect(keys.of(order("中山东路"))).not.toBe(first);
});

test("a position is read as people write it, and what is none is told apart from nothing", () => {
  expect(positionOf("106.713478, 26.578343")).toEqual({ longitude: 106.713478, latitude: 26.578343 });
  expect(positionOf("106.7 26.5")).toEqual({ longitude: 106.7, latitude: 26.5 });
  expect(positionOf("  ")).toBeNull();
  expect(["here", "200, 10", "106.7", "10, 91"].map(positionOf)).toEqual([undefined, undefined, undefined, undefined]);
  expect(positionText(106.7, 26.5)).toBe("106.700000, 26.500000");
  expect(positionText(null, null)).toBe("");
});

test("an alarm's category says what the incident mostly is", () => {
  expect(["panic", "fire", "power", "unheard-of"].map(kindOf)).toEqual(["hold-up", "fire", "technical", "other"]);
});
