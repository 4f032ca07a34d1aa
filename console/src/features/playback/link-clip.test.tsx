// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { api } from "../../api-client/client";
import { eventually } from "../../ui/eventually";
import { QuietObserver, renderInConsole } from "../../ui/testing";
import { ClipRow } from "./ClipDrawer";
import { LinkClip } from "./LinkClip";
import type { Clip } from "./use-clips";

const CODE = "52010200001320000001";
const span = { from: "2026-11-29T00:10:00Z", to: "2026-11-29T00:11:00Z" };
const ticket = (number: string, case_number: string, until = "2026-11-29T01:00:00Z") => ({ number, case_number, state: "open", opens: ["export"], cameras: [CODE], area: "", since: "2026-11-29T00:00:00Z", until });
const clip = { id: "0123456789abcdef", camera: CODE, use_ticket: "T1", ...span } as Clip;

afterEach(() => {
  cleanup();
  localStorage.clear();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test("a clip is linked under a ticket of another case that covers it, and under no other", async () => {
  vi.stubGlobal("ResizeObserver", QuietObserver);
  const items = [ticket("T1", "A1"), ticket("T2", "A1"), ticket("T3", "A2", "2026-11-29T00:10:30Z"), ticket("T4", "A2")];
  vi.spyOn(api, "GET").mockImplementation((() => Promise.resolve({ data: { items } })) as never);
  const sent = vi.spyOn(api, "POST").mockImplementation((() => Promise.resolve({ data: {} })) as never);
  renderInConsole(<LinkClip clip={clip} needsDocument={false} open onClose={() => undefined} />);
  await eventually(() => screen.getByTestId("link-ticket"));
  fireEvent.change(screen.getByTestId("reason"), { target: { value: "两案串并" } });
  expect(screen.getByTestId<HTMLButtonElement>("sure").disabled).toBe(true);
  for (const other of ["A1 · T1", "A1 · T2", "A2 · T3"]) expect(screen.queryByText(other)).toBeNull();
  fireEvent.click(screen.getByLabelText("A2 · T4"));
  fireEvent.click(screen.getByTestId("sure"));
  await eventually(() => expect(sent).toHaveBeenCalledWith("/api/v1/clips/{clip}/links", { params: { path: { clip: clip.id } }, body: { use_ticket: "T4", reason: "两案串并", document: null } }));
});

test("a clip that came to nothing says why, in the language of whoever looks", async () => {
  const void_ = { ...clip, name: "南明路", reason: "办案", state: "void", approved_by: "", linked_from: null, taken: [], taken_total: 0, usable_until: span.to, ended_reason: { code: "access.footage_too_old", zh: "该录像已超过 30 天", en: "This footage is older than 30 days" } } as unknown as Clip;
  renderInConsole(<ClipRow clip={void_} needsDocument={false} />);
  await eventually(() => expect(screen.getByTestId("clip-why").textContent).toBe("该录像已超过 30 天"));
  cleanup();
  localStorage.setItem("fengsui.language", "en");
  renderInConsole(<ClipRow clip={void_} needsDocument={false} />);
  await eventually(() => expect(screen.getByTestId("clip-why").textContent).toBe("This footage is older than 30 days"));
  cleanup();
  renderInConsole(<ClipRow clip={{ ...void_, ended_reason: null }} needsDocument={false} />);
  await eventually(() => screen.getByTestId(`clip-${clip.id}`));
  expect(screen.queryByTestId("clip-why")).toBeNull();
});
