import { logEn, logZh } from "./texts-log";
import { swapEn, swapZh } from "./texts-swap";

/** The texts of shifts that go on behind their end, and of the other objects of duty. */
export const shiftZh = {
  ...logZh,
  ...swapZh,
  "function.read-duty-log": "查阅值班日志",
  "shift.extended": "延时",
  "shift.late": "接班人 {name} 未到,延时至 {until}",
  "shift.nobody": "无人接班,延时至 {until}",
  "shift.by": "{name} 批准延时至 {until}:{reason}",
  "shift.over": "{centre} {seat} 号席 {name} 已超时在岗",
  "shift.extend": "延时…",
  "shift.extend.title": "延时 · {name} · {seat} 号席",
  "shift.extend.help": "按姓名批准并留痕。连续值班与延时合计不得超过策略规定;之后的休息从实际离岗时起算。",
  "shift.extend.sure": "批准延时",
  "shift.until": "至",
  "shift.reason": "理由",
  "shift.permit": "准许签到…",
  "shift.permit.title": "准许未休满的人员签到 · {centre}",
  "shift.permit.help": "仅在确需时使用:其在此时刻前可签到,到时班次结束。不能为本人办理。",
  "shift.permit.sure": "准许",
  "shift.permits": "准许未休满签到:{who}",
  "shift.permits.one": "{name} 至 {until}({by}:{reason})",
};

export const shiftEn: Record<keyof typeof shiftZh, string> = {
  ...logEn,
  ...swapEn,
  "function.read-duty-log": "Read shift logs",
  "shift.extended": "extended",
  "shift.late": "{name} has not come: on until {until}",
  "shift.nobody": "nobody follows: on until {until}",
  "shift.by": "extended by {name} until {until}: {reason}",
  "shift.over": "{centre} seat {seat}: {name} is on duty behind the end of the shift",
  "shift.extend": "Extend…",
  "shift.extend.title": "Extend · {name} · seat {seat}",
  "shift.extend.help": "By name and on record. Time on duty and its extension stay within the policy; the rest after it is counted from the real end.",
  "shift.extend.sure": "Extend",
  "shift.until": "Until",
  "shift.reason": "Reason",
  "shift.permit": "Permit signing on…",
  "shift.permit.title": "Let somebody sign on before their rest is over · {centre}",
  "shift.permit.help": "Only where it cannot wait: until then they may sign on, and the shift ends at that moment. Nobody does it for themselves.",
  "shift.permit.sure": "Permit",
  "shift.permits": "May sign on before their rest is over: {who}",
  "shift.permits.one": "{name} until {until} ({by}: {reason})",
};
