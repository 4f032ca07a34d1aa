"""Of which cameras there is footage or anything on record about it: as long as that is so, a camera that left stays known."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.bookmarks import BOOKMARKED
from fengsui.features.cameras import Cameras
from fengsui.features.completeness import RECKONED
from fengsui.features.recording import PLANNED
from fengsui.features.retention.holds import Holds
from fengsui.features.retention.model import camera_of
from fengsui.features.retention.queries import REMOVED_OF
from fengsui.media import Engine, EngineError

CODES_AT_ONCE = 500


class Records:
    """Asked when cameras leave, and once an hour."""

    def __init__(self, engine: Engine, cameras: Cameras, holds: Holds) -> None:
        self._engine = engine
        self._cameras = cameras
        self._holds = holds
        cameras.kept.records_of = self.of

    def _begins(self) -> dict[str, float] | None:
        """Each camera's oldest footage, seconds since 1970; None: nobody knows now."""
        try:
            if self._engine.footage_counters().looking:
                return None
            found: dict[str, float] = {}
            for stream, at_us in self._engine.oldest_footage():
                camera, at = camera_of(stream), at_us / 1e6
                found[camera] = min(at, found.get(camera, at))
        except EngineError:
            return None
        return found

    async def of(self, tx: AsyncConnection, codes: Sequence[str]) -> set[str]:
        """Those of these cameras: all where nobody knows. Raises StorageFault."""
        begins = await asyncio.to_thread(self._begins)
        if begins is None:
            return set(codes)
        found = {code for code in codes if code in begins}
        found.update({one.camera for one in self._holds.all()}.intersection(codes))
        for at in range(0, len(codes), CODES_AT_ONCE):
            some = [code for code in codes[at : at + CODES_AT_ONCE] if code not in found]
            for recorded in (PLANNED, RECKONED, REMOVED_OF, BOOKMARKED):
                of = recorded.subquery()
                found.update((await tx.execute(sa.select(of.c.camera).where(of.c.camera.in_(some)).distinct())).scalars())
        return found

    async def forget(self) -> None:
        """Cameras that left and of which nothing is there any more. Raises StorageFault."""
        begins = await asyncio.to_thread(self._begins)
        if begins is not None:
            await self._cameras.kept.forget_unrecorded(begins.get)
