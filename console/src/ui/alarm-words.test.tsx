// @vitest-environment jsdom
import { expect, test } from "vitest";
import { useAlarmWords } from "./alarm-words";
import { renderInConsole } from "./testing";

const PLACE = { point: "", zone: "", user: "", site: "", text: "", change: "new" as const };
type Told = Parameters<ReturnType<typeof useAlarmWords>>[0];

function Words({ alarm }: { alarm: Told }) {
  return <output>{useAlarmWords()(alarm)}</output>;
}

test("an alarm is told in one line, each thing once", () => {
  const told = (alarm: Partial<Told> & { category: string }) => {
    const { container, unmount } = renderInConsole(<Words alarm={{ ...PLACE, ...alarm }} />);
    const text = container.querySelector("output")?.textContent;
    unmount();
    return text;
  };
  expect(told({ category: "intrusion", point: "金库门", zone: "5", site: "南明支行" })).toBe("入侵报警 · 金库门 · 南明支行");
  expect(told({ category: "motion", zone: "34020000001320000001", text: "区域 1" })).toBe("移动侦测报警 · 34020000001320000001 · 区域 1");
  expect(told({ category: "power", change: "restored", site: "仓库", text: "仓库" })).toBe("电源故障解除 · 仓库");
  expect(told({ category: "intrusion", site: "仓库", unarmed: true })).toBe("入侵报警 · 仓库 · 布防时段外");
  expect(told({ category: "intrusion", site: "仓库", tested: true }), "nobody takes it for a burglary").toBe("入侵报警 · 仓库 · 测试期间");
});
