"""Where a device's playback is, as far as it can be told from what was ordered and from the pictures that come. Pure.

Makers' time stamps say nothing that can be relied on: at another speed some pass with the clock and some with the recording, and
after a leap they begin anew (fact sheet 5.7). So the node counts: from the place that was ordered, at the speed that was ordered,
as long as pictures come.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import NamedTuple

STALL_S = 2.0
"""So long without a picture is standing still: a recorder reads the next file."""
SILENT_S = 15.0
OBEYS_S = 2.0
"""A device that sends pictures so long after it was told to pause has not done it."""
SLOW = 0.95
"""Of a device's own pace: each file that it opens costs it a while."""
GROUP_S = 4.0
"""A device begins at the key frame before what it was asked for: so far at most, for what it shows, it may be behind."""
NEAR_END_S = 10.0
"""Who ends so near the end has sent all: recordings end at a key frame or a file, not at the second that was asked for."""


class Shown(NamedTuple):
    """What came without a leap. Seconds since 1970; `pictures`: so many."""

    since: float
    until: float
    speed: float
    pictures: int


@dataclass(slots=True)
class Playhead:
    """Times of the recording in seconds since 1970; `*_s` and `now_s` on the monotonic clock."""

    at: float
    until: float
    counted_s: float
    speed: float = 1.0
    paused: bool = False
    deaf: bool = False
    """The device was told to pause, and goes on."""
    frames: int = 0
    moved_s: float = 0.0
    """When a picture came last, as far as it was looked."""
    ordered_s: float = 0.0
    least: float = 0.0
    """So far it has come at least: not every device does what it has accepted, and none is as exact as a clock."""
    least_speed: float = 1.0
    _stalled: bool = False
    _told_at: float = 0.0
    _told_frames: int = 0

    def __post_init__(self) -> None:
        self.moved_s = self.ordered_s = self.counted_s
        self._told_at = self.least = self.at

    def time(self, now_s: float) -> float:
        """Of the picture that is shown now."""
        return min(self.until, self._reached(now_s))

    def _reached(self, now_s: float) -> float:
        """Also beyond the end: not every device stops there."""
        passed_s = 0.0 if self.paused or self._stalled else max(0.0, now_s - self.counted_s)
        return self.at + passed_s * self.speed

    def beyond_in(self, now_s: float) -> float:
        """Seconds until what is shown is beyond the end, whatever it began with; 0: it is. Infinite while it stands still."""
        left_s = self.until + GROUP_S - self._at_least(now_s)
        if left_s <= 0:
            return 0.0
        return inf if self.paused or self._stalled else left_s / (self.least_speed * SLOW)

    def _at_least(self, now_s: float) -> float:
        passed_s = 0.0 if self.paused or self._stalled else max(0.0, now_s - self.counted_s)
        return self.least + passed_s * self.least_speed * SLOW

    def look(self, frames: int, now_s: float) -> None:
        """So many pictures have come in all."""
        if frames != self.frames:
            if self.paused and now_s - self.ordered_s > OBEYS_S:
                self.deaf, self.paused = True, False
            if self._stalled:
                self._stalled, self.counted_s = False, now_s
            self.frames, self.moved_s = frames, now_s
        elif not self.paused and not self._stalled and now_s - self.moved_s > STALL_S:
            self.at, self.least = self._reached(self.moved_s), self._at_least(self.moved_s)
            self._stalled, self.counted_s = True, now_s

    def order(
        self, now_s: float, *, at: float | None = None, speed: float | None = None, paused: bool = False, said: bool = False
    ) -> None:
        """The device has accepted this. `said`: it tells this speed itself; many accept any, and play on as they did."""
        self.least = self._at_least(now_s)
        self.at = self._reached(now_s) if at is None else min(at, self.until)
        if at is not None:
            self._told_at = self.least = self.at
        if speed is not None:
            self.least_speed = speed if said else min(speed, 1.0)
        self.speed = self.speed if speed is None else speed
        self.paused, self.deaf, self._stalled = paused, False, False
        self.counted_s = self.moved_s = self.ordered_s = now_s

    def is_silent(self, now_s: float) -> bool:
        """Nothing comes any more, though it should."""
        return not self.paused and now_s - self.moved_s > SILENT_S

    def is_near_end(self, now_s: float) -> bool:
        """What was asked for has all but come."""
        return self.time(now_s) >= self.until - NEAR_END_S

    def take_shown(self, now_s: float) -> Shown | None:
        """What has come since the last time; None for nothing."""
        at, pictures = self.time(now_s), self.frames - self._told_frames
        found = Shown(self._told_at, at, self.speed, pictures) if pictures > 0 else None
        self._told_at, self._told_frames = at, self.frames
        return found
