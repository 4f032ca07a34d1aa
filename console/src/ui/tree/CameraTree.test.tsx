// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { createRef } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api, type Area } from "../../api-client/client";
import { QuietObserver, renderInConsole } from "../testing";
import { CameraTree } from "./CameraTree";

const LARGE = 100_000;
const area = (code: string, name: string, total: number, here: number): Area => ({ code, name, parent: code.slice(0, -2), level: code.length === 6 ? "county" : code.length === 4 ? "city" : "province", cameras_total: total, cameras_online: total - 1, cameras_here: here });
const AREAS = [area("52", "贵州省", LARGE + 2, 0), area("5201", "贵阳市", LARGE + 2, 0), area("520102", "南明区", 2, 2), area("520103", "云岩区", LARGE, LARGE)];
const asked: { area?: string; q?: string; tag?: string[]; offset: number; limit: number }[] = [];
const KEPT = { code: "k1", name: "常看的", status: "online", ptz_type: 0 };
const GROUP = { id: 7, name: "早高峰", owner: "wang", mine: false, may_change: false, post: "operator", centre: null, centre_name: "", cameras: [KEPT, { ...KEPT, code: "k2" }], hidden: 0, maker_left: false, not_taken: [] };
let favourites: unknown[] = [];
let groups: unknown[] = [];
const opened = vi.fn();
const openedAll = vi.fn();
const left = vi.fn();

function answer(path: string, options: { params?: { query?: (typeof asked)[number] } }) {
  const query = options.params?.query;
  if (path === "/api/v1/favourites") return { data: { items: favourites } };
  if (path === "/api/v1/camera-groups") return { data: { items: groups } };
  if (path === "/api/v1/areas") return { data: { items: query?.q === undefined ? AREAS : AREAS.filter(({ name }) => query.q === "nmq" && name === "南明区") } };
  if (query === undefined) return { data: { items: [], centres: [] } };
  asked.push(query);
  const total = query.q !== "" ? (query.q === "无" ? 0 : 3) : query.area === "520102" ? 2 : LARGE;
  const count = Math.max(0, Math.min(query.limit, total - query.offset));
  const items = Array.from({ length: count }, (_, at) => ({ code: `${query.area ?? ""}c${query.offset + at}`, name: `摄像机 ${query.offset + at}`, status: "online", ptz_type: 1 }));
  return { data: { items, offset: query.offset, total, ignored: (query.q ?? "").split(" ").slice(8) } };
}

