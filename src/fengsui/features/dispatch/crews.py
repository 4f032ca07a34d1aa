"""Who is in a unit with a phone: what they see and do is their own unit's alone, and each of them is appointed to go on patrol."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from fengsui.features.access import EVERYWHERE, Access, Function, Named, Person, Place, Principal, Scope
from fengsui.features.alarms import Alarm, Call, CallsForHelp
from fengsui.features.audit import Act, Audit
from fengsui.features.dispatch import queries
from fengsui.features.dispatch.actions import Dispatch
from fengsui.features.dispatch.errors import CrewElsewhere, NotOnPatrol, UnfitCrew, UnknownTask, UnknownUnit
from fengsui.features.dispatch.model import Status, Task, Unit
from fengsui.features.incidents import Incident
from fengsui.store import Store

SITE = "巡防紧急求助"
"""Under which a call for help stands at the desk."""
OLDEST_CALL_S, NEWEST_CALL_S = 30 * 86_400.0, 86_400.0
"""A call that says it was pressed before or after that is told without a time of its own."""
FRESH_S = 300.0
"""So long a unit's position is still where its people are."""


@dataclass(frozen=True, slots=True)
class OwnUnit:
    """What somebody on patrol has before them. `task`: the running one, with its incident."""

    unit: Unit
    task: Task | None = None
    incident: Incident | None = None
    call: Alarm | None = None
    """For help, as long as somebody sees to it."""


