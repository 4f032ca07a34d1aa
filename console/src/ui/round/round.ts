import type { Schemas } from "../../api-client/client";

export type Details = Schemas["RoundDetails"];
type Result = Schemas["StopResultShape"];

/** The stop to look at next behind `from`: the first open one, around the end; 0 when none is left. */
export function nextOpen(results: readonly Pick<Result, "stop" | "outcome">[], from: number): number {
  const open = results.filter((one) => one.outcome === "open");
  return (open.find((one) => one.stop > from) ?? open[0])?.stop ?? 0;
}
