"""How fast a device, or an address of strangers, may speak over its connections: what comes faster waits unread. No clock.

By UDP the engine's door drops what is too much (`sip-front`); over a connection nothing need be lost, its peer just waits.
"""

from __future__ import annotations

from collections import OrderedDict

AHEAD_S = 20.0
"""A device may be so many seconds' requests ahead: a catalogue of 100,000 channels comes at once. Strangers: one second's."""


class Pace:
    """`rate`: messages a second on the average; `most`: how many may come at once."""

    def __init__(self, rate: float, most: float) -> None:
        self._rate = rate
        self._most = most
        self._tokens = most
        self._at_s: float | None = None
        self.waiting = 0
        """Who stands in line for it."""

    @property
    def line_s(self) -> float:
        """How long it takes to let everybody who waits take one message."""
        return self.waiting / self._rate

    def wait_s(self, now_s: float) -> float:
        """How long until a message may be taken; 0: now."""
        passed_s = 0.0 if self._at_s is None else max(0.0, now_s - self._at_s)
        self._tokens = min(self._most, self._tokens + passed_s * self._rate)
        self._at_s = now_s
        return 0.0 if self._tokens >= 1.0 else (1.0 - self._tokens) / self._rate

    def spend(self) -> None:
        """A message was taken."""
        self._tokens -= 1.0


class Paces:
    """By device or address, the latest `limit`: what somebody may say does not begin anew with each connection."""

    def __init__(self, rate: float, *, ahead_s: float, limit: int) -> None:
        self._rate = rate
        self._most = max(1.0, rate * ahead_s)
        self._limit = limit
        self._of: OrderedDict[str, Pace] = OrderedDict()

    def __len__(self) -> int:
        return len(self._of)

    def of(self, key: str) -> Pace:
        """The pace of this device or address."""
        pace = self._of.get(key)
        if pace is None:
            pace = self._of[key] = Pace(self._rate, self._most)
            if len(self._of) > self._limit:
                self._of.popitem(last=False)
        self._of.move_to_end(key)
        return pace
