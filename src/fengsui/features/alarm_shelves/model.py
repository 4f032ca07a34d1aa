"""What may be shelved, for how long and why. Pure. Source: ISA-18.2: a reason, a longest time, an end by itself."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from fengsui.errors import OperatorFault
from fengsui.features.alarms import LEAST_URGENT, WIDE, Alarm, ShelfScope

ShelfReason = Literal["chattering", "works", "faulty", "known_cause", "other"]
LEAST_S: Final = 60.0
MOST_SHELVES: Final = 1_000
"""At a time: what is more than that is no exception any more."""


class Order(NamedTuple):
    """What somebody wants. `alarm`: one of those that it is about; `until`: seconds since 1970."""

    alarm: int
    scope: ShelfScope
    until: float
    reason: ShelfReason
    note: str


class Longest(NamedTuple):
    """That a shelf may last, s. `wide`: of whole premises or a whole area."""

    narrow: float
    wide: float

    def of(self, scope: ShelfScope) -> float:
        """A wide one never outlasts what a narrow one may."""
        return min(self.narrow, self.wide) if scope in WIDE else self.narrow


def check(alarm: Alarm, order: Order, by: int, now: float, longest: Longest) -> None:
    """Raises NotShelvable, ShelfEndsWrong, NoShelfReason, ShelvedIsTaken."""
    if alarm.priority == 1:
        raise NotShelvable(
            why_zh="一级报警(紧急求助、火警等)关系人身安全,任何人不得搁置",
            why_en="where lives are at stake (panic, hold-up, fire) nobody shelves",
        )
    if alarm.priority > LEAST_URGENT or not alarm.code or not alarm.state:
        raise NotShelvable(why_zh="它仅作记录,不进入待办队列", why_en="it is for the record, and in nobody's way")
    if order.scope in ("site", "premises") and not (alarm.account or alarm.device):
        raise NotShelvable(why_zh="它不属于任何一处场所", why_en="it is of no site")
    if order.scope == "area" and alarm.priority < LEAST_URGENT:
        raise NotShelvable(
            why_zh="整个区划只可搁置三级(设备、电源、通信等)报警;入侵等更紧急的只可按报警点或场所搁置",
            why_en="of a whole area only the third priority (equipment, power, lines) is shelved; intrusions by point or site",
        )
    most_s = longest.of(order.scope)
    if not now + LEAST_S <= order.until <= now + most_s + LEAST_S:
        raise ShelfEndsWrong(minutes=round(most_s / 60))
    if order.reason == "other" and not order.note.strip():
        raise NoShelfReason()
    if alarm.state == "claimed" and alarm.owner_id != by:
        raise ShelvedIsTaken(owner=alarm.owner)


class NotShelvable(OperatorFault):
    """Such an alarm is shelved by nobody."""

    code = "alarm_shelf.not_shelvable"
    status = 409
    zh = "这条报警不能搁置:{why_zh}"
    en = "This alarm cannot be shelved: {why_en}"
    remedy_zh = "请处理这条报警;如设备故障,请报修"
    remedy_en = "See to the alarm; have faulty equipment repaired"


class ShelfEndsWrong(OperatorFault):
    """It ends in the past, or too late."""

    code = "alarm_shelf.end"
    status = 422
    zh = "搁置须在 1 分钟之后、{minutes} 分钟之内结束"
    en = "A shelf ends a minute from now at the earliest, and within {minutes} minutes"
    remedy_zh = "请重选结束时间;到时可再次搁置"
    remedy_en = "Choose another end; it can be shelved again then"


class NoShelfReason(OperatorFault):
    """Another reason has to be written."""

    code = "alarm_shelf.no_reason"
    status = 422
    zh = "选择“其他”时须写明理由"
    en = "Another reason has to be written down"
    remedy_zh = "请填写说明"
    remedy_en = "Write the note"


class ShelvedIsTaken(OperatorFault):
    """Somebody else sees to it."""

    code = "alarm_shelf.taken"
    status = 409
    zh = "{owner} 正在处理这条报警"
    en = "{owner} is seeing to this alarm"
    remedy_zh = "请与其联系"
    remedy_en = "Speak with them"


class ShelvedAlready(OperatorFault):
    """The same is shelved."""

    code = "alarm_shelf.exists"
    status = 409
    zh = "同一来源的报警已被搁置(第 {id} 号)"
    en = "This source of alarms is shelved already (number {id})"
    remedy_zh = "如需改变,请先解除搁置"
    remedy_en = "To change that, lift it first"


class TooManyShelves(OperatorFault):
    """No more at a time."""

    code = "alarm_shelf.too_many"
    status = 409
    zh = "本节点最多同时搁置 {limit} 处"
    en = "{limit} shelves a node at a time"
    remedy_zh = "请先解除不再需要的搁置"
    remedy_en = "Lift those that are not needed any more"


class UnknownShelf(OperatorFault):
    """No such shelf, or none that one may see."""

    code = "alarm_shelf.unknown"
    status = 404
    zh = "没有这项搁置"
    en = "There is no such shelf"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"


class ShelfIsOver(OperatorFault):
    """It has ended."""

    code = "alarm_shelf.over"
    status = 409
    zh = "这项搁置已经结束"
    en = "This shelf is over"
    remedy_zh = "请刷新列表"
    remedy_en = "Load the list again"
