import { api, type Schemas } from "../../api-client/client";
import type { Details } from "./incident";

export type Cause = Schemas["Cause"];
export type Disposition = Schemas["Disposition"];
export type Step = Schemas["IncidentStep"]["step"];

/** What a desk does with an incident; each names the version that the desk saw, so that who comes second is told. */
const at = ({ id }: Details) => ({ params: { path: { incident_id: id } } });

export const move = (one: Details, step: Step, text = "", cause: Cause | null = null) => api.POST("/api/v1/incidents/{incident_id}/state", { ...at(one), body: { step, text, cause, version: one.version } });
export const note = (one: Details, text: string) => api.POST("/api/v1/incidents/{incident_id}/notes", { ...at(one), body: { text } });
export const handOver = (one: Details, to: number, words: string) => api.POST("/api/v1/incidents/{incident_id}/hand-over", { ...at(one), body: { to, note: words, version: one.version } });
export const merge = (one: Details, into: number, reason: string) => api.POST("/api/v1/incidents/{incident_id}/merge", { ...at(one), body: { into, reason, version: one.version } });
export const unmerge = (one: Details, reason: string) => api.POST("/api/v1/incidents/{incident_id}/unmerge", { ...at(one), body: { reason, version: one.version } });
export const reopen = (one: Details, reason: string) => api.POST("/api/v1/incidents/{incident_id}/reopen", { ...at(one), body: { reason, version: one.version } });
export const close = (one: Details, disposition: Disposition, cause: Cause | null, text: string) => api.POST("/api/v1/incidents/{incident_id}/close", { ...at(one), body: { disposition, also: [], cause, text, version: one.version } });
export const correct = (one: Details, changes: Partial<Pick<Schemas["IncidentCorrection"], "type" | "place" | "text" | "priority" | "longitude" | "latitude">>, reason: string) => api.PATCH("/api/v1/incidents/{incident_id}", { ...at(one), body: { ...changes, reason, version: one.version } });
export const unlink = (one: Details, alarm: number, reason: string) => api.POST("/api/v1/incidents/{incident_id}/alarms/{alarm_id}/removal", { params: { path: { incident_id: one.id, alarm_id: alarm } }, body: { reason } });
