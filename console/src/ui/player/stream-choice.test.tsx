// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, renderHook, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../../api-client/client";
import { renderInConsole } from "../testing";
import { MAIN_FROM_PX, nextChoice, streamFor, useStreamChoice, type StreamChoice } from "./stream-choice";
import { StreamMenu } from "./StreamMenu";

let resize: (width: number) => void = () => undefined;
let streams = ["main", "sub"];
let failure = "";
const element = document.createElement("div");
const tile = { current: element };
const chosen = (choice: StreamChoice | undefined) => renderHook((props: { choice: StreamChoice | undefined }) => useStreamChoice(tile, "c", props.choice), { initialProps: { choice } });
const settle = () => act(() => new Promise<void>((done) => setTimeout(done)));

beforeEach(() => {
  let width = 0;
  Object.defineProperty(element, "clientWidth", { get: () => width, configurable: true });
  vi.stubGlobal("ResizeObserver", class {
    constructor(seen: () => void) {
      resize = (now) => ((width = now), seen());
    }
    observe = () => undefined;
    unobserve = () => undefined;
    disconnect = () => undefined;
  });
  [streams, failure] = [["main", "sub"], ""];
  vi.spyOn(api, "GET").mockImplementation(((path: string) => Promise.resolve({ data: path.endsWith("/live") ? { failure } : { streams } })) as never);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test("by size a small tile has the sub stream, and nothing is opened before the size and the camera's streams are known", async () => {
  const { result } = chosen("auto");
  expect(result.current.stream).toBeUndefined();
  act(() => resize(MAIN_FROM_PX - 1));
  expect(result.current.stream, "one that the camera lacks must not be called").toBeUndefined();
  await settle();
  expect(result.current.stream).toBe("sub");
  act(() => resize(MAIN_FROM_PX)); // full screen, or fewer tiles
  expect(result.current.stream).toBe("main");
  act(() => resize(100));
  await settle();
  expect(result.current).toMatchObject({ stream: "sub", lack: undefined });
});
test("what the operator chooses holds at any size", () => {
  for (const width of [0, 100, 5000]) {
    expect(streamFor("main", width, undefined)).toBe("main");
    expect(streamFor("sub", width, undefined)).toBe("sub");
  }
});
test("a camera without a sub stream shows its main one and says so, also where the sub stream was chosen", async () => {
  streams = ["main"];
  for (const choice of ["auto", "sub"] as const) {
    const seen = new Set<string | undefined>();
    const { result, unmount } = renderHook(() => {
      const found = useStreamChoice(tile, "c", choice);
      seen.add(found.stream);
      return found;
    });
    act(() => resize(300));
    await settle();
    expect(result.current).toMatchObject({ stream: "main", lack: "none" });
    expect(seen, "the sub stream is never called").toEqual(new Set([undefined, "main"]));
    unmount();
  }
  const { result } = chosen("main");
  await settle();
  expect(result.current, "who wants the main one is told nothing").toMatchObject({ stream: "main", lack: undefined });
});
test("by size, a sub stream that fails in vain gives way to the main one; a device that is away does not", async () => {
  const { result, rerender } = chosen("auto");
  act(() => resize(300));
  await settle();
  failure = "offline";
  result.current.noteRetry();
  await settle();
  expect(result.current.stream).toBe("sub");
  failure = "refused";
  result.current.noteRetry();
  await settle();
  expect(result.current).toMatchObject({ stream: "main", lack: "fails" });
  rerender({ choice: "sub" });
  await settle();
  expect(result.current, "who insists sees what is wrong with it").toMatchObject({ stream: "sub", lack: undefined });
});
test("without a choice it is the main stream, and nothing is asked", async () => {
  expect(chosen(undefined).result.current.stream).toBe("main");
  await settle();
  expect(vi.mocked(api.GET)).not.toHaveBeenCalled();
});
test("key S takes the next choice on the active tile, unless somebody writes; the menu has all three", async () => {
  const onChoose = vi.fn();
  const menu = (keyed: boolean, choice: StreamChoice) => <StreamMenu choice={choice} stream="sub" onChoose={onChoose} keyed={keyed} within={() => document.body} testId="tile" />;
  renderInConsole(menu(true, "auto"));
  fireEvent.keyDown(document, { key: "s" });
  expect(onChoose).toHaveBeenLastCalledWith("main");
  const field = document.body.appendChild(document.createElement("input"));
  fireEvent.keyDown(field, { key: "s" });
  fireEvent.keyDown(document, { key: "s", ctrlKey: true });
  expect(onChoose).toHaveBeenCalledTimes(1);
  field.remove();
  expect([nextChoice("main"), nextChoice("sub")]).toEqual(["sub", "auto"]);
  fireEvent.click(screen.getByTestId("tile-stream"));
  await settle();
  fireEvent.click(screen.getByText("子码流"));
  expect(onChoose).toHaveBeenLastCalledWith("sub");
  cleanup();
  render(<div />);
  renderInConsole(menu(false, "auto"));
  fireEvent.keyDown(document, { key: "s" });
  expect(onChoose).toHaveBeenCalledTimes(2);
});
