"""When a device counts as silent: a queue by time, each device in it once. Pure. Source: GB/T 28181-2022 §9.6.1.

Times: seconds of one monotonic clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from itertools import count

from fengsui.features.devices.model import DeviceState


class Silences:
    """`interval_s`: how often devices keep alive; offline after `missed_limit` of them."""

    def __init__(self, interval_s: float, missed_limit: int) -> None:
        self._interval_s = interval_s
        self.limit_s = interval_s * missed_limit
        self._queue: list[tuple[float, int, DeviceState]] = []
        self._numbers = count()

    def heard(self, state: DeviceState, now_s: float) -> None:
        """The device spoke."""
        state.silent_at_s = now_s + self.limit_s
        if not state.awaited:
            self._await(state)

    def _await(self, state: DeviceState) -> None:
        state.awaited = True
        heapq.heappush(self._queue, (state.silent_at_s, next(self._numbers), state))

    def is_alive(self, state: DeviceState, now_s: float) -> bool:
        """Whether it was heard within its own rhythm, with half an interval for the network."""
        return now_s - (state.silent_at_s - self.limit_s) < self._interval_s * 1.5

    def fallen_silent(self, known: Mapping[str, DeviceState], now_s: float) -> Iterator[DeviceState]:
        """Online devices whose limit has passed; each leaves the queue."""
        while self._queue and self._queue[0][0] <= now_s:
            _, _, state = heapq.heappop(self._queue)
            state.awaited = False
            if known.get(state.code) is not state or not state.online:
                continue
            if state.silent_at_s > now_s:
                self._await(state)
            else:
                yield state
