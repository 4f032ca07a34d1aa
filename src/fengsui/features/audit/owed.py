"""Records of ended acts that wait for a log that cannot be written: bounded, and what finds no place is counted, never silent."""

from __future__ import annotations

from collections import Counter, deque

from prometheus_client import Counter as Metric
from prometheus_client import Gauge

from fengsui.features.audit.acts import Act
from fengsui.features.audit.model import Entry

MAX_OWED = 1_000
OWED = Gauge("fengsui_audit_owed", "Ended acts whose record waits for the log")
UNTOLD = Metric("fengsui_audit_untold_total", "Ended acts of which the log has only the number, for too many waited", ["act"])


class Owed:
    """The first ones are kept whole; of later ones the number of each act."""

    def __init__(self) -> None:
        self._kept: deque[Entry] = deque()
        self._untold: Counter[Act] = Counter()
        self._telling: Counter[Act] = Counter()
        self._since = ""

    def __len__(self) -> int:
        return len(self._kept) + bool(self._untold)

    def add(self, entry: Entry) -> None:
        """To be written as soon as that can be."""
        if len(self._kept) < MAX_OWED:
            self._kept.append(entry)
        else:
            self._count_only(entry)
        self.count()

    def take(self, most: int) -> list[Entry]:
        """The oldest, at most so many."""
        return [self._kept.popleft() for _ in range(min(most, len(self._kept)))]

    def give_back(self, entries: list[Entry]) -> None:
        """They could not be written."""
        self._kept.extendleft(reversed(entries))

    def lose(self, entries: list[Entry]) -> None:
        """Something unexpected came of them: the log is told their number alone."""
        for entry in entries:
            self._count_only(entry)

    def _count_only(self, entry: Entry) -> None:
        self._since = self._since or entry.at
        self._untold[entry.act] += 1
        UNTOLD.labels(entry.act.value).inc()

    def untold(self) -> str:
        """What the log is told of those that found no place, once everything before is written; empty: nothing."""
        if self._kept or not self._untold:
            return ""
        self._telling = self._untold.copy()
        acts = ", ".join(f"{act} {count}" for act, count in sorted(self._untold.items()))
        return f"{self._untold.total()} ended acts since {self._since} whose records found no place: {acts}"

    def told(self) -> None:
        """The log has the numbers."""
        self._untold -= self._telling
        self._since = ""

    def count(self) -> None:
        """For the metric."""
        OWED.set(len(self._kept) + self._untold.total())
