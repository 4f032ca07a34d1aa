import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Camera = Schemas["CameraShape"];
export type Area = Schemas["AreaShape"];
export type Device = Schemas["Device"];
export type LiveSession = Schemas["LiveSessionShape"];
export type LiveState = Schemas["LiveStateShape"];
export type User = Schemas["User"];

/** What the node answers when it refuses: RFC 9457 with both languages and what to do. */
export interface Problem {
  status: number;
  code: string;
  zh: string;
  en: string;
  remedy_zh: string;
  remedy_en: string;
  /** Of a refusal: the rule, and whom to ask. */
  rule?: string;
  contact?: string;
}

export class ApiProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.en);
  }
}

let onSignedOut: (why: Problem) => void = () => undefined;
let onLocked: () => void = () => undefined;
let held = false;

/** Called when the node says that the session is locked. */
export function whenLocked(act: () => void): void {
  onLocked = act;
}

/** While the screen is locked nothing is asked of the node but to unlock it or to leave. */
export function holdRequests(locked: boolean): void {
  held = locked;
}

/** Called when the node says that nobody is signed in any more. */
export function whenSignedOut(act: (why: Problem) => void): void {
  onSignedOut = act;
}

const unreachable: Problem = {
  status: 0,
  code: "node.unreachable",
  zh: "无法连接到节点",
  en: "The node cannot be reached",
  remedy_zh: "检查网络,连接恢复后会自动继续",
  remedy_en: "Check the network; it goes on by itself when the connection is back",
};

const lockedHere: Problem = {
  status: 401,
  code: "access.screen_locked",
  zh: "屏幕已锁定",
  en: "The screen is locked",
  remedy_zh: "请先解锁",
  remedy_en: "Unlock it first",
};

/** A page of another site cannot send it: what the node asks of whoever shows the cookie. */
const CONSOLE_HEADER = "x-fengsui-console";

const SIGNED_OUT = ["access.not_signed_in", "access.signed_in_elsewhere", "access.other_workstation", "access.must_change_password"];

const problems: Middleware = {
  onRequest({ request, schemaPath }) {
    if (held && !schemaPath.startsWith("/api/v1/session")) throw new ApiProblem(lockedHere);
    request.headers.set(CONSOLE_HEADER, "1");
    return request;
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return;
    const problem = (await response.json().catch(() => ({ ...unreachable, status: response.status }))) as Problem;
    if (SIGNED_OUT.includes(problem.code) && schemaPath !== "/api/v1/session") onSignedOut(problem);
    if (problem.code === "access.screen_locked") onLocked();
    throw new ApiProblem(problem);
  },
  onError() {
    return new ApiProblem(unreachable);
  },
};

export const api = createClient<paths>({ baseUrl: "/" });
api.use(problems);

/** The body of an answer that cannot be empty. */
export async function body<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  if (data === undefined) throw new ApiProblem(unreachable);
  return data;
}
