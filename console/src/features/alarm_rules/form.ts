import type { Schemas } from "../../api-client/client";

export type Rule = Schemas["AlarmRuleShape"];
export type Order = Schemas["AlarmRuleOrder"];
export type Action = Order["then"][number];
export type Do = Action["do"];
type Of<D extends Do> = Extract<Action, { do: D }>;

export const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
export const NIGHT = { days: [...DAYS] as number[], from: "22:00", to: "06:00" };
/** Each action as the form offers it first. */
export const FIRST: { [D in Do]: Of<D> } = {
  raise: { do: "raise", to: 1 },
  protect: { do: "protect", before_s: 60, after_s: 300, days: 30, cameras: [] },
  incident: { do: "incident", type: "intrusion", priority: null, text: "" },
  show: { do: "show", cameras: [{ camera: "", preset: null }] },
  procedure: { do: "procedure", procedure: 0 },
  forward: { do: "forward", link: 0 },
  notify: { do: "notify", posts: ["duty-supervisor"], units: false, text: "" },
  output: { do: "output", output: 0, seconds: 10 },
};
export const DOES = Object.keys(FIRST) as Do[];

export const EMPTY: Order = {
  name: "",
  area: "",
  on: true,
  position: 100,
  when: { change: "new", protocols: [], categories: [], codes: [], methods: [], types: [], priorities: [], areas: [], sites: [], points: [], accounts: [], devices: [], windows: [], repeats: null, armed: null },
  then: [],
};

/** A rule as it is changed: what the form has no field for stays. */
export function orderOf(rule: Rule): Order {
  const { name, area, on, position, when, then } = rule;
  return { name, area, on, position, when, then };
}

export function actionOf<D extends Do>(order: Order, what: D): Of<D> | undefined {
  return order.then.find((one): one is Of<D> => one.do === what);
}

/** With this action, or without it, in the order in which the form has them. */
export function withAction(order: Order, what: Do, action: Action | undefined): Order {
  const others = order.then.filter((one) => one.do !== what);
  const then = action === undefined ? others : [...others, action];
  return { ...order, then: then.sort((one, other) => DOES.indexOf(one.do) - DOES.indexOf(other.do)) };
}

/** How many conditions a rule has of which the page tells only that they are there. */
export function unshown({ change, protocols, codes, methods, types, areas, points, accounts, devices }: Order["when"]): number {
  const lists = [protocols, codes, methods, types, areas, points, accounts, devices];
  return lists.filter((one) => (one ?? []).length > 0).length + (change === "new" ? 0 : 1);
}

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Whether the node would take it, as far as the form can tell. */
export function isWhole(order: Order): boolean {
  const windows = order.when.windows ?? [];
  const shown = actionOf(order, "show")?.cameras ?? [];
  return order.name.trim() !== "" && order.then.length > 0 && windows.every((one) => one.days.length > 0 && CLOCK.test(one.from) && CLOCK.test(one.to)) && shown.every((one) => one.camera !== "") && actionOf(order, "procedure")?.procedure !== 0 && actionOf(order, "forward")?.link !== 0 && actionOf(order, "output")?.output !== 0 && isTold(order);
}

/** Where people are told, somebody is. */
function isTold(order: Order): boolean {
  const told = actionOf(order, "notify");
  return told === undefined || told.units === true || (told.posts ?? []).length > 0;
}
