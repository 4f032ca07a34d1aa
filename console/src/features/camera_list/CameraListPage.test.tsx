// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api, type User } from "../../api-client/client";
import { SignedIn } from "../../ui/signed-in";
import { QuietObserver, renderInConsole } from "../../ui/testing";
import { CameraListPage } from "./CameraListPage";

vi.mock("@tanstack/react-router", () => ({ Link: "a", useNavigate: () => vi.fn() }));

const TOTAL = 1_200;
const OFFLINE = 7;
/** Rows that a range asks for, so many at once. */
const SHEET = 500;
/** What came of the sheets that were asked for: they are answered when the test lets them. */
let sheets: (() => void)[];
let user = 0;

interface Asked {
  params: { query: { offset: number; limit: number; state: string[] } };
}

const row = (at: number) => ({ code: String(at).padStart(20, "0"), name: `摄像机 ${at}`, area: "520102", area_name: "南明区", status: "online", device: "d", device_name: "", tags: [], longitude: null, latitude: null, file: null, file_waits: false, camera_class: "government", class_said: true, ptz_type: null });

function answer(path: string, options: Asked) {
  if (path !== "/api/v1/camera-rows") return Promise.resolve({ data: { items: [] } });
  const { offset, limit, state } = options.params.query;
  const total = state.length === 0 ? TOTAL : OFFLINE;
  const data = { total, items: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, at) => row(offset + at)) };
  return limit === SHEET ? new Promise((done) => sheets.push(() => done({ data }))) : Promise.resolve({ data });
}

beforeEach(async () => {
  sheets = [];
  vi.stubGlobal("ResizeObserver", QuietObserver);
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined, addListener: () => undefined, removeListener: () => undefined }));
  vi.spyOn(api, "GET").mockImplementation(answer as never);
  user += 1; // nobody has looked at the list before
  renderInConsole(
    <SignedIn.Provider value={{ user: { id: user, functions: ["look-around"] } as unknown as User, signOut: vi.fn(), lock: vi.fn(), notices: [], putAway: vi.fn() }}>
      <CameraListPage />
    </SignedIn.Provider>,
  );
  await screen.findByText("共 1200 台");
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const press = (key: string, more: object = {}) => fireEvent.keyDown(screen.getByTestId("camera-table"), { key, ...more });
const chosen = () => screen.queryByTestId("list-chosen")?.textContent;

/** Answers until `count` sheets were asked for. */
async function answered(count: number) {
  for (let at = 0; at < count; at++) {
    await waitFor(() => expect(sheets.length).toBeGreaterThan(at));
    sheets[at]?.();
  }
}

test("a range of rows that were never on screen is chosen once they are here", async () => {
  press("End", { shiftKey: true });
  expect(chosen()).toBeUndefined();
  await answered(3);
  await waitFor(() => expect(chosen()).toBe("已选 1200 台"));
});

test("a range that comes after something else was chosen is not chosen any more", async () => {
  press("End", { shiftKey: true });
  await waitFor(() => expect(sheets.length).toBe(1));
  press("Escape");
  await answered(3);
  press("Home");
  press("ArrowDown", { shiftKey: true }); // behind the other, of rows that are here by now
  await waitFor(() => expect(chosen()).toBe("已选 2 台"));
});

test("the filters stay as they are while the list below is another one", async () => {
  const [field, chip, table] = ["list-search", "state-offline", "camera-table"].map((name) => screen.getByTestId(name));
  chip?.focus();
  fireEvent.click(chip as HTMLElement);
  await screen.findByText("符合条件 7 台");
  expect(screen.getByTestId("camera-table")).not.toBe(table);
  expect(screen.getByTestId("list-search")).toBe(field);
  expect(document.activeElement).toBe(chip);
  expect(chip?.getAttribute("aria-pressed")).toBe("true");
});