class Crews:
    """Two keys for one door: the desk put somebody into the unit, and the security office appointed them to go on patrol."""

    def __init__(self, store: Store, audit: Audit, access: Access, dispatch: Dispatch, calls: CallsForHelp) -> None:
        self._store = store
        self._audit = audit
        self._access = access
        self._dispatch = dispatch
        self._calls = calls
        self.on_crew: list[Callable[[int, Collection[int]], None]] = []
        """Each is told who alone is in a unit from now on."""

    # By the desk

    async def candidates(self, where: Sequence[Scope], unit_id: int) -> list[Named]:
        """Who may go on patrol where the unit belongs, by name. Raises UnknownUnit, StorageFault."""
        unit = await self._dispatch.unit(where, unit_id)
        return [named for named, _ in await self._able(unit.area)]

    async def of_units(self, units: Collection[int]) -> dict[int, list[Named]]:
        """By unit. Raises StorageFault."""
        async with self._store.reading() as tx:
            crews = await queries.crews(tx, units)
        named = await self._access.persons.named({user for crew in crews.values() for user in crew})
        return {unit: [named[user] for user in crew if user in named] for unit, crew in crews.items()}

    async def set(self, who: Principal, where: Sequence[Scope], unit_id: int, users: Collection[int]) -> Unit:
        """These and nobody else; whoever was in another unit of this desk leaves it, unless that has a task.

        Raises UnknownUnit, UnfitCrew, CrewElsewhere, AuditUnavailable, StorageFault.
        """
        able = {one.user_id: one.name for one in await self.candidates(where, unit_id)}
        async with self._dispatch.turn:
            unit = await self._dispatch.unit(where, unit_id)
            for user in sorted(users):
                if user not in able:
                    raise UnfitCrew(who=user)
            async with self._store.reading() as tx:
                left = await queries.units_left(tx, unit.id, users)
            for id, some in left.items():
                other = await self._left(where, id, able[some[0]])
                gone = "left by " + ", ".join(able[user] for user in some)
                await self._audit.record(who, Act.PATROL_UNIT_CHANGE, other.call_sign, range=other.area, detail=gone)
            said = "crew " + (", ".join(able[user] for user in sorted(users)) or "nobody")
            await self._audit.record(who, Act.PATROL_UNIT_CHANGE, unit.call_sign, range=unit.area, detail=said)
            async with self._store.transaction() as tx:
                await queries.keep_crew(tx, unit.id, users)
            for told in self.on_crew:
                told(unit.id, users)
        return unit

    async def _left(self, where: Sequence[Scope], id: int, who: str) -> Unit:
        """A unit that somebody is to leave. Raises CrewElsewhere, StorageFault."""
        try:
            unit = await self._dispatch.unit(where, id)
        except UnknownUnit as error:
            raise CrewElsewhere(who=who) from error
        if unit.task:
            raise CrewElsewhere(who=who)
        return unit

    async def on_duty(self, area: str) -> list[tuple[Named, str]]:
        """Who is in a unit on duty to which an area belongs and may go on patrol there, with its call sign. Raises StorageFault."""
        able = {named.user_id: named for named, _ in await self._able(area)}
        async with self._store.reading() as tx:
            units = {one.id: one for one in await queries.units(tx, [EVERYWHERE]) if one.is_on_duty and area.startswith(one.area)}
            crews = await queries.crews(tx, units)
        return [(able[user], units[id].call_sign) for id, crew in crews.items() for user in crew if user in able]

    async def _able(self, area: str) -> list[tuple[Named, Person]]:
        place = Place("", area)
        return await self._access.persons.able(Function.GO_ON_PATROL, place, [self._dispatch.now()])

    # By whoever is in the unit

    async def own(self, who: Principal) -> OwnUnit | None:
        """None: the caller is in no unit for which the appointment holds. Raises StorageFault."""
        async with self._store.reading() as tx:
            unit = await queries.unit_of(tx, who.user_id)
            task = await queries.task(tx, unit.task) if unit is not None and unit.task else None
        if unit is None or not self._access.scope(who, Function.GO_ON_PATROL).holds(unit.area):
            return None
        incident = None if task is None else await self._dispatch.incident_of(task)
        return OwnUnit(unit, task, incident, await self._calls.open_of(unit.call_sign))

    async def is_in(self, who: Principal, unit_id: int) -> bool:
        """Whether it is the caller's own unit. Raises StorageFault."""
        own = await self.own(who)
        return own is not None and own.unit.id == unit_id

    async def unit_of_task(self, task_id: int) -> int:
        """Raises UnknownTask, StorageFault."""
        async with self._store.reading() as tx:
            task = await queries.task(tx, task_id)
        if task is None:
            raise UnknownTask()
        return task.unit

    async def place(self, who: Principal, longitude: float, latitude: float, at: float | None) -> None:
        """Where the caller's unit is, as long as it is on duty. Raises UnknownUnit, NotOnPatrol, UnusableUnit, StorageFault."""
        unit = await self._own_unit(who)
        if unit.status is Status.OUT_OF_SERVICE:
            raise NotOnPatrol(unit=unit.call_sign)
        await self._dispatch.place_own(unit, longitude, latitude, at)

    async def serve(self, who: Principal, *, on: bool) -> None:
        """On duty or off. Raises UnknownUnit, NotWorkedOn, AuditUnavailable, StorageFault."""
        unit = await self._own_unit(who)
        wanted = Status.AVAILABLE if on else Status.OUT_OF_SERVICE
        if on == (unit.status is not Status.OUT_OF_SERVICE):
            return
        await self._dispatch.change_own(who, unit.id, wanted)

    async def call_for_help(
        self, who: Principal, key: str, longitude: float | None, latitude: float | None, at: float | None
    ) -> None:
        """On duty or off. Returns once the alarm is on disk. Raises UnknownUnit, NotReceived, StorageFault."""
        unit = await self._own_unit(who)
        named = (await self._access.persons.named([who.user_id])).get(who.user_id)
        person = who.name if named is None or not named.full_name else f"{named.full_name} {who.name}"
        now = self._dispatch.now()
        at = at if at is not None and now - OLDEST_CALL_S <= at <= now + NEWEST_CALL_S else None  # a phone's clock refuses no call
        where: tuple[float | None, float | None] = (None, None)
        if longitude is not None and latitude is not None:
            where = longitude, latitude
        elif now - unit.position_at <= FRESH_S:  # where the unit was long ago is not where help is needed
            where = unit.longitude, unit.latitude
        await self._calls.take(str(who.user_id), key, Call(unit.call_sign, person, SITE, unit.area, at, *where))

    async def _own_unit(self, who: Principal) -> Unit:
        own = await self.own(who)
        if own is None:
            raise UnknownUnit()
        return own.unit
