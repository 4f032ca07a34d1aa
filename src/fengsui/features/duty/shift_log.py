"""What is written down on duty, and the standing orders of a centre. Append-only; each entry's digest stands in the audit log."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from fengsui.bus import Bus
from fengsui.features.access import Access, Function, Place, Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.duty import log_queries
from fengsui.features.duty.actions import Duty, ShiftChanged
from fengsui.features.duty.log_model import Entry, EntryKind, Handover, NotHere, Orders, UnknownEntry
from fengsui.features.duty.model import Centre, ShiftState, UnusablePlan, place_of
from fengsui.features.duty.ports import Readings
from fengsui.store import Store

PAGE, NEWEST = 100, 100
"""Entries of a page; versions and handovers that are shown. All are kept."""


class ShiftLog:
    """Beside `Duty`: who sits where decides who writes."""

    def __init__(self, store: Store, bus: Bus, access: Access, audit: Audit, duty: Duty) -> None:
        self._store = store
        self._bus = bus
        self._access = access
        self._audit = audit
        self._duty = duty
        self._turn = asyncio.Lock()
        self.readings: list[Readings] = []

    def check_reader(self, who: Principal, centre: int) -> Centre:
        """Whoever sits there or is offered a seat there; else whose post reads logs. Raises UnknownCentre, NotHere, Refusal."""
        place = self._duty.centre(centre)
        shifts = self._duty.shifts_at(centre)
        offered = any(one.state is ShiftState.HANDING_OVER and one.successor == who.user_id for one in shifts)
        if offered or any(one.user_id == who.user_id for one in shifts):
            return place
        if Function.READ_DUTY_LOG not in self._access.functions(who):
            raise NotHere(centre=place_of(place).name)
        self._access.check(who, Function.READ_DUTY_LOG, place_of(place))
        return place

    async def write(self, who: Principal, kind: EntryKind, text: str, corrects: int = 0) -> Entry:
        """On one's own shift. `corrects`: the number of an entry of the same centre, else 0.

        Raises UnknownShift, UnknownEntry, AuditUnavailable.
        """
        shift = self._duty.own(who)
        place = self._duty.centre(shift.centre)
        async with self._turn:
            async with self._store.reading() as tx:
                last = await log_queries.last_entry(tx, place.id)
            if not 0 <= corrects <= last:
                raise UnknownEntry(number=corrects)
            at = round(self._duty.now(), 3)  # as the digest has it
            entry = Entry(place.id, last + 1, shift.id, who.user_id, who.name, at, kind, text, corrects)
            said = f"{kind}, sha256 {entry.digest}" + (f", corrects {corrects}" if corrects else "")
            await self._audit.record(who, Act.DUTY_LOG, place.name, range=entry.mark, detail=said, under=self._duty.ground(shift))
            async with self._store.transaction() as tx:
                await log_queries.add_entry(tx, entry)
        self._told(place)
        return entry

    async def entries(self, who: Principal, centre: int, before: int) -> list[Entry]:
        """A page, the newest first; those before number `before`, 0: from the newest on. Raises UnknownCentre, NotHere, Refusal."""
        self.check_reader(who, centre)
        async with self._store.reading() as tx:
            return await log_queries.entries(tx, centre, before, PAGE)

    async def in_english(self, centre: int, entries: Sequence[Entry]) -> dict[int, str]:
        """By number: those that the node wrote for somebody. Raises StorageFault."""
        found: dict[int, str] = {}
        for one in self.readings:
            found |= await one.in_english(centre, entries)
        return found

    async def patrols(self, who: Principal, centre: int, before: int) -> tuple[list[Entry], bool]:
        """A page of those about patrols, as `entries`; whether more may follow. Raises UnknownCentre, NotHere, Refusal."""
        self.check_reader(who, centre)
        async with self._store.reading() as tx:
            found = await log_queries.entries(tx, centre, before, PAGE, EntryKind.PATROL)
        return found, len(found) == PAGE

    async def order(self, who: Principal, centre: int, text: str) -> Orders:
        """Another version of the standing orders. Raises UnknownCentre, UnusablePlan, Refusal, AuditUnavailable."""
        place = self._duty.centre(centre)
        self._access.check(who, Function.MANAGE_DUTY, place_of(place))
        async with self._turn:
            async with self._store.reading() as tx:
                newest = await log_queries.newest_orders(tx, centre)
            if text == newest.text:
                raise UnusablePlan(why_zh="内容没有变化", why_en="nothing has changed")
            made = Orders(newest.version + 1, text, who.name, self._duty.now())
            await self._audit.record(who, Act.DUTY_ORDERS, place.name, detail=f"version {made.version}")
            async with self._store.transaction() as tx:
                await log_queries.add_orders(tx, centre, who.user_id, made)
        self._told(place)
        return made

    async def orders(self, who: Principal, centre: int) -> list[Orders]:
        """Every version, the newest first, for whoever may take duty there too. Raises UnknownCentre, NotHere, Refusal."""
        place = self._duty.centre(centre)
        if not self._access.may(who, Function.TAKE_DUTY, Place(place.name, place.area)):
            self.check_reader(who, centre)
        async with self._store.reading() as tx:
            return await log_queries.orders(tx, centre, NEWEST)

    async def handovers(self, who: Principal, centre: int) -> list[Handover]:
        """Those that are signed, the newest first. Raises UnknownCentre, NotHere, Refusal."""
        self.check_reader(who, centre)
        async with self._store.reading() as tx:
            return await log_queries.past_handovers(tx, centre, NEWEST)

    def _told(self, place: Centre) -> None:
        self._bus.publish(ShiftChanged(place.id, place.area, 0, 0, "log", vacant=False))
