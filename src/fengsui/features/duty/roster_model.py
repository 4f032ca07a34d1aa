"""Weeks and versions of rosters, and swaps of two lines. Pure. Duty objects of the appraisal sheet, 5.4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final, NamedTuple

from fengsui.errors import OperatorFault
from fengsui.features.duty.model import Slot


class Week(NamedTuple):
    """From Monday to Monday by the node's clocks, in seconds since 1970."""

    since: float
    until: float

    @property
    def key(self) -> int:
        """As the database names it."""
        return int(self.since)


def week_of(at: float, zone: tzinfo) -> Week:
    """The week in which a moment lies."""
    day = datetime.fromtimestamp(at, zone).date()
    monday = day - timedelta(days=day.weekday())
    ends = (datetime.combine(one, time(), zone).timestamp() for one in (monday, monday + timedelta(days=7)))
    return Week(*ends)


class VersionLine(NamedTuple):
    """A line of a roster as it was."""

    seat: int
    user_id: int
    name: str
    since: float
    until: float


class Version(NamedTuple):
    """The roster of a week as somebody published or changed it."""

    version: int
    user_id: int
    name: str
    at: float
    change: str
    """Empty: published as a whole."""
    lines: tuple[VersionLine, ...]


class SwapState(StrEnum):
    """Where a swap is."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    DECLINED = "declined"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    VOID = "void"
    """A line was changed meanwhile, or has begun."""


class SwapStep(StrEnum):
    """What can be done with one."""

    ACCEPT = "accept"
    DECLINE = "decline"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


S, T = SwapState, SwapStep
NEXT_STATE: Final[Mapping[tuple[SwapState, SwapStep], SwapState]] = {
    (S.ASKED, T.ACCEPT): S.ACCEPTED,
    (S.ASKED, T.DECLINE): S.DECLINED,
    (S.ASKED, T.WITHDRAW): S.WITHDRAWN,
    (S.ASKED, T.LAPSE): S.VOID,
    (S.ACCEPTED, T.WITHDRAW): S.WITHDRAWN,
    (S.ACCEPTED, T.APPROVE): S.APPROVED,
    (S.ACCEPTED, T.REFUSE): S.REFUSED,
    (S.ACCEPTED, T.LAPSE): S.VOID,
}
"""What is not here cannot be."""
OPEN: Final = (S.ASKED, S.ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """One person sits in the other's line, and the other way round. `slot` is the asker's."""

    id: int
    centre: int
    slot: int
    other_slot: int
    asked_by: int
    asked_of: int
    asked_at: float
    reason: str
    state: SwapState = SwapState.ASKED
    answered_at: float = 0.0
    decided_by: int = 0
    decided_at: float = 0.0
    note: str = ""

    def next(self, step: SwapStep) -> SwapState:
        """Raises SwapNotOpen."""
        found = NEXT_STATE.get((self.state, step))
        if found is None:
            raise SwapNotOpen()
        return found

    def fits(self, slot: Slot | None, other: Slot | None, now: float) -> bool:
        """Whether both lines are still theirs, published, and neither has begun."""
        if slot is None or other is None:
            return False
        theirs = (slot.user_id, other.user_id) == (self.asked_by, self.asked_of)
        return theirs and slot.confirmed and other.confirmed and min(slot.since, other.since) > now


class UnknownSwap(OperatorFault):
    """No such swap, or none of the caller's."""

    code = "duty.unknown_swap"
    status = 404
    zh = "没有这个换班申请"
    en = "There is no such swap"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"


class SwapNotOpen(OperatorFault):
    """Somebody was quicker, or it is not this person's turn."""

    code = "duty.swap_not_open"
    status = 409
    zh = "该换班申请已办结,或尚未轮到此步"
    en = "The swap is settled, or it is not the time for this"
    remedy_zh = "请刷新页面;对方同意后由值班长审批"
    remedy_en = "Load the page again; the supervisor approves after the other person has accepted"


class SwapVoid(OperatorFault):
    """The roster is not what it was."""

    code = "duty.swap_void"
    status = 409
    zh = "所涉班次已开始、已更改或尚未发布,换班申请失效"
    en = "A slot of it has begun, was changed, or is not published: the swap is void"
    remedy_zh = "请按现在的排班表重新申请"
    remedy_en = "Ask again by the roster of now"


class OwnSwap(OperatorFault):
    """Nobody approves their own swap."""

    code = "duty.own_swap"
    rule = "A14"
    status = 409
    zh = "换班的当事人不能审批本次换班"
    en = "Neither of the two who swap approves it"
    remedy_zh = "请由另一名值班长审批"
    remedy_en = "Another duty supervisor approves it"
