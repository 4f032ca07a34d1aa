import { expect, test } from "vitest";
import { withDamage } from "./use-damaged";

const part = (fromUs: number, toUs: number) => ({ fromUs, toUs });

test("damage is known once, however often and however far it is met", () => {
  const first = withDamage(new Map(), "c", part(10, 20));
  expect(withDamage(first, "c", part(12, 18))).toBe(first);
  const more = withDamage(withDamage(first, "c", part(40, 50)), "c", part(5, 25));
  expect([...more]).toEqual([["c", [part(40, 50), part(5, 25)]]]);
  expect(withDamage(more, "d", part(5, 25)).get("d")).toEqual([part(5, 25)]);
});
