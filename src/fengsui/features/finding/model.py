"""How much moves in a camera's footage, and what is refused about it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from fengsui.errors import NodeFault, OperatorFault
from fengsui.features.access import Footage, Principal

StreamKind = Literal["main", "sub"]
MOST_PARTS = 10_000
"""Of one curve: a day in parts of ten seconds, and a little more."""
LONGEST_SOUGHT_S = 86_400.0 * 8
"""Of one curve or search: seven days of any time zone."""
NO_FOOTAGE = 255
"""The media core's level of it."""


@dataclass(frozen=True, slots=True)
class BusyTime:
    """Something moved, without a pause. Times: seconds since 1970; `peak`: its highest level, 25 to 100."""

    since: float
    until: float
    peak: int


LEAST_STEP_S, LOOKS = 1.0, 1_440
"""Between looks at first: the period in so many parts, so that a day costs no more than an hour; then it is narrowed down."""
MOST_FOUND = 500
"""Changes of one search: beyond, the place moves all the time."""
MOST_POINTS = 32
MOST_BROUGHT = 4_000_000_000
"""Bytes of the second tier that one search brings back: a day of key frames at 16 Mbit/s."""
KEPT_S = 600.0
"""So long what was found is kept after somebody last asked for it."""

SearchState = Literal["waiting", "running", "done", "too_many", "failed", "ended"]


@dataclass(frozen=True, slots=True)
class Change:
    """The place looked one way at `before` and another at `after`, neighbouring key frames where it `lasting`-ly changed.

    `passing`: as before again by `until`. Times: seconds since 1970; `share`: of the region, 0 to 1.
    """

    kind: Literal["lasting", "passing"]
    before: float
    after: float
    until: float
    share: float


@dataclass(slots=True)
class SearchRun:
    """One search of one person. It holds times, and no picture."""

    id: str
    camera: str
    stream: StreamKind
    footage: Footage
    region: tuple[tuple[float, float], ...]
    """Corners, as shares of the picture's width and height."""
    principal: Principal
    step_s: float
    asked_s: float
    """When somebody asked for it last, monotonic."""
    begun_s: float | None = None
    """Monotonic."""
    ended_s: float | None = None
    state: SearchState = "waiting"
    at: float = 0.0
    """It has been looked up to there, seconds since 1970."""
    looked: int = 0
    """Key frames that were decoded."""
    away: int = 0
    """Times that the second tier did not give one."""
    brought: int = 0
    """Bytes of it."""
    found: list[Change] = field(default_factory=list)
    undecided_s: float | None = None
    """Since when the right cannot be decided, monotonic."""

    @property
    def is_over(self) -> bool:
        """Nothing more will be found."""
        return self.state not in ("waiting", "running")

    @property
    def share_done(self) -> float:
        """0 to 1."""
        if self.state == "done":
            return 1.0
        return min(1.0, max(0.0, (self.at - self.footage.since) / (self.footage.until - self.footage.since)))


def area_of(region: Sequence[tuple[float, float]]) -> float:
    """Of a polygon, as a share of the picture."""
    edges = zip(region, [*region[1:], *region[:1]], strict=True)
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in edges)) / 2


@dataclass(frozen=True, slots=True)
class Curve:
    """`levels`: 0 to 100, of equal parts of the time; -1: no footage. `busy`: ascending."""

    levels: Sequence[int]
    busy: Sequence[BusyTime]


class CurveAway(NodeFault):
    """The node keeps no footage, or its index does not answer."""

    code = "finding.no_footage"
    status = 503
    zh = "本节点没有可用的录像存储,无法给出活动曲线"
    en = "This node has no footage storage at work: there is no curve of activity"
    remedy_zh = "请运维人员检查录像目录与 [recording] 设置"
    remedy_en = "Ask maintenance to look at the footage folders and [recording] in the settings"


class UnusableRegion(OperatorFault):
    """No place in a picture."""

    code = "finding.region"
    status = 422
    zh = "区域无效:面积过小"
    en = "The region is too small"
    remedy_zh = "请在画面上框出要查找变化的位置,至少占画面的千分之一"
    remedy_en = "Draw the place on the picture, a thousandth of it at least"


class TooManySearches(OperatorFault):
    """Others wait already."""

    code = "finding.too_many"
    status = 429
    zh = "等待中的变化查找已达上限({limit})"
    en = "The limit of searches that wait ({limit}) is reached"
    remedy_zh = "请稍后再试"
    remedy_en = "Try again in a while"


class UnknownSearch(OperatorFault):
    """No such search of this user, or it is not kept any more."""

    code = "finding.unknown_search"
    status = 404
    zh = "该查找不存在或结果已不再保留"
    en = "There is no such search, or what it found is not kept any more"
    remedy_zh = "请重新查找"
    remedy_en = "Search again"


class ForeignSearch(UnknownSearch):
    """There is one, of somebody else, or of nobody known: told as an unknown one, and recorded."""
