import type { Schemas } from "../../api-client/client";

export type Plan = Schemas["PatrolPlanShape"];
export type Stop = Schemas["PatrolStop"];

export const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
export type Day = (typeof DAYS)[number];

/** Times as a supervisor writes them, `8:00, 22:30`, as `HH:MM`; undefined for what is no time. */
export function timesOf(text: string): string[] | undefined {
  const parts = text.split(/[\s,，、;；]+/).filter((one) => one !== "");
  const found = parts.map((one) => /^(\d{1,2})[:：](\d{2})$/.exec(one));
  if (found.some((one) => one === null || Number(one[1]) > 23 || Number(one[2]) > 59)) return undefined;
  return [...new Set(found.map((one) => `${one?.[1]?.padStart(2, "0")}:${one?.[2]}`))].sort();
}
