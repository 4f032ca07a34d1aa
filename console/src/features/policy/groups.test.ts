import { expect, test } from "vitest";
import { grouped, type Entry } from "./groups";

const entry = (field: string, zh: string, value_en = "x"): Entry => ({ field, zh, en: zh, value_zh: value_en, value_en });

test("fields of one class or purpose stand together, in the order of the pack", () => {
  const found = grouped([
    entry("name", "名称"),
    entry("retention.video.floor_days", "视频 · 保存下限", "30 days"),
    entry("retention.video.ceiling_days", "视频 · 保存上限", "90 days"),
    entry("retention.alarms.floor_days", "报警 · 保存下限", "30 days"),
    entry("older_data.gate_days", "较早数据"),
    entry("purposes.traffic.view-recorded", "用途“交通” · 查看录像", "open"),
    entry("notices.live", "告知文字 · live"),
  ]);
  expect(found.retention.map((group) => [group.key, group.zh, Object.keys(group.entries)])).toEqual([
    ["video", "视频", ["floor_days", "ceiling_days"]],
    ["alarms", "报警", ["floor_days"]],
  ]);
  expect(found.purposes[0]?.entries["view-recorded"]?.value_en).toBe("open");
  expect(found.limits.map((one) => one.field)).toEqual(["older_data.gate_days"]);
  expect(found.notices).toHaveLength(1);
});
