import { sitesEn, sitesZh } from "./texts-sites";
import { alarmDeskEn, alarmDeskZh } from "./texts-alarm-desk";
import { incidentsEn, incidentsZh } from "./texts-incidents";
import { proceduresEn, proceduresZh } from "./texts-procedures";
import { alarmRulesEn, alarmRulesZh } from "./texts-alarm-rules";
import { alarmPointsEn, alarmPointsZh } from "./texts-alarm-points";
import { noticesEn, noticesZh } from "./texts-notices";
import { alarmWorkEn, alarmWorkZh } from "./texts-alarm-work";

/** The texts of alarms. */
export const alarmsZh = {
  ...sitesZh, ...alarmDeskZh, ...alarmPointsZh, ...alarmRulesZh, ...noticesZh, ...proceduresZh, ...alarmWorkZh, ...incidentsZh,
  "alarm.category.intrusion": "入侵报警",
  "alarm.category.panic": "紧急求助报警",
  "alarm.category.fire": "火灾报警",
  "alarm.category.fire_supervisory": "消防设施监管",
  "alarm.category.medical": "医疗求助报警",
  "alarm.category.gas": "燃气报警",
  "alarm.category.technical": "环境报警",
  "alarm.category.tamper": "防拆报警",
  "alarm.category.power": "电源故障",
  "alarm.category.communication": "通信故障",
  "alarm.category.fault": "设备故障",
  "alarm.category.open_close": "布防撤防",
  "alarm.category.bypass": "旁路",
  "alarm.category.access": "门禁",
  "alarm.category.test": "测试",
  "alarm.category.system": "系统事件",
  "alarm.category.supervision": "报警主机失联",
  "alarm.category.late_to_close": "未按时布防",
  "alarm.category.early_to_open": "非时段撤防",
  "alarm.category.call": "来电来信报警",
  "alarm.category.position": "卫星定位报警",
  "alarm.category.motion": "移动侦测报警",
  "alarm.category.object": "物品遗留或移走报警",
  "alarm.category.movement": "异常移动报警",
  "alarm.category.crowd": "人群密度报警",
  "alarm.change.restored": "{what}解除",
  "alarm.change.standing": "{what}持续",
};

export const alarmsEn: typeof alarmsZh = {
  ...sitesEn, ...alarmDeskEn, ...alarmPointsEn, ...alarmRulesEn, ...noticesEn, ...proceduresEn, ...alarmWorkEn, ...incidentsEn,
  "alarm.category.intrusion": "Intrusion alarm",
  "alarm.category.panic": "Panic or hold-up alarm",
  "alarm.category.fire": "Fire alarm",
  "alarm.category.fire_supervisory": "Fire equipment supervisory",
  "alarm.category.medical": "Medical alarm",
  "alarm.category.gas": "Gas alarm",
  "alarm.category.technical": "Environment alarm",
  "alarm.category.tamper": "Tamper alarm",
  "alarm.category.power": "Power fault",
  "alarm.category.communication": "Communication fault",
  "alarm.category.fault": "Equipment fault",
  "alarm.category.open_close": "Arming or disarming",
  "alarm.category.bypass": "Bypass",
  "alarm.category.access": "Access",
  "alarm.category.test": "Test",
  "alarm.category.system": "System event",
  "alarm.category.supervision": "Alarm host not heard",
  "alarm.category.late_to_close": "Not armed in time",
  "alarm.category.early_to_open": "Opened too early",
  "alarm.category.call": "Alarm by call or message",
  "alarm.category.position": "Position alarm",
  "alarm.category.motion": "Motion detected",
  "alarm.category.object": "Object left or taken",
  "alarm.category.movement": "Unusual movement",
  "alarm.category.crowd": "Crowd density",
  "alarm.change.restored": "{what} ended",
  "alarm.change.standing": "{what} still stands",
};
