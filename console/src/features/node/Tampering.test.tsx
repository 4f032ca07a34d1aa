// @vitest-environment jsdom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { renderInConsole } from "../../ui/testing";
import { Tampering } from "./Tampering";

afterEach(cleanup);

test("nothing is said where all is well", () => {
  renderInConsole(<Tampering facts={{ clock_behind_s: 0, key_findings: [] }} />);
  expect(screen.queryByRole("alert")).toBeNull();
});

test("a clock that was set back and each key file are told, with what to do", () => {
  renderInConsole(<Tampering facts={{ clock_behind_s: 7_200, key_findings: [{ at: "2026-11-27T02:00:00Z", name: "secrets/media-tickets", what: "changed" }, { at: "2026-11-27T02:01:00Z", name: "secrets", what: "open" }] }} />);
  expect(screen.getByTestId("clock-behind").textContent).toContain("被调回");
  const keys = screen.getByTestId("key-findings").textContent;
  expect(keys).toContain("2 处");
  expect(keys).toContain("secrets/media-tickets 内容被改动");
  expect(keys).toContain("secrets 曾对其他用户开放");
  expect(keys).toContain("key.changed");
});
