// @vitest-environment jsdom
import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { QuietObserver, renderInConsole } from "../../ui/testing";
import { QueueList } from "./QueueList";

vi.mock("@tanstack/react-router", () => ({ Link: "a" }));
beforeEach(() => vi.stubGlobal("ResizeObserver", QuietObserver));
afterEach(cleanup);

test("as long as nothing of what was read is to be shown, more is read", () => {
  const onEnd = vi.fn();
  const list = (read: number, more: boolean) => <QueueList alarms={[]} read={read} more={more} chosen={undefined} at={-1} onChoose={vi.fn()} onEnd={onEnd} />;
  const { rerender, container } = renderInConsole(list(500, true));
  expect(onEnd).toHaveBeenCalledTimes(1);
  expect(container.querySelector("[data-testid=no-alarms]")).toBeNull(); // some may follow
  rerender(list(1_000, true));
  expect(onEnd).toHaveBeenCalledTimes(2);
  rerender(list(1_200, false));
  expect(onEnd).toHaveBeenCalledTimes(2);
  expect(container.querySelector("[data-testid=no-alarms]")).not.toBeNull();
});
