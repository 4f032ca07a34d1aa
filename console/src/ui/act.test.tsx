// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { Popconfirm } from "antd";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiProblem } from "../api-client/client";
import { ActButton, useAct } from "./act";
import { QuietObserver, renderInConsole } from "./testing";

const PROBLEM = { status: 409, code: "x", zh: "已有同名单位", en: "taken", remedy_zh: "换一个名称", remedy_en: "another" };
let asked: number;
let answer: (() => void) | undefined;
let refuse: ((error: unknown) => void) | undefined;
const call = () => {
  asked += 1;
  return new Promise<void>((resolve, reject) => {
    answer = resolve;
    refuse = reject;
  });
};

beforeEach(() => {
  asked = 0;
  vi.stubGlobal("ResizeObserver", QuietObserver);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("a double click is one act; the button is busy until the answer, and then acts again", async () => {
  renderInConsole(<ActButton act={call}>做</ActButton>);
  const button = screen.getByRole("button");
  fireEvent.click(button);
  fireEvent.click(button);
  fireEvent.click(button);
  expect(asked).toBe(1);
  await waitFor(() => expect(button.className).toContain("loading"));
  answer?.();
  await waitFor(() => expect(button.className).not.toContain("loading"));
  fireEvent.click(button);
  expect(asked).toBe(2);
});

test("what went wrong is told, and may be tried again", async () => {
  renderInConsole(<ActButton act={call}>做</ActButton>);
  fireEvent.click(screen.getByRole("button"));
  refuse?.(new ApiProblem(PROBLEM));
  await screen.findByText("已有同名单位");
  const button = screen.getByRole("button", { name: /做/ });
  await waitFor(() => expect(button.className).not.toContain("loading"));
  fireEvent.click(button);
  expect(asked).toBe(2);
});

/** As the pages have it: a field that sends on Enter, and a question before what cannot be undone. */
function Field() {
  const { busy, act } = useAct();
  return (
    <>
      <input data-testid="field" aria-busy={busy} onKeyDown={() => void act(call)} />
      <Popconfirm title="删除?" okText="删除" cancelText="取消" onConfirm={() => act(call)}>
        <button data-testid="remove">×</button>
      </Popconfirm>
    </>
  );
}

test("Enter pressed twice and a confirmation clicked twice are one act each", async () => {
  renderInConsole(<Field />);
  fireEvent.keyDown(screen.getByTestId("field"));
  fireEvent.keyDown(screen.getByTestId("field"));
  expect(asked).toBe(1);
  answer?.();
  await waitFor(() => expect(screen.getByTestId("field").getAttribute("aria-busy")).toBe("false"));
  fireEvent.click(screen.getByTestId("remove"));
  const sure = await screen.findByRole("button", { name: /删 ?除/ });
  fireEvent.click(sure);
  fireEvent.click(sure);
  expect(asked).toBe(2);
});

test("a page that was left while the node thinks is let go", async () => {
  const complained = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { unmount } = renderInConsole(<ActButton act={call}>做</ActButton>);
  fireEvent.click(screen.getByRole("button"));
  unmount();
  answer?.();
  await Promise.resolve();
  expect(complained).not.toHaveBeenCalled();
  complained.mockRestore();
});
