import { expect, test } from "vitest";
import { EMPTY, FIRST, isWhole, NIGHT, orderOf, unshown, withAction, type Rule } from "./form";

test("a rule keeps what the form has no field for", () => {
  const when = { ...EMPTY.when, points: [7], codes: ["BA"] };
  const rule = { ...EMPTY, id: 3, name: "夜间", when, then: [FIRST.raise], version: 4, area_name: "南明区", changed_at: "", changed_by: "", hidden_cameras: 0, failures: 0, last_error: null, failed_at: null } as Rule;
  expect(orderOf(rule)).toEqual({ ...EMPTY, name: "夜间", when, then: [FIRST.raise] });
});

test("conditions for which the page has no field are counted", () => {
  expect(unshown(EMPTY.when)).toBe(0);
  expect(unshown({ ...EMPTY.when, codes: ["BA", "PA"], points: [7], change: "restored", sites: ["银行"] })).toBe(3);
});

test("an action comes and goes, in one order", () => {
  const both = withAction(withAction(EMPTY, "incident", FIRST.incident), "raise", FIRST.raise);
  expect(both.then.map((one) => one.do)).toEqual(["raise", "incident"]);
  expect(withAction(both, "raise", { do: "raise", to: 2 }).then[0]).toEqual({ do: "raise", to: 2 });
  expect(withAction(both, "incident", undefined).then.map((one) => one.do)).toEqual(["raise"]);
});

test("a rule that lacks something is not sent", () => {
  const whole = { ...EMPTY, name: "夜间", then: [FIRST.raise] };
  expect(isWhole(whole)).toBe(true);
  expect(isWhole({ ...whole, name: " " })).toBe(false);
  expect(isWhole({ ...whole, then: [] })).toBe(false);
  expect(isWhole({ ...whole, then: [FIRST.show] })).toBe(false);
  expect(isWhole({ ...whole, then: [FIRST.forward] })).toBe(false);
  expect(isWhole({ ...whole, then: [FIRST.output] })).toBe(false);
  expect(isWhole({ ...whole, then: [{ ...FIRST.output, output: 2 }] })).toBe(true);
  expect(isWhole({ ...whole, then: [{ do: "forward", link: 3 }] })).toBe(true);
  expect(isWhole({ ...whole, when: { ...whole.when, windows: [NIGHT] } })).toBe(true);
  expect(isWhole({ ...whole, when: { ...whole.when, windows: [{ ...NIGHT, to: "24:00" }] } })).toBe(false);
  expect(isWhole({ ...whole, when: { ...whole.when, windows: [{ ...NIGHT, days: [] }] } })).toBe(false);
});
