import { api, body, type Schemas } from "../../api-client/client";

export type Run = Schemas["ProcedureRunShape"];
export type Step = Schemas["ProcedureStep"];
export type Subject = Schemas["SubjectProcedures"];
/** What a run is about. */
export interface About {
  kind: "alarm" | "incident";
  id: number;
}

export const runsKey = ({ kind, id }: About) => ["procedure-runs", kind, id] as const;

export function askedRuns({ kind, id }: About): Promise<Subject> {
  if (kind === "alarm") return body(api.GET("/api/v1/alarms/{alarm_id}/procedures", { params: { path: { alarm_id: id } } }));
  return body(api.GET("/api/v1/incidents/{incident_id}/procedures", { params: { path: { incident_id: id } } }));
}

export function start({ kind, id }: About, procedure: number): Promise<Run> {
  if (kind === "alarm") return body(api.POST("/api/v1/alarms/{alarm_id}/procedures", { params: { path: { alarm_id: id } }, body: { procedure } }));
  return body(api.POST("/api/v1/incidents/{incident_id}/procedures", { params: { path: { incident_id: id } }, body: { procedure } }));
}

const of = (run: Run) => ({ params: { path: { run_id: run.id } } });
/** How many entries the run has on the screen: where there are more by now, the node refuses. */
const seen = (run: Run) => run.entries.length;

export const answer = (run: Run, way: number | undefined, note: string): Promise<Run> => body(api.POST("/api/v1/procedure-runs/{run_id}/answers", { ...of(run), body: { seen: seen(run), answer: way ?? null, note } }));
export const skip = (run: Run, reason: string, way: number | undefined, rest: boolean): Promise<Run> => body(api.POST("/api/v1/procedure-runs/{run_id}/skips", { ...of(run), body: { seen: seen(run), reason, answer: rest ? null : (way ?? null), rest } }));
export const review = (run: Run): Promise<Run> => body(api.POST("/api/v1/procedure-runs/{run_id}/review", { ...of(run), body: { seen: seen(run) } }));

/** The step at which a run stands. Pure. */
export const stepOf = (run: Run): Step | undefined => run.steps.find((one) => one.id === run.step);

/** How many ms are left of the step's time: less than 0 when it is over; undefined: it has none. Pure. */
export const leftMs = (run: Run, now: number): number | undefined => (run.due_at === null ? undefined : Date.parse(run.due_at) - now);
