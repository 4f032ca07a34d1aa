"""Points in test: whoever serves a host rings nobody, until an end that was said before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import structlog

from fengsui.clock import Clock
from fengsui.features.alarms import point_queries
from fengsui.features.alarms.model import AlarmHost
from fengsui.store import Store

log = structlog.get_logger(__name__)
LONGEST_MINUTES: Final = 480
LONGEST_REASON: Final = 200


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
    """In memory, for each alarm asks. A row that was changed past the node tests nothing: what it would silence rings."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._of: dict[int, PointTest] = {}

    async def start(self) -> None:
        """Raises StorageFault."""
        async with self._store.transaction(act=False) as tx:
            await point_queries.end_old_tests(tx, self._now())
            rows = await point_queries.tests(tx)
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

    async def begin(self, host: AlarmHost, points: Collection[int], minutes: int, reason: str, by: str) -> None:
        """In place of those that last. Raises StorageFault."""
        now = self._now()
        begun = [PointTest(one, host.id, now, now + minutes * 60, reason, by) for one in sorted(points)]
        async with self._store.transaction() as tx:
            await point_queries.begin_tests(tx, [{name: getattr(one, name) for name in PointTest.__slots__} for one in begun])
        self._of |= {one.point_id: one for one in begun}

    async def end(self, host: AlarmHost) -> None:
        """Of all points of a host. Raises StorageFault."""
        async with self._store.transaction() as tx:
            await point_queries.end_tests(tx, host.id)
        self.forget([one.id for one in host.points.values()])

    def forget(self, points: Collection[int]) -> None:
        """They are gone."""
        for one in points:
            self._of.pop(one, None)