beforeEach(() => {
  vi.stubGlobal("ResizeObserver", QuietObserver);
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, value: 520 });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, value: 300 });
  HTMLElement.prototype.scrollTo = vi.fn();
  vi.spyOn(api, "GET").mockImplementation(((path: string, options: never) => Promise.resolve(answer(path, options ?? {}))) as never);
  asked.length = 0;
  opened.mockReset();
  openedAll.mockReset();
  left.mockReset();
  sessionStorage.clear();
  renderInConsole(<CameraTree search={createRef()} shown={new Set(["520102c1"])} onOpen={opened} onOpenAll={openedAll} onLeave={left} />);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("a small county stands open, a click shows its camera on the wall, shown ones are marked", async () => {
  fireEvent.click(await screen.findByTestId("camera-520102c0"));
  expect(opened).toHaveBeenCalledWith({ code: "520102c0", name: "摄像机 0", ptz: 1 });
  expect(screen.getByTestId("camera-520102c1").getAttribute("aria-selected")).toBe("true");
  expect(screen.getByTestId("area-52").textContent).toContain(`${LARGE + 1}/${LARGE + 2}`);
});
test("a county of a hundred thousand is drawn and asked for in part only", async () => {
  fireEvent.click(await screen.findByTestId("area-520103"));
  await screen.findByTestId("camera-520103c0");
  expect(screen.getAllByRole("treeitem").length).toBeLessThan(80);
  expect(asked.filter((query) => query.area === "520103")).toEqual([{ area: "520103", q: "", state: [], tag: [], offset: 0, limit: 100 }]);
});
test("by keyboard: down to a camera and open it, left to its area and close it", async () => {
  await screen.findByTestId("camera-520102c0");
  const tree = screen.getByRole("tree");
  fireEvent.focus(tree);
  for (const key of ["Home", "ArrowDown", "ArrowDown", "ArrowDown", "Enter"]) fireEvent.keyDown(tree, { key });
  expect(opened).toHaveBeenCalledWith(expect.objectContaining({ code: "520102c0" }));
  fireEvent.keyDown(tree, { key: "ArrowLeft" });
  expect(tree.getAttribute("aria-activedescendant")).toBe("tree-row-2");
  fireEvent.keyDown(tree, { key: "ArrowLeft" });
  await waitFor(() => expect(screen.queryByTestId("camera-520102c0")).toBeNull());
});
test("a search is asked of the node, and finding nothing is said", async () => {
  await screen.findByTestId("camera-520102c0");
  fireEvent.change(screen.getByTestId("camera-search"), { target: { value: "路口" } });
  await screen.findByTestId("camera-c2");
  expect(screen.queryByTestId("area-520102")).toBeNull();
  fireEvent.change(screen.getByTestId("camera-search"), { target: { value: "无" } });
  await screen.findByText("没有符合的摄像机");
});
test("states alone narrow the whole tree to a flat list", async () => {
  await screen.findByTestId("camera-520102c0");
  fireEvent.click(screen.getByTestId("state-offline"));
  fireEvent.click(screen.getByTestId("state-fault"));
  await waitFor(() => expect(asked.at(-1)).toMatchObject({ area: "", q: "", state: ["offline", "fault"] }));
  await waitFor(() => expect(screen.queryByTestId("area-520102")).toBeNull());
});
test("escape leaves the tree for the wall", async () => {
  await screen.findByTestId("camera-520102c0");
  const tree = screen.getByRole("tree");
  fireEvent.focus(tree);
  fireEvent.keyDown(tree, { key: "Escape" });
  expect(left).toHaveBeenCalledOnce();
});
test("a row whose camera is still being read says so, also to a screen reader", async () => {
  vi.spyOn(api, "GET").mockImplementation(((path: string) => (path === "/api/v1/areas" ? Promise.resolve({ data: { items: AREAS } }) : path === "/api/v1/camera-names" ? new Promise(() => {}) : Promise.resolve({ data: { items: [] } }))) as never);
  fireEvent.click(await screen.findByTestId("area-520103"));
  expect((await screen.findAllByRole("treeitem", { name: "正在读取…", busy: true })).length).toBeGreaterThan(1);
});
test("favourites and groups stand on top; a group opens below itself, or on the wall at once", async () => {
  cleanup();
  favourites = [KEPT];
  groups = [GROUP];
  renderInConsole(<CameraTree search={createRef()} shown={new Set()} onOpen={opened} onOpenAll={openedAll} onLeave={left} />);
  const group = await screen.findByTestId("folder-group-7");
  expect(group.textContent).toContain("早高峰");
  fireEvent.click(group);
  fireEvent.click(await screen.findByTestId("kept-group-7-k2"));
  expect(opened).toHaveBeenCalledWith({ code: "k2", name: "常看的", ptz: 0 });
  fireEvent.click(screen.getByTestId("open-all-group-7"));
  expect(openedAll).toHaveBeenCalledWith("早高峰", [expect.objectContaining({ code: "k1" }), expect.objectContaining({ code: "k2" })]);
  const change = vi.spyOn(api, "PATCH").mockResolvedValue({ data: { items: [] } } as never);
  for (const star of screen.getAllByTestId("star-k1").slice(0, 1)) fireEvent.click(star);
  await waitFor(() => expect(change).toHaveBeenCalledWith("/api/v1/favourites", { body: { add: [], remove: ["k1"], order: [] } }));
  favourites = groups = [];
});

