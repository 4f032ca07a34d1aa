"""A seat passes from one person to the next: offered, looked at item by item, taken over by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Access, FactorProof, Function, Place, Principal, Refusal
from fengsui.features.audit import Act, Audit
from fengsui.features.duty import log_queries, queries
from fengsui.features.duty.actions import Duty
from fengsui.features.duty.log_model import MOST_DOWN, Down, Entry, Handover, NotAcknowledged, Orders
from fengsui.features.duty.model import (
    AlreadyOnDuty,
    Centre,
    NotAccepted,
    Shift,
    ShiftState,
    UnfitSuccessor,
    UnknownShift,
    UnusablePlan,
    place_of,
    slot_for,
)
from fengsui.features.duty.ports import Equipment, Figures, Matter, Uses
from fengsui.features.duty.shift_log import PAGE
from fengsui.store import Store

NAMED_DOWN: Final = 20
"""Devices that the audit record names; the handover itself names more."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a successor says to have read. `orders`: the version; `entry`: the newest of the log; `down`: devices by code."""

    orders: int
    entry: int
    down: frozenset[str]

    def check(self, handover: Handover, orders: Orders, last: int) -> None:
        """Raises NotAcknowledged."""
        left: list[tuple[str, str]] = []
        if self.orders != orders.version:
            left.append((f"值班须知第 {orders.version} 版", f"standing orders, version {orders.version}"))
        if self.entry < last:
            left.append((f"值班日志至第 {last} 条", f"the log up to entry {last}"))
        if unknown := [one.name or one.code for one in handover.down if one.code not in self.down]:
            some = "、".join(unknown[:5]), ", ".join(unknown[:5])
            left.append((f"异常设备 {len(unknown)} 台({some[0]})", f"{len(unknown)} devices that are down ({some[1]})"))
        if left:
            raise NotAcknowledged(what_zh=";".join(zh for zh, _ in left), what_en="; ".join(en for _, en in left))


