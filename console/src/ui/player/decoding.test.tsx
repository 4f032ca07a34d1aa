// @vitest-environment jsdom
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../../api-client/client";
import { useNews } from "../news";
import { Decoding } from "./decoding";
import { useLive } from "./use-live";

vi.mock("../news", () => ({ useNews: vi.fn() }));

const L93 = "hvc1.1.6.L93.B0", L153 = "hvc1.2.4.L153.B0", AVC = "avc1.640028";
/** What the node knows at the opening, what the camera sends, what the browser says it takes, and what its decoder then does. */
let known = "", sent = L153;
let taken = new Set<string>();
let decoderFails = new Set<string>();
let sockets: { onmessage: (message: { data: unknown }) => void }[] = [];
let transcoded = false;

class FakeSource extends EventTarget {
  static isTypeSupported = (mime: string) => [...taken].some((codec) => mime.includes(codec));
  readyState = "open";
  addSourceBuffer(mime: string) {
    if (!FakeSource.isTypeSupported(mime)) throw new DOMException("not taken", "NotSupportedError");
    const buffer = Object.assign(new EventTarget(), { updating: false, buffered: { length: 0 }, appendBuffer: () => decoderFails.has(sent) && buffer.dispatchEvent(new Event("error")) });
    return buffer;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  [known, sent, taken, decoderFails, sockets, transcoded] = ["", L153, new Set([L93]), new Set(), [], false];
  vi.mocked(useNews).mockReturnValue({ feed: undefined, connected: false, epoch: 0 } as never);
  vi.stubGlobal("MediaSource", FakeSource);
  URL.createObjectURL = () => "blob:x";
  URL.revokeObjectURL = () => undefined;
  vi.stubGlobal("WebSocket", class {
    onmessage: (message: { data: unknown }) => void = () => undefined;
    close = () => undefined;
    constructor() {
      sockets.push(this);
    }
  });
  vi.spyOn(api, "DELETE").mockResolvedValue({} as never);
  vi.spyOn(api, "GET").mockResolvedValue({ data: { items: [] } } as never);
  vi.spyOn(api, "POST").mockImplementation(((_: string, { body }: { body: { codecs: string[]; undecodable: string[] } }) => {
    transcoded = (sent.startsWith("hvc1") && !body.codecs.includes("h265")) || body.undecodable.includes(sent);
    return Promise.resolve({ data: { session: "s", expires_in_s: 3600, ws_fmp4: "ws://x/", codec_string: transcoded ? "" : known, transcoded, masked: false } });
  }) as never);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const stays = () => false;
function tile() {
  const video = Object.assign(document.createElement("video"), { load: () => undefined, play: () => Promise.resolve(), requestVideoFrameCallback: () => 1, cancelVideoFrameCallback: () => undefined, getVideoPlaybackQuality: () => ({ totalVideoFrames: 0 }) });
  const element = { current: video };
  return renderHook(() => useLive(element, "c", "main", "ws", stays));
}
const orders = () => vi.mocked(api.POST).mock.calls.map((call) => (call[1] as unknown as { body: unknown }).body);
const settle = (ms = 1) => act(() => vi.advanceTimersByTimeAsync(ms));
/** The node's first words on the newest connection, and a fragment. */
async function send(): Promise<void> {
  const socket = sockets.at(-1);
  const codec = transcoded ? AVC : sent;
  act(() => socket?.onmessage({ data: JSON.stringify({ codec, sound: "", mime: `video/mp4; codecs="${codec}"` }) }));
  act(() => socket?.onmessage({ data: new ArrayBuffer(8) }));
  await settle();
}

test("a browser that takes level 3.1 and throws at 5.1 is given H.264, and the tile knows why", async () => {
  taken = new Set([L93, AVC]);
  const { result } = tile();
  await settle();
  expect(orders()).toEqual([{ stream: "main", codecs: ["h264", "h265"], undecodable: [] }]);
  await send();
  expect(orders()[1]).toEqual({ stream: "main", codecs: ["h264"], undecodable: [L153] });
  expect(result.current).toMatchObject({ undecodable: L153, session: { transcoded: true } });
  await send();
  await settle(10_000);
  expect(orders()).toHaveLength(2);
});
test("where the node knows the codec at the opening nothing is tried that the browser does not take", async () => {
  known = L153;
  const { result } = tile();
  await settle();
  expect(orders()).toHaveLength(2);
  expect(sockets).toHaveLength(1);
  expect(vi.mocked(api.DELETE)).toHaveBeenCalledTimes(1);
  expect(result.current).toMatchObject({ undecodable: L153, session: { transcoded: true } });
});
test("a decoder that fails at run time is not asked for the same again", async () => {
  [taken, decoderFails] = [new Set([L93, L153, AVC]), new Set([L153])];
  const { result } = tile();
  await settle();
  await send();
  expect(orders()[1]).toMatchObject({ codecs: ["h264"] });
  expect(result.current.undecodable).toBe(L153);
});
test("one failure of an H.264 decoder may be the stream's; after a second the node makes another H.264 of it", async () => {
  [sent, taken, decoderFails] = [AVC, new Set([L93, AVC]), new Set([AVC])];
  const { result } = tile();
  await settle();
  await send();
  await settle(400);
  expect(orders()[1]).toMatchObject({ undecodable: [] });
  await send();
  expect(orders()[2]).toEqual({ stream: "main", codecs: ["h264", "h265"], undecodable: [AVC] });
  expect(result.current).toMatchObject({ undecodable: AVC, session: { transcoded: true } });
  await send(); // what the node makes is not decoded either: nothing else can be asked for, it is tried with pauses
  await settle(1100);
  expect(orders()[3]).toEqual(orders()[2]);
});
test("of an unknown codec nothing is concluded, and a codec fails once", () => {
  const decoding = new Decoding(["h264", "h265"]);
  expect(decoding.fails({ codec: "", sure: true })).toBe(false);
  expect(decoding.fails({ codec: L153, sure: false })).toBe(true);
  expect(decoding.fails({ codec: L153, sure: true })).toBe(false);
  expect(decoding.order).toEqual({ codecs: ["h264"], undecodable: [L153] });
});
