// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { LiveSession } from "../../api-client/client";
import { renderInConsole } from "../testing";
import type { StreamFigures } from "./figures-feed";
import { LiveTile } from "./LiveTile";
import { useLive, type Live, type StreamState } from "./use-live";

vi.mock("./use-live", () => ({ useLive: vi.fn() }));
const STREAM: StreamState = { state: "playing", text_zh: "播放中", text_en: "Playing" };
const FIGURES: StreamFigures = {
  ...STREAM, camera: "c", name: "人民广场", stream: "main", since: "", codec: "h265", width: 1920, height: 1080,
  packets: 100, bytes: 1000, lost: 7, loss: 0.07, frames: 10, transport: "udp", readers: 1,
};

function show(live: Partial<Live>, steerable = false): void {
  vi.mocked(useLive).mockReturnValue({ picture: { kind: "connecting" }, stream: undefined, figures: undefined, session: undefined, hasSound: false, undecodable: undefined, delayS: () => Promise.resolve(undefined), askAgain: () => undefined, ...live });
  renderInConsole(<LiveTile camera="c" name="人民广场" protocol="ws" testId="tile" steerable={steerable} />);
}

afterEach(() => {
  cleanup();
  localStorage.clear();
});

test("before anything is known it connects", () => {
  show({});
  expect(screen.getByTestId("tile").textContent).toContain("正在连接");
});
test("what the node says of the stream stands on the tile, with the time of the next try", () => {
  show({ picture: { kind: "waiting", retryAtMs: Date.now() + 4000 }, stream: { ...STREAM, state: "retrying", text_zh: "设备不在线,上线后自动恢复" } });
  expect(screen.getByTestId("tile").textContent).toContain("设备不在线，上线后自动恢复");
  expect(screen.getByTestId("tile").textContent).toMatch(/[34] 秒后重试/);
});
test("a picture that stands still is told not to be live", () => {
  show({ picture: { kind: "stalled", sinceMs: Date.now() - 5000 }, stream: STREAM });
  expect(screen.getByTestId("tile").dataset["state"]).toBe("stalled");
  expect(screen.getByTestId("tile").textContent).toMatch(/画面停滞，不是实时画面已停滞 [56] 秒/);
});
test("a refusal tells what to do, in the chosen language", () => {
  localStorage.setItem("fengsui.language", "en");
  show({ picture: { kind: "refused", retryAtMs: Date.now() + 8000, problem: { status: 503, code: "x", zh: "路数已满", en: "The limit is reached", remedy_zh: "稍后再试", remedy_en: "Try later" } } });
  expect(screen.getByTestId("tile").textContent).toContain("The limit is reachedTry later");
});
test("a right that is missing does not come by waiting: it is asked again by hand", () => {
  const askAgain = vi.fn();
  show({ askAgain, picture: { kind: "refused", retryAtMs: undefined, problem: { status: 403, code: "access.not_on_duty", rule: "A5", zh: "您未在班", en: "Not on duty", remedy_zh: "请先签到", remedy_en: "Sign on" } } });
  expect(screen.getByTestId("tile").textContent).not.toContain("秒后重试");
  fireEvent.click(screen.getByTestId("ask-again"));
  expect(askAgain).toHaveBeenCalledOnce();
});
test("a picture has its figures and losses and no message; a transcode is said", () => {
  show({ picture: { kind: "playing" }, stream: STREAM, figures: FIGURES, session: { transcoded: true } as LiveSession });
  const text = screen.getByTestId("tile").textContent;
  expect(text).toContain("H265 1920×1080");
  expect(text).toContain("已由节点转码");
  expect(text).not.toContain("播放中");
  cleanup();
  show({ picture: { kind: "playing" }, stream: STREAM, session: { transcoded: true } as LiveSession, undecodable: "hvc1.2.4.L153.B0" });
  expect(screen.getByTestId("tile-transcoded").textContent).toBe("浏览器不能解码 hvc1.2.4.L153.B0，已由节点转码为 H.264");
});
test("only a steerable camera's picture can be drawn on, and the toggle says whether it is pressed", () => {
  show({ picture: { kind: "playing" }, stream: STREAM });
  expect(screen.queryByTestId("zoom-sheet")).toBeNull();
  cleanup();
  show({ picture: { kind: "playing" }, stream: STREAM }, true);
  fireEvent.click(screen.getByTestId("tile-zoom"));
  expect(screen.getByTestId("tile-zoom").getAttribute("aria-pressed")).toBe("true");
  fireEvent.keyDown(document, { key: "Escape" });
  expect(screen.getByTestId("tile-zoom").getAttribute("aria-pressed")).toBe("false");
});
test("only a stream with sound can be unmuted, and it begins muted", () => {
  show({ picture: { kind: "playing" }, stream: STREAM });
  expect(screen.queryByTestId("tile-sound")).toBeNull();
  cleanup();
  show({ picture: { kind: "playing" }, stream: STREAM, hasSound: true });
  const video = screen.getByTestId("tile").querySelector("video");
  expect(video?.muted).toBe(true);
  fireEvent.click(screen.getByTestId("tile-sound"));
  expect(video?.muted).toBe(false);
});
test("a refusal of the media port is told with rule and contact", () => {
  show({ picture: { kind: "refused", retryAtMs: Date.now() + 8000, problem: { status: 403, code: "media.ticket_expired", zh: "媒体票据已过期", en: "The media ticket has expired", remedy_zh: "请重新打开", remedy_en: "Open it again", rule: "A7", contact: "审计部门" } } });
  const text = screen.getByTestId("tile").textContent;
  for (const part of ["媒体票据已过期", "请重新打开", "A7", "media.ticket_expired", "审计部门"]) expect(text).toContain(part);
});
test("the mark lies on the tile whatever its state", () => {
  for (const picture of [{ kind: "connecting" }, { kind: "playing" }, { kind: "stalled", sinceMs: 0 }] as const) {
    show({ picture });
    expect(screen.getByTestId("tile").contains(screen.getByTestId("screen-mark"))).toBe(true);
    cleanup();
  }
});
test("full screen takes the tile with its mark, and F does it unless somebody writes", () => {
  const asked: Element[] = [];
  Object.defineProperty(document, "fullscreenEnabled", { value: true, configurable: true });
  HTMLElement.prototype.requestFullscreen = function (this: HTMLElement) {
    asked.push(this);
    return Promise.resolve();
  };
  show({ picture: { kind: "playing" } });
  const tile = screen.getByTestId("tile");
  fireEvent.click(screen.getByTestId("tile-full"));
  fireEvent.keyDown(document, { key: "f" });
  expect(asked).toEqual([tile, tile]);
  expect(tile.contains(screen.getByTestId("screen-mark"))).toBe(true);
  const field = document.body.appendChild(document.createElement("input"));
  fireEvent.keyDown(field, { key: "f" });
  fireEvent.keyDown(document, { key: "f", ctrlKey: true });
  expect(asked).toHaveLength(2);
  field.remove();
});
test("the browser's own small window, menu and controls are off: they would show the picture without the mark", () => {
  show({ picture: { kind: "playing" } });
  const video = screen.getByTestId("tile").querySelector("video");
  expect(video?.hasAttribute("disablepictureinpicture")).toBe(true);
  expect(video?.hasAttribute("controls")).toBe(false);
  expect(video !== null && fireEvent.contextMenu(video)).toBe(false);
});
test("no file of the console shows a camera's picture without the mark", () => {
  const sources = import.meta.glob<string>(["../../**/*.tsx", "!**/*.test.tsx"], { query: "?raw", import: "default", eager: true });
  const pictures = Object.entries(sources).filter(([, text]) => /<video|\/picture\?/.test(text));
  expect(pictures.length).toBeGreaterThanOrEqual(2);
  for (const [file, text] of pictures) expect(text, file).toContain("<ScreenMark />");
});