class HandOvers:
    """Beside `Duty`, whose turn it takes."""

    def __init__(self, store: Store, access: Access, audit: Audit, duty: Duty) -> None:
        self._store = store
        self._access = access
        self._audit = audit
        self._duty = duty
        self.equipment: Equipment | None = None
        """Set at composition; without it nothing is known to be down."""
        self.uses: Uses | None = None
        """Set at composition; without it nobody holds a use ticket."""

        self.figures: Figures | None = None
        """Set at composition; without it none are kept."""

    def _down(self, place: Centre) -> list[Down]:
        return [] if self.equipment is None else self.equipment.down_in(place.area)

    def left_by(self, user_id: int) -> list[Matter]:
        """What this person has begun and not ended: it passes with the seat by name, and stays theirs."""
        return [] if self.uses is None else self.uses.left_by(user_id)

    async def hand_over(self, who: Principal, successor: int, remarks: str) -> Shift:
        """Offers the seat with every open matter by name. Raises UnknownShift, UnusablePlan, NotRostered, UnfitSuccessor."""
        async with self._duty.turn:
            shift = self._duty.own(who)
            person = await self._access.persons.get(successor)
            place = self._duty.centre(shift.centre)
            if person is None or successor == who.user_id:
                raise UnusablePlan(why_zh="请选择接班人", why_en="name a successor")
            try:
                self._access.decide_or_refuse(person, Function.TAKE_DUTY, Place(place.name, place.area))
            except Refusal as refusal:  # the successor's, and not of whoever asks: said as such
                raise UnfitSuccessor(name=person.name) from refusal
            now = self._duty.now()
            async with self._store.reading() as tx:
                slot_for(await queries.slots_between(tx, now, now + 3600), place.id, shift.seat, successor, now)
            matters = [one.id for one in (*(await self._duty.open_matters(place, who.user_id)), *self.left_by(who.user_id))]
            offered = replace(shift, state=ShiftState.HANDING_OVER, successor=successor, remarks=remarks, matters=matters)
            figures = None if self.figures is None else await self.figures.of_shift(who, place, shift.since, now)
            detail = f"to {person.name}: {', '.join(matters)}"
            await self._audit.record(who, Act.DUTY_HAND_OVER, place.name, detail=detail, under=self._duty.ground(shift))
            self._duty.offered_to(successor, person.name)
            down = self._down(place)
            given = (shift.id, shift.seat, who.user_id, who.name, successor, person.name)
            async with self._store.reading() as tx:
                orders = await log_queries.newest_orders(tx, place.id)
            with_it = (orders.version, tuple(down[:MOST_DOWN]), len(down), tuple(matters), remarks, now)
            handover = Handover(0, place.id, *given, *with_it, figures=figures)
            await self._duty.keep(offered, lambda tx: log_queries.add_handover(tx, handover))
            return offered

    async def offered(self, who: Principal, number: int) -> tuple[Handover, Orders, list[Entry]]:
        """What passes with the seat of a shift: as it was offered, the standing orders, the centre's newest log entries.

        Raises UnknownShift: nothing is offered, or neither by nor to this person.
        """
        shift = self._duty.lasting(number)
        if shift.state is not ShiftState.HANDING_OVER or who.user_id not in (shift.user_id, shift.successor):
            raise UnknownShift()
        return await self._passing(shift)

    async def _passing(self, shift: Shift) -> tuple[Handover, Orders, list[Entry]]:
        async with self._store.reading() as tx:
            found = await log_queries.offered(tx, shift.id)
            orders = await log_queries.newest_orders(tx, shift.centre)
            entries = await log_queries.entries(tx, shift.centre, 0, PAGE)
        if found is None:
            raise UnknownShift()
        return found, orders, entries

    async def accept(self, who: Principal, number: int, accepted: Sequence[str], known: Acknowledged, proof: FactorProof) -> Shift:
        """Takes a seat over: the other shift ends as this one begins.

        Raises UnknownShift, NotAccepted, NotAcknowledged, AlreadyOnDuty, NoRest, FactorNeeded, WrongCode, PasskeyRefused.
        """
        async with self._duty.turn:
            old = self._duty.lasting(number)
            if old.state is not ShiftState.HANDING_OVER or old.successor != who.user_id:
                raise UnknownShift()
            if self._duty.mine(who.user_id) is not None:
                raise AlreadyOnDuty()
            place = self._duty.centre(old.centre)
            self._access.check(who, Function.TAKE_DUTY, place_of(place))
            passing = (*(await self._duty.open_matters(place, old.user_id)), *self.left_by(old.user_id))
            left = [one for one in passing if one.id not in accepted]
            if left:
                raise NotAccepted(matters="; ".join(one.zh for one in left))
            handover, orders, entries = await self._passing(old)
            last = entries[0].number if entries else 0
            known.check(handover, orders, last)
            ended = replace(old, state=ShiftState.HANDED_OVER, ended_at=self._duty.now())
            signed = handover._replace(orders=orders.version, entry=last, accepted_at=self._duty.now())
            detail = f"from {old.name}, accepted {', '.join(accepted)}; {_said(signed)}"

            tell: list[Callable[[], None]] = []

            async def sign(tx: AsyncConnection) -> None:
                await queries.keep_shift(tx, ended)
                await log_queries.sign_handover(tx, signed)
                tell[:] = [await room.pass_on(tx, old.user_id, who, place.area, place.id) for room in self._duty.heirlooms]

            made = await self._duty.begin(who, place, old.seat, Act.DUTY_ACCEPT, detail, proof, sign)
            self._duty.handed_over(ended)
            for one in tell:
                one()
            return made


def _said(one: Handover) -> str:
    down = ", ".join(device.code for device in one.down[:NAMED_DOWN]) or "nothing"
    more = f" and {one.down_in_all - NAMED_DOWN} more" if one.down_in_all > NAMED_DOWN else ""
    return f"acknowledged standing orders version {one.orders}, log up to entry {one.entry}, down: {down}{more}"
