// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Calling, tokenOf } from "./calling";
import { statusOf } from "./words";

const TOKEN = "t".repeat(32);
const AT = "2026-11-30T01:02:03Z";
type Answer = { status: number; body: unknown } | "away";
let asked: { method: string; token: string; body: { key: string; trial?: boolean } | undefined }[];
/** What the network does with a press; looks are answered by `place`. */
let answers: Answer[];
let place: Answer;
let open: Calling[];

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  asked = [];
  answers = [];
  open = [];
  place = { status: 200, body: { place: "东门", state: "none", received_at: null } };
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    const method = init.method ?? "GET";
    asked.push({ method, token: (init.headers as Record<string, string>)["X-Fengsui-Panic"] ?? "", body: typeof init.body === "string" ? (JSON.parse(init.body) as { key: string }) : undefined });
    const answer = method === "POST" ? (answers.shift() ?? "away") : place;
    if (answer === "away") throw new TypeError("no network");
    return new Response(JSON.stringify(answer.body), { status: answer.status });
  });
});

afterEach(() => {
  for (const one of open) one.giveUp();
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function calling(): Calling {
  const found = new Calling(TOKEN, () => undefined);
  open.push(found);
  found.start();
  return found;
}

const presses = () => asked.filter((one) => one.method === "POST");
const taken: Answer = { status: 201, body: { received_at: AT, trial: false } };

test("a press is sent under one key until the node has it, and says so only then", async () => {
  answers = ["away", { status: 503, body: {} }, { status: 429, body: {} }, taken];
  const one = calling();
  one.press(false, "", undefined);
  await vi.advanceTimersByTimeAsync(100);
  expect(one.sent).toMatchObject({ kind: "sending", failed: true, attempt: 1 });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(one.sent).toEqual({ kind: "delivered", at: AT, trial: false });
  expect(presses()).toHaveLength(4);
  expect(new Set(presses().map(({ body }) => body?.key)).size).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(presses()).toHaveLength(4);
});

test("a press that is not acknowledged outlives the page", async () => {
  const first = calling();
  first.press(false, "有人", undefined);
  await vi.advanceTimersByTimeAsync(100);
  const [before] = presses();
  vi.clearAllTimers(); // the page is closed
  answers = [taken];
  const second = calling();
  await vi.advanceTimersByTimeAsync(100);
  expect(second.sent.kind).toBe("delivered");
  expect(presses().at(-1)?.body).toEqual(before?.body);
  expect(new Calling(TOKEN, () => undefined).sent.kind).toBe("none");
  await vi.advanceTimersByTimeAsync(100);
  const third = calling();
  expect(third.sent.kind).toBe("none");
});

test("what was given up is sent no more, and a link that is off is told", async () => {
  const one = calling();
  one.press(false, "", undefined);
  await vi.advanceTimersByTimeAsync(100);
  one.giveUp();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(presses()).toHaveLength(1);
  answers = [{ status: 404, body: { zh: "此报警链接无效或已停用", en: "not valid" } }];
  one.press(true, "", undefined);
  await vi.advanceTimersByTimeAsync(100);
  expect(one.sent).toEqual({ kind: "refused", zh: "此报警链接无效或已停用", en: "not valid" });
  expect(presses()[1]?.body?.trial).toBe(true);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(presses()).toHaveLength(2);
});

test("the link is kept for an icon that lost what stands behind #", () => {
  expect(tokenOf("")).toBe("");
  expect(tokenOf(`#${TOKEN}`)).toBe(TOKEN);
  expect(tokenOf("")).toBe(TOKEN);
  expect(tokenOf("#<script>")).toBe(TOKEN);
  expect(tokenOf(`#${"u".repeat(32)}`)).toBe("u".repeat(32));
});

test("what presses most is said first", () => {
  const known = (state: "none" | "waiting" | "taken" | "closed", at: string | null = AT) => ({ kind: "known" as const, place: { place: "东门", state, received_at: at } });
  const now = Date.parse(AT) + 60_000;
  const name = (...of: Parameters<typeof statusOf>) => statusOf(...of).name;
  const none = { kind: "none" as const };
  expect(name({ kind: "sending", attempt: 2, failed: true, trial: false }, known("taken"), now)).toBe("failing");
  expect(name({ kind: "delivered", at: AT, trial: false }, { kind: "away" }, now)).toBe("delivered");
  expect(name({ kind: "delivered", at: AT, trial: false }, known("closed"), now)).toBe("closed");
  expect(name({ kind: "delivered", at: AT, trial: true }, known("none", null), now)).toBe("tried");
  expect(name(none, known("waiting"), now)).toBe("delivered");
  expect(name(none, known("taken"), now)).toBe("taken");
  expect(name(none, known("closed"), now + 86_400_000)).toBe("ready");
  expect(name(none, { kind: "away" }, now)).toBe("away");
  expect(name(none, { kind: "invalid" }, now)).toBe("invalid");
});
