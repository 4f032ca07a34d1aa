import { describe, expect, it } from "vitest";
import { EMPTY, isWhole, ofKind, treeOf, withoutStep, withStep, type Step } from "./form";

const act = (id: string, next: string | null = null): Step => ({ id, text: id, kind: "act", target_s: null, answers: [], next });

describe("the steps of a procedure in the form", () => {
  it("leads what ended before to a new step, and to the end again when that is taken away", () => {
    const two = withStep([act("s1")]);
    expect(two.map((one) => [one.id, one.next])).toEqual([["s1", "s2"], ["s2", null]]);
    expect(withoutStep(two, "s2")).toEqual([act("s1")]);
    expect(withStep([act("s2")])[1]?.id).toBe("s3");
  });
  it("keeps where a step leads when it becomes a question and back", () => {
    const asked = ofKind(act("s1", "s2"), "question");
    expect([asked.next, asked.answers?.map((one) => one.next)]).toEqual([null, ["s2", null]]);
    expect(ofKind(asked, "act")).toEqual(act("s1", "s2"));
  });
  it("draws each step in full once, also where a way leads back", () => {
    const asked: Step = { ...act("s1"), kind: "question", answers: [{ text: "a", next: "s2" }, { text: "b", next: "s1", at_most: 2 }] };
    const tree = treeOf([asked, act("s2")]);
    expect(tree?.ways.map((one) => [one.text, one.bounded, one.to?.number, one.to?.again])).toEqual([["a", false, 2, false], ["b", true, 1, true]]);
    expect(treeOf([])).toBeUndefined();
  });
  it("is whole once it has a name and words for every step", () => {
    expect(isWhole(EMPTY)).toBe(false);
    expect(isWhole({ ...EMPTY, name: "盗窃", steps: [act("s1")] })).toBe(true);
  });
});
