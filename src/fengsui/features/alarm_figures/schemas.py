"""Shapes of figures of alarms."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from fengsui.features.alarm_figures.model import Span, Step
from fengsui.features.alarms import AlarmShape


class AlarmBucket(BaseModel):
    """Alarms from `at` on until the next bucket, by priority from 1 to 3; `false`: those among them that were none."""

    at: datetime
    by_priority: list[int]
    false: int


class AlarmSums(BaseModel):
    """Of the whole span. `signals`: how often sources told, repeats of an open alarm too; `before`: alarms in a span of the same
    length before; `open`: not closed yet; `real`, `false`, `unclear`: as somebody verified them."""

    alarms: int
    signals: int
    before: int
    open: int
    real: int
    false: int
    unclear: int


class AlarmsOfArea(BaseModel):
    """How many now, and in the span before."""

    area: str
    area_name: str
    alarms: int
    before: int


class AlarmsOfKind(BaseModel):
    """How many now, and in the span before."""

    category: str
    alarms: int
    before: int


class StepTimes(BaseModel):
    """How long a step took: half of all no longer than `median_s`, nine of ten no longer than `late_s`. `within`: the share that
    kept to `limit_s`; null: no time is set. `seen`: from coming to being taken; `verified`: from there on; `closed`: from there on;
    `assigned`: from an incident's opening to its first task; `accepted`, `arrived`: from the sending."""

    step: Step
    priority: int
    number: int
    median_s: int
    late_s: int
    limit_s: float | None
    within: float | None


class PlaceFigure(BaseModel):
    """A source by its newest alarm: how many now, how many usually in a span of this length, and what somebody verified."""

    alarm: AlarmShape
    now: int
    usual: float
    real: int
    false: int


class MakerFigure(BaseModel):
    """By who made the device; empty: nobody says, or alarms came without one."""

    protocol: str
    maker: str
    real: int
    false: int


class UnitsOfStatus(BaseModel):
    """How many units."""

    status: str
    units: int


class AlarmFiguresShape(BaseModel):
    """Of `span`, up to `at`. `rising`: places with clearly more than usual, the steepest first; `deceptive`: places where most were
    none."""

    at: datetime
    since: datetime
    span: Span
    area: str
    buckets: list[AlarmBucket]
    sums: AlarmSums
    areas: list[AlarmsOfArea]
    kinds: list[AlarmsOfKind]
    steps: list[StepTimes]
    rising: list[PlaceFigure]
    deceptive: list[PlaceFigure]
    makers: list[MakerFigure]
    units: list[UnitsOfStatus]
