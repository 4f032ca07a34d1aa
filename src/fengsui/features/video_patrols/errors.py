"""What is refused on a video patrol, with the way out."""

from __future__ import annotations

from fengsui.errors import NodeFault, OperatorFault


class UnusablePatrol(OperatorFault):
    """A plan that cannot be gone round."""

    code = "patrol.unusable"
    zh = "计划无法保存:{why_zh}"
    en = "The plan cannot be kept: {why_en}"
    remedy_zh = "请更正后提交"
    remedy_en = "Correct it and send it again"


class UnknownPlan(OperatorFault):
    """No such plan, or it was given up."""

    code = "patrol.unknown_plan"
    status = 404
    zh = "没有这个巡逻计划,或已停用"
    en = "There is no such plan, or it was given up"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class PlanChanged(OperatorFault):
    """Somebody else has changed it meanwhile."""

    code = "patrol.plan_changed"
    status = 409
    zh = "该计划已更新到第 {version} 版"
    en = "The plan has come to version {version} meanwhile"
    remedy_zh = "请刷新页面,在新版本上修改"
    remedy_en = "Load the page again and change the new version"


class UnknownRound(OperatorFault):
    """No such round."""

    code = "patrol.unknown_round"
    status = 404
    zh = "没有这一轮巡逻"
    en = "There is no such round"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class RoundOver(OperatorFault):
    """It has ended, or does not wait for this."""

    code = "patrol.round_over"
    status = 409
    zh = "这一轮巡逻已结束,或不在可办理的状态"
    en = "The round is over, or not in the state for this"
    remedy_zh = "请刷新页面查看其状态"
    remedy_en = "Load the page again to see where it is"


class NotOnDutyThere(OperatorFault):
    """A round is done by who is on duty at its centre (rule A5)."""

    code = "patrol.not_on_duty"
    rule = "A5"
    status = 409
    zh = "您不在“{centre}”值班,不能办理其视频巡逻"
    en = "You are not on duty at {centre}: its patrols are done by who is"
    remedy_zh = "请先在该中心签到或接班"
    remedy_en = "Sign on there, or take a seat over"


class OthersRound(OperatorFault):
    """Somebody else does it, and is on duty still."""

    code = "patrol.others_round"
    status = 409
    zh = "这一轮由 {name} 办理"
    en = "{name} is doing this round"
    remedy_zh = "请先“接续”该轮巡逻"
    remedy_en = "Take the round over first"


class AlreadyGoingRound(OperatorFault):
    """One person looks at one round at a time."""

    code = "patrol.already"
    status = 409
    zh = "您正在办理另一轮视频巡逻“{name}”"
    en = "You are on another round: {name}"
    remedy_zh = "请先完成或中止该轮"
    remedy_en = "End it first, or break it off"


class UnknownStop(OperatorFault):
    """The plan has no such stop."""

    code = "patrol.unknown_stop"
    status = 404
    zh = "没有第 {stop} 个巡逻点"
    en = "There is no stop {stop}"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class StopSettled(OperatorFault):
    """It has an outcome, which is not changed."""

    code = "patrol.stop_settled"
    status = 409
    zh = "第 {stop} 个巡逻点已有结果"
    en = "Stop {stop} has an outcome already"
    remedy_zh = "如有更正或新的发现,请记入值班日志"
    remedy_en = "Write corrections and what is new into the shift's log"


class NotWatched(OperatorFault):
    """A stop is confirmed by who has looked at it."""

    code = "patrol.not_watched"
    status = 409
    zh = "画面已看 {watched} 秒,须看满 {needed} 秒"
    en = "The picture was watched for {watched} s of {needed} s"
    remedy_zh = "请继续观看;没有画面的,请标记“无法查看”并写明原因"
    remedy_en = "Go on watching; where there is no picture, mark the stop as not possible and say why"


class NotOpened(OperatorFault):
    """A finding is of a stop that was looked at."""

    code = "patrol.not_opened"
    status = 409
    zh = "第 {stop} 个巡逻点尚未打开"
    en = "Stop {stop} has not been opened yet"
    remedy_zh = "请先打开该点的画面"
    remedy_en = "Open its picture first"


class OtherPicture(OperatorFault):
    """The live session is of another camera."""

    code = "patrol.other_picture"
    status = 409
    zh = "该画面不是第 {stop} 个巡逻点的摄像机"
    en = "This picture is not of the camera of stop {stop}"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class UnmaskedSnapshot(OperatorFault):
    """What is kept is what everybody may see (rule A40)."""

    code = "patrol.unmasked"
    rule = "A40"
    status = 409
    zh = "该画面正以解除遮挡的方式显示,不能留存截图"
    en = "The picture is shown without its masks: no snapshot of it is kept"
    remedy_zh = "请在遮挡恢复后截图,或不附截图提交"
    remedy_en = "Take it when the masks are back, or send the finding without one"


class UnusableSnapshot(OperatorFault):
    """Not a JPEG within the bounds."""

    code = "patrol.unusable_snapshot"
    zh = "截图无法留存:{why_zh}"
    en = "The snapshot cannot be kept: {why_en}"
    remedy_zh = "请重新截图"
    remedy_en = "Take it again"


class UnknownSnapshot(OperatorFault):
    """No such picture of this camera."""

    code = "patrol.unknown_snapshot"
    status = 404
    zh = "没有这张截图,或已超过保存期限"
    en = "There is no such snapshot, or its time is over"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class MaskedSince(OperatorFault):
    """Masks were laid on after it was taken: it shows what they hide (rule A40)."""

    code = "patrol.masked_since"
    rule = "A40"
    status = 403
    zh = "截图之后该摄像机设置了隐私遮挡,截图不再显示"
    en = "Masks were laid on this camera after the snapshot was taken: it is not shown any more"
    remedy_zh = "请查看当前画面;确需查看的,按解除遮挡程序办理"
    remedy_en = "Look at the present picture; where it must be seen, ask for a lift of the masks"


class WrongMoment(OperatorFault):
    """A patrol on foot is written down in the day in which it was gone."""

    code = "patrol.wrong_moment"
    zh = "巡逻时间须在此前 24 小时内"
    en = "The time of the patrol lies within the last 24 hours"
    remedy_zh = "请更正时间;更早的请直接记入值班日志并说明"
    remedy_en = "Correct the time; write what is older into the shift's log and say so"


class SnapshotsFull(NodeFault):
    """The room for snapshots is used up."""

    code = "patrol.snapshots_full"
    status = 507
    zh = "截图空间已满({limit} MB)"
    en = "The room for snapshots is full ({limit} MB)"
    remedy_zh = "请不附截图提交;并请系统管理员调大 video_patrols.snapshots_mb"
    remedy_en = "Send the finding without one; ask the system administrator for more video_patrols.snapshots_mb"


class SnapshotNotKept(NodeFault):
    """The disk did not take it."""

    code = "patrol.snapshot_not_kept"
    status = 503
    zh = "截图未能写入磁盘:{what}"
    en = "The snapshot could not be written: {what}"
    remedy_zh = "请检查节点磁盘;可先不附截图提交"
    remedy_en = "Look at the node's disk; the finding can be sent without one"
