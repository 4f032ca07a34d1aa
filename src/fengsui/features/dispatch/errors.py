"""What is refused about units and tasks."""

from __future__ import annotations

from fengsui.errors import OperatorFault


class UnknownUnit(OperatorFault):
    """No such unit, or none that one may send."""

    code = "patrol_unit.unknown"
    status = 404
    zh = "没有这个处警力量"
    en = "There is no such unit"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class CallSignTaken(OperatorFault):
    """Another unit has it."""

    code = "patrol_unit.known"
    status = 409
    zh = "呼号 {call_sign} 已有处警力量使用"
    en = "Another unit has the call sign {call_sign}"
    remedy_zh = "请换一个呼号,或启用原有的力量"
    remedy_en = "Take another one, or put that unit into service"


class UnusableUnit(OperatorFault):
    """It cannot be written so."""

    code = "patrol_unit.unusable"
    status = 422
    zh = "处警力量信息无效:{why_zh}"
    en = "The unit cannot be written so: {why_en}"
    remedy_zh = "请更正后重试"
    remedy_en = "Correct it and try again"


class UnitBusy(OperatorFault):
    """It is not free."""

    code = "patrol_unit.busy"
    status = 409
    zh = "{unit} 正在执行任务或停用"
    en = "{unit} has a task, or is out of service"
    remedy_zh = "请选择其他力量,或先办结其任务"
    remedy_en = "Send another one, or end its task first"


class NotWorkedOn(OperatorFault):
    """Its task says what it does."""

    code = "patrol_unit.on_task"
    status = 409
    zh = "{unit} 有任务在身,状态随任务而变"
    en = "{unit} has a task: its status follows from that"
    remedy_zh = "请先办结或取消其任务"
    remedy_en = "End or cancel the task first"


class UnknownTask(OperatorFault):
    """No such task, or none that one may see."""

    code = "task.unknown"
    status = 404
    zh = "没有这项任务"
    en = "There is no such task"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class StepOutOfTurn(OperatorFault):
    """The table has no such step."""

    code = "task.not_now"
    status = 409
    zh = "任务处于“{state}”,不能这样办理"
    en = "That cannot be done while the task is {state}"
    remedy_zh = "请刷新后按当前状态办理"
    remedy_en = "Load it again and go on from its state"


class FeedbackNeeded(OperatorFault):
    """The desk asked to be told what was found."""

    code = "task.feedback_needed"
    status = 409
    zh = "此任务须反馈现场情况"
    en = "The desk wants to be told what was found"
    remedy_zh = "请写明反馈内容"
    remedy_en = "Say what was found"
