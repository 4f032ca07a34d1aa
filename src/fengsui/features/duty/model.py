"""Centres, roster slots and shifts. Pure. Rules A5 and A9; duty objects of the appraisal sheet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from fengsui.errors import OperatorFault
from fengsui.features.access import Place
from fengsui.features.audit import Ground
from fengsui.features.duty.hours import HOUR_S, Hours, Span

EARLY_S: Final = 30 * 60.0
"""So much before the slot one may sign on."""
LATE_S: Final = 2 * 3600.0
"""So long a shift goes on by itself behind the end of its slot, while no successor has come."""
WEEK_S: Final = 7 * 86_400.0
MAX_SEATS: Final = 200
SOONEST_S, LATEST_S = 60.0, 86_400.0
"""Within these alarms pass on to the next centre."""
PURPOSE: Final = "duty"
"""Of what is done on a shift, in records: not one of the closed list, for nobody fills in a ticket."""


class ShiftState(StrEnum):
    """Where a shift is."""

    ON_DUTY = "on-duty"
    EXTENDED = "extended"
    """Its slot is over, and nobody has taken the seat over: by name, or because the successor is late."""
    HANDING_OVER = "handing-over"
    HANDED_OVER = "handed-over"
    SIGNED_OFF = "signed-off"
    RUN_OUT = "run-out"
    ENDED = "ended"
    """By a supervisor, or by the node because whoever sat there may not any more."""


LASTING: Final = (ShiftState.ON_DUTY, ShiftState.EXTENDED, ShiftState.HANDING_OVER)


class Ending(StrEnum):
    """How a shift ends."""

    ACCEPT = "accept"
    SIGN_OFF = "sign-off"
    RUN_OUT = "run-out"


class Following(NamedTuple):
    """The next centre: where alarms go that wait longer than `after_s` here. `since`: it was so decided then."""

    centre: int
    after_s: float
    since: float


@dataclass(frozen=True, slots=True)
class Centre:
    """A room with seats that answers for an area."""

    id: int
    name: str
    area: str
    seats: int
    min_staff: int
    following: Following | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """Who shall sit where and when. Times: seconds since 1970."""

    id: int
    centre: int
    seat: int
    user_id: int
    since: float
    until: float
    confirmed: bool = False
    """It stands in a roster that the supervisor has published; a draft binds nobody."""


def duty_ticket(since: float, centre: int, seat: int) -> str:
    """The number of a shift in records."""
    return f"DT{datetime.fromtimestamp(since, UTC):%Y%m%d-%H%M%S}-{centre}-{seat}"


class Extension(NamedTuple):
    """Why a shift goes on behind its end. `by`: whose word it is; 0: `name` should have come, and is late."""

    by: int
    name: str
    at: float
    until: float
    reason: str


class Permit(NamedTuple):
    """Whoever has not rested may sign on all the same, by a supervisor's word."""

    user_id: int
    person: str
    word: Extension


@dataclass(slots=True)
class Shift:
    """Who sits where: the duty ticket for live viewing while it lasts."""

    id: int
    centre: int
    seat: int
    user_id: int
    name: str
    since: float
    until: float
    state: ShiftState = ShiftState.ON_DUTY
    ended_at: float = 0.0
    successor: int = 0
    remarks: str = ""
    due: float = 0.0
    """When it should end: the slot's end."""
    extensions: tuple[Extension, ...] = ()
    """The newest last."""
    ended_by: str = ""
    """The supervisor who ended it; empty: the person or the node. Why: `remarks`."""
    matters: list[str] = field(default_factory=list)
    """What is handed over, by name, while it is being handed over."""
    number: str = field(init=False)
    """Of the duty ticket: when it was opened, the centre, the seat."""

    def __post_init__(self) -> None:
        self.number = duty_ticket(self.since, self.centre, self.seat)

    def ground(self, legal_basis: str) -> Ground:
        """As records of what is done on it name it."""
        return Ground(self.number, "", PURPOSE, legal_basis)

    @property
    def lasts(self) -> bool:
        """Somebody still answers at this seat."""
        return self.state in LASTING


class UnknownCentre(OperatorFault):
    """No such centre."""

    code = "duty.unknown_centre"
    status = 404
    zh = "没有这个值班中心"
    en = "There is no such centre"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class UnknownShift(OperatorFault):
    """No such shift, or it is over."""

    code = "duty.unknown_shift"
    status = 404
    zh = "该班次不存在或已结束"
    en = "There is no such shift, or it is over"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class OwnShift(OperatorFault):
    """Whoever leaves their own seat says so, and leaves no matter open."""

    code = "duty.own_shift"
    status = 409
    zh = "这是您本人的班次"
    en = "This is your own shift"
    remedy_zh = "请交接或离岗"
    remedy_en = "Hand over or sign off"


class UnusablePlan(OperatorFault):
    """A centre or a slot that cannot be."""

    code = "duty.unusable"
    zh = "无法保存:{why_zh}"
    en = "It cannot be kept: {why_en}"
    remedy_zh = "请更正后提交"
    remedy_en = "Correct it and send it again"


class UnknownSlot(OperatorFault):
    """No such line of the roster."""

    code = "duty.unknown_slot"
    status = 404
    zh = "排班表中没有这一班"
    en = "The roster has no such line"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class LastCentre(OperatorFault):
    """Without it live pictures of its area would need no shift any more: one person does not decide that (rules A5, A37)."""

    code = "duty.last_centre"
    rule = "A5"
    status = 409
    zh = "“{centre}”是其区域唯一的值班中心,撤销后该区域看实时画面不再需要签到,须两人办理"
    en = "{centre} is the only centre of its area: without it live pictures there need no shift, which takes two persons"
    remedy_zh = "请写明理由提交撤销申请,由安全管理员审批;或先设置接替的值班中心"
    remedy_en = "Ask for its removal with a reason, and a security administrator approves; or set up the centre that follows first"


