/** Acts about alarms, as the audit log and the approvals name them. */
export const alarmActsZh = {
  "act.alarm.claim": "接警",
  "act.alarm.release": "退回报警",
  "act.alarm.hand-over": "移交报警",
  "act.alarm.verify": "核实报警",
  "act.alarm.close": "办结报警",
  "act.alarm.overdue": "报警超时未处理",
};

export const alarmActsEn: typeof alarmActsZh = {
  "act.alarm.claim": "Alarm taken",
  "act.alarm.release": "Alarm given back",
  "act.alarm.hand-over": "Alarm handed over",
  "act.alarm.verify": "Alarm verified",
  "act.alarm.close": "Alarm closed",
  "act.alarm.overdue": "Alarm waited too long",
};
