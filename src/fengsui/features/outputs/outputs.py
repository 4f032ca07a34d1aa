"""Outputs as they are entered: all in memory."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.outputs import queries
from fengsui.features.outputs.model import MOST_OUTPUTS, Output, Pulse, TakenSwitch, TooManyOutputs, UnfitOutput, UnknownOutput
from fengsui.store import Store, written

log = structlog.get_logger(__name__)


class Wanted(NamedTuple):
    """An output as somebody enters it."""

    name: str
    area: str
    camera: str
    switch: int


class Outputs:
    """Of one node."""

    def __init__(self, store: Store, clock: Clock, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._known: dict[int, Output] = {}
        self._changing = asyncio.Lock()

    async def start(self) -> None:
        """Raises StorageFault."""
        await self._read()

    async def _read(self) -> None:
        async with self._store.reading() as tx:
            self._known = {one.id: one for one in await queries.all_outputs(tx)}
        for one in self._known.values():
            if not one.is_whole:
                log.error("an output's row is not as the node wrote it; it is not switched on", output=one.id)

    def all(self) -> list[Output]:
        """By name."""
        return sorted(self._known.values(), key=lambda one: (one.name, one.id))

    def get(self, id: int) -> Output:
        """Raises UnknownOutput."""
        found = self._known.get(id)
        if found is None:
            raise UnknownOutput()
        return found

    def usable(self, id: int, area: str = "") -> Output:
        """One that may be switched on for a rule of this area: it lies there. Raises UnknownOutput, UnfitOutput."""
        found = self.get(id)
        if not found.is_whole:
            raise UnfitOutput(why_zh="登记内容被人改动,须重新登记", why_en="its row was changed past the node")
        if not found.area.startswith(area):
            raise UnfitOutput(why_zh="不在规则的行政区划之内", why_en="it does not lie within the area of the rule")
        return found

    async def add(self, who: Principal, wanted: Wanted) -> Output:
        """Raises TooManyOutputs, TakenSwitch, AuditUnavailable, StorageFault."""
        async with self._changing:
            if len(self._known) >= MOST_OUTPUTS:
                raise TooManyOutputs(limit=MOST_OUTPUTS)
            place = wanted.camera, wanted.switch
            if any((one.camera, one.switch) == place for one in self._known.values()):
                raise TakenSwitch(number=wanted.switch)
            detail = f"{wanted.area}: switch {wanted.switch} of {wanted.camera}"
            await self._audit.record(who, Act.OUTPUT_ADD, wanted.name, range=wanted.area, detail=detail)
            async with self._written() as tx:
                await queries.add_output(tx, {**wanted._asdict(), "made_at": self._clock.now().timestamp()})
            return next(one for one in self._known.values() if (one.camera, one.switch) == place)

    async def remove(self, who: Principal, id: int, left: list[Pulse]) -> None:
        """`left`: of its orders that are not over. Raises UnknownOutput, AuditUnavailable, StorageFault."""
        async with self._changing:
            one = self.get(id)
            owed = "; it was not told to go off" if left else ""
            detail = f"{one.area}: switch {one.switch} of {one.camera}{owed}"
            await self._audit.record(who, Act.OUTPUT_REMOVE, one.name, range=one.area, detail=detail)
            async with self._written() as tx:
                await queries.remove_output(tx, id)

    def _written(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return written(self._store, self._changing, self._read)
