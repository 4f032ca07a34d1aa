"""Shifts whose time is over, or whose holder may not sit there any more. The first go on a little for a late successor, and then
end by themselves; the second end at once: no account that is closed keeps a seat.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

import structlog

from fengsui.errors import StorageFault
from fengsui.features.access import Access, Function, Place, Refusal
from fengsui.features.audit import NODE, Audit
from fengsui.features.duty import queries
from fengsui.features.duty.actions import Duty
from fengsui.features.duty.model import LATE_S, Extension, Shift, ShiftState, UnknownCentre
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
        self._wanted = asyncio.Event()
        access.persons.on_change(lambda _: self._wanted.set())

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
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), LOOK_EVERY_S)

    async def look(self) -> None:
        """Ends what has run out and whose holder may not sit there; has what else is over go on. Raises StorageFault."""
        self._wanted.clear()
        now = self._duty.now()
        for shift in self._duty.all_lasting():
            async with self._duty.turn:
                if self._duty.mine(shift.user_id) is not shift:
                    continue
                if shift.until <= now:
                    await self._run_out(shift, now)
                elif why := await self._refused(shift):
                    await self._take_away(shift, now, why)
                elif shift.state is ShiftState.ON_DUTY and shift.due <= now:
                    await self._go_on(shift, now)
        await self._duty.write_owed()

    async def _refused(self, shift: Shift) -> str:
        """Why who sits there may not any more: disabled, withdrawn, lapsed (A9). Empty: they may. Raises StorageFault."""
        try:
            place = self._duty.centre(shift.centre)
        except UnknownCentre:
            return "the centre is gone"
        person = await self._access.persons.get(shift.user_id)
        if person is None:
            return "the account is disabled, or not as the node wrote it"
        try:
            self._access.decide_or_refuse(person, Function.TAKE_DUTY, Place(place.name, place.area))
        except Refusal as error:
            return error.code
        return ""

    async def _take_away(self, shift: Shift, now: float, why: str) -> None:
        log.warning("who is on duty may not any more", centre=shift.centre, seat=shift.seat, person=shift.name, why=why)
        ended = replace(shift, state=ShiftState.ENDED, ended_at=now, remarks=why)
        await self._duty.end(ended, NODE, f"{shift.name} may not be on duty any more: {why}")

    async def _run_out(self, shift: Shift, now: float) -> None:
        log.warning("a shift ran out", centre=shift.centre, seat=shift.seat, person=shift.name)
        await self._duty.end(replace(shift, state=ShiftState.RUN_OUT, ended_at=now), NODE, f"{shift.name}: ran out")

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
