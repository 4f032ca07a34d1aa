// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { renderInConsole } from "../../ui/testing";
import { DeviceCounts } from "./DeviceCounts";
import { NodeFaults } from "./NodeFaults";

afterEach(cleanup);

test("what the node lacks is told with the remedy and the time", () => {
  renderInConsole(<NodeFaults faults={[{ code: "node.open_files", zh: "打开的文件和连接已达系统上限 1024", en: "1024 are open", remedy_zh: "写 LimitNOFILE=65536", remedy_en: "Raise the limit", at: "2026-11-27T02:00:00Z" }]} />);
  const banner = screen.getByTestId("fault-node.open_files").textContent;
  expect(banner).toContain("打开的文件和连接已达系统上限 1024");
  expect(banner).toContain("LimitNOFILE=65536");
  expect(banner).toMatch(/最近一次.2026-11-27 \d\d:00:00/);
});
test("nothing is told where nothing lacks", () => {
  const { container } = renderInConsole(<NodeFaults faults={[]} />);
  expect(container.textContent).toBe("");
});
test("each state has its mark, its word and its count", () => {
  renderInConsole(<DeviceCounts counts={{ online: 7, fault: 1, offline: 2, waiting: 3 }} />);
  expect(screen.getByTestId("devices-online").textContent).toBe("● 在线 7");
  expect(screen.getByTestId("devices-fault").textContent).toBe("▲ 故障 1");
  expect(screen.getByTestId("devices-offline").textContent).toBe("○ 离线 2");
});
