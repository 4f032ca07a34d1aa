"""Two people swap lines of the roster: one asks, the other accepts, a supervisor approves; hours and rest are checked each time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.features.access import Access, Function, Named, Place, Principal
from fengsui.features.audit import Act, Audit
from fengsui.features.duty import roster_queries
from fengsui.features.duty.actions import Duty, ShiftChanged
from fengsui.features.duty.model import Centre, Slot, UnknownSlot, UnusablePlan, place_of
from fengsui.features.duty.roster_model import OPEN, OwnSwap, Swap, SwapState, SwapStep, SwapVoid, UnknownSwap
from fengsui.features.duty.rosters import Rosters
from fengsui.store import Store

NEWEST = 100
"""Swaps of a centre that are shown; all are kept."""


class Swaps:
    """Beside `Rosters`. Those that wait are kept in memory, for pages ask all the time."""

    def __init__(self, store: Store, bus: Bus, access: Access, audit: Audit, duty: Duty, rosters: Rosters) -> None:
        self._store = store
        self._bus = bus
        self._access = access
        self._audit = audit
        self._duty = duty
        self._rosters = rosters
        self._turn = asyncio.Lock()
        self._open: dict[int, Swap] = {}

    async def start(self) -> None:
        """What waits goes on waiting over a restart."""
        async with self._store.reading() as tx:
            self._open = {one.id: one for one in await roster_queries.open_swaps(tx)}

    def waiting_for(self, who: Principal) -> int:
        """How many this person should answer or decide."""
        return sum(self._waits(who, one) for one in self._open.values())

    def _waits(self, who: Principal, one: Swap) -> bool:
        if one.state is SwapState.ASKED:
            return one.asked_of == who.user_id
        return who.user_id not in (one.asked_by, one.asked_of) and self._supervises(who, one.centre)

    def _supervises(self, who: Principal, centre: int) -> bool:
        place = self._duty.centre(centre)
        return self._access.may(who, Function.MANAGE_DUTY, Place(place.name, place.area))

    async def listed(self, who: Principal, centre: int) -> tuple[list[Swap], dict[int, Named]]:
        """The newest first: a supervisor's all, others' own and those that are approved; with the names. Raises UnknownCentre."""
        place = self._duty.centre(centre)
        if not self._access.scope(who, Function.LOOK_AROUND).touches(place.area):
            self._access.check(who, Function.LOOK_AROUND, place_of(place))
        async with self._store.reading() as tx:
            found = await roster_queries.newest_swaps(tx, centre, NEWEST)
        every = self._supervises(who, centre)
        shown = [one for one in found if every or who.user_id in (one.asked_by, one.asked_of) or one.state is SwapState.APPROVED]
        return shown, await self._access.persons.named(
            user for one in shown for user in (one.asked_by, one.asked_of, one.decided_by) if user
        )

    async def ask(self, who: Principal, centre: int, slot: int, other_slot: int, reason: str) -> Swap:
        """One's own line for another's. Raises UnknownCentre, UnknownSlot, UnusablePlan, SwapVoid, Refusal."""
        place = self._duty.centre(centre)
        self._access.check(who, Function.TAKE_DUTY, place_of(place))
        async with self._turn:
            mine, theirs = await self._rosters.slots(slot, other_slot)
            if mine is None or theirs is None or mine.user_id != who.user_id or {mine.centre, theirs.centre} != {centre}:
                raise UnknownSlot()
            if theirs.user_id == who.user_id:
                raise UnusablePlan(why_zh="两班都是您的", why_en="both slots are yours")
            if any({slot, other_slot} & {one.slot, one.other_slot} for one in self._open.values()):
                raise UnusablePlan(why_zh="其中一班已有待办的换班申请", why_en="one of the slots is in a swap that waits")
            swap = Swap(
                id=0,
                centre=centre,
                slot=slot,
                other_slot=other_slot,
                asked_by=who.user_id,
                asked_of=theirs.user_id,
                asked_at=self._duty.now(),
                reason=reason,
            )
            if not swap.fits(mine, theirs, self._duty.now()):
                raise SwapVoid()
            await self._rosters.check_swap(mine, theirs)
            said = f"asked: slot {slot} for slot {other_slot} of user {theirs.user_id}: {reason}"
            await self._audit.record(who, Act.DUTY_SWAP, place.name, detail=said)
            async with self._store.transaction() as tx:
                swap = replace(swap, id=await roster_queries.add_swap(tx, swap))
            self._keep(swap, place)
            return swap

    async def answer(self, who: Principal, number: int, *, accept: bool) -> Swap:
        """Of whom it is asked. Raises UnknownSwap, SwapNotOpen, SwapVoid, UnusablePlan, Refusal."""
        async with self._turn:
            swap = self._own(number, who)
            if swap.asked_of != who.user_id:
                raise UnknownSwap()
            step = SwapStep.ACCEPT if accept else SwapStep.DECLINE
            state = swap.next(step)
            if accept:
                await self._rosters.check_swap(*await self._pair(swap))
            return await self._moved(who, replace(swap, state=state, answered_at=self._duty.now()), step.value)

    async def withdraw(self, who: Principal, number: int) -> Swap:
        """By whoever asked. Raises UnknownSwap, SwapNotOpen."""
        async with self._turn:
            swap = self._own(number, who)
            if swap.asked_by != who.user_id:
                raise UnknownSwap()
            return await self._moved(who, replace(swap, state=swap.next(SwapStep.WITHDRAW)), SwapStep.WITHDRAW.value)

    async def decide(self, who: Principal, number: int, note: str, *, approve: bool) -> Swap:
        """By a supervisor who is neither of the two. Raises UnknownSwap, OwnSwap, SwapNotOpen, SwapVoid, UnusablePlan, Refusal."""
        async with self._turn:
            swap = self._open.get(number)
            if swap is None:
                raise UnknownSwap()
            place = self._duty.centre(swap.centre)
            self._access.check(who, Function.MANAGE_DUTY, place_of(place))
            if who.user_id in (swap.asked_by, swap.asked_of):
                raise OwnSwap()
            step = SwapStep.APPROVE if approve else SwapStep.REFUSE
            state, now = swap.next(step), self._duty.now()
            settled = replace(swap, state=state, decided_by=who.user_id, decided_at=now, note=note)
            if not approve:
                return await self._moved(who, settled, f"{step.value}: {note}")
            mine, theirs = await self._pair(swap)

            async def keep(tx: AsyncConnection) -> None:
                await roster_queries.keep_swap(tx, settled)

            await self._rosters.exchange(who, mine, theirs, keep)
            self._keep(settled, place)
            return settled

    def _own(self, number: int, who: Principal) -> Swap:
        swap = self._open.get(number)
        if swap is None or who.user_id not in (swap.asked_by, swap.asked_of):
            raise UnknownSwap()
        return swap

    async def _pair(self, swap: Swap) -> tuple[Slot, Slot]:
        """Both lines while they are what was asked about. Raises SwapVoid, and the swap is."""
        mine, theirs = await self._rosters.slots(swap.slot, swap.other_slot)
        if mine is None or theirs is None or not swap.fits(mine, theirs, self._duty.now()):
            void = replace(swap, state=swap.next(SwapStep.LAPSE))
            async with self._store.transaction(act=False) as tx:  # what was asked for is refused
                await roster_queries.keep_swap(tx, void)
            self._keep(void, self._duty.centre(swap.centre))
            raise SwapVoid()
        return mine, theirs

    async def _moved(self, who: Principal, swap: Swap, said: str) -> Swap:
        place = self._duty.centre(swap.centre)
        await self._audit.record(who, Act.DUTY_SWAP, place.name, detail=f"swap {swap.id}, {said}")
        async with self._store.transaction() as tx:
            await roster_queries.keep_swap(tx, swap)
        self._keep(swap, place)
        return swap

    def _keep(self, swap: Swap, place: Centre) -> None:
        if swap.state in OPEN:
            self._open[swap.id] = swap
        else:
            self._open.pop(swap.id, None)
        self._bus.publish(ShiftChanged(place.id, place.area, 0, swap.asked_of, "roster", vacant=False))
