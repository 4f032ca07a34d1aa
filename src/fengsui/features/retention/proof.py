"""Whether what the database has of removals is what the audit log says, and agrees with itself. Rule A53; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from fengsui.features.audit import Act, AuditRecord
from fengsui.features.retention.model import DAY_S, KEPT_DAYS, Removal, root_of

LATE_S: Final = 3_600.0
"""A row follows its record once the files are gone, or the database is back."""


class Proof:
    """`records`: of removals and their ends, from the audit log, in its order; `begins`: its oldest record at all, seconds since
    1970.
    """

    def __init__(self, records: Iterable[AuditRecord], begins: float, now: float) -> None:
        self._begins = begins
        self._listed_since, self._listed_until = now - (KEPT_DAYS - 1) * DAY_S, now - LATE_S
        self._on_record: Counter[tuple[str, str, str]] = Counter()
        self._waiting: Counter[tuple[str, str, str]] = Counter()
        """Records for which a row must be there."""
        self.endless: list[str] = []
        """Begun, and what came of them is not on record; of before ends were recorded, nothing is known."""
        ended = False
        for one in records:
            if one.act == Act.FOOTAGE_REMOVED:
                ended = True
                self._end(one)
                continue
            if ended and datetime.fromisoformat(one.at).timestamp() < self._listed_until:
                self.endless.append(f"{one.object} {one.range}")
            key = one.object, one.range, one.detail
            self._on_record[key] += 1
            if self._listed_since < datetime.fromisoformat(one.at).timestamp() < self._listed_until:
                self._waiting[key] += 1
        self.rows = 0
        self.files = 0
        self.broken: list[str] = []
        """The digests do not make up the root."""
        self.unrecorded: list[str] = []
        """The audit log says nothing of it, or something else."""

    def _end(self, one: AuditRecord) -> None:
        name = f"{one.object} {one.range}"
        if name in self.endless:
            self.endless.remove(name)

    def take(self, one: Removal) -> None:
        """A row."""
        key = one.camera, one.range, one.facts
        self.rows, self.files = self.rows + 1, self.files + len(one.digests)
        if root_of(one.digests) != one.root:
            self.broken.append(f"{one.camera} {one.range}")
        elif self._on_record[key] > 0:
            self._on_record[key] -= 1
            self._waiting[key] -= 1
        elif one.removed_at > self._begins:  # the log is kept for a shorter time, by a policy that says so
            self.unrecorded.append(f"{one.camera} {one.range}")

    def rowless(self) -> list[str]:
        """Records whose digests the database lacks."""
        return [f"{camera} {day}" for (camera, day, _), count in self._waiting.items() for _ in range(max(0, count))]
