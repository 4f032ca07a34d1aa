"""Rosters: who shall sit where and when. Only people who may take duty there, at the beginning and at the end of it (rule A9)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.access import Access, Function, Named, Place, Post, Principal, Refusal
from fengsui.features.audit import Act, Audit
from fengsui.features.duty import queries, roster_queries
from fengsui.features.duty.actions import Duty, ShiftChanged
from fengsui.features.duty.model import (
    WEEK_S,
    Centre,
    NotRostered,
    Slot,
    UnknownSlot,
    UnusablePlan,
    check_slot,
    place_of,
    slot_for,
)
from fengsui.features.duty.roster_model import Version, Week
from fengsui.features.duty.roster_versions import MOST_VERSIONS, Versions
from fengsui.store import Store

END_S = 1.0
"""The last moment of a slot lies before its end."""
NOBODY = Named(0, "", "", "", "")


@dataclass(frozen=True, slots=True)
class Line:
    """A slot with whose it is, and what speaks against it by now: in Chinese and English, empty when nothing does."""

    slot: Slot
    person: Named
    trouble: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may take a seat. `seat`, `since`: the next slot by the roster, 0 without one; `on_duty`: sits somewhere now."""

    person: Named
    posts: list[Post]
    on_duty: bool
    seat: int
    since: float


