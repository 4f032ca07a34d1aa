// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiProblem, api } from "../../api-client/client";
import { QuietObserver, renderInConsole } from "../../ui/testing";
import { AlarmControls } from "./AlarmControls";

const listed = (...kinds: string[]) => vi.spyOn(api, "GET").mockImplementation((() => Promise.resolve({ data: { items: kinds.map((kind, at) => ({ code: String(at), name: `门磁 ${at}`, kind, parents: [], area: "", business_group: "", status: "" })), refused: [], complete: true } })) as never);

beforeEach(() => {
  vi.stubGlobal("ResizeObserver", QuietObserver);
  vi.stubGlobal("matchMedia", () => ({ matches: false, addListener: () => undefined, removeListener: () => undefined, addEventListener: () => undefined, removeEventListener: () => undefined }));
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("a device without alarm inputs is not armed from here", async () => {
  const asked = listed("camera");
  const { container } = renderInConsole(<AlarmControls code="1" />);
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  expect(container.querySelector("[data-testid=alarm-controls]")).toBeNull();
});

test("each order is asked for twice, and what the device answered is told: done, or why not", async () => {
  listed("camera", "alarm_point");
  const send = vi.spyOn(api, "POST").mockResolvedValueOnce({} as never);
  renderInConsole(<AlarmControls code="1" />);
  fireEvent.click(await screen.findByTestId("device-arm"));
  expect(send).not.toHaveBeenCalled();
  const sure = async () => fireEvent.click(await vi.waitFor(() => document.querySelector(".ant-popover:not(.ant-popover-hidden) .ant-btn-primary") ?? Promise.reject(new Error("not asked yet"))));
  await sure();
  const result = await screen.findByTestId("alarm-control-result");
  expect(send).toHaveBeenCalledWith("/api/v1/devices/{code}/guard", { params: { path: { code: "1" } }, body: { armed: true } });
  expect([result.dataset["done"], result.textContent]).toEqual(["true", expect.stringContaining("布防 · 设备已执行") as string]);
  cleanup();
  send.mockRejectedValueOnce(new ApiProblem({ status: 502, code: "signalling.not_done", zh: "设备未执行", en: "not done", remedy_zh: "请查看设备", remedy_en: "look at it" } as never));
  renderInConsole(<AlarmControls code="1" />);
  fireEvent.click(await screen.findByTestId("device-reset"));
  await sure();
  const refused = await screen.findByTestId("alarm-control-result");
  expect(send).toHaveBeenLastCalledWith("/api/v1/devices/{code}/reset-alarm", { params: { path: { code: "1" } } });
  expect([refused.dataset["done"], refused.textContent]).toEqual(["false", expect.stringContaining("设备未执行") as string]);
});
