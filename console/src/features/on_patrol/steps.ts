/** Steps of a task as they are pressed on a phone: kept there until the node has answered each, sent in their order, once. Pure. */
import type { Problem, Schemas } from "../../api-client/client";

export type Task = Schemas["TaskShape"];
export type TaskState = Task["state"];
export type Step = "accept" | "on-the-way" | "arrive" | "done" | "refuse";

export interface Kept {
  /** Under which the node does it once, however often it is sent. */
  key: string;
  task: number;
  step: Step;
  text: string;
  /** By the phone's clock. */
  pressedAt: string;
}

/** What the big button does in each state. */
const NEXT: Readonly<Partial<Record<TaskState, Step>>> = { sent: "accept", accepted: "on-the-way", on_the_way: "arrive", arrived: "done" };
const LEADS_TO: Readonly<Record<Step, TaskState>> = { accept: "accepted", "on-the-way": "on_the_way", arrive: "arrived", done: "done", refuse: "refused" };

export const nextStep = (state: TaskState): Step | undefined => NEXT[state];
export const mayRefuse = (state: TaskState): boolean => state === "sent" || state === "accepted";

/** The task as this phone has it: with what is pressed and not yet sent. */
export function stateHere(task: Pick<Task, "id" | "state">, kept: readonly Kept[]): TaskState {
  const last = kept.filter((one) => one.task === task.id).at(-1);
  return last === undefined ? task.state : LEADS_TO[last.step];
}

/** What was kept in the browser, whatever stands there by now. */
export function read(text: string | null): Kept[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(found) ? found.filter(isKept) : [];
  } catch {
    return [];
  }
}

function isKept(one: unknown): one is Kept {
  const { key, task, step, text, pressedAt } = (one ?? {}) as Partial<Record<keyof Kept, unknown>>;
  return typeof key === "string" && typeof task === "number" && typeof step === "string" && step in LEADS_TO && typeof text === "string" && typeof pressedAt === "string";
}

/** For which the node may answer otherwise later: no network, a lock, a right that is withdrawn, a fault of its own. */
export const passes = ({ status }: Pick<Problem, "status">): boolean => status === 0 || status === 401 || status === 403 || status === 429 || status >= 500;

/** A key nobody else has; `randomUUID` is there in secure contexts alone. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}
