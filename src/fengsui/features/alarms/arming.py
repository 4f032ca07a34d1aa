"""Which alarms mean something only while their point is armed, and what is said of a host that is not when it is to be. Pure.

Times: seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Literal

from fengsui.features.alarms.model import AlarmPoint, Arming
from fengsui.features.recording import Calendar, Hours
from fengsui.wire.dc09.codes import Category
from fengsui.wire.dc09.events import Report

MINUTE_S: Final = 60
FOLLOWS: Final = {
    "cid": frozenset(["130", "131", "132", "134", "135", "136", "138", "146", "374"]),
    "sia": frozenset(["BA", "EA", "EE", "EZ"]),
}
"""Burglary at a zone. All else is watched round the clock: hold-up, fire, gas, tamper, faults, zones of 24 hours (133, 155), what a
second detector confirmed (139, BV, BM), doors that were forced, and whatever a host says that may be any of these."""

Lapse = Literal["LATE", "OPEN"]
LATE: Final[Lapse] = "LATE"
"""It is not armed though it is to be, for longer than its grace."""
OPEN: Final[Lapse] = "OPEN"
"""It was opened in the midst of the time in which it is to be armed."""


class NodeCategory(StrEnum):
    """What no host reports and the node says of one by itself."""

    SUPERVISION = "supervision"
    """It is silent."""
    LATE_TO_CLOSE = "late_to_close"
    EARLY_TO_OPEN = "early_to_open"


CATEGORY_OF: Final[dict[Lapse, str]] = {LATE: NodeCategory.LATE_TO_CLOSE.value, OPEN: NodeCategory.EARLY_TO_OPEN.value}
PRIORITY_OF: Final[dict[Lapse, int]] = {LATE: 3, OPEN: 2}


def follows_arming(report: Report, point: AlarmPoint | None) -> bool:
    """Whether it means something only while its point is armed; a button never does."""
    if report.meaning.category is not Category.INTRUSION or not report.meaning.known:
        return False
    return report.code in FOLLOWS.get(report.table, ()) and (point is None or point.kind != "button")


def is_due(calendar: Calendar, hours: Sequence[Hours], at: float) -> bool:
    """Whether it is to be armed then."""
    return calendar.moment(at).within(hours)


def due_since(calendar: Calendar, hours: Sequence[Hours], now: float, least: float) -> float | None:
    """Since when it is to be armed without a break, and no further back than `least`. None: it is not to be."""
    at = now // MINUTE_S * MINUTE_S
    if not is_due(calendar, hours, at):
        return None
    while at > least and is_due(calendar, hours, at - MINUTE_S):
        at -= MINUTE_S
    return at


def lapse_of(calendar: Calendar, plan: Arming, since: float, now: float) -> Lapse | None:
    """What is to be said of a host that is not armed since then; None: nothing, or nothing yet."""
    grace_s = plan.grace_min * MINUTE_S
    if since > now or (begun := due_since(calendar, plan.hours, now, since - grace_s)) is None:
        return None
    if begun <= since - grace_s and _lasts(calendar, plan.hours, since, since + grace_s):
        return OPEN
    return LATE if max(begun, since) + grace_s <= now else None


def _lasts(calendar: Calendar, hours: Sequence[Hours], since: float, until: float) -> bool:
    """Whether it is to be armed from then until then: who opens somewhat early opens as they should."""
    at = since // MINUTE_S * MINUTE_S
    while at <= until:
        if not is_due(calendar, hours, at):
            return False
        at += MINUTE_S
    return True
