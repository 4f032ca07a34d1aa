import { expect, test } from "vitest";
import { actsOf, nextAct } from "./steps";

const led = { owner: { id: 7, name: "li.si" } };

test("what is new is taken before it is worked on, and nothing is closed before", () => {
  const acts = actsOf({ desk_state: "new", owner: null }, 7, true);
  expect([...acts]).toContain("take");
  expect([...acts]).not.toContain("close");
});

test("who leads it takes it no more, another desk may", () => {
  expect([...actsOf({ desk_state: "verified", ...led }, 7, true)]).not.toContain("take");
  expect([...actsOf({ desk_state: "verified", ...led }, 8, true)]).toContain("take");
});

test("what is over is reopened or parted again, not worked on", () => {
  expect([...actsOf({ desk_state: "closed", ...led }, 7, true)]).toEqual(["reopen", "archive", "note"]);
  expect([...actsOf({ desk_state: "merged", ...led }, 7, true)]).toEqual(["unmerge", "note"]);
  expect([...actsOf({ desk_state: "archived", ...led }, 7, true)]).toEqual([]);
});

test("who only reads does nothing", () => {
  expect(actsOf({ desk_state: "taken", ...led }, 7, false).size).toBe(0);
});

test("Enter does what comes next", () => {
  const next = (desk_state: "new" | "taken" | "verified" | "controlled", state: "new" | "taken" | "verified" | "on_scene" | "controlled" = desk_state, units_out = 0) => nextAct({ desk_state, state, units_out }, actsOf({ desk_state, ...led }, desk_state === "new" ? 8 : 7, true));
  expect([next("new"), next("taken"), next("verified"), next("verified", "on_scene"), next("controlled")]).toEqual(["take", "confirm", "send", "control", "close"]);
  expect(next("verified", "on_scene", 1)).toBeUndefined();
});
