"""What is refused about an incident."""

from __future__ import annotations

from fengsui.errors import OperatorFault


class UnknownIncident(OperatorFault):
    """No such incident, or none that one may see."""

    code = "incident.unknown"
    status = 404
    zh = "没有这起警情"
    en = "There is no such incident"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class OtherDeskFirst(OperatorFault):
    """Another desk was first."""

    code = "incident.changed"
    status = 409
    zh = "警情 {number} 已被其他席位更改"
    en = "Incident {number} was changed by another desk"
    remedy_zh = "请刷新后再办理"
    remedy_en = "Load it again, then act"


class NotNow(OperatorFault):
    """The state table has no such step."""

    code = "incident.not_now"
    status = 409
    zh = "警情处于“{state_zh}”,不能这样办理"
    en = "That cannot be done while the incident is {state_en}"
    remedy_zh = "请刷新后按当前状态办理;已结束的警情须先重新打开"
    remedy_en = "Load it again and go on from its state; one that is closed is reopened first"


class IncidentTaken(OperatorFault):
    """Somebody else leads it."""

    code = "incident.taken"
    status = 409
    zh = "警情 {number} 由 {owner} 负责"
    en = "Incident {number} is led by {owner}"
    remedy_zh = "请由对方移交;对方不在的,写明理由后接管"
    remedy_en = "Let them hand it over; where they are away, say why you take it"


class UnitsOut(OperatorFault):
    """Units work on it yet."""

    code = "incident.units_out"
    status = 409
    zh = "还有 {count} 个处警力量未返回"
    en = "{count} units still work on it"
    remedy_zh = "请先办结或取消其任务"
    remedy_en = "End or cancel their tasks first"


class UnusableOutcome(OperatorFault):
    """Nothing closes with that."""

    code = "incident.unusable_outcome"
    status = 422
    zh = "处置结果无效:{why_zh}"
    en = "That is no outcome: {why_en}"
    remedy_zh = "请从列表中选择处置结果;误报写明原因"
    remedy_en = "Choose from the list; say the cause of a false alarm"


class UnusableIncident(OperatorFault):
    """It cannot be written so."""

    code = "incident.unusable"
    status = 422
    zh = "警情信息无效:{why_zh}"
    en = "The incident cannot be written so: {why_en}"
    remedy_zh = "请更正后重试"
    remedy_en = "Correct it and try again"


class NothingChanged(OperatorFault):
    """It is so already."""

    code = "incident.nothing_changed"
    status = 409
    zh = "内容没有变化"
    en = "Nothing would change"
    remedy_zh = "请刷新后核对"
    remedy_en = "Load it again and look"


class NoSuccessor(OperatorFault):
    """Nobody has that number, or who has it may not lead."""

    code = "incident.no_successor"
    status = 404
    zh = "没有这名人员,或其无权负责该区域的警情"
    en = "There is no such person, or they may not lead an incident there"
    remedy_zh = "请从列表中选择接手的人员"
    remedy_en = "Choose from the list who takes it over"


class AlarmNotHere(OperatorFault):
    """It is no part of this one."""

    code = "incident.alarm_not_here"
    status = 404
    zh = "报警 {alarm} 不在此警情中"
    en = "Alarm {alarm} is not part of this incident"
    remedy_zh = "请刷新后核对"
    remedy_en = "Load it again and look"


class AlarmElsewhere(OperatorFault):
    """An alarm belongs to one incident."""

    code = "incident.alarm_elsewhere"
    status = 409
    zh = "报警 {alarm} 已归入一起警情"
    en = "Alarm {alarm} belongs to an incident already"
    remedy_zh = "请打开该警情;归错的先移出,或将两起合并"
    remedy_en = "Open that one; take it out there if it is wrong, or merge the two"


class KeyReused(OperatorFault):
    """The key of another order."""

    code = "incident.key_reused"
    status = 422
    zh = "该 idempotency-key 已用于另一份内容"
    en = "That idempotency-key was sent with another order"
    remedy_zh = "每份新内容请用新的键"
    remedy_en = "Use a new key for each new order"
