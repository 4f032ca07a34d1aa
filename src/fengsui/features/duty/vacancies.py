"""Seats that the roster fills and nobody sits at: after ten minutes it is on record, and the supervisors of the area are told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.features.access import Access, Named
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.duty import queries
from fengsui.features.duty.actions import Duty, ShiftChanged
from fengsui.features.duty.model import Centre, Slot
from fengsui.loops import keep
from fengsui.store import Store

log = structlog.get_logger(__name__)
VACANT_AFTER_S: Final = 600.0
LOOK_EVERY_S = 5.0
NOBODY = Named(0, "", "", "", "")


@dataclass(frozen=True, slots=True)
class Absence:
    """Who should sit there, and does not."""

    slot: Slot
    person: Named
    taken_away: bool = False
    """Somebody else ended their shift, since `slot.since`; else they have not come."""


class Vacancies:
    """Looks at the roster of now beside `Duty`."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, access: Access, audit: Audit, duty: Duty) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._access = access
        self._audit = audit
        self._duty = duty
        self._absent: dict[int, Absence] = {}
        self._first = True
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to look."""
        self._watch = keep("vacant-seats", self._follow)

    async def stop(self) -> None:
        """Ends looking."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    def at(self, centre: int) -> list[Absence]:
        """By seat; where somebody has sat down since the last look, nobody is missing."""
        taken = {one.seat for one in self._duty.shifts_at(centre)}
        here = (one for one in self._absent.values() if one.slot.centre == centre and one.slot.seat not in taken)
        return sorted(here, key=lambda one: one.slot.seat)

    async def _follow(self) -> None:
        while True:
            try:
                await self.look()
            except FengsuiError as error:
                log.warning("the roster could not be looked at", what=str(error))
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Tells what came and went since the last look. Raises StorageFault."""
        now = self._clock.now().timestamp()
        centres = {one.id: one for one in self._duty.centres()}
        async with self._store.reading() as tx:
            slots = await queries.slots_between(tx, now - VACANT_AFTER_S, now)
        late = [one for one in slots if one.confirmed and one.centre in centres and one.since + VACANT_AFTER_S <= now < one.until]
        missing = {one.id: one for one in late if not any(seated.seat == one.seat for seated in self._duty.shifts_at(one.centre))}
        on_record = {one.id for one in missing.values() if self._first and await self._on_record(centres[one.centre], one)}
        taken = self._taken_away(now, centres)
        gone = {(one.centre, one.seat, one.user_id) for one in taken.values()}
        missing = {number: one for number, one in missing.items() if (one.centre, one.seat, one.user_id) not in gone} | taken
        named = await self._access.persons.named(one.user_id for one in missing.values())
        before, self._first = self._absent, False
        self._absent = {one.id: Absence(one, named.get(one.user_id, NOBODY), one.id < 0) for one in missing.values()}
        for number in missing.keys() - before.keys():
            slot, person = missing[number], self._absent[number].person
            centre = centres[slot.centre]
            log.warning("a seat is vacant", centre=centre.id, seat=slot.seat, person=person.name)
            if number not in on_record:
                self._audit.record_end(NODE, Act.DUTY_VACANT, centre.name, range=f"seat {slot.seat}", detail=person.name)
        for number in missing.keys() ^ before.keys():
            slot = missing[number] if number in missing else before[number].slot
            area = centres[slot.centre].area if slot.centre in centres else ""
            self._bus.publish(ShiftChanged(slot.centre, area, slot.seat, slot.user_id, "roster", vacant=number in missing))

    def _taken_away(self, now: float, centres: Mapping[int, Centre]) -> dict[int, Slot]:
        """Seats whose shift somebody else ended, until it would have ended; as slots that no roster numbers."""
        found = {}
        for place, shift in list(self._duty.left.items()):
            if shift.centre not in centres or now >= (shift.due or shift.until):
                del self._duty.left[place]
            else:
                found[-shift.id] = Slot(-shift.id, *place, shift.user_id, shift.ended_at, shift.due or shift.until, confirmed=True)
        return found

    async def _on_record(self, centre: Centre, slot: Slot) -> bool:
        """Whether this absence was told before the node was started anew. Raises StorageFault."""
        since = f"{datetime.fromtimestamp(slot.since, UTC):%Y-%m-%dT%H:%M:%S}"
        found = await self._audit.known.records(Act.DUTY_VACANT, centre.name)
        return any(one.at >= since and one.range == f"seat {slot.seat}" for one in found)
