import type { Schemas } from "../../api-client/client";

export type Procedure = Schemas["ProcedureShape"];
export type Order = Schemas["ProcedureOrder"];
export type Step = Schemas["ProcedureStep"];
export type Answer = Schemas["ProcedureAnswer"];

const act = (id: string): Step => ({ id, text: "", kind: "act", target_s: null, answers: [], next: null });
export const EMPTY: Order = { name: "", area: "", on: true, mandatory: false, offer: { alarms: [], incidents: [], places: [] }, steps: [act("s1")] };

/** A procedure as it is changed. */
export function orderOf({ name, area, on, mandatory, offer, steps }: Procedure): Order {
  return { name, area, on, mandatory, offer, steps };
}

/** With one more step, to which whatever ended before it leads now. Pure. */
export function withStep(steps: readonly Step[]): Step[] {
  const taken = new Set(steps.map((one) => one.id));
  let at = steps.length + 1;
  while (taken.has(`s${at}`)) at += 1;
  const made = act(`s${at}`);
  const last = steps.at(-1);
  return [...steps.map((one) => (one === last && one.kind !== "question" && one.next === null ? { ...one, next: made.id } : one)), made];
}

/** Without one: what led to it leads to the end. Pure. */
export function withoutStep(steps: readonly Step[], id: string): Step[] {
  const away = (next: string | null | undefined) => (next === id ? null : (next ?? null));
  return steps.filter((one) => one.id !== id).map((one) => ({ ...one, next: away(one.next), answers: (one.answers ?? []).map((answer) => ({ ...answer, next: away(answer.next) })) }));
}

/** Of another kind: what it no longer has is taken away. Pure. */
export function ofKind(step: Step, kind: Step["kind"]): Step {
  if (kind === step.kind) return step;
  if (kind === "question") return { ...step, kind, answers: [{ text: "是", next: step.next ?? null }, { text: "否", next: null }], next: null };
  return { ...step, kind, answers: [], next: step.answers?.[0]?.next ?? step.next ?? null };
}

/** Where one goes from a step, with what is said on the way. Pure. */
export function waysOf(step: Step): { text: string; next: string | null; bounded: boolean }[] {
  if (step.kind !== "question") return [{ text: "", next: step.next ?? null, bounded: false }];
  return (step.answers ?? []).map((one) => ({ text: one.text, next: one.next ?? null, bounded: one.at_most != null }));
}

export interface Branch {
  /** From 1. */
  number: number;
  step: Step;
  /** It is drawn in full elsewhere. */
  again: boolean;
  ways: { text: string; bounded: boolean; to: Branch | undefined }[];
}

/** The steps as a tree from the first: each drawn in full once, and named where a way comes to it again. Pure. */
export function treeOf(steps: readonly Step[]): Branch | undefined {
  const drawn = new Set<string>();
  const branch = (id: string | null): Branch | undefined => {
    const at = steps.findIndex((one) => one.id === id);
    const step = steps[at];
    if (step === undefined) return undefined;
    if (drawn.has(step.id)) return { number: at + 1, step, again: true, ways: [] };
    drawn.add(step.id);
    return { number: at + 1, step, again: false, ways: waysOf(step).map(({ text, next, bounded }) => ({ text, bounded, to: branch(next) })) };
  };
  return branch(steps[0]?.id ?? null);
}

/** Whether the node may take it; whether every way ends, the node says. Pure. */
export const isWhole = ({ name, steps }: Order): boolean => name.trim() !== "" && steps.length > 0 && steps.every((one) => one.text.trim() !== "" && (one.answers ?? []).every((answer) => answer.text.trim() !== ""));
