import { api, body, type Schemas } from "../../api-client/client";
import type { IncidentActs } from "./use-incident-acts";

export type WatchList = Schemas["IncidentWatchList"];
export type Watch = Schemas["IncidentWatchShape"];
export const MOST_CAMERAS = 4;
export const MINUTES = [30, 120, 480] as const;

/** Of whoever watches: there is nothing that they may do. */
export const WATCHING: IncidentActs = { may: new Set(), next: undefined, busy: true, asking: undefined, leave: () => undefined, begin: () => undefined, done: () => Promise.resolve(false) };

/** Where the link leads; it opens nothing to anybody but the person to whom the watch was given. Pure. */
export const linkOf = (origin: string, incident: number): string => `${origin}/incidents/${incident}/watch`;

export const watchesKey = (incident: number) => ["incidents", "watches", incident] as const;
const at = (incident: number) => ({ path: { incident_id: incident } });

export const askedWatches = (incident: number): Promise<WatchList> => body(api.GET("/api/v1/incidents/{incident_id}/watches", { params: at(incident) }));
export const giveWatch = (incident: number, order: Schemas["IncidentWatchOrder"]) => body(api.POST("/api/v1/incidents/{incident_id}/watches", { params: at(incident), body: order }));
export const endWatch = (incident: number, watch: number) => api.DELETE("/api/v1/incidents/{incident_id}/watches/{watch_id}", { params: { path: { incident_id: incident, watch_id: watch } } });
