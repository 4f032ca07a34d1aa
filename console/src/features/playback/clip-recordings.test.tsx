// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../../api-client/client";
import { eventually } from "../../ui/eventually";
import { SignedIn, type SignedInUser } from "../../ui/signed-in";
import { QuietObserver, renderInConsole } from "../../ui/testing";
import { ClipDrawer } from "./ClipDrawer";
import { recordingsOf } from "./clip-recordings";

const [CODE, S] = ["52010200001320000001", 1e6];
const nothing = () => undefined;
const part = (fromS: number, toS: number) => ({ fromUs: fromS * S, toUs: toS * S });
const iso = (s: number) => new Date(s * 1_000).toISOString();

beforeEach(() => vi.stubGlobal("ResizeObserver", QuietObserver));

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("the main stream goes before the sub-stream, and each recording of a moment counts", () => {
  const main = { spans: [part(0, 20), part(25, 40)], fetched: [part(18, 20)], twice: [{ ...part(5, 8), times: 2 }] };
  const sub = { spans: [part(0, 40)], fetched: [], twice: [{ ...part(30, 33), times: 3 }] };
  const told = recordingsOf(part(4, 30), { main, sub });
  expect(told).toEqual([
    { stream: "main", recording: 1, seconds: 21, fetched: 2 },
    { stream: "main", recording: 2, seconds: 21, fetched: 2 },
    { stream: "sub", recording: 1, seconds: 26, fetched: 0 },
  ]);
  expect(recordingsOf(part(20, 25), { main, sub }).map((one) => one.stream), "what has nothing is not offered").toEqual(["sub"]);
  expect(recordingsOf(part(50, 60), { main, sub })).toEqual([]);
});

/** The drawer of a camera with both streams; the main one has a stretch that was recorded twice. */
function drawer(fromS: number, toS: number) {
  const user = { user: { functions: ["export"] } } as unknown as SignedInUser;
  return (
    <SignedIn value={user}>
      <ClipDrawer open onClose={nothing} camera={{ code: CODE, name: "人民广场" }} span={part(fromS, toS)} stream="sub" streams={["main", "sub"]} ofDevice={false} />
    </SignedIn>
  );
}

test("which recording a clip holds is chosen, and the main stream's first is not", async () => {
  const list = (stream: string) => ({
    items: stream === "main" ? [{ from: iso(0), to: iso(30) }] : [{ from: iso(0), to: iso(100) }],
    from_device: stream === "main" ? [{ from: iso(28), to: iso(30) }] : [],
    twice: stream === "main" ? [{ from: iso(10), to: iso(20), times: 2 }] : [],
    filled_percent: null,
  });
  const told = (path: string, query: { stream: string }) => (path.endsWith("/recordings") ? list(query.stream) : { items: [], next: null, total: 0, needs_document: false });
  vi.spyOn(api, "GET").mockImplementation(((path: string, { params }: { params: { query: { stream: string } } }) => Promise.resolve({ data: told(path, params.query) })) as never);
  const sent = vi.spyOn(api, "POST").mockImplementation((() => Promise.resolve({ data: {} })) as never);
  const bodies = () => sent.mock.calls.map((call) => (call[1] as { body: { stream: string; recording: number } }).body).map((body) => [body.stream, body.recording]);
  const ask = async () => {
    fireEvent.change(screen.getByTestId("clip-reason"), { target: { value: "还原案发经过" } });
    fireEvent.click(screen.getByTestId("ask-clip"));
    const count = sent.mock.calls.length;
    await eventually(() => expect((screen.getByTestId("clip-reason") as HTMLTextAreaElement).value).toBe(""));
    expect(count).toBeGreaterThan(0);
  };

  renderInConsole(drawer(5, 29));
  await eventually(() => screen.getByTestId("clip-recording"));
  expect(screen.getByTestId("clip-recordings").textContent).toContain("主码流 · 有录像 24.0 秒 · 其中设备补录 1.0 秒");
  expect(screen.getByTestId("clip-twice").textContent).toContain("只含第 1 份录像");
  await ask();
  fireEvent.click(screen.getByTestId("recording-main-2"));
  expect(screen.getByTestId("clip-twice").textContent).toContain("只含第 2 份录像");
  await ask();
  fireEvent.click(screen.getByTestId("recording-sub-1"));
  expect(screen.queryByTestId("clip-twice"), "the sub-stream was recorded once").toBeNull();
  await ask();
  expect(bodies()).toEqual([["main", 1], ["main", 2], ["sub", 1]]);
  cleanup();

  renderInConsole(drawer(40, 50));
  await eventually(() => expect(screen.getByTestId("clip-recordings").textContent).toContain("子码流 · 有录像 10.0 秒"));
  expect(screen.queryByTestId("clip-recording"), "what is the only one is no choice").toBeNull();
  await ask();
  expect(bodies()[3], "where the main stream has nothing").toEqual(["sub", 1]);
});
