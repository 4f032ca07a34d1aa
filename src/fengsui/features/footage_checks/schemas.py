"""Shapes of the checks of footage."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel


class KeptFigure(BaseModel):
    """保存天数达标率 (M6): cameras whose oldest footage is as old as it must be kept, of those that are to be recorded. `young`
    ones were not planned for so long, or by a plan on event or by schedule and lack no day that was recorded: they are not counted.
    `over`: with footage beyond the ceiling that is not held, of all (超期保存率). Percent; null where nothing is counted.
    """

    met: int
    short: int
    young: int
    over: int
    percent: float | None
    over_percent: float | None


class PlayableFigure(BaseModel):
    """录像可调阅率 (M7): of random moments of recorded footage those that played. Percent; null where none was tried."""

    tries: int
    played: int
    percent: float | None


class FiguresOfArea(BaseModel):
    """One row."""

    area: str
    name: str
    kept: KeptFigure
    playable: PlayableFigure


class FootageFigures(BaseModel):
    """Of the cameras that one may see below `area`: `all` together, and by its next level. What is kept is of `today`, or of
    the last day that is reckoned; what plays of all tries `since` that day. Targets in percent.
    """

    area: str
    since: date
    today: date
    kept_target: float
    over_target: float
    playable_target: float
    all: FiguresOfArea
    items: list[FiguresOfArea]


class FootageShortfall(BaseModel):
    """A camera for which a figure is not whole. `day`, `duty_days`, `ceiling_days`, `kept_days`: of what is kept; `tries`, `played`
    and the last failure: of what is tried on that day. Null where it is of the other.
    """

    camera: str
    name: str
    area: str
    area_name: str
    day: date
    duty_days: int | None = None
    ceiling_days: int | None = None
    kept_days: int | None = None
    tries: int | None = None
    played: int | None = None
    failed_at: datetime | None = None
    failed_moment: datetime | None = None
    failed_why: str = ""


class FootageShortfalls(BaseModel):
    """The worst, or the latest, first; at most so many as were asked for."""

    area: str
    figure: str
    items: list[FootageShortfall]
