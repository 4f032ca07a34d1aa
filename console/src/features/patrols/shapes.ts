import type { Schemas } from "../../api-client/client";

export type Plan = Schemas["PatrolPlanShape"];
export type Stop = Schemas["PatrolStop"];
export type Result = Schemas["StopResultShape"];
export type Details = Schemas["RoundDetails"];
export type Outcome = Result["outcome"];

export const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
export type Day = (typeof DAYS)[number];
/** Marks that are told apart without colour. */
export const MARKS: Record<Outcome, string> = { open: "○", confirmed: "✓", finding: "▲", "not-possible": "✕" };

/** The stop to look at next behind `from`: the first open one, around the end; 0 when none is left. */
export function nextOpen(results: readonly Pick<Result, "stop" | "outcome">[], from: number): number {
  const open = results.filter((one) => one.outcome === "open");
  return (open.find((one) => one.stop > from) ?? open[0])?.stop ?? 0;
}

/** Times as a supervisor writes them, `8:00, 22:30`, as `HH:MM`; undefined for what is no time. */
export function timesOf(text: string): string[] | undefined {
  const parts = text.split(/[\s,，、;；]+/).filter((one) => one !== "");
  const found = parts.map((one) => /^(\d{1,2})[:：](\d{2})$/.exec(one));
  if (found.some((one) => one === null || Number(one[1]) > 23 || Number(one[2]) > 59)) return undefined;
  return [...new Set(found.map((one) => `${one?.[1]?.padStart(2, "0")}:${one?.[2]}`))].sort();
}
