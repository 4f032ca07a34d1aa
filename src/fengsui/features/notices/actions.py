"""People are told of an alarm by a rule, in the transaction of the rule's own note; each acknowledges it for themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.access import CLASS_BIT, Access, CameraClass, Function, Named, Person, Place, Post, Principal
from fengsui.features.alarm_rules import Addressee, NoticeOrder
from fengsui.features.alarms import WATCHED_BY, Alarm
from fengsui.features.audit import Act, Audit
from fengsui.features.dispatch import Crews
from fengsui.features.notices import queries
from fengsui.features.notices.model import (
    JOINS_S,
    KEPT_S,
    MOST_AT_ONCE,
    MOST_SHOWN,
    STANDS_S,
    STORM_S,
    NobodyToTell,
    Notice,
    NoticesChanged,
    Reader,
    UnknownNotice,
)
from fengsui.store import Store


class Notices:
    """Of one node."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, audit: Audit, access: Access, crews: Crews) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._audit = audit
        self._access = access
        self._crews = crews

    async def start(self) -> None:
        """What is too old goes. Raises StorageFault."""
        async with self._store.transaction(act=False) as tx:
            await queries.remove_before(tx, self._clock.now().timestamp() - KEPT_S)

    # By rules

    async def people(self, alarm: Alarm, posts: Collection[str], *, units: bool) -> list[Addressee]:
        """Whoever holds such a post where the alarm is, and, of the units on duty there, whoever is in them; each once, by name.

        Raises NobodyToTell, StorageFault.
        """
        found: dict[int, Addressee] = {}
        if units:
            for named, call_sign in await self._crews.on_duty(alarm.area):
                found[named.user_id] = Addressee(named.user_id, named.name, "", call_sign)
        wanted = [Post(one) for one in posts]
        for named, person in await self._access.persons.posted(wanted, Place("", alarm.area)) if wanted else []:
            post = self._post_of(person, wanted, alarm)
            if post is not None:
                unit = found[named.user_id].unit if named.user_id in found else ""
                found[named.user_id] = Addressee(named.user_id, named.name, post.value, unit)
        if not found:
            raise NobodyToTell()
        return sorted(found.values(), key=lambda one: one.name)

    def _post_of(self, person: Person, posts: Sequence[Post], alarm: Alarm) -> Post | None:
        """By which of these somebody may know of the alarm now; None: by none."""
        now = self._clock.now().timestamp()
        if now >= person.closes_at:
            return None
        bit = CLASS_BIT[CameraClass(alarm.camera_class)] if alarm.camera_class else 0
        held = {
            one.post
            for one in person.appointments
            if one.since <= now < one.until and alarm.area.startswith(one.area) and (not bit or one.classes & bit)
        }
        return next((one for one in posts if one in held), None)

    async def put(self, tx: AsyncConnection, alarm: Alarm, order: NoticeOrder, people: Collection[Addressee]) -> None:
        """From the commit on it stands for each of them, once however often it is tried. In a storm of one rule at one place it
        counts with the newest. Raises StorageFault.
        """
        now = self._clock.now().timestamp()
        about = alarm.area, alarm.camera_class, alarm.category, order.priority, order.place, order.text
        one = Notice(0, alarm.id, order.rule, order.by, *about, now, 0)
        before = await queries.of_storm(tx, one, now - STORM_S, MOST_AT_ONCE)
        if len(before) >= MOST_AT_ONCE and before[0].at > now - JOINS_S:
            await queries.count_with(tx, before[0].id)
            return
        await queries.put(tx, one, [Reader(person.user_id, person.post, person.unit, None) for person in people])
        await queries.remove_before(tx, now - KEPT_S)

    def wake(self, alarm: Alarm) -> None:
        """Something was put, and is on disk."""
        self._bus.publish(NoticesChanged(alarm.area, alarm.camera_class))

    # By people

    def may_open(self, who: Principal, one: Notice) -> bool:
        """Whether somebody may look at the alarm itself."""
        of = CameraClass(one.camera_class) if one.camera_class else None
        return any(self._access.scope(who, function).holds(one.area, of) for function in WATCHED_BY)

    def _may_know(self, who: Principal, one: Notice, reader: Reader) -> bool:
        """By the rights of now: whoever lost them since is told no more."""
        patrols = bool(reader.unit) and self._access.scope(who, Function.GO_ON_PATROL).holds(one.area)
        return patrols or self.may_open(who, one)

    async def standing(self, who: Principal) -> list[tuple[Notice, Reader]]:
        """What somebody has not acknowledged, the most urgent first. Raises StorageFault."""
        since = self._clock.now().timestamp() - STANDS_S
        async with self._store.reading() as tx:
            found = await queries.standing(tx, who.user_id, since, MOST_SHOWN)
        return [(one, reader) for one, reader in found if self._may_know(who, one, reader)]

    async def acknowledge(self, who: Principal, id: int) -> None:
        """The first time counts. Raises UnknownNotice, AuditUnavailable, StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.of_reader(tx, id, who.user_id)
        if found is None or not self._may_know(who, *found):
            raise UnknownNotice()
        one, reader = found
        if reader.seen_at is not None:
            return
        await self._audit.record(who, Act.NOTICE_ACKNOWLEDGE, str(id), range=one.area, detail=f"alarm {one.alarm_id}; {one.rule}")
        async with self._store.transaction() as tx:
            await queries.see(tx, id, who.user_id, self._clock.now().timestamp())
        self._bus.publish(NoticesChanged(one.area, one.camera_class))

    async def of_alarm(self, alarm: int) -> tuple[list[tuple[Notice, list[Reader]]], dict[int, Named]]:
        """Whom rules told of it, and who they are. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.of_alarm(tx, alarm)
        return found, await self._access.persons.named({reader.user_id for _, readers in found for reader in readers})
