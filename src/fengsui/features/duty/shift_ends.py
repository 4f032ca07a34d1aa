"""Shifts whose time is over: they go on a little for a late successor, and then end by themselves. Nobody sits for ever."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from fengsui.errors import StorageFault
from fengsui.features.access import Access
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.duty import queries
from fengsui.features.duty.actions import Duty
from fengsui.features.duty.model import LATE_S, Extension, Shift, ShiftState
from fengsui.loops import keep
from fengsui.store import Store

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 5.0


class ShiftEnds:
    """Watches the ends beside `Duty`, whose turn it takes."""

    def __init__(self, store: Store, access: Access, audit: Audit, duty: Duty) -> None:
        self._store = store
        self._access = access
        self._audit = audit
        self._duty = duty
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to look."""
        self._watch = keep("shifts", self._follow)

    async def stop(self) -> None:
        """Ends looking."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def _follow(self) -> None:
        """What the node cannot do now, it does later."""
        while True:
            try:
                await self.look()
            except StorageFault as error:
                log.warning("a shift that is over could not be kept; what ran out opens nothing all the same", what=str(error))
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Ends what has run out; has the rest of what is over go on. Raises StorageFault."""
        now = self._duty.now()
        for shift in self._duty.all_lasting():
            async with self._duty.turn:
                if self._duty.mine(shift.user_id) is not shift:
                    continue
                if shift.until <= now:
                    await self._run_out(shift, now)
                elif shift.state is ShiftState.ON_DUTY and shift.due <= now:
                    await self._go_on(shift, now)

    async def _run_out(self, shift: Shift, now: float) -> None:
        await self._duty.end(replace(shift, state=ShiftState.RUN_OUT, ended_at=now))
        log.warning("a shift ran out", centre=shift.centre, seat=shift.seat, person=shift.name)
        said = f"{shift.name}: ran out"
        self._audit.record_end(NODE, Act.DUTY_SIGN_OFF, str(shift.centre), detail=said, under=self._duty.ground(shift))

    async def _go_on(self, shift: Shift, now: float) -> None:
        """Its slot is over and nobody has come: the seat is not left alone, and the supervisors are told."""
        async with self._store.reading() as tx:
            slots = await queries.slots_between(tx, shift.due, shift.due + LATE_S)
        here = [
            one
            for one in slots
            if one.confirmed and (one.centre, one.seat) == (shift.centre, shift.seat) and one.since >= shift.due
        ]
        named = await self._access.persons.named(one.user_id for one in here[:1])
        name = next((one.name for one in named.values()), "")
        reason = f"the successor {name} is late" if name else "nobody follows on the roster"
        await self._duty.extend(shift.id, None, Extension(0, name, now, shift.until, reason))
        log.warning("a shift goes on, for no successor has come", centre=shift.centre, seat=shift.seat, person=shift.name)
