// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api, ApiProblem, type User } from "../../api-client/client";
import { SignedIn } from "../../ui/signed-in";
import { QuietObserver, renderInConsole } from "../../ui/testing";
import { emptyWall, nextWall } from "../../ui/wall-state";
import { NO_PATROL, type OnPatrol } from "./patrol-place";
import { PatrolStrip } from "./PatrolStrip";

vi.mock("@tanstack/react-router", () => ({ Link: "a" }));

const GONE = new ApiProblem({ status: 404, code: "patrol.unknown_round", zh: "没有这一轮", en: "There is no such round", remedy_zh: "刷新后再试", remedy_en: "Look again" });
const DETAILS = {
  round: { id: 7, mine: true, state: "under-way", plan_name: "夜巡", name: "duty", reason: "" },
  plan: { stops: [{ camera: "c1", preset: null, watch_s: 3, look_for: "大门" }] },
  results: [{ stop: 1, outcome: "open", watched_s: 0 }],
};
const wall = nextWall(emptyWall, { kind: "show", camera: { code: "a", name: "a" }, at: 0 });
const acted = vi.fn();
const onPatrol = vi.fn();

function show(patrol: OnPatrol, round: () => Promise<unknown>): void {
  vi.spyOn(api, "GET").mockImplementation(((path: string) => (path.endsWith("/rounds/{round}") ? round() : Promise.resolve({ data: { items: [], open: [] } }))) as never);
  renderInConsole(
    <SignedIn.Provider value={{ user: { id: 1, functions: ["take-duty"] } as unknown as User, signOut: vi.fn(), lock: vi.fn(), notices: [], putAway: vi.fn() }}>
      <PatrolStrip wall={wall} act={acted} patrol={patrol} onPatrol={onPatrol} shownOf={() => undefined} />
    </SignedIn.Provider>,
  );
}

beforeEach(() => {
  acted.mockClear();
  onPatrol.mockClear();
  vi.stubGlobal("ResizeObserver", QuietObserver);
  vi.stubGlobal("matchMedia", () => ({ matches: false, addListener: () => undefined, removeListener: () => undefined, addEventListener: () => undefined, removeEventListener: () => undefined }));
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("a round that the node does not tell says why, and leaves the wall as it was before", async () => {
  show({ round: 7, places: [{ at: 0, before: undefined, camera: "a" }] }, () => Promise.reject(GONE));
  expect((await screen.findByText("没有这一轮")).closest("[data-testid=patrol-strip]")).not.toBeNull();
  fireEvent.click(screen.getByTestId("patrol-off-wall"));
  expect(onPatrol).toHaveBeenCalledWith(NO_PATROL);
  expect(acted).toHaveBeenCalledWith({ kind: "load", wall: expect.objectContaining({ tiles: emptyWall.tiles }) as unknown });
});

test("a stop whose camera is not found is shown by its code: its tile says what is wrong", async () => {
  show({ round: 7, places: [] }, () => Promise.resolve({ data: DETAILS }));
  await waitFor(() => expect(acted).toHaveBeenCalledWith({ kind: "show", camera: { code: "c1", name: "c1", ptz: 0 }, at: 0 }));
  expect(onPatrol).toHaveBeenCalledWith({ round: 7, places: [{ at: 0, before: wall.tiles[0], camera: "c1" }] });
});
