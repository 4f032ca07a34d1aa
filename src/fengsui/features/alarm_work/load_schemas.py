"""Shapes of what a desk has before it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from fengsui.features.alarms import AlarmShape


class AlarmsWaiting(BaseModel):
    """Open alarms. `unclaimed`: nobody has taken them, the first of which came at `oldest_unclaimed_at`; `overdue`: the
    supervisor was told of them; `stale`: they came more than a day ago."""

    open: int
    unclaimed: int
    overdue: int
    stale: int
    oldest_unclaimed_at: datetime | None


class AlarmsOfPriority(AlarmsWaiting):
    """1: lives are at stake."""

    priority: int


class AlarmsOfCategory(AlarmsWaiting):
    """What somebody has to do about them."""

    category: str


class FrequentPoint(BaseModel):
    """`times`: it reported so often, folded ones too; `chattered_minutes`: in so many minutes three times or more; `alarm`: its
    newest one."""

    times: int
    chattered_minutes: int
    alarm: AlarmShape


class AlarmSpan(BaseModel):
    """Of the last hour or day, folded alarms left out: `alarms`, and in ten minutes on the average, at most (`peak`) and now, each
    by desk. `flood_share`: of the time, from more than 10 in ten minutes until there are fewer than 5.

    `frequent`, `chattering`: points by how often they reported, folded alarms too.
    """

    span: Literal["hour", "day"]
    alarms: int
    per_ten_minutes: float
    peak_per_ten_minutes: float
    last_ten_minutes: float
    flood_share: float
    in_flood: bool
    frequent: list[FrequentPoint]
    chattering: list[FrequentPoint]


class AlarmQueueSummary(AlarmsWaiting):
    """`desks`: seats on duty that see these alarms; with none, figures are as of one. `points_from`: points are told apart since
    then, a day ago unless there were too many. `shelves`: sources that are shelved, on which `shelved` alarms wait, with those that
    count with them."""

    at: datetime
    area: str
    desks: int
    by_priority: list[AlarmsOfPriority]
    by_category: list[AlarmsOfCategory]
    spans: list[AlarmSpan]
    points_from: datetime
    shelves: int
    shelved: int
