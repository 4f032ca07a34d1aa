import type { Details, Incident, State } from "./incident";

/** What a desk may do with an incident. */
export type Act = "take" | "verify" | "confirm" | "refute" | "control" | "close" | "archive" | "reopen" | "merge" | "unmerge" | "hand-over" | "correct" | "note" | "send";

const WORK: readonly Act[] = ["merge", "hand-over", "correct", "note", "send"];

/** By the state in which the desk left it, as the node's table has it; the node decides, this only spares dead ends. */
const NEXT: Readonly<Partial<Record<State, readonly Act[]>>> = {
  new: ["take", ...WORK],
  taken: ["take", "verify", "confirm", "refute", "control", "close", ...WORK],
  verifying: ["take", "confirm", "refute", "control", "close", ...WORK],
  verified: ["take", "refute", "control", "close", ...WORK],
  false: ["take", "verify", "confirm", "close", ...WORK],
  controlled: ["take", "confirm", "close", ...WORK],
  closed: ["reopen", "archive", "note"],
  merged: ["unmerge", "note"],
};

/** `desk`: whether the reader works at one. Whoever leads it need not take it. Pure. */
export function actsOf(incident: Pick<Incident, "desk_state" | "owner"> | undefined, me: number, desk: boolean): ReadonlySet<Act> {
  if (incident === undefined || !desk) return new Set();
  const acts = NEXT[incident.desk_state] ?? [];
  return new Set(incident.owner?.id === me ? acts.filter((one) => one !== "take") : acts);
}

/** What comes next, and is done by Enter: nothing while units are on their way. Pure. */
export function nextAct({ desk_state, units_out, state }: Pick<Details, "desk_state" | "units_out" | "state">, acts: ReadonlySet<Act>): Act | undefined {
  const wanted = desk_state === "verified" ? (state === "verified" ? "send" : "control") : NEXT_ACT[desk_state];
  return wanted === undefined || (units_out > 0 && wanted !== "confirm") || !acts.has(wanted) ? undefined : wanted;
}

const NEXT_ACT: Readonly<Partial<Record<State, Act>>> = { new: "take", taken: "confirm", verifying: "confirm", false: "close", controlled: "close", closed: "reopen" };
