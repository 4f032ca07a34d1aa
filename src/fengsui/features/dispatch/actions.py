"""Units are kept, proposed and sent; their tasks move the incident on. Each act is on record before it happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.errors import FengsuiError, OperatorFault
from fengsui.features.access import EVERYWHERE, Principal, Scope
from fengsui.features.audit import Act, Audit
from fengsui.features.dispatch import queries
from fengsui.features.dispatch.errors import CallSignTaken, LocatorTaken, UnknownTask, UnknownUnit, UnusableUnit
from fengsui.features.dispatch.fixes import Fix
from fengsui.features.dispatch.model import (
    Locator,
    Proposal,
    Status,
    Task,
    TaskStep,
    Unit,
    after_task,
    farthest,
    out_of_turn,
    proposals,
    put_in_service,
    repeats,
    sent,
    stepped,
)
from fengsui.features.dispatch.ports import TaskChanged, UnitChanged
from fengsui.features.incidents import Incident, Incidents, LineKind, UnknownIncident, followed
from fengsui.loops import keep
from fengsui.store import Store

Where = Sequence[Scope]
LOOK_S = 1.0
"""So often timers are looked at."""
AHEAD_S = 10.0
log = structlog.get_logger(__name__)


class Sent(NamedTuple):
    """How a step came. `key`: whoever had no answer sends it again under it; `pressed_at`: by the sender's own clock, as text."""

    key: str | None = None
    pressed_at: str = ""


AT_ONCE = Sent()


class _DoneBefore(Exception):
    """The same step under the same key is done."""


def _code_of(locator: Locator | None) -> str:
    return "none" if locator is None else locator.code


