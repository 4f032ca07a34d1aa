// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiProblem, type Problem } from "../../api-client/client";
import { renderInConsole } from "../../ui/testing";
import { TaskPhoto } from "./TaskPhoto";

const GONE = { code: "task.photo_gone", status: 410, zh: "这张照片已按规定删除", en: "", remedy_zh: "删除时间见审计日志", remedy_en: "" } as Problem;
const asked = vi.fn<() => Promise<Blob>>();
vi.mock("../../api-client/client", async (original) => ({
  ...(await original<typeof import("../../api-client/client")>()),
  api: { GET: () => undefined },
  body: () => asked(),
}));
beforeEach(() => {
  URL.createObjectURL = () => "blob:1";
  URL.revokeObjectURL = () => undefined;
  asked.mockReset();
});
afterEach(cleanup);

test("a photo is asked for when somebody opens it, and one that is gone is said so in words", async () => {
  asked.mockResolvedValueOnce(new Blob()).mockRejectedValueOnce(new ApiProblem(GONE));
  renderInConsole(<TaskPhoto task={1} photo="ab" />);
  expect(asked).not.toHaveBeenCalled();
  fireEvent.click(screen.getByTestId("task-photo"));
  expect((await screen.findByAltText("现场照片")).getAttribute("src")).toBe("blob:1");
  cleanup();
  renderInConsole(<TaskPhoto task={1} photo="cd" />);
  fireEvent.click(screen.getByTestId("task-photo"));
  expect(await screen.findByText(GONE.zh)).toBeTruthy();
  expect(screen.getByText(GONE.remedy_zh)).toBeTruthy();
});
