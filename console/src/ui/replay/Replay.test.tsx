// @vitest-environment jsdom
import { act, cleanup, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../../api-client/client";
import type { Answer } from "../footage/pieces";
import { renderInConsole } from "../testing";
import { Replay } from "./Replay";

const AT_MS = Date.parse("2026-11-28T01:00:00Z");
const FROM_US = (AT_MS - 60_000) * 1_000;
const SECOND_US = 1_000_000;
/** What the node has of the minute, and whether more of it may come. */
let has: (atUs: number) => Pick<Answer, "next_us" | "ended" | "pieces">;

/** The node's media port: answers each ask at once. */
class FakeSocket {
  static readonly OPEN = 1;
  readyState = 1;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  send(ask: string): void {
    const [number, way, atUs] = ask.split(" ");
    const answer = { number: Number(number), way, bytes: 0, ...has(Number(atUs)) };
    queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(answer) }));
  }
  close(): void {}
}

class FakeSource extends EventTarget {
  static isTypeSupported = (mime: string) => mime !== "hevc";
  readyState = "open";
}

const ended = vi.fn();

beforeEach(() => {
  ended.mockClear();
  vi.useFakeTimers({ now: AT_MS });
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("MediaSource", FakeSource);
  vi.stubGlobal("ManagedMediaSource", undefined);
  URL.createObjectURL = () => "blob:1";
  URL.revokeObjectURL = () => undefined;
  HTMLMediaElement.prototype.load = () => undefined;
  HTMLVideoElement.prototype.requestVideoFrameCallback = () => 1;
  HTMLVideoElement.prototype.cancelVideoFrameCallback = () => undefined;
  const made = { session: "s", url: "ws://node/playback", from: new Date(AT_MS - 60_000).toISOString(), to: new Date(AT_MS).toISOString() };
  vi.spyOn(api, "POST").mockImplementation((() => Promise.resolve({ data: made })) as never);
  vi.spyOn(api, "DELETE").mockImplementation((() => Promise.resolve({})) as never);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Footage of a codec that is not decoded here is on disk up to so many seconds of the minute. */
const until =
  (seconds: () => number): typeof has =>
  (atUs) => {
    const toUs = FROM_US + seconds() * SECOND_US;
    if (atUs >= toUs) return { next_us: atUs, ended: true, pieces: [] };
    const pieces: Answer["pieces"] = [
      { kind: "init", id: "a", mime: "hevc", width: 16, height: 16, bytes: 0 },
      { kind: "fragment", from_us: atUs, to_us: toUs, camera_us: null, clock_error_us: null, from_device: false, times_us: [0], bytes: 0 },
    ];
    return { next_us: toUs, ended: false, pieces };
  };

const state = () => screen.getByTestId("tile-replay").dataset["state"];
const DRAWN_MS = 50;
async function pass(ms: number) {
  for (let at = 0; at < ms; at += DRAWN_MS) await act(() => vi.advanceTimersByTimeAsync(DRAWN_MS));
}

async function begun() {
  renderInConsole(<Replay camera="c" name="人民广场" stream="main" atMs={AT_MS} transform={undefined} onScreen still={{ current: undefined }} testId="tile" onEnd={ended} />);
  await pass(1_000);
}

test("footage that this browser does not decode says so while it lasts, and is live again at its end", async () => {
  has = until(() => 60);
  await begun();
  expect(state()).toBe("undecoded");
  expect(screen.getByRole("status").textContent).toContain("浏览器不能解码此刻的录像");
  await pass(50_000);
  expect(ended).not.toHaveBeenCalled();
  await pass(12_000);
  expect(ended).toHaveBeenCalled();
});

test("at the edge of what is on disk it waits, and goes on when more has come", async () => {
  let onDisk = 30;
  has = until(() => onDisk);
  await begun();
  await pass(35_000);
  expect(state()).toBe("waiting");
  expect(screen.getByRole("status").textContent).toBe("正在调取录像");
  onDisk = 60;
  await pass(3_000);
  expect(state()).toBe("undecoded");
  expect(ended).not.toHaveBeenCalled();
  await pass(32_000);
  expect(ended).toHaveBeenCalled();
});

test("where no more comes it is live again, and where nothing ever was it says so", async () => {
  has = until(() => 30);
  await begun();
  await pass(65_000);
  expect(ended).toHaveBeenCalled();
  cleanup();
  ended.mockClear();
  has = until(() => 0);
  await begun();
  expect(state()).toBe("waiting");
  await pass(35_000);
  expect(screen.getByRole("status").textContent).toBe("最近 60 秒没有录像");
  expect(ended).not.toHaveBeenCalled();
});

test("beside the live picture it begins again at its end, tells the time before the alarm, and has no way back to live", async () => {
  has = until(() => 60);
  renderInConsole(<Replay camera="c" name="人民广场" stream="main" atMs={AT_MS} before={60} transform={undefined} onScreen still={{ current: undefined }} testId="tile" />);
  await pass(1_000);
  expect(screen.getByTestId("tile-replay-mark").textContent).toBe("报警前 60 s");
  expect(screen.queryByTestId("tile-replay-end")).toBeNull();
  const place = () => Number((screen.getByTestId("tile-replay-place") as HTMLInputElement).value);
  await pass(30_000);
  expect(place()).toBeGreaterThan(25_000_000);
  await pass(32_000);
  expect(place()).toBeLessThan(20_000_000);
  expect(state()).toBe("undecoded");
});
