"""The one door to the time. Everything else is handed a Clock."""

from __future__ import annotations

import ctypes
import time
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Protocol


class Clock(Protocol):
    """Wall-clock and monotonic time."""

    def now(self) -> datetime:
        """Now, aware, UTC."""
        ...

    def monotonic_s(self) -> float:
        """Seconds of a clock that never goes back."""
        ...

    def error(self) -> str:
        """The bound on the wall clock's error in microseconds, or `unsynchronised`, or `unknown`."""
        ...


class _Timex(ctypes.Structure):
    """The head of Linux's `struct timex`; the rest is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("frequency", ctypes.c_long),
        ("max_error", ctypes.c_long),
        ("estimated_error", ctypes.c_long),
        ("status", ctypes.c_int),
        ("room", ctypes.c_byte * 256),
    )


UNSYNCHRONISED_STATE, UNSYNCHRONISED_STATUS = 5, 0x40
_adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)  # Linux alone has it


def kernel_clock_error() -> str:
    """What the kernel knows by adjtimex(2): see `Clock.error`."""
    if _adjtimex is None:
        return "unknown"
    timex = _Timex()
    state = _adjtimex(ctypes.byref(timex))
    if state < 0:
        return "unknown"
    if state == UNSYNCHRONISED_STATE or timex.status & UNSYNCHRONISED_STATUS:
        return "unsynchronised"
    return str(timex.max_error)


def slept_s() -> float:
    """Seconds that the machine has slept since it was started: its wall clock leaps by them, and nobody set it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC) if SLEEP_IS_KNOWN else 0.0


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Seconds of a clock that never goes back."""
        return time.monotonic()

    def error(self) -> str:
        """By adjtimex(2)."""
        return kernel_clock_error()


SLEEP_IS_KNOWN = hasattr(time, "CLOCK_BOOTTIME")
LEAP_S = 2.0
"""Time servers correct a clock by less."""


class SteadyTime:
    """Seconds since 1970 that never go back while the process runs: for what must end though somebody sets the clock back.

    It follows the wall clock forward, and counts on by itself from the latest time that it has seen.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._epoch_s = clock.now().timestamp() - clock.monotonic_s()
        self._floor_s = -inf
        self._leaps: list[tuple[float, float]] = []
        """When, in seconds since 1970, and by how much the wall clock went further than time was seen to pass."""

    def now_s(self) -> float:
        """Now; a look at least every second makes sure that no setting back goes unseen."""
        elapsed_s = self._clock.monotonic_s()
        return max(self._counted(elapsed_s), self._floor_s) + elapsed_s

    def process_s(self) -> float:
        """Now as this process alone has seen it, and the media engine in it: `not_before` counts for nothing."""
        elapsed_s = self._clock.monotonic_s()
        return self._counted(elapsed_s) + elapsed_s

    def not_before(self, seen_s: float) -> None:
        """So late it was already when the process that ran before ended (seconds since 1970)."""
        self._floor_s = seen_s - self._clock.monotonic_s()

    def ahead_s(self) -> float:
        """How far the machine's clock is behind, since it was set back."""
        return self.now_s() - self._clock.now().timestamp()

    def leapt(self, at_s: float, by_s: float) -> None:
        """While no process looked the wall clock went on by that: nobody can say whether time did."""
        self._leaps.append((at_s, by_s))

    def leapt_since(self, at_s: float) -> float:
        """Seconds since then that nobody saw pass: what waits for a time, so that somebody may speak up, waits for them as well."""
        self.now_s()
        return sum(by_s for leapt_s, by_s in self._leaps if leapt_s > at_s)

    def _counted(self, elapsed_s: float) -> float:
        now_s = self._clock.now().timestamp()
        by_s = now_s - elapsed_s - self._epoch_s
        if by_s > LEAP_S:
            self._leaps.append((now_s, by_s))
        self._epoch_s = max(self._epoch_s, now_s - elapsed_s)
        return self._epoch_s


class SteadyClock:
    """A clock that `SteadyTime` keeps: what it grants for a time is not made longer by setting the machine's clock back."""

    def __init__(self, time_: SteadyTime, clock: Clock) -> None:
        self._time = time_
        self._clock = clock

    def now(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.fromtimestamp(self._time.now_s(), UTC)

    def monotonic_s(self) -> float:
        """Seconds of a clock that never goes back."""
        return self._clock.monotonic_s()

    def error(self) -> str:
        """As the machine's."""
        return self._clock.error()


class ManualClock:
    """A clock that moves when told to, for tests."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start
        self._monotonic_s = 0.0

    def now(self) -> datetime:
        """Now, aware, UTC."""
        return self._now

    def monotonic_s(self) -> float:
        """Seconds of a clock that never goes back."""
        return self._monotonic_s

    def error(self) -> str:
        """Nobody knows."""
        return "unknown"

    def set_by(self, seconds: float) -> None:
        """Somebody sets the wall clock forward, or back."""
        self._now += timedelta(seconds=seconds)

    def advance(self, seconds: float) -> None:
        """Moves both clocks forward."""
        self._now += timedelta(seconds=seconds)
        self._monotonic_s += seconds
