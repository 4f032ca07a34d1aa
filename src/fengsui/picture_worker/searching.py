"""When a place changed: key frames at intervals first, then between two that differ ever nearer, down to neighbours. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from fengsui.picture_worker.comparing import Frame, Patch, has_changed, is_nearer_first, share

MOST_RESTLESS = 6
"""Looks in a row that resemble neither what was nor each other: then what is there now is what it is compared with."""


@dataclass(frozen=True, slots=True)
class Look:
    """A key frame that was looked at. Times: µs since 1970; `end_us`: of its group of pictures."""

    start_us: int
    end_us: int
    patch: Patch


@dataclass(frozen=True, slots=True)
class Change:
    """`lasting`: between two neighbouring key frames the place changed, and stayed so. `passing`: it looked another way after the
    one and as before again by `until_us`; between looks more may have passed. `share`: of the region.
    """

    kind: Literal["lasting", "passing"]
    before_us: int
    after_us: int
    until_us: int
    share: float


@dataclass(frozen=True, slots=True)
class Passed:
    """It has been looked up to there."""

    at_us: int


class Search:
    """`look`: the key frame that an instant hangs on, else the first after it; None: there is none any more."""

    def __init__(self, frame: Frame, look: Callable[[int], Look | None]) -> None:
        self._frame = frame
        self._look = look

    def run(self, since_us: int, step_us: int) -> Iterator[Change | Passed]:
        """In the order of time. `step_us`: between looks at first; what comes and goes in between is not found."""
        known = self._look(since_us)
        waiting: list[Look] = []
        """Looks that differ from `known`, in order."""
        while known is not None:
            last = waiting[-1] if waiting else known
            yield Passed(last.start_us)
            now = self._look(max(last.start_us + step_us, last.end_us))
            while now is None and step_us > last.end_us - last.start_us:  # the end is nearer than a step
                step_us //= 2
                now = self._look(max(last.start_us + step_us, last.end_us))
            if now is None:
                break
            if not has_changed(self._frame, known.patch, now.patch):
                if waiting:
                    yield self._passing(known, waiting[0], now)
                known, waiting = now, []
            elif waiting and not has_changed(self._frame, waiting[-1].patch, now.patch):
                yield self._lasting(known, waiting, now)
                known, waiting = now, []
            else:
                waiting.append(now)
                if len(waiting) > MOST_RESTLESS:
                    yield self._passing(known, waiting[0], now)
                    known, waiting = now, []
        if known is not None and waiting:
            yield self._lasting(known, waiting[:-1], waiting[-1])

    def _passing(self, known: Look, other: Look, until: Look) -> Change:
        changed = share(self._frame, known.patch, other.patch)
        return Change("passing", known.start_us, other.start_us, until.start_us, changed)

    def _lasting(self, known: Look, waiting: list[Look], now: Look) -> Change:
        """Of the looks that differ the first that is as it is now ends the stretch to be searched."""
        low, high = known, now
        for look in waiting:
            if is_nearer_first(self._frame, look.patch, known.patch, now.patch):
                low = look
            else:
                high = look
                break
        changed = share(self._frame, known.patch, now.patch)
        low, high = self._nearer(low, high, known, now)
        return Change("lasting", low.start_us, high.start_us, high.start_us, changed)

    def _nearer(self, low: Look, high: Look, first: Look, second: Look) -> tuple[Look, Look]:
        """Neighbouring key frames between which it turned from the first into the second."""
        upper_us = high.start_us
        """Between there and `high` there is no key frame."""
        while low.end_us < upper_us:
            middle = self._look((low.end_us + upper_us) // 2)
            if middle is None or middle.start_us >= high.start_us:
                upper_us = (low.end_us + upper_us) // 2
            elif middle.start_us <= low.start_us:
                break
            elif is_nearer_first(self._frame, middle.patch, first.patch, second.patch):
                low = middle
            else:
                high, upper_us = middle, middle.start_us
        return low, high
