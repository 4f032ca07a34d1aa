import { dispatchEn, dispatchZh } from "./texts-dispatch";
import { incidentActsEn, incidentActsZh } from "./texts-incident-acts";
import { incidentDeskEn, incidentDeskZh } from "./texts-incident-desk";

/** The texts of incidents and units. */
export const incidentsZh = {
  ...incidentDeskZh, ...incidentActsZh, ...dispatchZh,
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
  "act.patrol-unit.add": "登记处警力量",
  "act.patrol-unit.change": "更改处警力量",
  "act.task.send": "派警",
  "act.task.step": "处警任务进展",
  "act.task.photo": "查看现场照片",
  "act.task.photo.remove": "清除到期现场照片",
  "act.task.overdue": "处警任务超时",
};

export const incidentsEn: typeof incidentsZh = {
  ...incidentDeskEn, ...incidentActsEn, ...dispatchEn,
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
  "act.patrol-unit.add": "Patrol unit entered",
  "act.patrol-unit.change": "Patrol unit changed",
  "act.task.send": "Unit sent",
  "act.task.step": "Task of a unit moved on",
  "act.task.photo": "Photo of the place looked at",
  "act.task.photo.remove": "Old photo of the place removed",
  "act.task.overdue": "Task of a unit overdue",
};
