// @vitest-environment jsdom
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiProblem, api } from "../../api-client/client";
import type { NodeEvent } from "../../api-client/events";
import { useNews } from "../news";
import { useLive } from "./use-live";

let made = 0;
let ended = 0;
vi.mock("./protocol", () => ({ makePlayer: () => ((made += 1), { close: () => (ended += 1) }) }));
vi.mock("../news", () => ({ useNews: vi.fn() }));

const SESSION = { session: "s", expires_in_s: 3_600 };
let tell: (event: NodeEvent) => void = () => undefined;
const turn: ((event: NodeEvent) => void)[] = [];
let drawn: () => void = () => undefined;
let asked: string[] = [];

function news(connected: boolean, epoch: number): void {
  const feed = {
    listen: (listener: (event: NodeEvent) => void) => {
      turn.push(listener);
      tell = (event) => turn.forEach((each) => each(event));
      return () => undefined;
    },
  };
  vi.mocked(useNews).mockReturnValue({ feed, connected, epoch } as never);
}

const stays = () => false;
function tile() {
  const video = document.createElement("video");
  Object.assign(video, { requestVideoFrameCallback: (next: () => void) => ((drawn = next), 1), cancelVideoFrameCallback: () => undefined, getVideoPlaybackQuality: () => ({ totalVideoFrames: 0 }) });
  const element = { current: video };
  return renderHook(() => useLive(element, "c", "main", "ws", stays));
}

const retrying = (camera: string): NodeEvent => ({ seq: 1, at: "", type: "live.state", camera, stream: "main", state: "retrying", text_zh: "设备不在线", text_en: "Offline" });

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  turn.length = 0;
  vi.spyOn(api, "POST").mockResolvedValue({ data: SESSION } as never);
  vi.spyOn(api, "DELETE").mockResolvedValue({} as never);
  vi.spyOn(api, "GET").mockImplementation(((path: string) => {
    asked.push(path);
    return Promise.resolve({ data: path.endsWith("/live") && path.includes("cameras") ? { state: "playing", text_zh: "播放中", text_en: "Playing" } : { items: [] } });
  }) as never);
  news(true, 1);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.restoreAllMocks();
});
const states = () => asked.filter((path) => path === "/api/v1/cameras/{code}/live").length;

