"""Spans of time, waits and rising numbers. Pure. Times: seconds since 1970; waits: whole seconds.

Source: ISA-18.2 / IEC 62682 (response times, nuisance alarms), local 110 rules (times by priority).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from typing import Final, Literal, NamedTuple

Span = Literal["day", "week", "month"]
DAYS: Final[Mapping[Span, int]] = {"day": 1, "week": 7, "month": 30}
SLOT_S: Final = 900
"""What counts are read by: every time zone lies a multiple of it beside UTC."""
USUAL_SPANS: Final = 4
"""A place's number is beside its mean in so many spans before."""
RISES_FROM: Final = 3
"""Fewer alarms than that are no rise."""
RISES_BY: Final = 2.0
"""So many standard deviations of a number that comes by chance (Poisson) above the usual one."""
Step = Literal["seen", "verified", "closed", "assigned", "accepted", "arrived"]
STEPS: Final[tuple[Step, ...]] = ("seen", "verified", "assigned", "accepted", "arrived", "closed")


@dataclass(frozen=True, slots=True)
class Period:
    """From its first to its last bucket; the last one is not over yet. `edges`: where buckets begin."""

    span: Span
    edges: tuple[float, ...]
    until: float

    @property
    def since(self) -> float:
        """Where it begins."""
        return self.edges[0]

    @property
    def length_s(self) -> float:
        """Up to now."""
        return self.until - self.since

    @property
    def before(self) -> float:
        """Where one of the same length before it begins."""
        return self.since - self.length_s


def period_of(span: Span, now: datetime) -> Period:
    """By hours of a day, or by local days; the hour or the day that `now` is in is its last one."""
    if span == "day":
        hour = now.replace(minute=0, second=0, microsecond=0)
        edges = [hour.timestamp() - 3_600.0 * back for back in range(23, -1, -1)]
    else:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        edges = [(midnight - timedelta(days=back)).timestamp() for back in range(DAYS[span] - 1, -1, -1)]
    return Period(span, tuple(edges), now.timestamp())


class Waits(NamedTuple):
    """How long one step took, of alarms or tasks of one priority. `within`: the share in time; None: no time is set."""

    step: Step
    priority: int
    number: int
    median_s: int
    late_s: int
    """Nine of ten took no longer."""
    limit_s: float | None
    within: float | None


def waits_of(step: Step, priority: int, counted: Mapping[int, int], limit_s: float | None) -> Waits | None:
    """From how often each wait was. None: there was none."""
    number = sum(counted.values())
    if number == 0:
        return None
    in_time = sum(times for wait, times in counted.items() if limit_s is not None and wait <= limit_s)
    within = None if limit_s is None else in_time / number
    return Waits(step, priority, number, ranked(counted, 0.5), ranked(counted, 0.9), limit_s, within)


def ranked(counted: Mapping[int, int], share: float) -> int:
    """The least wait that at least this share of all does not exceed."""
    wanted, passed = share * sum(counted.values()), 0
    for wait in sorted(counted):
        passed += counted[wait]
        if passed >= wanted:
            return wait
    raise ValueError("no waits")


class Place(NamedTuple):
    """What came of one source. `by_span`: in this span, and in each before it; `last`: its newest alarm."""

    last: int
    by_span: tuple[int, ...]
    real: int
    false: int

    @property
    def usual(self) -> float:
        """The mean of the spans before."""
        return sum(self.by_span[1:]) / max(1, len(self.by_span) - 1)

    @property
    def rise(self) -> float:
        """How far above what is usual, in standard deviations."""
        return (self.by_span[0] - self.usual) / sqrt(self.usual + 1)


def rising(places: Sequence[Place], most: int) -> list[Place]:
    """The steepest first: places, never persons."""
    found = [one for one in places if one.by_span[0] >= RISES_FROM and one.rise >= RISES_BY]
    return sorted(found, key=lambda one: (-one.rise, one.last))[:most]


def deceptive(places: Sequence[Place], most: int) -> list[Place]:
    """Where most alarms were none."""
    found = [one for one in places if one.false > 0]
    return sorted(found, key=lambda one: (-one.false, one.real, one.last))[:most]