class Dispatch:
    """What it changes it changes within the incidents' turn: a unit works on one at a time."""

    def __init__(self, store: Store, bus: Bus, audit: Audit, incidents: Incidents) -> None:
        self._store = store
        self._bus = bus
        self._audit = audit
        self._incidents = incidents
        self._timers: asyncio.Task[None] | None = None
        self.on_task: list[Callable[[Task], None]] = []
        """Each is told of a task that is on disk as it now stands, before whoever moved it is answered."""
        self.on_units: list[Callable[[], None]] = []
        """Each is told that what units are has changed on disk."""

    def start(self) -> None:
        """Timers go on over a restart: they are counted from what is on disk."""
        self._timers = keep("task-timers", self._follow)

    async def stop(self) -> None:
        """Ends that."""
        if self._timers is not None:
            self._timers.cancel()
            await asyncio.gather(self._timers, return_exceptions=True)

    def now(self) -> float:
        """Seconds since 1970."""
        return self._incidents.now()

    async def sent_since(self, where: Where, area: str, since: float, most: int) -> list[Task]:
        """Tasks of these areas' units, the newest first. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.sent_since(tx, where, area, since, most)

    async def with_photos(self, sent_before: float, after: int, most: int) -> list[Task]:
        """By number, above that one. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.with_photos(tx, sent_before, after, most)

    async def at_work(self) -> list[tuple[int, Task]]:
        """Whoever is in a unit with a phone and has accepted its task, with that. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.at_work(tx)

    # Units

    async def units(self, where: Where, area: str, status: str) -> list[Unit]:
        """By call sign. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.units(tx, where, area=area, status=status)

    async def unit(self, where: Where, id: int) -> Unit:
        """Raises UnknownUnit, StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.unit(tx, where, id)
        if found is None:
            raise UnknownUnit()
        return found

    async def add_unit(self, who: Principal, unit: Unit) -> Unit:
        """A new one. Raises CallSignTaken, LocatorTaken, AuditUnavailable, StorageFault."""
        async with self._incidents.turn:
            await self._refuse_known(unit.call_sign)
            await self._refuse_located(unit)
            said = f"{unit.kind}, {len(unit.members)} members"
            await self._audit.record(who, Act.PATROL_UNIT_ADD, unit.call_sign, range=unit.area, detail=said)
            async with self._store.transaction() as tx:
                unit = replace(unit, id=await queries.add_unit(tx, unit))
        self._tell_unit(unit)
        self._told_units()
        return unit

    async def change_unit(self, who: Principal, where: Where, id: int, changes: Mapping[str, Any]) -> Unit:
        """Raises UnknownUnit, CallSignTaken, LocatorTaken, NotWorkedOn, AuditUnavailable, StorageFault."""
        async with self._incidents.turn:
            before = await self.unit(where, id)
            facts = dict(changes)
            status: Status | None = facts.pop("status", None)
            if facts.get("call_sign", before.call_sign) != before.call_sign:
                await self._refuse_known(facts["call_sign"])
            after = replace(before, **facts, version=before.version + 1)
            if status is not None and status is not before.status:
                after = put_in_service(after, status)
            await self._refuse_located(after)
            facts = {name: _code_of(value) if name == "locator" else value for name, value in changes.items()}
            said = ", ".join(f"{name} {value}" for name, value in facts.items())
            await self._audit.record(who, Act.PATROL_UNIT_CHANGE, before.call_sign, range=after.area, detail=said)
            async with self._store.transaction() as tx:
                await queries.keep_unit(tx, after)
        self._tell_unit(after)
        self._told_units()
        return after

    async def _refuse_known(self, call_sign: str) -> None:
        async with self._store.reading() as tx:
            if await queries.named(tx, call_sign):
                raise CallSignTaken(call_sign=call_sign)

    async def _refuse_located(self, unit: Unit) -> None:
        async with self._store.reading() as tx:
            others = await queries.located(tx) if unit.locator is not None else []
        for other in others:
            if other.locator == unit.locator and other.id != unit.id:
                raise LocatorTaken(unit=other.call_sign)

    @property
    def turn(self) -> asyncio.Lock:
        """Held by whoever changes units."""
        return self._incidents.turn

    async def change_own(self, who: Principal, id: int, status: Status) -> None:
        """By its crew: on duty or off. Raises UnknownUnit, NotWorkedOn, AuditUnavailable, StorageFault."""
        await self.change_unit(who, [EVERYWHERE], id, {"status": status})

    async def incident_of(self, task: Task) -> Incident:
        """To which a task belongs. Raises StorageFault."""
        return await self._incidents.get([EVERYWHERE], task.incident)

    async def place(self, where: Where, id: int, longitude: float, latitude: float, at: float | None) -> None:
        """Where a unit is; what is older than what is known changes nothing. Raises UnknownUnit, UnusableUnit, StorageFault."""
        await self.place_own(await self.unit(where, id), longitude, latitude, at)

    async def place_own(self, unit: Unit, longitude: float, latitude: float, at: float | None) -> None:
        """As `place`, by whoever is in it. Raises UnusableUnit, StorageFault."""
        now = self.now()
        if at is not None and at > now + AHEAD_S:
            raise UnusableUnit(why_zh="定位时间在将来", why_en="its position is of the future")
        async with self._store.transaction() as tx:
            newer = await queries.keep_position(tx, unit.id, longitude, latitude, now if at is None else at)
        if newer:
            self._tell_unit(unit)

    async def place_located(self, fixes: Mapping[int, Fix]) -> None:
        """Where units are by their devices, as long as they are on duty. Raises StorageFault."""
        async with self._store.transaction(act=False) as tx:
            units = [one for one in await queries.located(tx) if one.id in fixes and one.is_on_duty]
            moved = [one for one in units if await queries.keep_position(tx, one.id, *fixes[one.id])]
        for one in moved:
            self._tell_unit(one)

    # Tasks

    async def proposals(self, watched: Where, where: Where, incident: int) -> tuple[Incident, list[Proposal]]:
        """Of units that the caller may send; nobody is sent by it. Raises UnknownIncident, StorageFault."""
        one = await self._incidents.get(watched, incident)
        place = None if one.longitude is None or one.latitude is None else (one.longitude, one.latitude)
        free = await self.units(where, "", Status.AVAILABLE)
        return one, proposals(free, one.kind, one.area, place, self.now())

    async def tasks_of(self, watched: Where, incident: int) -> list[Task]:
        """The oldest first. Raises UnknownIncident, StorageFault."""
        await self._incidents.get(watched, incident)
        async with self._store.reading() as tx:
            return await queries.tasks_of(tx, incident)

    async def task(self, where: Where, id: int) -> Task:
        """Of an incident that the caller sees. Raises UnknownTask, StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.task(tx, id)
        if found is None:
            raise UnknownTask()
        try:
            await self._incidents.get(where, found.incident)
        except UnknownIncident as error:
            raise UnknownTask() from error
        return found

    async def call_signs(self, tasks: Sequence[Task]) -> dict[int, str]:
        """Of the units of tasks. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.call_signs(tx, sorted({one.unit for one in tasks}))

    async def send(self, who: Principal, where: Where, incident: int, unit_id: int, order: str, *, need_feedback: bool) -> Task:
        """By a person alone. Raises UnknownIncident, UnknownUnit, UnitBusy, NotNow, AuditUnavailable, StorageFault."""
        unit = await self.unit(where, unit_id)
        others: list[Task] = []
        made: Task | None = None

        async def check(one: Incident) -> None:
            nonlocal unit
            unit = await self.unit(where, unit_id)
            others[:] = await self._round(one)

        def change(one: Incident, at: float) -> Incident:
            nonlocal made
            made = sent(unit, one.id, order, one.priority, who.name, at, need_feedback=need_feedback)
            return followed(one, *farthest([*others, made]), at)

        async def write(tx: AsyncConnection, one: Incident, at: float) -> None:
            nonlocal made, unit
            assert made is not None, "the change was made before it is written"
            made = replace(made, id=await queries.add_task(tx, made))
            unit = after_task(unit, made)
            await queries.keep_unit(tx, unit)

        facts: dict[str, object] = {"unit": unit.call_sign, "step": "sent"}
        told: dict[str, Any] = {"text": order, "facts": facts, "check": check, "beside": write}
        after = await self._incidents.act(who, where, incident, Act.TASK_SEND, LineKind.UNIT, change, **told)
        assert made is not None, "it is on disk"
        self._tell(made, after, unit)
        return made

    async def step(self, who: Principal, where: Where, id: int, step: TaskStep, text: str, how: Sent = AT_ONCE) -> Task:
        """`how`: by whoever may send it again; then a step that was done is answered as it was.

        Raises UnknownTask, StepOutOfTurn, StepKeyReused, FeedbackNeeded, AuditUnavailable, StorageFault.
        """
        task = await self.task(where, id)
        if repeats(task, step, how.key):
            return task
        unit = await self.unit([EVERYWHERE], task.unit)
        others: list[Task] = []

        async def check(one: Incident) -> None:
            nonlocal task, unit
            task = await self.task(where, id)
            unit = await self.unit([EVERYWHERE], task.unit)
            if repeats(task, step, how.key):  # it was done while this one waited
                raise _DoneBefore()
            others[:] = [other for other in await self._round(one) if other.id != id]

        def change(one: Incident, at: float) -> Incident:
            nonlocal task
            task = stepped(task, step, text, at)
            if how.key is not None:
                task = replace(task, keys={**task.keys, how.key: step.value})
            return followed(one, *farthest([*others, task]), at)

        async def write(tx: AsyncConnection, one: Incident, at: float) -> None:
            nonlocal unit
            unit = after_task(unit, task)
            await queries.keep_task(tx, task)
            await queries.keep_unit(tx, unit)

        facts: dict[str, object] = {"unit": unit.call_sign, "task": id, "step": step.value}
        facts |= {"pressed_at": how.pressed_at} if how.pressed_at else {}
        told: dict[str, Any] = {"text": text, "facts": facts, "check": check, "beside": write}
        try:
            after = await self._incidents.act(who, where, task.incident, Act.TASK_STEP, LineKind.UNIT, change, **told)
        except _DoneBefore:
            return task
        self._tell(task, after, unit)
        return task

    async def _round(self, one: Incident) -> list[Task]:
        """Its tasks since it was opened, or opened again."""
        async with self._store.reading() as tx:
            return await queries.tasks_of(tx, one.id, one.since)

    # Timers

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look()
            except FengsuiError as error:
                log.warning("the timers of tasks are not looked at yet", what=str(error))

    async def look(self) -> None:
        """Tells once of each task whose time has run out. Raises AuditUnavailable, StorageFault."""
        await self._incidents.catch_up()
        async with self._store.reading() as tx:
            late = [one for one in await queries.running(tx) if one.is_late(self.now())]
        for one in late:
            try:
                await self._overdue(one)
            except OperatorFault as error:  # it moved on in this moment
                log.info("a task is late no more", task=one.id, what=str(error))

    async def _overdue(self, task: Task) -> None:
        unit = await self.unit([EVERYWHERE], task.unit)

        async def check(one: Incident) -> None:
            nonlocal task
            task = await self.task([EVERYWHERE], task.id)
            if not task.is_late(self.now()):
                raise out_of_turn(task)

        def change(one: Incident, at: float) -> Incident:
            return followed(one, one.reached, one.out, at)

        async def write(tx: AsyncConnection, one: Incident, at: float) -> None:
            nonlocal task
            task = replace(task, overdue=task.state.value)
            await queries.keep_task(tx, task)

        facts: dict[str, object] = {"unit": unit.call_sign, "task": task.id, "step": task.state.value}
        told: dict[str, Any] = {"facts": facts, "check": check, "beside": write}
        after = await self._incidents.act(None, [EVERYWHERE], task.incident, Act.TASK_OVERDUE, LineKind.OVERDUE, change, **told)
        self._bus.publish(TaskChanged(task.id, after.id, task.unit, after.area, task.state.value, overdue=True))

    def _told_units(self) -> None:
        for told in self.on_units:
            told()

    def _tell_unit(self, unit: Unit) -> None:
        self._bus.publish(UnitChanged(unit.id, unit.call_sign, unit.area, unit.status.value))

    def _tell(self, task: Task, one: Incident, unit: Unit) -> None:
        for told in self.on_task:
            told(task)
        self._bus.publish(TaskChanged(task.id, one.id, task.unit, one.area, task.state.value, overdue=False))
        self._tell_unit(unit)
