// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiProblem, api } from "../../api-client/client";
import { QuietObserver, renderInConsole } from "../../ui/testing";
import { LockPage } from "./LockPage";

const WRONG = { status: 401, code: "access.wrong_password", zh: "口令不正确", en: "wrong", remedy_zh: "", remedy_en: "" };
const sent: unknown[] = [];
let ways: string[];
let answer: () => Promise<unknown>;

beforeEach(() => {
  sent.length = 0;
  ways = ["password"];
  answer = () => Promise.resolve({});
  vi.stubGlobal("ResizeObserver", QuietObserver);
  vi.spyOn(api, "GET").mockImplementation((() => Promise.resolve({ data: { locked: true, name: "duty", full_name: "值班长", ways } })) as never);
  vi.spyOn(api, "POST").mockImplementation(((path: string, init: { body: unknown }) => {
    sent.push([path, init.body]);
    return answer();
  }) as never);
  vi.spyOn(api, "DELETE").mockImplementation(((path: string) => {
    sent.push(path);
    return Promise.resolve({});
  }) as never);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const type = async (proof: string) => fireEvent.change(await screen.findByTestId("unlock-proof"), { target: { value: proof } });

test("a second click sends the proof once, and what was wrong is told", async () => {
  let refuse: (error: unknown) => void = () => undefined;
  answer = () => new Promise((_, reject) => (refuse = reject));
  const unlocked = vi.fn();
  renderInConsole(<LockPage onUnlocked={unlocked} onGone={() => undefined} onLeft={() => undefined} />);
  await type("wrong");
  fireEvent.click(screen.getByTestId("unlock"));
  fireEvent.click(screen.getByTestId("unlock"));
  fireEvent.submit(screen.getByTestId("unlock"));
  expect(sent).toEqual([["/api/v1/session/unlock", { password: "wrong", code: "" }]]);
  refuse(new ApiProblem(WRONG));
  await screen.findByText("口令不正确");
  expect(unlocked).not.toHaveBeenCalled();
  expect((screen.getByTestId("unlock-proof") as HTMLInputElement).value).toBe("");
});

test("whoever has an authenticator is asked for password and code, as at the sign-in", async () => {
  ways = ["password-and-code"];
  const unlocked = vi.fn();
  renderInConsole(<LockPage onUnlocked={unlocked} onGone={() => undefined} onLeft={() => undefined} />);
  await type("my-own-password");
  expect((screen.getByTestId("unlock") as HTMLButtonElement).disabled).toBe(true);
  fireEvent.change(screen.getByTestId("unlock-code"), { target: { value: " 123456 " } });
  fireEvent.click(screen.getByTestId("unlock"));
  await waitFor(() => expect(unlocked).toHaveBeenCalledOnce());
  expect(sent).toEqual([["/api/v1/session/unlock", { password: "my-own-password", code: "123456" }]]);
});

test("whoever has passkeys alone is not asked for a password, and is told where no passkey works", async () => {
  ways = ["passkey"];
  renderInConsole(<LockPage onUnlocked={() => undefined} onGone={() => undefined} onLeft={() => undefined} />);
  await screen.findByText(/不能使用通行密钥/);
  expect(screen.queryByTestId("unlock-proof")).toBeNull();
  expect(screen.queryByTestId("unlock")).toBeNull();
});

test("an account of a provider leaves and signs in anew", async () => {
  ways = [];
  const gone = vi.fn();
  renderInConsole(<LockPage onUnlocked={() => undefined} onGone={() => undefined} onLeft={gone} />);
  await screen.findByText(/身份提供方/);
  expect(screen.queryByTestId("unlock-proof")).toBeNull();
  fireEvent.click(screen.getByTestId("lock-leave"));
  await waitFor(() => expect(gone).toHaveBeenCalledOnce());
  expect(sent).toEqual(["/api/v1/session"]);
});
