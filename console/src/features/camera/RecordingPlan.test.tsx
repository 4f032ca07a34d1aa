// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { api, type Camera } from "../../api-client/client";
import { QuietObserver, renderInConsole } from "../../ui/testing";
import { RecordingPlan } from "./RecordingPlan";
import type { Plan } from "./recording-hours";

const CAMERA = { code: "52010200001320000001", name: "人民广场", streams: ["main"] } as unknown as Camera;
const PLAN: Plan = {
  camera: CAMERA.code, mode: "off", stream: "main", hours: [], before_s: 10, after_s: 30, state: "off", event: null,
  held_since: null, held_short: false, since: null, due: false, recording: false, safe_until: null, lost_fragments: 0, other: null,
};

beforeAll(() => {
  vi.stubGlobal("ResizeObserver", QuietObserver);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function show(plan: Partial<Plan>, mayChange = true, camera = CAMERA): void {
  vi.spyOn(api, "GET").mockImplementation((() => Promise.resolve({ data: { ...PLAN, ...plan } })) as never);
  renderInConsole(<RecordingPlan camera={camera} mayChange={mayChange} mayRecord />);
}

test("the plan on event has its two times, and only whole seconds within their bounds are sent", async () => {
  const put = vi.spyOn(api, "PUT").mockImplementation((() => Promise.resolve({})) as never);
  show({});
  fireEvent.click(await screen.findByText("按事件"));
  const before = screen.getByLabelText("事件前");
  const after = screen.getByLabelText("最后一次事件后");
  expect([before, after].map((field) => (field as HTMLInputElement).value)).toEqual(["10", "30"]);
  fireEvent.change(before, { target: { value: "20" } });
  fireEvent.change(after, { target: { value: "900" } });
  fireEvent.blur(after);
  expect((after as HTMLInputElement).value, "the most there is").toBe("600");
  fireEvent.click(screen.getByTestId("save-recording"));
  await waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(put.mock.calls[0]?.[1]).toMatchObject({ body: { mode: "event", hours: [], before_s: 20, after_s: 600 } });
});
test("an armed camera tells how much it holds, and when that is less than it should be", async () => {
  show({ mode: "event", state: "armed", held_since: new Date(Date.now() - 12_000).toISOString() });
  expect((await screen.findByTestId("recording-state")).textContent).toBe("◎ 待命，预录中");
  expect(screen.getByTestId("recording-plan").textContent).toContain("预录12 秒");
  cleanup();
  show({ mode: "event", state: "armed", held_since: new Date(Date.now() - 3_000).toISOString(), held_short: true });
  await screen.findByTestId("recording-state");
  expect(screen.getByTestId("recording-plan").textContent).toContain("仅 3 秒：内存限额已满");
});
test("while an event is recorded it says what happened and until when; without a picture nothing is held", async () => {
  show({ mode: "event", state: "event", recording: true, due: true, event: { cause: "alarm", at: "2026-11-28T01:00:00Z", until: "2026-11-28T01:00:30Z" } }, false);
  expect((await screen.findByTestId("recording-state")).textContent).toBe("● 事件录像中");
  expect(screen.getByTestId("recording-cause").textContent).toMatch(/^设备报警 \d\d:00:00，录至 \d\d:00:30$/);
  expect(screen.queryByTestId("before_s"), "who does not keep devices changes nothing").toBeNull();
  cleanup();
  show({ mode: "event", state: "waiting" });
  expect((await screen.findByTestId("recording-state")).textContent).toBe("尚无画面，不能预录");
});
test("to record at once takes a reason; how long, and what is held before, is said", async () => {
  const begun: Plan = { ...PLAN, state: "event", event: { cause: "person", at: new Date().toISOString(), until: new Date(Date.now() + 300_000).toISOString() } };
  const post = vi.spyOn(api, "POST").mockImplementation((() => Promise.resolve({ data: begun })) as never);
  show({ mode: "event", state: "armed", before_s: 15, after_s: 45, held_since: new Date().toISOString() });
  fireEvent.click(await screen.findByTestId("record-now"));
  expect((await screen.findByRole("dialog")).textContent).toContain("连同此前 15 秒一起录下");
  expect(screen.getByText("45 秒")).toBeTruthy();
  expect((screen.getByTestId("sure") as HTMLButtonElement).disabled, "not without a reason").toBe(true);
  fireEvent.click(screen.getByText("5 分钟"));
  fireEvent.change(screen.getByTestId("reason"), { target: { value: " 门口斗殴 " } });
  fireEvent.click(screen.getByTestId("sure"));
  await waitFor(() => expect(post).toHaveBeenCalledOnce());
  expect(post.mock.calls[0]?.[1]).toMatchObject({ body: { reason: "门口斗殴", seconds: 300 } });
});
test("a camera that is recorded already needs no button for it", async () => {
  show({ mode: "always", state: "recording", recording: true, due: true });
  await screen.findByTestId("recording-state");
  expect(screen.queryByTestId("record-now")).toBeNull();
});

const BOTH = { ...CAMERA, streams: ["main", "sub"] } as Camera;
const SUB = { ...PLAN, mode: "event", stream: "sub", state: "armed" } as NonNullable<Plan["other"]>;

test("the other stream has a plan of its own, which is sent beside the camera's", async () => {
  const put = vi.spyOn(api, "PUT").mockImplementation((() => Promise.resolve({})) as never);
  show({ mode: "always", state: "recording", recording: true }, true, BOTH);
  const other = within(await screen.findByTestId("other-stream"));
  expect(screen.queryByTestId("other-state"), "it is not recorded").toBeNull();
  fireEvent.click(other.getByText("按事件"));
  fireEvent.change(other.getByLabelText("事件前"), { target: { value: "20" } });
  fireEvent.click(screen.getByTestId("save-recording"));
  await waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(put.mock.calls[0]?.[1]).toMatchObject({ body: { mode: "always", stream: "main", other: { mode: "event", before_s: 20, after_s: 30, hours: [] } } });
});
test("a plan of the other stream is told apart, and a schedule without hours is not sent", async () => {
  show({ mode: "always", state: "recording", recording: true, other: SUB }, true, BOTH);
  expect((await screen.findByTestId("other-state")).textContent).toBe("◎ 待命，预录中");
  expect(screen.getByTestId("recording-state").textContent).toBe("● 正在录像");
  expect(screen.getByTestId("record-now"), "the one on event can be recorded at once").toBeTruthy();
  const other = within(screen.getByTestId("other-stream"));
  fireEvent.click(other.getByText("按时段"));
  expect((screen.getByTestId("save-recording") as HTMLButtonElement).disabled).toBe(false);
  fireEvent.click(other.getByTitle("删除时段"));
  expect((screen.getByTestId("save-recording") as HTMLButtonElement).disabled).toBe(true);
});
test("a camera with one stream, or no plan, offers no other; who may not change it sees one that is there", async () => {
  show({ mode: "always", state: "recording" });
  await screen.findByTestId("recording-state");
  expect(screen.queryByTestId("other-stream")).toBeNull();
  cleanup();
  show({}, true, BOTH);
  await screen.findByTestId("recording-state");
  expect(screen.queryByTestId("other-stream")).toBeNull();
  cleanup();
  show({ mode: "always", state: "recording", other: SUB }, false, BOTH);
  expect((await screen.findByTestId("other-stream")).textContent).toContain("按事件");
});
