// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { api, ApiProblem } from "../../api-client/client";
import { eventually } from "../../ui/eventually";
import { SignedIn, type SignedInUser } from "../../ui/signed-in";
import { QuietObserver, renderInConsole } from "../../ui/testing";
import { ClipDrawer } from "./ClipDrawer";
import { PlaybackTile } from "./PlaybackTile";
import { MAIN_FIRST, useFootage, useTickets } from "./use-footage";

const [CODE, AREA] = ["52010200001320000001", "520102"];
const DAY = { fromUs: Date.parse("2026-11-29T00:00:00Z") * 1_000, toUs: Date.parse("2026-11-30T00:00:00Z") * 1_000 };
const iso = (us: number) => new Date(us / 1_000).toISOString();
const nothing = () => undefined;

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** The page, as far as it says what is missing. */
function Page() {
  const footage = useFootage([CODE], DAY, useTickets(), MAIN_FIRST, DAY.fromUs + 1).get(CODE);
  return (
    <>
      {footage && <PlaybackTile code={CODE} name="人民广场" footage={footage} device={undefined} conductor={undefined} active onSelect={nothing} onClose={nothing} onTicket={nothing} onSource={nothing} chosen={false} onStream={nothing} onDamage={nothing} stills={new Map()} />}
      <p data-testid="spans">{footage?.spans.length}</p>
      <ClipDrawer open onClose={nothing} camera={{ code: CODE, name: "人民广场" }} span={undefined} stream="main" streams={["main"]} ofDevice={false} />
    </>
  );
}

test("while the index is being filled the page and its clips say so, and load again by themselves", async () => {
  HTMLMediaElement.prototype.load = nothing;
  HTMLMediaElement.prototype.pause = nothing;
  HTMLVideoElement.prototype.requestVideoFrameCallback = () => 1;
  HTMLVideoElement.prototype.cancelVideoFrameCallback = nothing;
  let filled: number | null = 42;
  const items = () => (filled === null ? [{ from: iso(DAY.fromUs), to: iso(DAY.fromUs + 1e6) }] : []);
  const ticket = { number: "T1", state: "open", opens: ["view-recorded"], cameras: [CODE], area: "", since: iso(DAY.fromUs), until: iso(DAY.toUs) };
  const told: Record<string, () => unknown> = {
    "/api/v1/tickets": () => ({ items: [ticket] }),
    "/api/v1/withdrawn-cameras": () => ({ items: [], next: null, total: 0 }),
    "/api/v1/cameras/{code}": () => ({ code: CODE, area: AREA, streams: ["main"] }),
    "/api/v1/cameras/{code}/recordings": () => ({ items: items(), from_device: [], twice: [], filled_percent: filled }),
    "/api/v1/clips": () => ({ items: [], next: null, total: 0, needs_document: false }),
  };
  vi.spyOn(api, "GET").mockImplementation(((path: string) => Promise.resolve({ data: told[path]?.() })) as never);
  renderInConsole(<Page />);
  const [note, ofClip] = await eventually(() => [screen.getByTestId(`filling-${CODE}`), screen.getByTestId("clip-filling")]);
  expect(note?.textContent).toContain("42%");
  expect(ofClip?.textContent).toContain("42%");
  expect(screen.getByTestId("spans").textContent).toBe("0");
  filled = null;
  await eventually(() => expect(screen.getByTestId("spans").textContent).toBe("1"));
  expect(screen.queryByTestId(`filling-${CODE}`)).toBeNull();
  expect(screen.queryByTestId("clip-filling")).toBeNull();
});

test("whoever may see unmasked asks for that where masked footage is refused, also of a camera that left", async () => {
  vi.stubGlobal("ResizeObserver", QuietObserver);
  HTMLMediaElement.prototype.load = nothing;
  HTMLMediaElement.prototype.pause = nothing;
  const error = new ApiProblem({ status: 403, code: "playback.masked", rule: "A40", zh: "设有隐私遮挡", en: "", remedy_zh: "请申请解除遮挡", remedy_en: "" });
  const footage = { period: DAY, pending: false, error, spans: [], streams: [], twice: [], stream: undefined, filled: undefined } as never;
  const sent = vi.spyOn(api, "POST").mockImplementation((() => Promise.resolve({ data: {} })) as never);
  const tile = (functions: string[]) => (
    <SignedIn value={{ user: { functions } } as unknown as SignedInUser}>
      <PlaybackTile code={CODE} name="人民广场" footage={footage} device={undefined} conductor={undefined} active onSelect={nothing} onClose={nothing} onTicket={nothing} onSource={nothing} chosen={false} onStream={nothing} onDamage={nothing} stills={new Map()} />
    </SignedIn>
  );
  renderInConsole(tile(["view-recorded"]));
  await eventually(() => screen.getByText("设有隐私遮挡"));
  expect(screen.queryByTestId("lift-masks")).toBeNull();
  cleanup();
  renderInConsole(tile(["view-recorded", "view-unmasked"]));
  fireEvent.click(await eventually(() => screen.getByTestId("lift-masks")));
  fireEvent.change(await eventually(() => screen.getByTestId("reason")), { target: { value: "辨认入室者" } });
  fireEvent.click(screen.getByTestId("sure"));
  await eventually(() => expect(sent).toHaveBeenCalledWith("/api/v1/cameras/{code}/mask-lifts", { params: { path: { code: CODE } }, body: { minutes: 30, reason: "辨认入室者" } }));
});
