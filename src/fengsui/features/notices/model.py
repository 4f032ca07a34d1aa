"""A notice about an alarm, whom it tells, and what is refused about it. Pure. Times: seconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from fengsui.errors import OperatorFault

DAY_S: Final = 86_400.0
STANDS_S: Final = 7 * DAY_S
"""So long it stands for whoever does not acknowledge it; then it is kept as not read."""
KEPT_S: Final = 365 * DAY_S
MOST_AT_ONCE: Final = 20
"""Of one rule and place within `STORM_S`: what comes then counts with the newest, where that is not older than `JOINS_S`."""
STORM_S: Final = 600.0
JOINS_S: Final = 60.0
MOST_SHOWN: Final = 100


class Notice(NamedTuple):
    """What people are told. `more`: how many alarms came in a storm and count with it; `rule`: as it stands at the alarm.

    `place`: empty where the alarm's camera is of a class that hides it from some.
    """

    id: int
    alarm_id: int
    rule_id: int
    rule: str
    area: str
    camera_class: str
    category: str
    priority: int
    place: str
    text: str
    at: float
    more: int


class Reader(NamedTuple):
    """Who was told, and by which post or in which unit. `seen_at` None: it is not acknowledged."""

    user_id: int
    post: str
    unit: str
    seen_at: float | None


@dataclass(frozen=True, slots=True)
class NoticesChanged:
    """There is another one about an alarm of this place, or somebody acknowledged one: of whom and what it says nothing."""

    area: str
    camera_class: str


class NobodyToTell(OperatorFault):
    """Nobody holds such a post there, and no unit is on duty."""

    code = "notice.nobody"
    status = 422
    zh = "没有人可通知:该处现无人担任所列职务,也没有在岗的巡防单元"
    en = "There is nobody to notify: nobody holds such a post there, and no unit is on duty"
    remedy_zh = "请核对规则所列职务和人员任职,或把巡防人员编入在岗单元"
    remedy_en = "Look at the posts that the rule names and who holds them, or put people into a unit on duty"


class UnknownNotice(OperatorFault):
    """No such notice for whoever asks."""

    code = "notice.unknown"
    status = 404
    zh = "没有这条通知"
    en = "There is no such notice"
    remedy_zh = "请刷新页面"
    remedy_en = "Load the page again"
