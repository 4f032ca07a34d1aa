import { expect, test } from "vitest";
import { en, zh, type TextKey } from "../../ui/texts";
import { CODES, grassroots, named, placed, rowsOf, type Details } from "./details";

const NOTHING: Details = {
  owner: "", block: "", safety_way: null, register_way: null, certificate: "", certificate_valid: null, certificate_fault: null, certificate_end: "", security_level: "", secrecy: null,
  ip_address: "", port: null, imaging: [], capture_position: "", position_kind: null, room: null, use: null, light: null, direction: null, resolution: "", download_speeds: "",
  space_layers: null, time_layers: null, layer_ratios: "", mobile_kind: null, horizontal_angle: null, vertical_angle: null, view_distance: null, grassroots: "", point_class: null,
  common_name: "", mac: "", functions: [], video_codec: "", installed_at: "", managing_unit: "", contact: "", kept_days: null, industry: "", unreadable: [], withheld: false,
};
const t = (key: TextKey, facts: Record<string, string | number> = {}) => Object.entries(facts).reduce((text, [name, value]) => text.replace(`{${name}}`, String(value)), zh[key]);
const shown = (said: Partial<Details>, ptzType = 0) => rowsOf({ ...NOTHING, ...said }, ptzType, t).map(([label, text]) => `${zh[label]}=${text}`);

test("every code has its word in both languages", () => {
  for (const [name, codes] of Object.entries(CODES)) {
    for (const code of codes) {
      expect(zh[`details.${name}.${code}` as TextKey], `${name} ${code}`).toBeTruthy();
      expect(en[`details.${name}.${code}` as TextKey], `${name} ${code}`).toBeTruthy();
    }
  }
});

test("what is not said is not shown, and what is said is shown in words", () => {
  expect(shown({})).toEqual([]);
  expect(shown({ room: 2, imaging: [1, 2], horizontal_angle: 90.5, secrecy: 0 }, 1)).toEqual(["摄像机类型=球机", "光电成像=可见光 / 热成像", "室内外=室内", "水平视场角=90.5°", "涉密=不涉密"]);
  expect(shown({ ip_address: "192.0.2.64", port: 5060, installed_at: "2024-05-01T00:00:00", kept_days: 90 })).toEqual(["录像保存=90 天", "安装时间=2024-05-01", "网络地址=192.0.2.64:5060"]);
  expect(shown({ space_layers: 2 })).toEqual(["SVAC 增强层=空域 2，时域 –"]);
  expect(shown({}, 12)).toEqual(["摄像机类型=12"]);
});

test("codes of the f field are named, sizes stay as they are", () => {
  expect(named("6/1920x1080//9", { "6": "1080P" })).toBe("1080P / 1920x1080 / 9");
});

test("why a certificate is not valid is not said of a valid one", () => {
  expect(shown({ certificate_valid: 1, certificate_fault: 0 })).toEqual(["证书状态=有效"]);
  expect(shown({ certificate_valid: 0, certificate_fault: 4 })).toEqual(["证书状态=无效", "证书无效原因码=4"]);
});

test("where it stands is told by the class of the place; what has no word is shown as it is", () => {
  expect(placed("0170100", t)).toBe("学校、幼儿园 · 0170100");
  expect([placed("9990000", t), placed("0290000", t), placed("", t)]).toEqual(["其他重点行业 · 9990000", "0290000", ""]);
  for (let number = 0; number < 1000; number += 1) {
    const key = `details.place.${String(number).padStart(3, "0")}` as TextKey;
    expect(placed(`${key.slice(-3)}0000`, t).includes("·"), key).toBe(key in zh);
    expect(key in en, key).toBe(key in zh);
  }
});
test("a grassroots code is told in its two parts, and none where it does not apply", () => {
  expect(grassroots("000000", t)).toBe("");
  expect(shown({ grassroots: "000000" })).toEqual([]);
  expect(grassroots("003012", t)).toBe("街道 / 社区居委会 · 003012");
  expect(grassroots("198210", t)).toBe("县直管村 / 村委会 · 198210");
  expect(grassroots("210498", t)).toBe("乡 / 虚拟社区或生活区 · 210498");
  expect(grassroots("003000", t)).toBe("街道 · 003000");
  expect(grassroots("999999", t)).toBe("999999");
});
