"""When a plan by hours records: weekly hours in the node's zone, with holidays and worked rest days. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

HOLIDAY = 8
"""Beside 1 (Monday) to 7 (Sunday): a day off by the calendar, whatever day of the week it is."""
DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """From `begin` to `end`, minutes of the day, on these kinds of day. An `end` that is no later lies on the day after."""

    days: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """What kind of day it is. A weekend day that is worked (调休) counts as a Friday.

    `past`: what days that are over were when they were recorded, whatever the lists say of them now.
    """

    zone: tzinfo
    holidays: Collection[date] = frozenset()
    working_days: Collection[date] = frozenset()
    past: Mapping[date, int] = field(default_factory=dict)

    def kind(self, day: date) -> int:
        """1 (Monday) to 7, or HOLIDAY. A day that is in both lists is a holiday."""
        if (was := self.past.get(day)) is not None:
            return was
        if day in self.holidays:
            return HOLIDAY
        return min(day.isoweekday(), 5) if day in self.working_days else day.isoweekday()

    def moment(self, at: float) -> Moment:
        """`at`: seconds since 1970. By the clock on the wall: an hour that comes twice is recorded twice."""
        local = datetime.fromtimestamp(at, self.zone)
        day = local.date()
        return Moment(self.kind(day), self.kind(day - timedelta(days=1)), local.hour * 60 + local.minute)


@dataclass(frozen=True, slots=True)
class Moment:
    """A minute of a day, with the kinds of that day and of the day before."""

    kind: int
    kind_before: int
    minute: int

    def within(self, hours: Iterable[Hours]) -> bool:
        """Whether one of them holds now."""
        return any(self._in(one) for one in hours)

    def _in(self, one: Hours) -> bool:
        if one.begin < one.end:
            return self.kind in one.days and one.begin <= self.minute < one.end
        return (self.kind in one.days and self.minute >= one.begin) or (self.kind_before in one.days and self.minute < one.end)


def minutes_of(text: str) -> int:
    """`HH:MM` as minutes of the day; `24:00` is the end of it. The caller knows the text's form."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def text_of(minutes: int) -> str:
    """`HH:MM`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"
