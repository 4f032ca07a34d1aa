"""When a supervised alarm host has been silent for too long, and which fall silent together. Pure: no clock, no loop, no table.

Source: ANSI/SIA DC-09, supervision by NULL; any good frame counts. EN 50136: the reporting time of a path.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from fengsui.features.alarms.model import AlarmHost


class SilenceClocks:
    """One for all hosts, whatever they are. Times: seconds of one monotonic clock.

    A host that is heard costs nothing here: its clock is looked at when it would have run out, and set on.
    """

    def __init__(self, default_s: float, grace: float) -> None:
        self._default_s = default_s
        self._late = 1 + grace
        self._heap: list[tuple[float, str]] = []
        self._due_s: dict[str, float] = {}
        """By account, the one entry of the heap that counts."""
        self._limit_s: dict[str, float] = {}

    def interval_s(self, own: int | None) -> float | None:
        """Which counts for a host whose own interval is this; None: it may be silent."""
        return (self._default_s if own is None else own) or None

    def limit_s(self, own: int | None) -> float | None:
        """The same with its grace."""
        interval_s = self.interval_s(own)
        return None if interval_s is None else interval_s * self._late

    def follow(self, account: str, own: int | None, from_s: float) -> None:
        """As if it was heard then."""
        limit_s = self.limit_s(own)
        if limit_s is None:
            self.leave(account)
            return
        self._limit_s[account] = limit_s
        self._set(account, from_s + limit_s)

    def leave(self, account: str) -> None:
        """It is silent, or gone: nothing runs."""
        self._due_s.pop(account, None)
        self._limit_s.pop(account, None)

    def _set(self, account: str, due_s: float) -> None:
        self._due_s[account] = due_s
        heapq.heappush(self._heap, (due_s, account))

    def run_out(self, now_s: float, heard_s: Callable[[str], float]) -> list[str]:
        """Accounts that were not heard for their interval and its grace; they are followed no more. `heard_s`: when last."""
        found: list[str] = []
        while self._heap and self._heap[0][0] <= now_s:
            due_s, account = heapq.heappop(self._heap)
            if self._due_s.get(account) != due_s:
                continue
            due_s = heard_s(account) + self._limit_s[account]
            if due_s > now_s:
                self._set(account, due_s)
            else:
                self.leave(account)
                found.append(account)
        return found


class Sorted(NamedTuple):
    """Hosts that fell silent: those that have an alarm of their own, and by area those that have one together."""

    alone: list[AlarmHost]
    together: dict[str, list[AlarmHost]]
    joining: frozenset[str]
    """Areas whose alarm for many is there already."""


class Gathering:
    """`many` hosts of one area within `window_s` have one cause: their own desk is told once, and of no other's hosts."""

    def __init__(self, many: int, window_s: float) -> None:
        self._many = many
        self._window_s = window_s
        self._alone: dict[str, dict[int, float]] = {}
        """By area: alarms of single hosts, by their number, and when they were raised."""
        self._together_s: dict[str, float] = {}
        """By area: when the last host was counted with many."""

    def sort(self, fallen: Iterable[AlarmHost], now_s: float) -> Sorted:
        """Changes nothing: what is on disk then is told to `note`."""
        by_area: dict[str, list[AlarmHost]] = {}
        for host in fallen:
            by_area.setdefault(host.area, []).append(host)
        found = Sorted([], {}, joining := frozenset(area for area in by_area if self._goes_on(area, now_s)))
        for area, hosts in by_area.items():
            if area in joining or len(hosts) + len(self.alone(area, now_s)) >= self._many:
                found.together[area] = hosts
            else:
                found.alone.extend(hosts)
        return found

    def _goes_on(self, area: str, now_s: float) -> bool:
        return now_s - self._together_s.get(area, float("-inf")) <= self._window_s

    def alone(self, area: str, now_s: float) -> list[int]:
        """Alarms of single hosts there that are as new as the others."""
        return [id for id, at_s in self._alone.get(area, {}).items() if now_s - at_s <= self._window_s]

    def note(self, alone: Mapping[str, Sequence[int]], together: Iterable[str], now_s: float) -> None:
        """Alarms of single hosts by area, and areas of many, that are on disk."""
        for area, ids in alone.items():
            kept = {id: at_s for id, at_s in self._alone.get(area, {}).items() if now_s - at_s <= self._window_s}
            self._alone[area] = kept | dict.fromkeys(ids, now_s)
        for area in together:
            self._alone.pop(area, None)
            self._together_s[area] = now_s
