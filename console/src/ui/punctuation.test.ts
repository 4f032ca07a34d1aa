import { expect, test } from "vitest";
import { fullWidth } from "./punctuation";

test.each([
  ["设备不在线,上线后自动恢复", "设备不在线，上线后自动恢复"],
  ["快捷键:1 / 4 / 9", "快捷键：1 / 4 / 9"],
  ["设备编号(示例)", "设备编号（示例）"],
  ["找到 {count} 路(共 {total} 路)", "找到 {count} 路（共 {total} 路）"],
  ["设备并发路数已满(486)", "设备并发路数已满（486）"],
  ["请检查后重试; 多次错误会暂时锁定", "请检查后重试；多次错误会暂时锁定"],
  ["媒体:WebSocket、WHEP、HLS(TCP)", "媒体：WebSocket、WHEP、HLS(TCP)"],
  ["地址 10.0.0.5:5060, TCP", "地址 10.0.0.5:5060, TCP"],
  ["12:30:05", "12:30:05"],
])("%s", (written, shown) => expect(fullWidth(written)).toBe(shown));