test("the state is asked for once; then the node tells it", async () => {
  const { result } = tile();
  await act(() => vi.advanceTimersByTimeAsync(30_000));
  expect(states()).toBe(1);
  expect(result.current.stream?.state).toBe("playing");
  act(() => drawn());
  expect(result.current.picture.kind).toBe("playing");
  act(() => tell(retrying("another")));
  expect(result.current.picture.kind).toBe("playing");
  act(() => tell(retrying("c")));
  expect(result.current.stream?.text_zh).toBe("设备不在线");
  expect(result.current.picture.kind).toBe("connecting");
});
test("after a lost connection the state is asked for anew", async () => {
  const { rerender } = tile();
  await act(() => vi.advanceTimersByTimeAsync(100));
  news(false, 1);
  rerender();
  news(true, 2);
  rerender();
  await act(() => vi.advanceTimersByTimeAsync(100));
  expect(states()).toBe(2);
});
test("whatever hides and shows while it is opened, there is one player, and no session is left open", async () => {
  let hidden = false;
  vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
  const look = (now: boolean) => ((hidden = now), document.dispatchEvent(new Event("visibilitychange")));
  const answers: ((session: string) => void)[] = [];
  vi.mocked(api.POST).mockImplementation((() => new Promise((answer) => answers.push((session) => answer({ data: { ...SESSION, session } })))) as never);
  const closed = () => vi.mocked(api.DELETE).mock.calls.map((call) => (call[1] as { params: { path: { session: string } } }).params.path.session);
  const { result, unmount } = tile();
  act(() => look(true));
  act(() => look(false));
  act(() => look(false)); // shown twice opens once
  expect(answers).toHaveLength(2);
  answers[1]?.("new");
  await act(() => vi.advanceTimersByTimeAsync(1));
  answers[0]?.("old");
  await act(() => vi.advanceTimersByTimeAsync(1));
  expect(made - ended).toBe(1);
  expect(closed()).toEqual(["old"]);
  expect(result.current.session?.session).toBe("new");
  act(() => look(true));
  expect(made - ended).toBe(0);
  act(() => look(false));
  act(() => look(true)); // hidden when the answer comes
  answers[2]?.("hidden");
  await act(() => vi.advanceTimersByTimeAsync(1));
  expect(made - ended).toBe(0);
  expect(closed()).toEqual(["old", "new", "hidden"]);
  unmount();
});
test("a missing right is asked for again when rights have changed, and by hand, not by waiting", async () => {
  const opened = () => vi.mocked(api.POST).mock.calls.length;
  vi.mocked(api.POST).mockRejectedValue(new ApiProblem({ status: 403, code: "access.not_on_duty", rule: "A5", zh: "", en: "", remedy_zh: "", remedy_en: "" }));
  const { result } = tile();
  await act(() => vi.advanceTimersByTimeAsync(600_000));
  expect(opened()).toBe(1);
  expect(result.current.picture).toMatchObject({ kind: "refused", retryAtMs: undefined });
  act(() => tell({ seq: 2, at: "", type: "device.status" }));
  await act(() => vi.advanceTimersByTimeAsync(0));
  expect(opened()).toBe(1);
  act(() => {
    tell({ seq: 3, at: "", type: "rights.changed" });
    result.current.askAgain(); // it is being opened: not twice
    result.current.askAgain();
  });
  await act(() => vi.advanceTimersByTimeAsync(0));
  expect(opened()).toBe(2);
  act(() => result.current.askAgain());
  await act(() => vi.advanceTimersByTimeAsync(0));
  expect(opened()).toBe(3);
  vi.mocked(api.POST).mockResolvedValue({ data: SESSION } as never);
  act(() => result.current.askAgain());
  await act(() => vi.advanceTimersByTimeAsync(0));
  act(() => result.current.askAgain());
  await act(() => vi.advanceTimersByTimeAsync(0));
  expect(opened()).toBe(4);
});
test("a refusal of the rights before is not shown: whatever changes while it is opened, it is asked again", async () => {
  const answers: (() => void)[] = [];
  const refusal = new ApiProblem({ status: 403, code: "access.not_on_duty", rule: "A5", zh: "", en: "", remedy_zh: "", remedy_en: "" });
  vi.mocked(api.POST).mockImplementation((() => new Promise((_, refuse) => answers.push(() => refuse(refusal)))) as never);
  const { result, rerender } = tile();
  const answer = async (at: number) => (answers[at]?.(), await act(() => vi.advanceTimersByTimeAsync(0)));
  act(() => tell({ seq: 2, at: "", type: "device.status" }));
  act(() => tell({ seq: 3, at: "", type: "rights.changed" }));
  await answer(0);
  expect(answers).toHaveLength(2);
  expect(result.current.picture.kind).toBe("connecting");
  news(true, 2); // connected anew, perhaps to another node
  rerender();
  await answer(1);
  expect(answers).toHaveLength(3);
  await answer(2); // nothing has changed since it was asked
  expect(answers).toHaveLength(3);
  expect(result.current.picture).toMatchObject({ kind: "refused", retryAtMs: undefined });
});
test("rights that change while it is opened in vain for another reason do not hurry it, nor open it twice", async () => {
  let refuse: (why: unknown) => void = () => undefined;
  vi.mocked(api.POST).mockImplementation((() => new Promise((_, no) => (refuse = no))) as never);
  tile();
  act(() => tell({ seq: 2, at: "", type: "rights.changed" }));
  refuse(new ApiProblem({ status: 503, code: "live.limit", zh: "", en: "", remedy_zh: "", remedy_en: "" }));
  await act(() => vi.advanceTimersByTimeAsync(0));
  expect(vi.mocked(api.POST).mock.calls).toHaveLength(1);
  await act(() => vi.advanceTimersByTimeAsync(400));
  expect(vi.mocked(api.POST).mock.calls).toHaveLength(2);
});
test("a fault is tried again by itself", async () => {
  vi.mocked(api.POST).mockRejectedValue(new ApiProblem({ status: 503, code: "live.limit", zh: "", en: "", remedy_zh: "", remedy_en: "" }));
  tile();
  await act(() => vi.advanceTimersByTimeAsync(60_000));
  expect(vi.mocked(api.POST).mock.calls.length).toBeGreaterThan(5);
});
test("a connection of which nothing comes ends with a word, and is opened again", async () => {
  vi.mocked(api.GET).mockImplementation((() => Promise.resolve({ data: { state: "idle", text_zh: "未点播", text_en: "Not asked for" } })) as never);
  const { result } = tile();
  await act(() => vi.advanceTimersByTimeAsync(14_000));
  expect(result.current.picture.kind).toBe("connecting");
  await act(() => vi.advanceTimersByTimeAsync(3_000));
  expect(result.current.picture).toMatchObject({ kind: "refused", problem: { code: "player.unreached" } });
  expect(vi.mocked(api.POST).mock.calls).toHaveLength(1);
  await act(() => vi.advanceTimersByTimeAsync(4_000));
  expect(vi.mocked(api.POST).mock.calls).toHaveLength(2);
});
test("a picture that stands still says so, and is opened again", async () => {
  const { result } = tile();
  await act(() => vi.advanceTimersByTimeAsync(100));
  act(() => drawn());
  await act(() => vi.advanceTimersByTimeAsync(3600));
  expect(result.current.picture.kind).toBe("stalled");
  act(() => drawn());
  expect(result.current.picture.kind).toBe("playing");
  const opened = vi.mocked(api.POST).mock.calls.length;
  await act(() => vi.advanceTimersByTimeAsync(11_000));
  expect(vi.mocked(api.POST).mock.calls.length).toBe(opened + 1);
});
