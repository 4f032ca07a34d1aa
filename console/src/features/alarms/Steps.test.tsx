// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderInConsole } from "../../ui/testing";
import { Steps } from "./Steps";

const step = (act: string, detail: string) => ({ at: "2026-11-29T05:00:00Z", who: "", act, was: "open", became: "open", detail });

let steps = [step("overdue", "claim"), step("overdue", "verify"), step("overdue", "close")];
vi.mock("./acts", async (original) => ({
  ...(await original<typeof import("./acts")>()),
  askedSteps: () => Promise.resolve({ items: steps }),
}));
afterEach(cleanup);

test("what was overdue is said in the reader's language, whichever step it was", async () => {
  renderInConsole(<Steps id={1} version={3} />);
  const told = (await screen.findAllByTestId("step-overdue")).map((one) => one.querySelector("span")?.textContent);
  expect(told).toEqual(["本节点 · 接警", "本节点 · 核实", "本节点 · 结束"]);
});

test("what another desk did with the alarm stands there as soon as the alarm is another", async () => {
  steps = [];
  const { rerender } = renderInConsole(<Steps id={1} version={0} />);
  expect(await screen.findByText("尚未处理")).toBeTruthy();
  steps = [step("claim", "")];
  rerender(<Steps id={1} version={1} />);
  expect(await screen.findByTestId("step-claim")).toBeTruthy();
});
