// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../../api-client/client";
import { renderInConsole } from "../testing";
import { IntoGroup, MOST_IN_GROUP } from "./IntoGroup";

const camera = (at: number) => ({ code: `c${at}`, name: `摄像机 ${at}` });
const group = (facts: object) => ({ id: 7, name: "校园", owner: "wang", mine: true, may_change: true, post: null, centre: null, centre_name: "", cameras: [], hidden: 0, maker_left: false, not_taken: [], ...facts });
const left = vi.fn();

beforeEach(() => {
  left.mockReset();
  vi.spyOn(api, "GET").mockImplementation(((path: string) => Promise.resolve({ data: { items: path === "/api/v1/camera-groups" ? [group({}), group({ id: 8, name: "别人的", may_change: false })] : [] } })) as never);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test("what the node does not take is named with its reason, the others are in", async () => {
  const change = vi.spyOn(api, "PATCH").mockResolvedValue({ data: group({ cameras: [camera(1)], not_taken: [{ code: "c2", reason: "out_of_scope" }] }) } as never);
  renderInConsole(<IntoGroup cameras={[camera(1), camera(2)]} onLeave={left} />);
  await screen.findByTestId("into-group-7");
  expect(screen.queryByTestId("into-group-8")).toBeNull();
  fireEvent.click(screen.getByText("加 入"));
  const told = await screen.findByTestId("not-taken");
  expect(told.textContent).toBe("摄像机 2 c2 不在您的可见范围");
  expect(screen.getByText(/已加入 1 路/)).toBeDefined();
  expect(change).toHaveBeenCalledWith("/api/v1/camera-groups/{group}", { params: { path: { group: 7 } }, body: { add: ["c1", "c2"], remove: [], order: [], take_what_may: true } });
  expect(left).not.toHaveBeenCalled();
});
test("a new group takes them all, and the dialog is done", async () => {
  const add = vi.spyOn(api, "POST").mockResolvedValue({ data: group({ name: "广场" }) } as never);
  renderInConsole(<IntoGroup cameras={[camera(1), camera(2)]} onLeave={left} />);
  fireEvent.click(await screen.findByTestId("into-new-group"));
  fireEvent.change(screen.getByTestId("into-group-name"), { target: { value: " 广场 " } });
  fireEvent.click(screen.getByText("加 入"));
  await waitFor(() => expect(left).toHaveBeenCalled());
  expect(add).toHaveBeenCalledWith("/api/v1/camera-groups", { body: { name: "广场", cameras: ["c1", "c2"], take_what_may: true } });
});
test("more than a group holds are not cut: that is said, and nothing is saved", async () => {
  renderInConsole(<IntoGroup cameras={Array.from({ length: MOST_IN_GROUP + 1 }, (_, at) => camera(at))} onLeave={left} />);
  await screen.findByTestId("into-group-7");
  expect(screen.getByRole("alert").textContent).toContain("2001");
  expect((screen.getByText("加 入").closest("button") as HTMLButtonElement).disabled).toBe(true);
});
