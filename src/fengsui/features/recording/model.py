"""Plans of recording, and what is refused about footage. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from fengsui.errors import NodeFault, OperatorFault
from fengsui.features.recording.calendar import Hours, Moment

Mode = Literal["always", "schedule", "off"]
StreamKind = Literal["main", "sub"]
LONGEST_S = 31 * 86_400.0
"""One question about footage."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What of a camera is recorded. `set_at`: since when, seconds since 1970; `set_by`: who said so; `hours`: of a schedule."""

    camera: str
    mode: Mode
    stream: StreamKind
    set_at: float
    set_by: str
    hours: tuple[Hours, ...] = ()

    def due(self, *moments: Moment) -> bool:
        """Whether it records at one of these moments."""
        return self.mode == "always" or any(moment.within(self.hours) for moment in moments)

    @property
    def name(self) -> str:
        """The stream's, as the engine and the footage call it."""
        return f"{self.camera}/{self.stream}"


class Piece(NamedTuple):
    """A plan as long as it held: from its `set_at` until then, seconds since 1970."""

    plan: Plan
    until: float


@dataclass(frozen=True, slots=True)
class FootageSpan:
    """Footage without a gap. Seconds since 1970."""

    since: float
    until: float


class UnusableHours(OperatorFault):
    """Hours for a plan that knows none, or a schedule without them."""

    code = "recording.hours"
    status = 422
    zh = "录像时段无效:{why_zh}"
    en = "These hours cannot be used: {why_en}"
    remedy_zh = "按时段录像须至少写一个时段,每个时段须选择星期或节假日;全天或不录像时不写时段"
    remedy_en = "Give a schedule one span or more, each with its days; give none to a camera that is recorded always or not at all"


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
