// @vitest-environment jsdom
import { act, cleanup, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api, type User } from "../api-client/client";
import type { NodeEvent } from "../api-client/events";
import { bell } from "../ui/ringing";
import { SignedIn } from "../ui/signed-in";
import { useRinging } from "./use-ringing";

let tell: (event: NodeEvent) => void;
let epoch: number;
const feed = { listen: (listener: (event: NodeEvent) => void) => ((tell = listener), () => undefined) };
vi.mock("../ui/news", () => ({ useNews: () => ({ feed, epoch }) }));

const came = (id: number, priority: number) => ({ id, priority, work: { state: "open", owner: null } });
let functions = ["take-duty"];
const wrapper = ({ children }: { children: ReactNode }) => <SignedIn value={{ user: { id: 1, functions } as unknown as User, signOut: vi.fn(), lock: vi.fn(), notices: [], putAway: vi.fn() }}>{children}</SignedIn>;
const ring = vi.spyOn(bell, "ring");
let answers: (() => Promise<unknown>)[];

beforeEach(() => {
  epoch = 1;
  ring.mockReset();
  vi.useFakeTimers();
  vi.spyOn(api, "GET").mockImplementation((() => answers.shift()?.()) as never);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const work = (id: number, priority: number, more: Record<string, unknown> = {}) => ({ seq: 1, at: "", type: "alarm.work", id, priority, state: "open", owner: "", raised: false, ...more });

test("what is raised rings as it is then, also what was for the record; what somebody has taken, or something else is done with, does not", async () => {
  answers = [told(came(1, 2))];
  renderHook(useRinging, { wrapper });
  await act(() => vi.advanceTimersByTimeAsync(0));
  tell({ seq: 1, at: "", type: "alarm.received", id: 2, priority: 4, change: "new" });
  tell(work(1, 1, { owner: "Li", state: "claimed", raised: true }));
  tell(work(1, 2));
  expect(ring).not.toHaveBeenCalled();
  tell(work(2, 3, { raised: true }));
  tell(work(1, 1, { raised: true }));
  expect(ring.mock.calls).toEqual([[3], [1]]);
  tell({ seq: 1, at: "", type: "alarm.passed", id: 3, priority: 2, centre: 4 });
  expect(ring.mock.lastCall, "nobody took it elsewhere: it rings where it was passed on to").toEqual([2]);
});

test("what waits too long rings as the most urgent at a supervisor's desk, and at no other", async () => {
  for (const [held, rung] of [[["take-duty"], []], [["take-duty", "manage-duty"], [[1]]]] as const) {
    functions = [...held];
    answers = [told()];
    const hook = renderHook(useRinging, { wrapper });
    await act(() => vi.advanceTimersByTimeAsync(0));
    tell(work(1, 3, { late: true, escalated: 1 }));
    tell(work(1, 3, { late: false, escalated: 1 }));
    expect(ring.mock.calls).toEqual(rung);
    hook.unmount();
  }
  functions = ["take-duty"];
});

test("after a gap what was for the record and was raised meanwhile rings", async () => {
  answers = [told(came(1, 1)), told(came(2, 1), came(1, 1))];
  const hook = renderHook(useRinging, { wrapper });
  await act(() => vi.advanceTimersByTimeAsync(0));
  tell({ seq: 1, at: "", type: "alarm.received", id: 2, priority: 4, change: "new" });
  epoch = 2;
  hook.rerender();
  await act(() => vi.advanceTimersByTimeAsync(0));
  expect(ring.mock.calls).toEqual([[1]]);
});

test("after a gap an urgent alarm rings however many others came behind it: the node is asked for what waits", async () => {
  const asked = vi.spyOn(api, "GET");
  asked.mockImplementation(((_path: string, { params: { query } }: { params: { query: { queue?: string } } }) => Promise.resolve({ data: { items: epoch === 1 ? [] : query.queue === "open" ? [came(1, 1)] : Array.from({ length: 500 }, (_, at) => ({ ...came(601 - at, 1), work: null })), next: null } })) as never);
  const hook = renderHook(useRinging, { wrapper });
  await act(() => vi.advanceTimersByTimeAsync(0));
  epoch = 2;
  hook.rerender();
  await act(() => vi.advanceTimersByTimeAsync(0));
  expect(ring.mock.calls).toEqual([[1]]);
});

const told = (...items: unknown[]) => () => Promise.resolve({ data: { items, next: null } });

test("after a gap in the news an alarm rings that came meanwhile, though the node had to be asked twice", async () => {
  answers = [told(came(1, 1)), () => Promise.reject(new Error("busy")), told(came(4, 1), came(3, 2), came(2, 3), came(1, 1))];
  const hook = renderHook(useRinging, { wrapper });
  await act(() => vi.advanceTimersByTimeAsync(0));
  tell({ seq: 1, at: "", type: "alarm.received", id: 4, priority: 1, change: "new" });
  expect(ring.mock.calls).toEqual([[1]]);
  ring.mockReset();
  epoch = 2;
  hook.rerender();
  await act(() => vi.advanceTimersByTimeAsync(0));
  expect(ring).not.toHaveBeenCalled();
  await act(() => vi.advanceTimersByTimeAsync(2_000));
  expect(ring.mock.calls).toEqual([[2]]); // 4 has rung
});