class SeatTaken(OperatorFault):
    """Two people never hold one seat."""

    code = "duty.seat_taken"
    status = 409
    zh = "{seat} 号席位由 {name} 值守"
    en = "Seat {seat} is held by {name}"
    remedy_zh = "请与其交接,或选择其他席位"
    remedy_en = "Take it over from them, or choose another seat"


class AlreadyOnDuty(OperatorFault):
    """One person, one seat."""

    code = "duty.already"
    status = 409
    zh = "您已在班"
    en = "You are on duty already"
    remedy_zh = "请先交接或离岗"
    remedy_en = "Hand over or sign off first"


class NotRostered(OperatorFault):
    """The roster names somebody else, or another time."""

    code = "duty.not_rostered"
    status = 409
    zh = "排班表中您此时不在该席位"
    en = "The roster does not put you at this seat now"
    remedy_zh = "可提前 30 分钟签到;换班请值班长调整排班表"
    remedy_en = "You may sign on 30 minutes early; for a swap ask the supervisor to change the roster"


class UnfitSuccessor(OperatorFault):
    """Whoever is named may not sit there."""

    code = "duty.unfit_successor"
    status = 409
    zh = "{name} 不能在此接班"
    en = "{name} may not take this seat over"
    remedy_zh = "请选择有本辖区值班权限的人员"
    remedy_en = "Name somebody whose post lets them be on duty for this area"


class NotAccepted(OperatorFault):
    """Each open matter is accepted by name."""

    code = "duty.not_accepted"
    status = 409
    zh = "尚有未逐项接收的事项:{matters}"
    en = "Not every open matter is accepted: {matters}"
    remedy_zh = "请逐项核对并确认接收"
    remedy_en = "Look at each and accept it"


class MattersOpen(OperatorFault):
    """One does not leave a seat with open matters to nobody."""

    code = "duty.matters_open"
    status = 409
    zh = "尚有未办结事项,不能直接离岗:{matters}"
    en = "Open matters are left: {matters}"
    remedy_zh = "请交接给接班人"
    remedy_en = "Hand over to your successor"


def place_of(centre: Centre) -> Place:
    """As a refusal calls it: whoever names a centre of elsewhere by its number does not learn its name."""
    return Place(str(centre.id), centre.area)


def check_centre(name: str, area: str, seats: int, min_staff: int) -> None:
    """Raises UnusablePlan."""
    if not name.strip():
        raise UnusablePlan(why_zh="须有名称", why_en="it needs a name")
    if not 1 <= seats <= MAX_SEATS or not 0 <= min_staff <= seats:
        raise UnusablePlan(
            why_zh=f"席位 1 至 {MAX_SEATS},最少在岗不超过席位数", why_en=f"1 to {MAX_SEATS} seats, no more staff than seats"
        )
    if len(area) % 2 or not (area == "" or area.isdecimal()):
        raise UnusablePlan(why_zh="区划代码无效", why_en="the area is no code")


def check_following(centre: Centre, following: Following, centres: Mapping[int, Centre]) -> None:
    """Raises UnusablePlan: too soon or too late, or back to where an alarm came from, by however many centres."""
    if not SOONEST_S <= following.after_s <= LATEST_S:
        raise UnusablePlan(why_zh="转出时间为 1 分钟至 24 小时", why_en="alarms pass on after a minute to 24 hours")
    after: Following | None = following
    seen = {centre.id}
    while after is not None:
        if after.centre in seen:
            raise UnusablePlan(why_zh="报警会转回原中心", why_en="alarms would come back to where they were")
        seen.add(after.centre)
        after = centres[after.centre].following if after.centre in centres else None


def check_slot(slot: Slot, centre: Centre, others: Iterable[Slot], hours: Hours) -> None:
    """Raises UnusablePlan: a seat that is not there, too long, one that overlaps, or too little rest.

    `others`: slots that touch the time from a rest before to a rest after; the slot itself does not count.
    """
    if not 1 <= slot.seat <= centre.seats:
        raise UnusablePlan(why_zh=f"没有 {slot.seat} 号席位", why_en=f"there is no seat {slot.seat}")
    if not 0 < slot.until - slot.since <= hours.longest_s:
        most = f"{hours.longest_s / HOUR_S:g}"
        raise UnusablePlan(why_zh=f"每班最长 {most} 小时", why_en=f"a shift lasts {most} hours at most")
    for other in others:
        if other.id == slot.id:
            continue
        if other.since < slot.until and slot.since < other.until:
            if other.user_id == slot.user_id:
                raise UnusablePlan(why_zh="该人员同一时段已排班", why_en="the person has a shift at that time")
            if (other.centre, other.seat) == (slot.centre, slot.seat):
                raise UnusablePlan(why_zh="该席位同一时段已排班", why_en="the seat is taken at that time")
        elif other.user_id == slot.user_id and hours.rest_too_short(Span(slot.since, slot.until), Span(other.since, other.until)):
            rest = f"{hours.rest_s / HOUR_S:g}"
            raise UnusablePlan(
                why_zh=f"该人员两班之间休息不足 {rest} 小时", why_en=f"the person has less than {rest} hours of rest"
            )


def slot_for(slots: Collection[Slot], centre: int, seat: int, user_id: int, now: float) -> Slot | None:
    """The slot by which somebody signs on now. None: the centre has no roster for now. Raises NotRostered."""
    current = [one for one in slots if one.confirmed and one.centre == centre and one.since - EARLY_S <= now < one.until]
    for one in current:
        if one.seat == seat and one.user_id == user_id:
            return one
    if current:
        raise NotRostered()
    return None