test("an area that is found opens in the tree, and words beyond the eighth are named", async () => {
  await screen.findByTestId("camera-520102c0");
  fireEvent.change(screen.getByTestId("camera-search"), { target: { value: "nmq" } });
  const found = await screen.findByTestId("found-area-520102");
  expect(found.textContent).toContain("贵州省 › 贵阳市");
  fireEvent.click(found);
  await screen.findByTestId("area-520102");
  expect((screen.getByTestId("camera-search") as HTMLInputElement).value).toBe("");
  fireEvent.change(screen.getByTestId("camera-search"), { target: { value: "1 2 3 4 5 6 7 8 九 十" } });
  expect((await screen.findByTestId("ignored-words")).textContent).toContain("九 十");
});
test("a tag that is typed becomes a chip, is asked for, and is taken away by a click", async () => {
  await screen.findByTestId("camera-520102c0");
  fireEvent.change(screen.getByTestId("camera-search"), { target: { value: "#学校 南门" } });
  await waitFor(() => expect(asked.at(-1)).toMatchObject({ q: "南门", tag: ["学校"] }));
  expect((screen.getByTestId("camera-search") as HTMLInputElement).value).toBe("南门");
  fireEvent.click(screen.getByTestId("tag-学校"));
  await waitFor(() => expect(asked.at(-1)).toMatchObject({ q: "南门", tag: [] }));
});
test("the menu of a row by keyboard and by mouse: what one may do, each with its key", async () => {
  await screen.findByTestId("camera-520102c0");
  const tree = screen.getByRole("tree");
  fireEvent.focus(tree);
  for (const key of ["Home", "ArrowDown", "ArrowDown", "ArrowDown"]) fireEvent.keyDown(tree, { key });
  fireEvent.keyDown(tree, { key: "F10", shiftKey: true });
  const menu = await screen.findByTestId("tree-menu");
  expect([...menu.querySelectorAll("button")].map((one) => one.textContent)).toEqual(["播放Enter", "收藏*", "加入分组…G", "新建分组N"]);
  fireEvent.keyDown(menu, { key: "Escape" });
  await waitFor(() => expect(screen.queryByTestId("tree-menu")).toBeNull());
  fireEvent.contextMenu(screen.getByTestId("area-520103"), { clientX: 10, clientY: 10 });
  expect((await screen.findByTestId("tree-menu")).textContent).toContain("展开");
});
test("by keyboard within a group: down a place, out, and nothing of that in another's group", async () => {
  cleanup();
  groups = [{ ...GROUP, mine: true, may_change: true }];
  renderInConsole(<CameraTree search={createRef()} shown={new Set()} onOpen={opened} onOpenAll={openedAll} onLeave={left} />);
  fireEvent.click(await screen.findByTestId("folder-group-7"));
  await screen.findByTestId("kept-group-7-k2");
  const change = vi.spyOn(api, "PATCH").mockResolvedValue({ data: GROUP } as never);
  const tree = screen.getByRole("tree");
  fireEvent.focus(tree);
  for (const key of ["Home", "ArrowDown"]) fireEvent.keyDown(tree, { key });
  fireEvent.keyDown(tree, { key: "ArrowDown", altKey: true });
  await waitFor(() => expect(change).toHaveBeenCalledWith("/api/v1/camera-groups/{group}", expect.objectContaining({ body: expect.objectContaining({ order: ["k2", "k1"] }) })));
  await waitFor(() => expect(tree.getAttribute("aria-activedescendant")).toBe("tree-row-2"));
  fireEvent.keyDown(tree, { key: "Delete" });
  await waitFor(() => expect(change).toHaveBeenLastCalledWith("/api/v1/camera-groups/{group}", expect.objectContaining({ body: expect.objectContaining({ remove: ["k2"] }) })));
  groups = [];
});
test("news move neither the keyboard from its row nor the menu to another camera", async () => {
  await screen.findByTestId("camera-520102c1");
  const tree = screen.getByRole("tree");
  fireEvent.focus(tree);
  for (const key of ["Home", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown"]) fireEvent.keyDown(tree, { key });
  expect(tree.getAttribute("aria-activedescendant")).toBe("tree-row-4"); // 520102c1
  fireEvent.keyDown(tree, { key: "F10", shiftKey: true });
  await screen.findByTestId("tree-menu");
  favourites = [KEPT]; // a folder appears above everything
  const change = vi.spyOn(api, "PATCH").mockResolvedValue({ data: { items: [] } } as never);
  fireEvent.click(screen.getByTestId("star-520102c0"));
  await screen.findByTestId("folder-favourites");
  await waitFor(() => expect(tree.getAttribute("aria-activedescendant")).toBe("tree-row-5"));
  fireEvent.click(screen.getByTestId("tree.act.play"));
  expect(opened).toHaveBeenCalledWith(expect.objectContaining({ code: "520102c1" }));
  expect(change).toHaveBeenCalledOnce();
  favourites = [];
});
