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


class LocatorTaken(OperatorFault):
    """One device is in one place."""

    code = "patrol_unit.locator_taken"
    status = 409
    zh = "该设备已是“{unit}”的定位设备"
    en = "This device tells already where {unit} is"
    remedy_zh = "请换一个设备,或先在原来的力量上取消"
    remedy_en = "Choose another one, or take it from that unit first"


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
    zh = "任务{state_zh},不能这样办理"
    en = "That cannot be done: the task is {state_en}"
    remedy_zh = "请刷新后按当前状态办理"
    remedy_en = "Load it again and go on from its state"


class StepKeyReused(OperatorFault):
    """Another step came under the same key."""

    code = "task.key_reused"
    status = 409
    zh = "幂等键已用于另一个步骤"
    en = "The key stands for another step"
    remedy_zh = "每个步骤使用各自的键;刷新后按当前状态办理"
    remedy_en = "Give each step a key of its own; load the task again and go on from its state"


class NotOnPatrol(OperatorFault):
    """A position is taken of those who are on duty alone."""

    code = "patrol_unit.out_of_service"
    status = 409
    zh = "{unit} 未在勤,不接收定位"
    en = "{unit} is out of service: its position is not taken"
    remedy_zh = "上勤后再上报定位"
    remedy_en = "Go on duty first"


class UnfitCrew(OperatorFault):
    """Nobody who may go on patrol there."""

    code = "patrol_unit.unfit_crew"
    status = 422
    zh = "{who} 不是本辖区的巡防人员"
    en = "{who} is no patrol officer of this area"
    remedy_zh = "请先由安全管理员任命为巡防人员"
    remedy_en = "Have them appointed as patrol officers first"


class CrewElsewhere(OperatorFault):
    """They are in another unit, from which this desk takes nobody, or not now."""

    code = "patrol_unit.crew_elsewhere"
    status = 409
    zh = "{who} 在别的巡防力量中,正在执行任务或不归本席管理"
    en = "{who} is in another unit, which has a task or is not this desk's"
    remedy_zh = "请等任务结束,或请其值班室先让其离开"
    remedy_en = "Wait until the task is over, or ask its own desk to let them go"


class FeedbackNeeded(OperatorFault):
    """The desk asked to be told what was found."""

    code = "task.feedback_needed"
    status = 409
    zh = "此任务须反馈现场情况"
    en = "The desk wants to be told what was found"
    remedy_zh = "请写明反馈内容"
    remedy_en = "Say what was found"


class TooManyPhotos(OperatorFault):
    """No more of one task."""

    code = "task.too_many_photos"
    status = 409
    zh = "一项任务最多 {limit} 张照片"
    en = "{limit} photos a task at most"
    remedy_zh = "请改用文字反馈"
    remedy_en = "Say it in words"


class PhotoTooLarge(OperatorFault):
    """More octets than are taken."""

    code = "task.photo_too_large"
    status = 413
    zh = "照片超过 {most} MB"
    en = "The photo has more than {most} MB"
    remedy_zh = "请用较低的分辨率重拍"
    remedy_en = "Take it again with fewer pixels"


class PhotoGone(OperatorFault):
    """It was kept as long as it may be."""

    code = "task.photo_gone"
    status = 410
    zh = "这张照片已满保存期,按规定删除"
    en = "This photo was kept as long as it may be, and is gone"
    remedy_zh = "删除时间见审计日志"
    remedy_en = "The audit log says when it went"


class UnknownPhoto(OperatorFault):
    """No such photo of this task."""

    code = "task.no_photo"
    status = 404
    zh = "没有这张照片,或照片文件已损坏"
    en = "There is no such photo, or its file is spoilt"
    remedy_zh = "请刷新警情;如仍缺失,请检查节点磁盘"
    remedy_en = "Load the incident again; if it is still missing look at the node's disk"
