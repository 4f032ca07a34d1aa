// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import { beforeAll, expect, test, vi } from "vitest";
import { counts, Differences, type Difference } from "./Differences";
import { QuietObserver, renderInConsole } from "./testing";

const difference = (field: string, old: string, fresh: string, direction: Difference["direction"]): Difference => ({ field, zh: `项目 ${field}`, en: field, old_zh: old, old_en: old, new_zh: fresh, new_en: fresh, direction });
const CHANGES = [difference("ceiling", "90 天", "180 天", "loosening"), difference("gate", "30 天", "15 天", "tightening"), difference("notice", "", "新告知", "tightening"), difference("version", "1", "2", "neutral")];

beforeAll(() => {
  vi.stubGlobal("ResizeObserver", QuietObserver);
  vi.stubGlobal("matchMedia", () => ({ matches: false, addListener: () => undefined, removeListener: () => undefined, addEventListener: () => undefined, removeEventListener: () => undefined }));
});

test("old and new stand side by side, each with its direction in words", () => {
  renderInConsole(<Differences differences={CHANGES} />);
  const row = (field: string) => screen.getByText(`项目 ${field}`).closest("tr")?.textContent;
  expect(row("ceiling")).toBe("项目 ceiling90 天180 天▲ 放宽");
  expect(row("gate")).toBe("项目 gate30 天15 天▼ 收紧");
  expect(row("notice")).toBe("项目 notice无新告知▼ 收紧");
  expect(row("version")).toBe("项目 version12· 中性");
});

test("each direction is counted", () => {
  expect(counts(CHANGES)).toEqual({ tightening: 2, loosening: 1, neutral: 1 });
  expect(counts([])).toEqual({ tightening: 0, loosening: 0, neutral: 0 });
});
