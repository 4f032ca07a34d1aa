// @vitest-environment jsdom
import { act, cleanup, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api, type Problem } from "../../api-client/client";
import { useNews } from "../news";
import { renderInConsole } from "../testing";
import { LiveTile } from "./LiveTile";
import type { PlayerEvents, Protocol } from "./player";
import { nextWay } from "./way";

let made: Protocol[] = [];
let newest: PlayerEvents | undefined;
let drawn: (() => void) | undefined;
vi.mock("./protocol", async (original) => ({
  ...(await original<typeof import("./protocol")>()),
  makePlayer: (protocol: Protocol, _session: unknown, _video: unknown, events: PlayerEvents) => {
    made.push(protocol);
    newest = events;
    return { close: () => undefined };
  },
}));
vi.mock("../news", () => ({ useNews: vi.fn() }));

beforeEach(() => {
  vi.useFakeTimers();
  [made, newest, drawn] = [[], undefined, undefined];
  vi.stubGlobal("MediaSource", { isTypeSupported: () => true });
  vi.mocked(useNews).mockReturnValue({ feed: { listen: () => () => undefined }, connected: true, epoch: 1 } as never);
  Object.assign(HTMLVideoElement.prototype, { requestVideoFrameCallback: (next: () => void) => ((drawn = next), 1), cancelVideoFrameCallback: () => undefined, getVideoPlaybackQuality: () => ({ totalVideoFrames: 0 }) });
  vi.spyOn(api, "POST").mockResolvedValue({ data: { session: "s", expires_in_s: 3600, codec_string: "" } } as never);
  vi.spyOn(api, "DELETE").mockResolvedValue({} as never);
  vi.spyOn(api, "GET").mockImplementation(((path: string) => Promise.resolve({ data: path.includes("cameras") ? { state: "playing", text_zh: "播放中", text_en: "Playing" } : { items: [] } })) as never);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
/** In steps, each of which is drawn. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) await act(() => vi.advanceTimersByTimeAsync(Math.min(left, 500)));
}
const tile = () => screen.getByTestId("tile");

test("after two ends without a picture the next way is tried, and the tile says by which it plays", async () => {
  renderInConsole(<LiveTile camera="c" name="人民广场" protocol="auto" testId="tile" />);
  await pass(16_500);
  expect(made).toEqual(["ws", "ws"]);
  expect(screen.queryByTestId("tile-way")).toBeNull();
  await pass(16_500);
  expect(made).toEqual(["ws", "ws", "webrtc"]);
  expect(tile().dataset["protocol"]).toBe("webrtc");
  expect(screen.getByTestId("tile-way").textContent).toBe("一直未显示画面，已改用 WebRTC");
  await pass(35_000);
  expect(made.at(-1)).toBe("hls");
});
test("a picture that was shown in between counts anew, and a chosen protocol is kept", async () => {
  renderInConsole(<LiveTile camera="c" name="人民广场" protocol="auto" testId="tile" />);
  await pass(16_500);
  act(() => drawn?.());
  act(() => newest?.onEnd("closed"));
  await pass(18_000);
  expect(new Set(made)).toEqual(new Set(["ws"]));
  cleanup();
  made = [];
  renderInConsole(<LiveTile camera="c" name="人民广场" protocol="hls" testId="tile" />);
  await pass(90_000);
  expect(made.length).toBeGreaterThan(2);
  expect(new Set(made)).toEqual(new Set(["hls"]));
});
test("what WebRTC cannot carry goes by WebSocket at once, also where WebRTC was chosen", async () => {
  renderInConsole(<LiveTile camera="c" name="人民广场" protocol="webrtc" testId="tile" />);
  await pass(100);
  const problem: Problem = { status: 406, code: "media.reordered_pictures", zh: "", en: "", remedy_zh: "", remedy_en: "" };
  act(() => newest?.onEnd("refused", { problem }));
  await pass(100);
  expect(made).toEqual(["webrtc", "ws"]);
  expect(screen.getByTestId("tile-way").textContent).toBe("码流含 B 帧，WebRTC 无法播放，已改用 WebSocket");
});
test("the ways go round", () => {
  expect([nextWay("ws", "ws"), nextWay("webrtc", "ws"), nextWay("hls", "ws"), nextWay("hls", "hls"), nextWay("webrtc", "hls")]).toEqual(["webrtc", "hls", "ws", "webrtc", "hls"]);
});
