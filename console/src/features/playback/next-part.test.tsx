// @vitest-environment jsdom
import { act, cleanup, render } from "@testing-library/react";
import { useEffect, useMemo, useRef } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../../api-client/client";
import type { Conductor } from "../../ui/footage/conductor";
import { at, FakeSocket, FakeSource } from "../../ui/footage/fake-footage";
import { FootagePlayer } from "../../ui/footage/footage-player";
import type { Period } from "../../ui/footage/pieces";
import { useConductor } from "../../ui/footage/use-conductor";
import { useFootagePlayer } from "../../ui/footage/use-footage-player";
import { partAt, partsOf } from "./day";

const DAY = { fromUs: at(-3_600), toUs: at(82_800) };
const OPENS_MS = 500;
const part = (from: number, to: number): Period => ({ fromUs: at(from), toUs: at(to) });

let clock: Conductor | undefined;

/** A page of one camera, as far as its parts go. */
function Page({ parts, fromUs }: { parts: readonly Period[]; fromUs: number }) {
  const video = useRef<HTMLVideoElement>(null);
  const { conductor, now } = useConductor(fromUs);
  const period = partAt(parts, now.atUs);
  const wanted = useMemo(() => period && { period, stream: "main" as const }, [period]);
  useEffect(() => {
    clock = conductor;
    if (conductor !== undefined) conductor.parts = partsOf(new Map([["c", { period, around: parts }]]), DAY);
  });
  useFootagePlayer(video, conductor, "c", wanted);
  return <video ref={video} />;
}

/** Where each player was held first, in their order. */
const firstHeld = new Map<FootagePlayer, number>();
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout", "performance"] });
  firstHeld.clear();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("MediaSource", FakeSource);
  vi.stubGlobal("ManagedMediaSource", undefined);
  URL.createObjectURL = () => "blob:1";
  URL.revokeObjectURL = () => undefined;
  HTMLMediaElement.prototype.load = () => undefined;
  HTMLMediaElement.prototype.play = () => Promise.resolve();
  HTMLMediaElement.prototype.pause = () => undefined;
  HTMLVideoElement.prototype.requestVideoFrameCallback = () => 1;
  HTMLVideoElement.prototype.cancelVideoFrameCallback = () => undefined;
  vi.spyOn(FootagePlayer.prototype, "hold").mockImplementation(function (this: FootagePlayer, atUs) {
    if (!firstHeld.has(this)) firstHeld.set(this, atUs);
    const { fromUs, toUs } = Reflect.get(this, "period") as Period;
    return fromUs <= atUs && atUs < toUs ? "showing" : "over";
  });
  vi.spyOn(api, "POST").mockImplementation(((_: string, { body }: { body: { from: string; to: string } }) => {
    const made = { session: "s", use_ticket: "t", url: "ws://node/playback", from: body.from, to: body.to, clock_error_limit_s: 1, camera_clock_limit_s: 1 };
    return new Promise((resolve) => setTimeout(() => resolve({ data: made }), OPENS_MS));
  }) as never);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function passes(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 20) await act(() => vi.advanceTimersByTimeAsync(20));
}

test.each([
  ["follows at once", [part(0, 100), part(100, 200)], 32, [0, 100]],
  ["follows after a pause", [part(0, 100), part(1_000, 1_100)], 32, [0, 1_000]],
  ["lies before, going back", [part(0, 100), part(100, 200)], -32, [199, 100 - 1e-6]],
])("play goes on with the first moment of a part that %s, however long it takes to open", async (_, parts, speed, held) => {
  render(<Page parts={parts} fromUs={at(held[0] ?? 0)} />);
  await passes(OPENS_MS + 100);
  clock?.go(speed);
  clock?.play(true);
  await passes(6_000);
  expect([...firstHeld.values()]).toEqual(held.map((one) => Math.round(at(one))));
});

test("one that is refused is waited for no longer", async () => {
  render(<Page parts={[part(0, 100)]} fromUs={at(0)} />);
  expect(clock?.players.size).toBe(1);
  cleanup();
  expect(clock?.players.size).toBe(0);
  vi.mocked(api.POST).mockResolvedValue({ error: { code: "x" }, response: new Response(null, { status: 403 }) } as never);
  render(<Page parts={[part(0, 100)]} fromUs={at(0)} />);
  await passes(100);
  expect(clock?.players.size).toBe(0);
});
