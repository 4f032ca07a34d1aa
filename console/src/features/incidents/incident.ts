import { api, body, type Schemas } from "../../api-client/client";
import type { AlarmPriority } from "../../ui/Priority";

export type Incident = Schemas["IncidentShape"];
export type Details = Schemas["IncidentDetails"];
export type Line = Schemas["IncidentLine"];
export type State = Schemas["IncidentState"];

/** Which of them the list shows. */
export type Which = "open" | "mine" | "over";
export const WHICH: readonly Which[] = ["open", "mine", "over"];
/** Of one question. */
const PART = 200;

const OVER: readonly State[] = ["closed", "archived", "merged"];
/** Whether somebody works on it. Pure. */
export const isOpen = ({ state }: Pick<Incident, "state">): boolean => !OVER.includes(state);
/** How urgent it is. Pure. */
export const priorityOf = ({ priority }: Pick<Incident, "priority">): AlarmPriority => priority as AlarmPriority;
export const openedMs = ({ opened_at }: Pick<Incident, "opened_at">): number => Date.parse(opened_at);

/** The most urgent first, of one priority the oldest. Pure. */
export function byUrgency(one: Incident, other: Incident): number {
  return one.priority - other.priority || openedMs(one) - openedMs(other) || one.id - other.id;
}

/** In the order of the list: what is over as the node tells it, the newest first. Pure. */
export function ordered(incidents: readonly Incident[], which: Which): readonly Incident[] {
  return which === "over" ? incidents : [...incidents].sort(byUrgency);
}

/** Area and place, each said once. Pure. */
export function placeOf({ area_name, place }: Pick<Incident, "area_name" | "place">): string {
  return place.startsWith(area_name) ? place : `${area_name} · ${place}`;
}

/** What is asked anew when the node tells of an incident or a task begins so. */
export const listKey = (which: Which) => ["incidents", "list", which] as const;
export const incidentKey = (id: number) => ["incidents", "one", id] as const;

/** Those of the list: its beginning, or the part behind `cursor`. */
export function askedList(which: Which, cursor: string): Promise<Schemas["IncidentPage"]> {
  const asked = which === "over" ? ({ open: false, order: "newest" } as const) : { open: true, mine: which === "mine" };
  return body(api.GET("/api/v1/incidents", { params: { query: { ...asked, limit: PART, cursor } } }));
}

/** One with the newest lines of its time line; `before`: an ordinal, for the lines before that one. */
export function askedIncident(id: number, before?: number): Promise<Details> {
  return body(api.GET("/api/v1/incidents/{incident_id}", { params: { path: { incident_id: id }, query: before === undefined ? {} : { before } } }));
}
