// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api, type Schemas } from "../../api-client/client";
import { QuietObserver, renderInConsole } from "../../ui/testing";
import { OpenedRequest } from "./OpenedRequest";

type Opened = Schemas["OpenedRequest"];
const AT = "2026-11-26T09:00:00Z";
const OPENED: Opened = {
  request: { number: 1, id: "0123456789abcdef", kind: "policy.pack", kind_zh: "策略包变更", kind_en: "Change", target: "CN-base 2", reason: "新规定", state: "pending", asked_by: "security", asked_address: "192.0.2.7", asked_at: AT, expires_at: AT, mine: false, decided_by: "", decided_at: null, due_at: null, ended_by: "", ended_at: null, ended_reason: "" },
  title_zh: "策略包 CN-base 2",
  title_en: "Policy pack CN-base 2",
  differences: [{ field: "gate", zh: "时限", en: "gate", old_zh: "30 天", old_en: "30 days", new_zh: "45 天", new_en: "45 days", direction: "loosening" }],
  content: { pack: "x" },
  document: null,
  hash: "ab".repeat(32),
  may_approve: true,
  may_withdraw: false,
  rank: "county-head",
  rank_zh: "县级机关负责人",
  rank_en: "head at county level",
  candidates: [{ name: "zhou-ba", full_name: "周八", unit: "南明分局", rank: "county-head" }],
  against_zh: "",
  against_en: "",
};
const sent: unknown[] = [];

beforeEach(() => {
  sent.length = 0;
  vi.stubGlobal("ResizeObserver", QuietObserver);
  vi.stubGlobal("matchMedia", () => ({ matches: false, addListener: () => undefined, removeListener: () => undefined, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.spyOn(api, "GET").mockImplementation(((path: string) => Promise.resolve({ data: path.endsWith("{request}") ? OPENED : undefined })) as never);
  vi.spyOn(api, "POST").mockImplementation(((path: string, init: { body: unknown }) => {
    sent.push([path, init.body]);
    return Promise.resolve({ data: OPENED.request });
  }) as never);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const sure = () => document.querySelector<HTMLButtonElement>(".ant-modal-footer .ant-btn-primary");

test("approving takes a second look, and signs the hash that was read", async () => {
  const closed = vi.fn();
  renderInConsole(<OpenedRequest id={OPENED.request.id} onClose={closed} />);
  fireEvent.click(await screen.findByTestId("approve"));
  expect((await screen.findByTestId("have-read")).closest(".ant-modal")?.textContent).toContain("其中 1 项为放宽");
  expect(sure()?.disabled).toBe(true);
  fireEvent.click(screen.getByTestId("have-read"));
  expect(sure()?.disabled).toBe(false);
  sure()?.click();
  await waitFor(() => expect(closed).toHaveBeenCalled());
  expect(sent).toEqual([["/api/v1/approvals/{request}/approve", { hash: OPENED.hash }]]);
});

test("who could approve is told by name, and why the reader may not", async () => {
  renderInConsole(<OpenedRequest id={OPENED.request.id} onClose={() => undefined} />);
  expect((await screen.findByTestId("candidates")).textContent).toBe("周八 zhou-ba · 南明分局 · 县级机关负责人");
  expect(screen.queryByTestId("against")).toBeNull();
  cleanup();
  vi.spyOn(api, "GET").mockImplementation((() => Promise.resolve({ data: { ...OPENED, may_approve: false, candidates: [], against_zh: "您是申请人的下级" } })) as never);
  renderInConsole(<OpenedRequest id={OPENED.request.id} onClose={() => undefined} />);
  expect((await screen.findByTestId("against")).textContent).toContain("您是申请人的下级");
  expect(screen.getByTestId("candidates").textContent).toContain("暂无");
  expect(screen.queryByTestId("approve")).toBeNull();
});

test("refusing needs a reason", async () => {
  renderInConsole(<OpenedRequest id={OPENED.request.id} onClose={() => undefined} />);
  fireEvent.click(await screen.findByTestId("refuse"));
  await screen.findByTestId("refuse-reason");
  expect(sure()?.disabled).toBe(true);
  fireEvent.change(screen.getByTestId("refuse-reason"), { target: { value: "没有依据" } });
  sure()?.click();
  await waitFor(() => expect(sent).toEqual([["/api/v1/approvals/{request}/refuse", { reason: "没有依据" }]]));
});
