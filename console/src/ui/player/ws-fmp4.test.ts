// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WsFmp4Player } from "./ws-fmp4";

const uncaught: unknown[] = [];

/** As the browser's own: once its source has left the video, to ask it for anything throws. */
class FakeBuffer {
  private readonly heard = new Map<string, () => void>();
  updating = false;
  removed = false;
  seconds = 0;
  get buffered() {
    if (this.removed) throw new DOMException("This SourceBuffer has been removed from the parent media source.", "InvalidStateError");
    return { length: this.seconds > 0 ? 1 : 0, start: () => 0, end: () => this.seconds };
  }
  addEventListener(name: string, listener: () => void) {
    this.heard.set(name, listener);
  }
  appendBuffer() {
    this.updating = true;
  }
  appended(seconds: number) {
    this.updating = false;
    this.seconds = seconds;
    try {
      this.heard.get("updateend")?.();
    } catch (error) {
      uncaught.push(error); // what a listener throws nobody catches
    }
  }
}

class FakeSource extends EventTarget {
  static newest: FakeSource;
  readyState = "open";
  readonly buffer = new FakeBuffer();
  constructor() {
    super();
    FakeSource.newest = this;
  }
  addSourceBuffer() {
    return this.buffer;
  }
  leave() {
    this.readyState = "closed";
    this.buffer.removed = true;
  }
}

class FakeSocket {
  static newest: FakeSocket;
  onmessage?: (message: { data: unknown }) => void;
  constructor() {
    FakeSocket.newest = this;
  }
  close = () => undefined;
}

const video = document.createElement("video");

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("MediaSource", FakeSource);
  vi.stubGlobal("WebSocket", FakeSocket);
  URL.createObjectURL = () => "blob:1";
  URL.revokeObjectURL = () => undefined;
  video.load = () => FakeSource.newest?.leave();
  Object.defineProperty(video, "error", { configurable: true, value: null });
  video.play = () => Promise.resolve();
  uncaught.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function playing() {
  const onEnd = vi.fn();
  const player = new WsFmp4Player("ws://node/live", video, { onEnd, onSound: () => undefined });
  const told = (data: unknown) => FakeSocket.newest.onmessage?.({ data });
  told(JSON.stringify({ mime: "video/mp4", codec: "avc1.42E01E", sound: "" }));
  told(new ArrayBuffer(8));
  const { buffer } = FakeSource.newest;
  return { player, buffer, onEnd };
}

test("the last word of a buffer that comes after the tile was closed is not asked about", () => {
  const { player, buffer } = playing();
  player.close();
  buffer.appended(1);
  expect(uncaught).toEqual([]);
});
test("a video whose source was taken away asks nothing of it, until its player ends", async () => {
  const { player, buffer, onEnd } = playing();
  buffer.appended(2);
  await expect(player.delayS()).resolves.toBeGreaterThan(0);
  FakeSource.newest.leave();
  buffer.appended(2);
  vi.advanceTimersByTime(1_000);
  await expect(player.delayS()).resolves.toBeUndefined();
  expect(uncaught).toEqual([]);
  expect(onEnd).not.toHaveBeenCalled();
});
