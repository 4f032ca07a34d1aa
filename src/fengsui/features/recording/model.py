"""Plans of recording, and what is refused about footage. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from fengsui.errors import NodeFault, OperatorFault
from fengsui.features.recording.calendar import Hours, Moment

Mode = Literal["always", "schedule", "event", "off"]
StreamKind = Literal["main", "sub"]
State = Literal["off", "outside", "waiting", "recording", "armed", "event"]
"""Of a camera now: outside its hours; due and no picture yet; held for an event; recorded because of one."""
Cause = Literal["alarm", "person"]
"""Why a camera that is recorded on event is: its device told of an alarm, or somebody said so."""
LONGEST_S = 31 * 86_400.0
"""One question about footage."""
BEFORE_S, AFTER_S = 10, 30
"""What is recorded before and after an event when nobody says another time."""
MOST_BEFORE_S, LEAST_AFTER_S, MOST_AFTER_S = 60, 5, 600
MOST_EVENTS = 2_000
"""One answer tells so many of them."""
ON_ITS_WAY_S = 2.0
"""What happened is told a moment later: for so long more is held."""
MOST_AT_ONCE_S = 3_600
"""What one asks for by hand ends by itself, at the latest after so long."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How one stream of a camera is to be recorded. See `Plan`."""

    mode: Mode
    hours: tuple[Hours, ...] = ()
    before_s: int = BEFORE_S
    after_s: int = AFTER_S

    def refuse(self) -> None:
        """Raises UnusableHours."""
        if self.mode == "schedule" and not self.hours:
            raise UnusableHours(why_zh="没有时段", why_en="there are none")
        if self.mode != "schedule" and self.hours:
            raise UnusableHours(why_zh="只有按时段录像才有时段", why_en="only a schedule has hours")


@dataclass(frozen=True, slots=True)
class Plan:
    """What of a camera is recorded. `set_at`: since when, seconds since 1970; `set_by`: who said so; `hours`: of a schedule.

    `before_s`, `after_s`: on event, what of the time before it and after the last of them.
    """

    camera: str
    mode: Mode
    stream: StreamKind
    set_at: float
    set_by: str
    hours: tuple[Hours, ...] = ()
    before_s: int = BEFORE_S
    after_s: int = AFTER_S

    def wants(self, *moments: Moment) -> bool:
        """Whether the stream is to come at one of these moments: to be recorded, or to be held for an event."""
        return self.mode in ("always", "event") or any(moment.within(self.hours) for moment in moments)

    @property
    def held_s(self) -> float | None:
        """So long the stream is held in memory until something happens. None: it is recorded without asking."""
        return self.before_s + ON_ITS_WAY_S if self.mode == "event" else None

    @property
    def name(self) -> str:
        """The stream's, as the engine and the footage call it."""
        return f"{self.camera}/{self.stream}"


@dataclass(frozen=True, slots=True)
class Period:
    """Something happened at a camera. Seconds since 1970: `at` the first time, `since` and `until` what is recorded for it.

    `ended`: it is known to be over, whatever the clock says later.
    """

    camera: str
    stream: str
    cause: Cause
    at: float
    since: float
    until: float
    ended: bool = False

    @property
    def name(self) -> str:
        """The stream's, as the engine and the footage call it."""
        return f"{self.camera}/{self.stream}"


def other_stream(stream: StreamKind) -> StreamKind:
    """A camera has two."""
    return "sub" if stream == "main" else "main"


class Piece(NamedTuple):
    """A plan as long as it held: from its `set_at` until then, seconds since 1970."""

    plan: Plan
    until: float


@dataclass(frozen=True, slots=True)
class FootageSpan:
    """Footage without a gap. Seconds since 1970."""

    since: float
    until: float


class Twice(NamedTuple):
    """Footage of moments that the node recorded more than once. Seconds since 1970; `times`: at most so often."""

    since: float
    until: float
    times: int


class UnusableHours(OperatorFault):
    """Hours for a plan that knows none, or a schedule without them."""

    code = "recording.hours"
    status = 422
    zh = "录像时段无效:{why_zh}"
    en = "These hours cannot be used: {why_en}"
    remedy_zh = "按时段录像须至少写一个时段,每个时段须选择星期或节假日;全天或不录像时不写时段"
    remedy_en = "Give a schedule one span or more, each with its days; give none to a camera that is recorded always or not at all"


class UnusableOther(OperatorFault):
    """A plan for the other stream of a camera that has none, or beside no plan."""

    code = "recording.other"
    status = 422
    zh = "另一路码流不能这样录像:{why_zh}"
    en = "The other stream cannot be recorded like this: {why_en}"
    remedy_zh = "先为摄像机设置录像计划,再为另一路码流设置;只录一路时,请在计划中选择该码流"
    remedy_en = "Give the camera a plan and then its other stream one; to record one stream alone, choose it in the plan"


class UnusableSpan(OperatorFault):
    """A question about no time, or about too long a one."""

    code = "recording.span"
    status = 422
    zh = "时间范围无效:{why_zh}"
    en = "The span of time cannot be used: {why_en}"
    remedy_zh = "起始时间须早于结束时间,一次最多查询 31 天"
    remedy_en = "Ask from an earlier to a later time, of 31 days at most"


class FootageAway(NodeFault):
    """The index of footage does not answer."""

    code = "recording.index"
    status = 503
    zh = "录像索引暂不可用"
    en = "The index of footage does not answer"
    remedy_zh = "稍后重试;若持续,停止节点后运行 fengsui check --rebuild"
    remedy_en = "Try again; if it lasts, stop the node and run fengsui check --rebuild"


def refuse_span(since: float, until: float) -> None:
    """Raises UnusableSpan. Seconds since 1970."""
    if not since < until:
        raise UnusableSpan(why_zh="起始不早于结束", why_en="it does not begin before it ends")
    if until - since > LONGEST_S:
        raise UnusableSpan(why_zh="跨度过长", why_en="it is too long")
