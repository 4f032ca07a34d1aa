"""How far back a frame counts as sent before. Kept on disk, for while the node stood still nobody could be acknowledged."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.alarms import queries
from fengsui.loops import keep
from fengsui.store import Store

log = structlog.get_logger(__name__)
REPEAT_S: Final = 300.0
"""So long after it came last, a frame of the same account, number and body is the same alarm sent again."""
WRITE_EVERY_S: Final = 5.0


class RepeatWindow:
    """Five minutes of the node's running time: what was on disk when the node died joins however late it comes again."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._started_at = 0.0
        self._before: float | None = None
        """How far back it went when the node ended last."""
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises StorageFault."""
        async with self._store.reading() as tx:
            self._before = await queries.window(tx)
            if self._before is None and (last_at := await queries.last_at(tx)) is not None:
                self._before = last_at - REPEAT_S  # of a version that did not keep it
        self._started_at = self._clock.now().timestamp()
        self._task = keep("alarm-window", self._write_behind)

    async def stop(self) -> None:
        """Nothing more is acknowledged."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._write()

    def since(self) -> float:
        """Seconds since 1970."""
        now = self._clock.now().timestamp()
        if self._before is not None and now < self._started_at + REPEAT_S:
            return min(now - REPEAT_S, self._before)
        return now - REPEAT_S

    async def _write_behind(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            await self._write()

    async def _write(self) -> None:
        try:
            async with self._store.transaction(act=False) as tx:
                await queries.write_window(tx, self.since(), self._clock.now().timestamp())
        except StorageFault as fault:  # the older one reaches further back: nothing is taken twice
            log.warning("how far back alarms count as sent before could not be stored", why=str(fault))
