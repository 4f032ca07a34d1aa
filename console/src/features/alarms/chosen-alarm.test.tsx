// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { User } from "../../api-client/client";
import { SignedIn } from "../../ui/signed-in";
import type { Alarm } from "./queue";
import { useAlarmKeys } from "./use-alarm-keys";
import { SETTLES_MS, useChosen, type Chosen } from "./use-chosen";
import type { Queue } from "./use-queue";

const ME = 7;
const alarm = (id: number, priority: number, owner?: number, state = "open") => ({ id, priority, repeats: 0, received_at: new Date(id * 1_000).toISOString(), work: { state, version: 0, folded: 0, opened_at: new Date(id * 1_000).toISOString(), owner: owner === undefined ? null : { id: owner, name: "" } } }) as Alarm;

const singles = new Map<number, Alarm>();
vi.mock("./asked", async (original) => ({
  ...(await original<typeof import("./asked")>()),
  askedNewest: (_: unknown, id: number) => Promise.resolve(singles.get(id)),
}));

/** The page's chosen alarm and its keys, over a queue that the test changes. */
function page(first: readonly Alarm[]) {
  const taken: (number | undefined)[] = [];
  let ignored = 0;
  let came: readonly Alarm[] = [];
  const queueOf = (alarms: readonly Alarm[]): Queue => ({ queue: { alarms, next: null }, mine: { alarms: [], next: null }, asked: true, error: null, gone: undefined, more: vi.fn(), hear: vi.fn(), take: vi.fn(), look, came: take });
  const look = vi.fn();
  const take = () => {
    const now = came;
    came = [];
    return now;
  };
  const queries = new QueryClient();
  const signedIn = { user: { id: ME } as User, signOut: vi.fn(), lock: vi.fn(), notices: [], putAway: vi.fn() };
  const wrapper = ({ children }: { children: ReactNode }) => (
    <SignedIn value={signedIn}>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </SignedIn>
  );
  first.forEach((one) => singles.set(one.id, one));
  let now: Queue = queueOf(first);
  const hook = renderHook(
    () => {
      const chosen = useChosen(now);
      useAlarmKeys({ settled: chosen.settled, ignored: () => ignored++, heard: vi.fn(), step: vi.fn(), take: () => taken.push(chosen.id), verify: () => taken.push(chosen.id), close: vi.fn(), handOver: vi.fn(), picture: vi.fn() });
      return chosen;
    },
    { wrapper },
  );
  return {
    chosen: (): Chosen => hook.result.current,
    taken,
    ignored: () => ignored,
    become: async (alarms: readonly Alarm[], ...news: Alarm[]) => {
      news.forEach((one) => singles.set(one.id, one));
      came = news;
      now = queueOf(alarms);
      await act(async () => {
        hook.rerender();
        await vi.advanceTimersByTimeAsync(0);
      });
    },
    /** As the node tells of it now, though it is in no list. */
    keep: (one: Alarm) => act(() => void queries.setQueryData(["alarms", "one", one.id], one)),
    passed: (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms)),
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
});
afterEach(() => {
  singles.clear();
  vi.useRealTimers();
});

test("right after an alarm opened by itself no key acts, for it may be meant for the one before", async () => {
  const [low, high] = [alarm(1, 3), alarm(2, 1)];
  const desk = page([low]);
  await desk.passed(0);
  expect(desk.chosen().id).toBe(1);
  fireEvent.keyDown(document, { key: "Enter" });
  expect(desk.taken).toEqual([1]);
  await desk.become([high, low], high);
  expect([desk.chosen().id, desk.chosen().settled]).toEqual([2, false]);
  for (const key of ["Enter", "1", "2", "3"]) fireEvent.keyDown(document, { key });
  expect([desk.taken, desk.ignored()]).toEqual([[1], 4]);
  await desk.passed(SETTLES_MS);
  fireEvent.keyDown(document, { key: "Enter" });
  expect(desk.taken).toEqual([1, 2]);
});

test("the chosen alarm stays where the list is cut before it, whatever comes", async () => {
  const chosen = alarm(600, 3);
  const desk = page([alarm(1, 2), chosen]);
  await desk.passed(0);
  act(() => desk.chosen().choose(600));
  await desk.become([alarm(1, 2), alarm(700, 1)], alarm(700, 1)); // behind the cut now
  expect([desk.chosen().id, desk.chosen().alarm?.id]).toEqual([600, 600]);
  expect(desk.chosen().missed.map(({ id }) => id)).toEqual([700]);
});

test("one that opened by itself stays behind the cut, and gives way to a more urgent one alone", async () => {
  const desk = page([alarm(600, 2)]);
  await desk.passed(0);
  await desk.become([alarm(1, 2)], alarm(1, 2));
  expect(desk.chosen().id).toBe(600);
  await desk.become([alarm(1, 2), alarm(700, 1)], alarm(700, 1));
  expect(desk.chosen().id).toBe(700);
});

test("what somebody touched stays, though a more urgent one comes", async () => {
  const desk = page([alarm(1, 3)]);
  await desk.passed(0);
  act(() => desk.chosen().hold());
  await desk.become([alarm(2, 1), alarm(1, 3)], alarm(2, 1));
  expect(desk.chosen().id).toBe(1);
});

test("when one's own is over the next one that waits opens, and the key that ended it does not act on that", async () => {
  const desk = page([alarm(1, 1, ME, "verified"), alarm(2, 2)]);
  await desk.passed(0);
  act(() => desk.chosen().choose(1));
  await desk.passed(0);
  desk.keep(alarm(1, 1, ME, "closed"));
  await desk.become([alarm(2, 2)]);
  expect([desk.chosen().id, desk.chosen().settled]).toEqual([2, false]);
});

test("the one that is looked at stays when it is raised, and is none that was missed", async () => {
  const desk = page([alarm(1, 2)]);
  await desk.passed(0);
  await desk.become([alarm(1, 1)], alarm(1, 1));
  expect([desk.chosen().id, desk.chosen().settled, desk.chosen().missed]).toEqual([1, true, []]);
});
