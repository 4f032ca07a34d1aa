// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../../api-client/client";
import * as player from "../../ui/footage/use-footage-player";
import { renderInConsole } from "../../ui/testing";
import { PlaybackTile } from "./PlaybackTile";
import type { CameraFootage } from "./use-footage";

const [CODE, S] = ["52010200001320000001", 1e6];
const nothing = () => undefined;
const twice = [10, 30].map((at) => ({ fromUs: at * S, toUs: (at + 10) * S, times: 2 }));

beforeEach(() => {
  HTMLMediaElement.prototype.load = nothing;
  HTMLMediaElement.prototype.pause = nothing;
  HTMLVideoElement.prototype.requestVideoFrameCallback = () => 1;
  HTMLVideoElement.prototype.cancelVideoFrameCallback = nothing;
  vi.spyOn(api, "GET").mockImplementation((() => Promise.resolve({ data: { items: [], needs_document: false } })) as never);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("the second recording is left with its stretch and with the day", () => {
  let go: (atUs: number, fromUs?: number) => void = nothing;
  let [asked, shown]: [number | undefined, number] = [undefined, 12 * S];
  vi.spyOn(player, "useFootagePlayer").mockImplementation((_video, _conductor, _code, wanted) => {
    asked = wanted?.recording;
    return { shownUs: shown, fromDevice: false, doubt: {}, state: "showing", met: undefined, problem: undefined, playing: { current: undefined }, askAgain: nothing };
  });
  function Page() {
    const [fromUs, setFrom] = useState(0);
    const [, again] = useState(0);
    go = (atUs, next = fromUs) => act(() => {
      shown = atUs;
      setFrom(next);
      again((old) => old + 1);
    });
    const period = { fromUs, toUs: fromUs + 100 * S };
    const footage: CameraFootage = { period, periods: [period], around: [period], spans: [{ ...period, stream: "main" }], fetched: [], twice, streams: ["main"], stream: "main", error: undefined, pending: false, filled: undefined, closely: [] };
    return <PlaybackTile code={CODE} name="人民广场" footage={footage} device={undefined} conductor={undefined} active onSelect={nothing} onClose={nothing} onTicket={nothing} onSource={nothing} chosen={false} onStream={nothing} onDamage={nothing} stills={new Map()} />;
  }
  renderInConsole(<Page />);
  const turn = () => fireEvent.click(screen.getByTestId(`twice-${CODE}`));
  turn();
  expect(asked).toBe(2);
  go(15 * S);
  expect(asked, "within the stretch it stays").toBe(2);
  go(25 * S);
  expect(asked, "beyond it there is one").toBe(1);
  go(32 * S);
  expect([asked, screen.getByTestId(`twice-${CODE}`).dataset.recording]).toEqual([1, "1"]);
  turn();
  expect(asked).toBe(2);
  go(32 * S, 5 * S);
  expect(asked, "another period begins with the first").toBe(1);
});
