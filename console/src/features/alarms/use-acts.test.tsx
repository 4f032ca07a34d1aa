// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import { App } from "antd";
import type { ReactNode } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { api, ApiProblem, type User } from "../../api-client/client";
import { LanguageProvider } from "../../ui/language";
import { SignedIn } from "../../ui/signed-in";
import type { Alarm } from "./queue";
import { useActs } from "./use-acts";

const alarm = (folded: number) => ({ id: 1, priority: 1, repeats: 0, work: { state: "claimed", version: 3, folded, owner: { id: 7, name: "" }, escalated: 0 } }) as unknown as Alarm;
const signedIn = { user: { id: 7, functions: ["take-duty"] } as unknown as User, signOut: vi.fn(), lock: vi.fn(), notices: [], putAway: vi.fn() };
const wrapper = ({ children }: { children: ReactNode }) => (
  <LanguageProvider>
    <App>
      <SignedIn value={signedIn}>
        <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>
      </SignedIn>
    </App>
  </LanguageProvider>
);
const sent: unknown[] = [];
let refused: string | undefined;

beforeEach(() => {
  sent.length = 0;
  vi.stubGlobal("matchMedia", () => ({ matches: false, addListener: () => undefined, removeListener: () => undefined, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.spyOn(api, "POST").mockImplementation(((_path: string, { body }: { body: unknown }) => {
    sent.push(body);
    return refused === undefined ? Promise.resolve({ data: alarm(9) }) : Promise.reject(new ApiProblem({ code: refused, zh: "", en: "", remedy_zh: "", remedy_en: "" } as never));
  }) as never);
});

test("confirmed again after signals overtook it, a verdict is about all that came; in a dialog opened anew about those that were seen", async () => {
  const { result, rerender } = renderHook(({ folded }) => useActs({ alarm: alarm(folded), settled: true, hold: vi.fn() }, { hear: vi.fn(), take: vi.fn() }), { wrapper, initialProps: { folded: 2 } });
  const judge = () => act(async () => void (await result.current.verify("false", "weather", "")));
  refused = "alarm.repeated";
  await judge(); // not in a dialog, where it would be said
  expect(result.current.upToNow).toBe(false);
  act(() => result.current.ask("false"));
  await judge();
  expect(result.current.upToNow).toBe(true);
  rerender({ folded: 4 });
  await judge();
  act(() => result.current.ask(undefined));
  act(() => result.current.ask("false"));
  refused = "alarm.changed";
  await judge();
  expect(result.current.upToNow).toBe(false);
  const said = { version: 3, result: "false", reason: "weather", note: "" };
  expect(sent).toEqual([{ ...said, folded: 2 }, { ...said, folded: 2 }, said, { ...said, folded: 4 }]);
});
