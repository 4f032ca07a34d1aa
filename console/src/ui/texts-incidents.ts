/** What the audit log calls acts upon incidents. */
export const incidentsZh = {
  "act.incident.open": "登记警情",
  "act.incident.change": "更正警情",
  "act.incident.note": "警情记事",
  "act.incident.link": "警情关联报警或画面",
  "act.incident.state": "警情状态变更",
  "act.incident.hand-over": "移交警情",
  "act.incident.merge": "合并警情",
  "act.incident.unmerge": "撤销合并警情",
  "act.incident.close": "警情结束",
  "act.incident.reopen": "重新打开警情",
};

export const incidentsEn: typeof incidentsZh = {
  "act.incident.open": "Incident opened",
  "act.incident.change": "Incident corrected",
  "act.incident.note": "Line in an incident's time line",
  "act.incident.link": "Alarm or picture of an incident",
  "act.incident.state": "Incident moved on",
  "act.incident.hand-over": "Incident handed over",
  "act.incident.merge": "Incident merged",
  "act.incident.unmerge": "Merging of an incident undone",
  "act.incident.close": "Incident closed",
  "act.incident.reopen": "Incident reopened",
};
