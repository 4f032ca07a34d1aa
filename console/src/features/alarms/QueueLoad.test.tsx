// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { QueueSummary } from "../../ui/alarm-summary";
import { renderInConsole } from "../../ui/testing";
import { QueueLoad } from "./QueueLoad";

afterEach(cleanup);
const kind = (priority: number, open: number) => ({ priority, open, unclaimed: open, overdue: 0, stale: 0, oldest_unclaimed_at: null });
const summary = (part: Partial<QueueSummary>, in_flood = false) => ({ open: 0, unclaimed: 0, overdue: 0, oldest_unclaimed_at: null, by_priority: [kind(1, 0), kind(2, 0), kind(3, 0)], spans: [{ span: "hour", in_flood, last_ten_minutes: 33.6 }], ...part }) as QueueSummary;

test("what waits is counted by priority, with what is overdue, what waits longest and that it is a flood", () => {
  renderInConsole(<QueueLoad summary={summary({ overdue: 4, oldest_unclaimed_at: new Date(Date.now() - 125_000).toISOString(), by_priority: [kind(1, 12), kind(2, 0), kind(3, 7)] }, true)} />);
  expect(screen.getByTestId("load-1").textContent).toContain("12");
  expect(screen.queryByTestId("load-2")).toBeNull();
  expect(screen.getByTestId("load-3").textContent).toContain("7");
  expect(screen.getByTestId("queue-overdue").textContent).toContain("4");
  expect(screen.getByTestId("queue-oldest").textContent).toMatch(/2:0[5-9]/);
  expect(screen.getByTestId("queue-flood").textContent).toContain("34");
});

test("where nothing waits nothing is said", () => {
  const { container } = renderInConsole(<QueueLoad summary={summary({})} />);
  expect(container.querySelector(".queue-load")).toBeNull();
});
