"""Points in test: whoever serves a host rings nobody, until an end that was said before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.alarms import point_queries
from fengsui.features.alarms.model import AlarmHost
from fengsui.store import SealedRow, Store

log = structlog.get_logger(__name__)
LONGEST_MINUTES: Final = 480
LONGEST_REASON: Final = 200
WRITTEN_S: Final = 60.0
"""A test begins so much later than it is on record, at most."""


@dataclass(frozen=True, slots=True)
class PointTest:
    """Of one point. Times: seconds since 1970."""

    point_id: int
    host_id: int
    begun_at: float
    until: float
    reason: str
    by: str


class PointTests:
    """In memory, for each alarm asks. A row that was changed past the node tests nothing: what it would silence rings.

    `clock`: one that does not go back, also over a restart: nobody lengthens a test by setting the machine's.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._of: dict[int, PointTest] = {}

    async def start(self) -> None:
        """Raises StorageFault."""
        async with self._store.transaction(act=False) as tx:
            await point_queries.end_old_tests(tx, self._now(), self._now() + WRITTEN_S)
            rows = await point_queries.tests(tx)
        self.take_in((), rows)

    def take_in(self, points: Collection[int], rows: Sequence[tuple[SealedRow, bool]]) -> None:
        """What is on disk of these points, and nothing else."""
        self.forget(points)
        for row, whole in rows:
            if not whole:
                log.error("the test of an alarm point is not as the node wrote it; its alarms ring", point=row.point_id)
                continue
            self._of[row.point_id] = PointTest(row.point_id, row.host_id, row.begun_at, row.until, row.reason, row.by)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def at(self, point_id: int) -> PointTest | None:
        """The one that lasts; None: its alarms ring."""
        found = self._of.get(point_id)
        if found is None or found.until > self._now():
            return found
        del self._of[point_id]
        return None

    async def begin(
        self, tx: AsyncConnection, host: AlarmHost, points: Collection[int], minutes: int, reason: str, by: str
    ) -> None:
        """In place of those that last; `take_in` makes them known."""
        now = self._now()
        begun = [PointTest(one, host.id, now, now + minutes * 60, reason, by) for one in sorted(points)]
        await point_queries.begin_tests(tx, [{name: getattr(one, name) for name in PointTest.__slots__} for one in begun])

    def forget(self, points: Collection[int]) -> None:
        """They are gone."""
        for one in points:
            self._of.pop(one, None)
