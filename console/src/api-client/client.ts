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

let onSignedOut: () => void = () => undefined;

/** Called when the node says that nobody is signed in any more. */
export function whenSignedOut(act: () => void): void {
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

/** A page of another site cannot send it: what the node asks of whoever shows the cookie. */
const CONSOLE_HEADER = "x-fengsui-console";

const problems: Middleware = {
  onRequest({ request }) {
    request.headers.set(CONSOLE_HEADER, "1");
    return request;
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return;
    const problem = (await response.json().catch(() => ({ ...unreachable, status: response.status }))) as Problem;
    const signedOut = problem.code === "access.not_signed_in" || problem.code === "access.other_workstation" || problem.code === "access.must_change_password";
    if (signedOut && schemaPath !== "/api/v1/session") onSignedOut();
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
