"""The rows of lifts, under the node's seal: one that the node did not write lifts nothing (rule A36)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import SteadyTime
from fengsui.errors import StorageFault
from fengsui.features.audit import NODE, Act, Audit, Result
from fengsui.features.masks import queries
from fengsui.features.masks.model import MaskLift
from fengsui.store import Store

log = structlog.get_logger(__name__)
FORGED_LIFT = "a lift of masks is not as the node wrote it: changed past the node"


class LiftRows:
    """`key`: seals them."""

    def __init__(self, store: Store, audit: Audit, steady: SteadyTime, key: bytes) -> None:
        self._store = store
        self._audit = audit
        self._steady = steady
        self._key = key
        self._told_broken: set[int] = set()

    async def whole(self) -> list[queries.Row]:
        """Those that last; a row that this node did not write lifts nothing, and is on record."""
        async with self._store.reading() as tx:
            rows = await queries.lifts_after(tx, self._steady.now_s())
        for row in rows:
            if not queries.is_whole(row, self._key) and row.id not in self._told_broken:
                log.error("a lift of masks is not what this node wrote; it lifts nothing", camera=row.camera)
                self._told_broken.add(row.id)
                await self._audit.record(NODE, Act.DATABASE_CHANGED, row.camera, detail=FORGED_LIFT, result=Result.REFUSED)
        return [row for row in rows if queries.is_whole(row, self._key)]

    async def add(self, tx: AsyncConnection, **facts: object) -> None:
        """One more."""
        await queries.add_lift(tx, self._key, **facts)

    async def end(self, lifts: Sequence[MaskLift], until: datetime) -> None:
        """From `until` on they lift nothing; while the database is away that stands in memory alone."""
        try:
            async with self._store.transaction() as tx:
                await queries.end_lifts(tx, [lift.id for lift in lifts], until.timestamp(), self._key)
        except StorageFault as error:  # at the next start their tickets are asked again
            log.warning("the end of a lift is not in the database", what=str(error))
