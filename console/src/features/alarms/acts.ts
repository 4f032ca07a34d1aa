import { api, body, type Schemas } from "../../api-client/client";
import type { Alarm } from "./queue";
import type { FalseReason, Outcome, Result } from "./work";

/** What a desk does with an alarm; each names the state that the desk saw, so that who comes second is told. */
const at = ({ id }: Alarm) => ({ params: { path: { alarm_id: id } } });
const seen = ({ work }: Alarm) => (work === null ? {} : { version: work.version });
/** What is decided is decided about as many signals as were to be seen; or `upToNow`, about all, as the desk was told before. */
const counted = (alarm: Alarm, upToNow: boolean) => ({ ...seen(alarm), ...(alarm.work === null || upToNow ? {} : { folded: alarm.work.folded }) });

export const take = (alarm: Alarm) => body(api.POST("/api/v1/alarms/{alarm_id}/acknowledge", { ...at(alarm), body: seen(alarm) }));
export const release = (alarm: Alarm, note: string) => body(api.POST("/api/v1/alarms/{alarm_id}/release", { ...at(alarm), body: { ...seen(alarm), note } }));
export const handOver = (alarm: Alarm, to: number, note: string) => body(api.POST("/api/v1/alarms/{alarm_id}/hand-over", { ...at(alarm), body: { ...seen(alarm), to, note } }));
export const verify = (alarm: Alarm, upToNow: boolean, result: Result, reason?: FalseReason, note = "") => body(api.POST("/api/v1/alarms/{alarm_id}/verify", { ...at(alarm), body: { ...counted(alarm, upToNow), result, note, ...(reason === undefined ? {} : { reason }) } }));
export const close = (alarm: Alarm, upToNow: boolean, outcome: Outcome, note: string) => body(api.POST("/api/v1/alarms/{alarm_id}/close", { ...at(alarm), body: { ...counted(alarm, upToNow), outcome, note } }));

export type Step = Schemas["AlarmStepShape"];
export const askedSteps = (id: number) => body(api.GET("/api/v1/alarms/{alarm_id}/steps", { params: { path: { alarm_id: id } } }));
export const stepsKey = (id: number) => ["steps of an alarm", id] as const;