class Rosters:
    """Beside `Duty`, which asks the same table at each signing on."""

    def __init__(self, store: Store, clock: Clock, bus: Bus, access: Access, audit: Audit, duty: Duty) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._access = access
        self._audit = audit
        self._duty = duty
        self._versions = Versions(access, duty.zone)
        self._turn = asyncio.Lock()

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def lines(self, who: Principal, centre: int, since: float, until: float) -> list[Line]:
        """By time. Raises UnknownCentre, Refusal."""
        place = self._seen(who, centre)
        async with self._store.reading() as tx:
            slots = [one for one in await queries.slots_between(tx, since, until) if one.centre == centre]
        if not self._access.may(who, Function.MANAGE_DUTY, Place(place.name, place.area)):
            slots = [one for one in slots if one.confirmed]  # a draft is the supervisor's
        named = await self._access.persons.named(one.user_id for one in slots)
        return [
            Line(one, named.get(one.user_id, NOBODY)._replace(user_id=one.user_id), await self._trouble(one, place))
            for one in slots
        ]

    def _seen(self, who: Principal, centre: int) -> Centre:
        place = self._duty.centre(centre)
        scope = self._access.scope(who, Function.LOOK_AROUND)
        if not scope.touches(place.area):
            self._access.check(who, Function.LOOK_AROUND, place_of(place))
        return place

    async def _trouble(self, slot: Slot, centre: Centre) -> tuple[str, str]:
        """Of a slot that is not over, why nobody can sit there by it."""
        now = self._now()
        if slot.until <= now:
            return "", ""
        if not slot.user_id:
            return "该班次被绕过节点改动,请重新排班", "the line was changed past the node; put somebody there anew"
        person = await self._access.persons.get(slot.user_id)
        if person is None:
            return "账户已停用", "the account is disabled"
        for at in (max(slot.since, now), slot.until - END_S):
            try:
                self._access.decide_or_refuse(person, Function.TAKE_DUTY, Place(centre.name, centre.area), at)
            except Refusal as refusal:
                return refusal.text_zh, refusal.text_en
        return "", ""

    async def candidates(
        self, who: Principal, centre: int, since: float | None = None, until: float | None = None, seat: int | None = None
    ) -> list[Candidate]:
        """Who may take a seat of this centre now, or from `since` to `until`: by the roster, then by name.

        `seat`: only those whom the roster lets sit there now. Raises UnknownCentre, Refusal.
        """
        place = self._duty.centre(centre)
        here = Place(place.name, place.area)
        if not self._access.may(who, Function.MANAGE_DUTY, here):
            self._access.check(who, Function.TAKE_DUTY, place_of(place))
        now = self._now()
        begin = now if since is None else since
        first = max(begin, now)  # of a slot that has begun only the rest counts, as in `_keep`
        moments = [first] if until is None else [first, until - END_S]
        async with self._store.reading() as tx:
            coming = [one for one in await queries.slots_between(tx, begin, begin + WEEK_S) if one.centre == centre]
        next_of = {one.user_id: one for one in reversed(coming)}
        found = []
        for named, person in await self._access.persons.able(Function.TAKE_DUTY, here, moments):
            if seat is not None and not _lets(coming, centre, seat, named.user_id, begin):
                continue
            slot = next_of.get(named.user_id)
            place_at = (0, 0.0) if slot is None else (slot.seat, slot.since)
            found.append(Candidate(named, person.posts(first), self._duty.mine(named.user_id) is not None, *place_at))
        return sorted(found, key=lambda one: (one.seat == 0, one.since, one.person.name))

    async def add(self, who: Principal, centre: int, seat: int, user_id: int, since: float, until: float) -> Line:
        """Raises UnknownCentre, UnusablePlan, Refusal."""
        return await self._keep(who, Slot(0, centre, seat, user_id, since, until))

    async def change(self, who: Principal, centre: int, number: int, seat: int, user_id: int, since: float, until: float) -> Line:
        """Raises UnknownCentre, UnknownSlot, UnusablePlan, Refusal."""
        before = await self._changeable(who, centre, number)
        return await self._keep(who, Slot(number, centre, seat, user_id, since, until), before)

    async def _changeable(self, who: Principal, centre: int, number: int) -> Slot:
        place = self._duty.centre(centre)
        self._access.check(who, Function.MANAGE_DUTY, place_of(place))
        async with self._store.reading() as tx:
            found = await queries.slot(tx, number)
        if found is None or found.centre != centre:
            raise UnknownSlot()
        if found.until <= self._now():
            raise UnusablePlan(why_zh="已结束的班次不能更改", why_en="a slot that is over stays as it was")
        return found

    async def _keep(self, who: Principal, slot: Slot, before: Slot | None = None, *, noted: bool = True) -> Line:
        place = self._duty.centre(slot.centre)
        here = Place(place.name, place.area)
        self._access.check(who, Function.MANAGE_DUTY, place_of(place))
        if slot.until <= self._now():
            raise UnusablePlan(why_zh="不能排已过去的班", why_en="the time is over")
        person = await self._access.persons.get(slot.user_id)
        if person is None:
            raise UnusablePlan(why_zh="没有这个人员", why_en="there is no such person")
        for at in (max(slot.since, self._now()), slot.until - END_S):
            self._access.decide_or_refuse(person, Function.TAKE_DUTY, here, at)
        async with self._turn:
            hours = self._duty.hours
            async with self._store.reading() as tx:
                near = await queries.slots_between(tx, slot.since - hours.rest_s, slot.until + hours.rest_s)
            check_slot(slot, place, near, hours)
            detail = _said(slot, person.name)
            if before is not None:
                was = await self._access.persons.get(before.user_id)
                detail = f"slot {slot.id}: {_said(before, was.name if was is not None else str(before.user_id))} → {detail}"
            await self._audit.record(who, Act.DUTY_ROSTER, place.name, detail=detail)
            async with self._store.transaction() as tx:
                slot = replace(slot, confirmed=await self._versions.published(tx, slot.centre, slot.since))
                if slot.id:
                    await queries.change_slot(tx, slot)
                else:
                    slot = replace(slot, id=await queries.add_slot(tx, slot))
                if noted:
                    weeks = [self._versions.week(one.since) for one in (slot, before or slot)]
                    await self._versions.note(tx, who, slot.centre, weeks, detail, self._now())
        self._told(slot.centre)
        named = await self._access.persons.named([slot.user_id])
        return Line(slot, named[slot.user_id], ("", ""))

    async def remove(self, who: Principal, centre: int, number: int) -> None:
        """Raises UnknownCentre, UnknownSlot, UnusablePlan, Refusal."""
        found = await self._changeable(who, centre, number)
        place = self._duty.centre(centre)
        detail = f"slot {found.id} removed: seat {found.seat}, user {found.user_id}"
        async with self._turn:
            await self._audit.record(who, Act.DUTY_ROSTER, place.name, detail=detail)
            async with self._store.transaction() as tx:
                await queries.remove_slot(tx, number)
                await self._versions.note(tx, who, centre, [self._versions.week(found.since)], detail, self._now())
        self._told(centre)

    async def copy(self, who: Principal, centre: int, since: float, to: float) -> tuple[int, list[Line]]:
        """A week of slots from `since` once more from `to` on: how many were made, and those that could not be, with the reason.

        Raises UnknownCentre, Refusal, AuditUnavailable.
        """
        place = self._duty.centre(centre)
        self._access.check(who, Function.MANAGE_DUTY, place_of(place))
        async with self._store.reading() as tx:
            wanted = [one for one in await queries.slots_between(tx, since, since + WEEK_S) if one.centre == centre]
        made, left, weeks = 0, [], set[Week]()
        named = await self._access.persons.named(one.user_id for one in wanted)
        for old in wanted:
            if not since <= old.since < since + WEEK_S:
                continue
            again = replace(old, id=0, since=old.since + to - since, until=old.until + to - since)
            try:
                await self._keep(who, again, noted=False)
                made += 1
                weeks.add(self._versions.week(again.since))
            except (UnusablePlan, Refusal) as error:
                left.append(Line(again, named.get(old.user_id, NOBODY), (error.text_zh, error.text_en)))
        async with self._turn, self._store.transaction() as tx:
            await self._versions.note(tx, who, centre, weeks, f"{made} slots copied", self._now())
        return made, left

    async def versions(self, who: Principal, centre: int, at: float) -> tuple[Week, list[Version], int]:
        """The week in which `at` lies, its versions with the newest first, and how many lines of it are drafts.

        Raises UnknownCentre, Refusal.
        """
        self._seen(who, centre)
        week = self._versions.week(at)
        async with self._store.reading() as tx:
            found = await roster_queries.versions(tx, centre, week, MOST_VERSIONS)
            drafts = [one for one in await roster_queries.slots_of(tx, centre, week) if not one.confirmed]
        return week, found, len(drafts)

    async def publish(self, who: Principal, centre: int, at: float) -> Version:
        """The week in which `at` lies binds from now on. Raises UnknownCentre, UnusablePlan, Refusal."""
        place = self._duty.centre(centre)
        self._access.check(who, Function.MANAGE_DUTY, place_of(place))
        week = self._versions.week(at)
        async with self._turn:
            async with self._store.reading() as tx:
                slots = await roster_queries.slots_of(tx, centre, week)
                newest = await roster_queries.newest_version(tx, centre, week)
            if not slots or (newest and all(one.confirmed for one in slots)):
                raise UnusablePlan(why_zh="没有尚未发布的班次", why_en="there is nothing that is not published")
            said = f"week from {week.key}, version {newest + 1}, {len(slots)} slots"
            await self._audit.record(who, Act.DUTY_PUBLISH, place.name, detail=said)
            async with self._store.transaction() as tx:
                await roster_queries.confirm(tx, centre, week)
                made = await self._versions.add(tx, who, centre, week, newest + 1, "", self._now())
        self._told(centre)
        return made

    async def slots(self, *numbers: int) -> list[Slot | None]:
        """Lines by their numbers."""
        async with self._store.reading() as tx:
            return [await queries.slot(tx, number) for number in numbers]

    async def check_swap(self, one: Slot, other: Slot) -> tuple[Slot, Slot]:
        """The two lines with each other's person. Raises UnusablePlan, Refusal: one of them may not sit there then."""
        place, hours = self._duty.centre(one.centre), self._duty.hours
        mine, theirs = replace(one, user_id=other.user_id), replace(other, user_id=one.user_id)
        for new, beside in ((mine, theirs), (theirs, mine)):
            person = await self._access.persons.get(new.user_id)
            if person is None:
                raise UnusablePlan(why_zh="人员已停用", why_en="an account is disabled")
            for at in (new.since, new.until - END_S):
                self._access.decide_or_refuse(person, Function.TAKE_DUTY, Place(place.name, place.area), at)
            async with self._store.reading() as tx:
                near = await queries.slots_between(tx, new.since - hours.rest_s, new.until + hours.rest_s)
            check_slot(new, place, [*(slot for slot in near if slot.id not in (one.id, other.id)), beside], hours)
        return mine, theirs

    async def exchange(self, who: Principal, one: Slot, other: Slot, keep: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        """Swaps the people of two lines, with whatever `keep` writes. Raises UnusablePlan, Refusal, AuditUnavailable."""
        place = self._duty.centre(one.centre)
        async with self._turn:
            pair = await self.check_swap(one, other)
            named = await self._access.persons.named(slot.user_id for slot in pair)
            detail = "swap: " + "; ".join(f"slot {slot.id}: {_said(slot, named[slot.user_id].name)}" for slot in pair)
            await self._audit.record(who, Act.DUTY_SWAP, place.name, detail=detail)
            async with self._store.transaction() as tx:
                for slot in pair:
                    await queries.change_slot(tx, slot)
                weeks = [self._versions.week(slot.since) for slot in pair]
                await self._versions.note(tx, who, one.centre, weeks, detail, self._now())
                await keep(tx)
        self._told(one.centre)

    def _told(self, centre: int) -> None:
        self._bus.publish(ShiftChanged(centre, self._duty.centre(centre).area, 0, 0, "roster", vacant=False))


def _said(slot: Slot, name: str) -> str:
    return f"seat {slot.seat}, {name}, {int(slot.since)} to {int(slot.until)}"


def _lets(slots: list[Slot], centre: int, seat: int, user_id: int, now: float) -> bool:
    try:
        slot_for(slots, centre, seat, user_id, now)
    except NotRostered:
        return False
    return True
