import { expect, test } from "vitest";
import { workstationName } from "./workstation-name";

test("names browser and system, and leaves programs as they call themselves", () => {
  expect(workstationName("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36")).toBe("Chrome 156 · Linux");
  expect(workstationName("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0")).toBe("Edge 140 · Windows");
  expect(workstationName("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe("Firefox 140 · Linux");
  expect(workstationName("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1")).toBe("Safari 18 · iOS");
  expect(workstationName("python-httpx/0.28.1")).toBe("python-httpx/0.28.1");
  expect(workstationName("")).toBe("");
});
