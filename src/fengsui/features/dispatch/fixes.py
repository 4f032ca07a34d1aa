"""What a device's word about where it is comes to: a place and a time that a unit may be shown at, or nothing. Pure.

Source: GB/T 28181-2022 A.2.5.8 (MobilePosition), §9.10 (times are those of China).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from math import isfinite
from typing import Final, NamedTuple

from fengsui.features.dispatch.datum import from_gcj02
from fengsui.wire.gb28181.position import Position
from fengsui.wire.sip.headers import BEIJING

OLDEST_S: Final = 3_600.0
"""What was measured before that is nobody's place any more, or the device's clock is wrong: it is left out and counted."""


class Fix(NamedTuple):
    """Degrees of WGS-84, which CGCS2000 equals to a metre. `at`: seconds since 1970."""

    longitude: float
    latitude: float
    at: float


class Unfit(StrEnum):
    """Why nothing comes of it."""

    NO_PLACE = "no place"
    """None is said, it is no number, or 0/0, which devices without a receiver's fix say."""
    OUT_OF_RANGE = "out of range"
    OLD = "old"


def _time_of(said: str) -> float | None:
    for length in (23, 19):  # with milliseconds, or whatever else comes after the seconds
        with suppress(ValueError, OverflowError):
            return datetime.fromisoformat(said[:length]).replace(tzinfo=BEIJING).timestamp()
    return None


def fix_of(position: Position, reported: str, now: float, *, is_gcj02: bool) -> Fix | Unfit:
    """`reported`: the time of the whole report, where the position has none; `now`: by our clock.

    What has no time that can be read was measured now; so was what says that it is of the future, for nobody keeps back what is
    yet to come: that device's clock is fast.
    """
    x, y = position.longitude, position.latitude
    if x is None or y is None or not isfinite(x) or not isfinite(y) or (x == 0 and y == 0):
        return Unfit.NO_PLACE
    if abs(x) > 180 or abs(y) > 90:
        return Unfit.OUT_OF_RANGE
    said = _time_of(position.time or reported)
    at = now if said is None else min(said, now)
    if at < now - OLDEST_S:
        return Unfit.OLD
    return Fix(*(from_gcj02(x, y) if is_gcj02 else (x, y)), at)
