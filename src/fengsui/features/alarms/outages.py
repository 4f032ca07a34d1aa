"""When the node could hear nobody: it was not running, its loop stood still, or its wall clock went on by itself. Pure.

A host is not silent for that time. The other way round it is: a node that is started anew each night still finds who keeps silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

MOST: Final = 100
"""The longest of them are kept: what is left out delays nothing by much."""
LONGEST_KEPT_S: Final = 64 * 86_400.0
"""Twice the longest interval of a host."""
LEAP_S: Final = 2.0
"""Time servers correct a clock by less."""


class Outage(NamedTuple):
    """Seconds since 1970."""

    from_at: float
    to_at: float


class Outages:
    """Of one node, by its wall clock."""

    def __init__(self, before: Iterable[Outage] = ()) -> None:
        self._all = sorted(before)

    def __iter__(self) -> Iterator[Outage]:
        return iter(self._all)

    def add(self, from_at: float, to_at: float) -> None:
        """Nothing where it ends before it begins: the clock was set back meanwhile."""
        if to_at <= from_at:
            return
        kept = [one for one in self._all if one.to_at > to_at - LONGEST_KEPT_S]
        merged = [Outage(from_at, to_at)]
        for one in kept:  # what overlaps counts once
            last = merged[0]
            if one.to_at < last.from_at or one.from_at > last.to_at:
                merged.append(one)
            else:
                merged[0] = Outage(min(one.from_at, last.from_at), max(one.to_at, last.to_at))
        merged.sort(key=lambda one: one.from_at - one.to_at)
        self._all = sorted(merged[:MOST])

    def listened_s(self, since: float, now: float) -> float:
        """For so long of that time the node could hear somebody. None of it where the clock was set back behind `since`."""
        deaf_s = sum(max(0.0, min(one.to_at, now) - max(one.from_at, since)) for one in self._all)
        return max(0.0, now - since - deaf_s)


class Steps:
    """Looks at both clocks in turn: a wall clock that goes on by more than time passed was set, or the machine slept."""

    def __init__(self, now: float, now_s: float) -> None:
        self._now = now
        self._now_s = now_s

    def leap_s(self, now: float, now_s: float) -> float:
        """By so much since the last look; 0: it was not set forward."""
        by_s = (now - self._now) - (now_s - self._now_s)
        self._now, self._now_s = now, now_s
        return by_s if by_s > LEAP_S else 0.0
