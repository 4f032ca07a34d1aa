import type { Schemas } from "../../api-client/client";

export type Entry = Schemas["MethodEntry"];
export type Method = Schemas["MethodDetails"];
export type Order = Schemas["MethodOrder"];
export type Version = Schemas["MethodVersion"];
export type State = Entry["state"];
export type Kind = Entry["kinds"][number];

export const STATES: readonly State[] = ["published", "draft", "withdrawn"];
export const EMPTY: Order = { title: "", area: "", state: "draft", kinds: [], steps: "", places: "", cameras: "", tags: [] };

/** A method as it is changed. Pure. */
export function orderOf({ title, area, state, kinds, steps, places, cameras, tags }: Method): Order {
  return { title, area, state, kinds, steps, places, cameras, tags };
}

/** Whether the node may take it. Pure. */
export const isWhole = ({ title, kinds, steps }: Order): boolean => title.trim().length > 1 && kinds.length > 0 && steps.trim().length > 1;

/** Months without a gap from the first to the last that is told, the oldest first. Pure. */
export function everyMonth(told: readonly { month: string; count: number }[]): { month: string; count: number }[] {
  const counts = new Map(told.map(({ month, count }) => [month, count]));
  const [first, last] = [told.at(-1)?.month, told[0]?.month];
  if (first === undefined || last === undefined) return [];
  const found = [];
  for (let month = first; month <= last; month = after(month)) found.push({ month, count: counts.get(month) ?? 0 });
  return found;
}

function after(month: string): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, "0")}`;
}
