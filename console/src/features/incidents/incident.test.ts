import { expect, test } from "vitest";
import { byUrgency, isOpen, ordered, placeOf, type Incident } from "./incident";

const one = (id: number, priority: number, opened_at: string) => ({ id, priority, opened_at }) as Incident;

test("the most urgent stands first, of one priority the oldest; what is over stays as the node tells it", () => {
  const told = [one(3, 2, "2026-11-29T10:00:00Z"), one(2, 1, "2026-11-29T09:30:00Z"), one(1, 1, "2026-11-29T09:00:00Z")];
  expect(ordered(told, "open").map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(ordered(told, "over").map(({ id }) => id)).toEqual([3, 2, 1]);
  expect(byUrgency(one(1, 2, "2026-11-29T09:00:00Z"), one(2, 2, "2026-11-29T09:00:00Z"))).toBeLessThan(0);
});

test("what is closed, kept or part of another is worked on by nobody", () => {
  expect((["new", "false", "on_scene", "controlled", "closed", "archived", "merged"] as const).filter((state) => isOpen({ state }))).toEqual(["new", "false", "on_scene", "controlled"]);
});

test("area and place are said once each", () => {
  expect(placeOf({ area_name: "云岩区", place: "延安中路 8 号" })).toBe("云岩区 · 延安中路 8 号");
  expect(placeOf({ area_name: "云岩区", place: "云岩区延安中路 8 号" })).toBe("云岩区延安中路 8 号");
});
