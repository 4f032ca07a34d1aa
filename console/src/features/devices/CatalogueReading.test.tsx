// @vitest-environment jsdom
import { cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api, type Schemas } from "../../api-client/client";
import { QuietObserver, renderInConsole } from "../../ui/testing";
import { CatalogueReading } from "./CatalogueReading";

const asked = vi.fn();
const told = (state: Partial<Schemas["CatalogueState"]>) => {
  vi.spyOn(api, "GET").mockImplementation(((path: string) => {
    asked(path);
    return Promise.resolve({ data: { device: "1", received: 0, total: 0, done: true, cut_after_s: 0, ...state } });
  }) as never);
  return renderInConsole(<CatalogueReading code="1" />);
};

beforeEach(() => {
  asked.mockClear();
  vi.stubGlobal("ResizeObserver", QuietObserver);
  vi.stubGlobal("matchMedia", () => ({ matches: false, addListener: () => undefined, removeListener: () => undefined, addEventListener: () => undefined, removeEventListener: () => undefined }));
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("a reading that was cut short is told with what came and what to do", async () => {
  told({ received: 12, total: 90, cut_after_s: 10_800 });
  const alert = await screen.findByTestId("catalogue-cut");
  expect(alert.textContent).toContain("180 分钟");
  expect(alert.textContent).toContain("收到 12 项");
  expect(alert.textContent).toContain("原有通道未删除");
});

test("while it is read it is told how far it is", async () => {
  told({ done: false, received: 12, total: 90 });
  expect((await screen.findByTestId("catalogue-reading")).textContent).toContain("已收到 12 项");
});

test("of one that ended by itself nothing is told", async () => {
  const { container } = told({ received: 90, total: 90 });
  await waitFor(() => expect(asked).toHaveBeenCalledWith("/api/v1/devices/{code}/catalogue"));
  await waitFor(() => expect(container.querySelector("[data-testid]")).toBeNull());
});
