"""What came in the last day, minute by minute, and what of it is too much for a desk. Pure.

Source: ISA-18.2 / IEC 62682, EEMUA 191; figures per operator position, of what reaches a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from fengsui.features.alarms import Arrived

MINUTE_S: Final = 60
HOUR_MINUTES: Final = 60
DAY_MINUTES: Final = 1_440
SPANS: Final = (HOUR_MINUTES, DAY_MINUTES)
BUCKET_MINUTES: Final = 10
FLOOD_ABOVE: Final = 10
"""New alarms of one desk in ten minutes: a flood begins."""
FLOOD_ENDS_BELOW: Final = 5
CHATTERS_FROM: Final = 3
"""Times in one minute."""
MOST_KEPT: Final = 300_000
"""Sources by minute; beyond that, the oldest minutes no longer tell their sources apart."""


class Point(NamedTuple):
    """A source of alarms, and whose they are to see."""

    area: str
    camera_class: str
    host_id: int
    device: str
    number: str


Holds = Callable[[str, str], bool]
"""Whether an area and a class of camera are within."""


class Often(NamedTuple):
    """How often a point reported; in how many minutes it chattered; its newest alarm."""

    point: Point
    times: int
    chattered: int
    last: int


class Rates(NamedTuple):
    """Of a span of whole ten minutes up to now. `peak`, `now`: in ten minutes, of all desks; `flooded`: such spans in a flood."""

    alarms: int
    peak: int
    now: int
    flooded: int
    spans: int
    in_flood: bool


@dataclass(slots=True)
class _Minute:
    at: int
    shown: Counter[tuple[str, str]] = field(default_factory=Counter)
    points: Counter[Point] = field(default_factory=Counter)


class _Ranked:
    """Points by a count of theirs: the highest are found without a look at the others."""

    def __init__(self) -> None:
        self._by_count: dict[int, dict[Point, None]] = {}

    def move(self, point: Point, was: int, now: int) -> None:
        """What is below 1 stands nowhere."""
        if was == now:
            return
        if was > 0:
            there = self._by_count[was]
            del there[point]
            if not there:
                del self._by_count[was]
        if now > 0:
            self._by_count.setdefault(now, {})[point] = None

    def highest(self, least: int) -> Iterator[Point]:
        """Down to a count; of one count whoever came to it first."""
        for count in sorted(self._by_count, reverse=True):
            if count < least:
                return
            yield from self._by_count[count]


class _Tally:
    """Of the last so many minutes."""

    def __init__(self, minutes: int) -> None:
        self.minutes = minutes
        self.of: dict[Point, tuple[int, int, int]] = {}
        """Times, minutes in which it chattered, newest alarm."""
        self.frequent, self.chattering = _Ranked(), _Ranked()
        self.since = 0
        """Minutes before it are taken out."""

    def change(self, point: Point, more: int, chattered: int, last: int = 0) -> None:
        """By so much more, or less."""
        times, minutes, newest = self.of.get(point, (0, 0, 0))
        now = times + more, minutes + chattered, max(newest, last)
        self.frequent.move(point, times, now[0])
        self.chattering.move(point, minutes, now[1])
        if now[0] > 0:
            self.of[point] = now
        else:
            self.of.pop(point, None)


class Load:
    """Minutes in their order, a day of them."""

    def __init__(self) -> None:
        self._minutes: dict[int, _Minute] = {}
        self._kept = 0
        self._tallies = {minutes: _Tally(minutes) for minutes in SPANS}
        self.points_since = 0
        """The minute from which on sources are told apart."""

    def add(self, came: Iterable[Arrived], minute: int) -> None:
        """`minute`: of now; what is older than a day is forgotten."""
        self._forget(minute)
        for fresh in came:
            if not minute - DAY_MINUTES < fresh.minute <= minute + 1:
                continue
            there = self._minutes.setdefault(fresh.minute, _Minute(fresh.minute))
            there.shown[fresh.area, fresh.camera_class] += fresh.shown
            if fresh.minute < self.points_since:
                continue
            point = Point(*fresh[1:6])
            before = there.points[point]
            there.points[point] = now = before + fresh.times
            self._kept += not before
            chattered = (now >= CHATTERS_FROM) - (before >= CHATTERS_FROM)
            for tally in self._tallies.values():
                if fresh.minute >= tally.since:
                    tally.change(point, fresh.times, chattered, fresh.last)
        while self._kept > MOST_KEPT:
            oldest = min(one.at for one in self._minutes.values() if one.points)
            self._take_out(self._minutes[oldest], self._tallies.values())
            self._drop_points(self._minutes[oldest])

    def _take_out(self, one: _Minute, tallies: Iterable[_Tally]) -> None:
        for tally in tallies:
            if one.at >= tally.since:
                for point, times in one.points.items():
                    tally.change(point, -times, -(times >= CHATTERS_FROM))

    def _drop_points(self, one: _Minute) -> None:
        self._kept -= len(one.points)
        one.points = Counter()
        self.points_since = max(self.points_since, one.at + 1)

    def _forget(self, minute: int) -> None:
        for tally in self._tallies.values():
            since = minute + 1 - tally.minutes
            for at in [at for at in self._minutes if tally.since <= at < since]:
                self._take_out(self._minutes[at], (tally,))
            tally.since = max(tally.since, since)
        for at in [at for at in self._minutes if at <= minute - DAY_MINUTES]:
            self._kept -= len(self._minutes.pop(at).points)

    def rates(self, holds: Holds, minute: int, minutes: int, desks: int) -> Rates:
        """Of the last so many minutes, `minute` among them."""
        spans = [0] * (minutes // BUCKET_MINUTES)
        held: dict[tuple[str, str], bool] = {}
        for one in self._minutes.values():
            ago = minute - one.at
            if ago >= minutes:
                continue
            for place, count in one.shown.items():
                if place not in held:
                    held[place] = holds(*place)
                if held[place]:
                    spans[-1 - max(0, ago) // BUCKET_MINUTES] += count
        flooded = _flooded(spans, desks)
        return Rates(sum(spans), max(spans), spans[-1], sum(flooded), len(spans), flooded[-1])

    def frequent(self, holds: Holds, minutes: int, top: int) -> list[Often]:
        """The points that reported most often, more than once."""
        tally = self._tallies[minutes]
        return _first(tally, tally.frequent.highest(2), holds, top)

    def chattering(self, holds: Holds, minutes: int, top: int) -> list[Often]:
        """Those that chattered in most minutes."""
        tally = self._tallies[minutes]
        return _first(tally, tally.chattering.highest(1), holds, top)


def _first(tally: _Tally, points: Iterable[Point], holds: Holds, top: int) -> list[Often]:
    """So many of them that are within."""
    held: dict[tuple[str, str], bool] = {}
    found: list[Often] = []
    for point in points:
        if len(found) >= top:
            break
        place = point.area, point.camera_class
        if place not in held:
            held[place] = holds(*place)
        if held[place]:
            found.append(Often(point, *tally.of[point]))
    return found


def _flooded(spans: Sequence[int], desks: int) -> list[bool]:
    """Of each ten minutes: it begins above a number, and lasts until there are few."""
    found, lasts = list[bool](), False
    for count in spans:
        each = count / max(1, desks)
        lasts = each >= FLOOD_ENDS_BELOW if lasts else each > FLOOD_ABOVE
        found.append(lasts)
    return found
