import { api, body, type Schemas } from "../../api-client/client";

export type Task = Schemas["TaskShape"];
export type TaskState = Task["state"];
export type Proposal = Schemas["ProposalShape"];
/** Where a unit is, as a map shows it. */
export interface UnitAt {
  id: number;
  name: string;
  longitude: number | null;
  latitude: number | null;
}
export type TaskAct = "accept" | "on-the-way" | "arrive" | "done" | "refuse" | "cancel";

/** The states on the way from sent to done. */
export const WAY: readonly TaskState[] = ["sent", "accepted", "on_the_way", "arrived", "done"];
/** As the node's table has it; the first is what mostly comes next. */
const NEXT: Readonly<Partial<Record<TaskState, readonly TaskAct[]>>> = {
  sent: ["accept", "on-the-way", "refuse", "cancel"],
  accepted: ["on-the-way", "arrive", "refuse", "cancel"],
  on_the_way: ["arrive", "cancel"],
  arrived: ["done", "cancel"],
};

export const actsOfTask = ({ state }: Pick<Task, "state">): readonly TaskAct[] => NEXT[state] ?? [];
export const isRunning = (task: Pick<Task, "state">): boolean => actsOfTask(task).length > 0;

/** The running timer: how much of it is left, from 1 to 0, and the milliseconds until it is over, below zero behind it; undefined: none runs. Pure. */
export function timerOf(task: Pick<Task, "state" | "times" | "due_at">, nowMs: number): { left: number; leftMs: number } | undefined {
  if (task.due_at === null || !isRunning(task)) return undefined;
  const due = Date.parse(task.due_at);
  const since = task.state === "on_the_way" ? "sent" : task.state; // the way is counted from the sending
  const began = Date.parse(task.times[since] ?? task.times["sent"] ?? task.due_at);
  return { left: Math.max(0, Math.min(1, (due - nowMs) / Math.max(1, due - began))), leftMs: due - nowMs };
}

export const tasksKey = (incident: number) => ["incidents", "tasks", incident] as const;
export const askedTasks = (incident: number) => body(api.GET("/api/v1/incidents/{incident_id}/tasks", { params: { path: { incident_id: incident } } }));
export const askedProposals = (incident: number) => body(api.GET("/api/v1/incidents/{incident_id}/unit-proposals", { params: { path: { incident_id: incident } } }));
export const sendTask = (incident: number, order: Schemas["TaskOrder"]) => api.POST("/api/v1/incidents/{incident_id}/tasks", { params: { path: { incident_id: incident } }, body: order });

/** A step of the unit, told by radio: the desk writes it. `text`: what it said, or why it does not go on. */
export function stepTask({ id }: Task, act: TaskAct, text: string): Promise<unknown> {
  const at = { params: { path: { task_id: id } } };
  const said = { ...at, body: { text } };
  const why = { ...at, body: { reason: text } };
  switch (act) {
    case "accept":
      return api.POST("/api/v1/tasks/{task_id}/accept", said);
    case "on-the-way":
      return api.POST("/api/v1/tasks/{task_id}/on-the-way", said);
    case "arrive":
      return api.POST("/api/v1/tasks/{task_id}/arrive", said);
    case "done":
      return api.POST("/api/v1/tasks/{task_id}/done", said);
    case "refuse":
      return api.POST("/api/v1/tasks/{task_id}/refuse", why);
    case "cancel":
      return api.POST("/api/v1/tasks/{task_id}/cancel", why);
  }
}
