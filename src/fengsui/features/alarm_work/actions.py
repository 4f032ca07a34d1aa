"""Alarms taken, verified and closed: on record before it is done, by one person at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import structlog
from prometheus_client import Counter

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import Access, CameraClass, Function, Principal, Scope, scope_of
from fengsui.features.alarm_work import queries
from fengsui.features.alarm_work.model import IN_WORK, AlarmChanged, UnknownColleague, Verb, Wish, change, overdue
from fengsui.features.alarm_work.ports import AlarmWorkChanged
from fengsui.features.alarm_work.queries import Step
from fengsui.features.alarms import Alarm, Alarms, OpenAlarms
from fengsui.features.audit import NODE, Act, Audit
from fengsui.loops import keep, surprises
from fengsui.store import Store

log = structlog.get_logger(__name__)
NAME: Final = "alarm-clocks"
LOOK_S: Final = 1.0
AT_ONCE: Final = 200
ACTS: Final[Mapping[Verb, Act]] = {
    "claim": Act.ALARM_CLAIM,
    "release": Act.ALARM_RELEASE,
    "hand-over": Act.ALARM_HAND_OVER,
    "verify": Act.ALARM_VERIFY,
    "close": Act.ALARM_CLOSE,
}
LATE = Counter("fengsui_alarms_overdue_total", "Alarms that waited longer than their clock lets them", ["step"])


class AlarmWork:
    """What one desk does, all others see."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        access: Access,
        audit: Audit,
        alarms: Alarms,
        opened: OpenAlarms,
    ) -> None:
        self._store = store
        self._access = access
        self._bus = bus
        self._clock = clock
        self._audit = audit
        self._alarms = alarms
        self._open = opened
        self._changing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Whoever is to be told can be: clocks that ran out meanwhile are told of now."""
        self._task = keep(NAME, self._watch)

    async def stop(self) -> None:
        """Clocks go on when the node is back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def act(self, who: Principal, scopes: Sequence[Scope], id: int, wish: Wish) -> Alarm:
        """As it is then. Raises UnknownAlarm, what `model.change` raises, AuditUnavailable, StorageFault."""
        async with self._changing:
            alarm = await self._alarms.get(scopes, id)
            now = self._clock.now().timestamp()
            if wish.to is not None:
                wish = replace(wish, to_name=await self._colleague(alarm, wish.to))
            values = change(alarm, wish, now, self._open.limits)
            if not values:
                return alarm
            said = "; ".join(one for one in (wish.result, wish.reason, wish.outcome, wish.to_name, wish.note) if one)
            await self._audit.record(who, ACTS[wish.verb], str(id), detail=f"{alarm.site} {alarm.point}; {said}".strip("; "))
            step = Step(now, who.user_id, who.name, wish.verb, alarm.state, values.get("state", alarm.state), said)
            if wish.verb in ("verify", "close"):
                async with self._open.closing(id):
                    await self._write(alarm, values, step)
            else:
                await self._write(alarm, values, step)
            return await self._alarms.get(scopes, id)

    async def _colleague(self, alarm: Alarm, user_id: int) -> str:
        """The name of somebody who may see to it. Raises UnknownColleague."""
        person = await self._access.persons.get(user_id)
        of = CameraClass(alarm.camera_class) if alarm.camera_class else None
        held = None if person is None else scope_of(person, Function.TAKE_DUTY, now=self._access.steady.now_s())
        if person is None or held is None or not held.holds(alarm.area, of):
            raise UnknownColleague()
        return person.name

    async def _write(self, alarm: Alarm, values: Mapping[str, Any], step: Step) -> None:
        async with self._store.transaction() as tx:
            if not await queries.change(tx, alarm, values):
                raise AlarmChanged()
            await queries.add_step(tx, alarm.id, step)
        self._tell(replace(alarm, **values))

    def _tell(self, now: Alarm) -> None:
        told = AlarmWorkChanged(now.id, now.area, now.camera_class, now.state, now.priority, now.owner, now.escalated)
        self._bus.publish(told)

    async def steps(self, scopes: Sequence[Scope], id: int) -> list[Step]:
        """The oldest first. Raises UnknownAlarm, StorageFault."""
        await self._alarms.get(scopes, id)
        async with self._store.reading() as tx:
            return await queries.steps(tx, id)

    async def _watch(self) -> None:
        while True:
            told = 0
            with surprises(NAME):
                try:
                    told = await self._tell_what_waits()
                except StorageFault as fault:
                    log.error("alarms that wait too long cannot be looked for", why=str(fault))
            if told < AT_ONCE:
                await asyncio.sleep(LOOK_S)

    async def _tell_what_waits(self) -> int:
        """How many waited too long. Raises StorageFault."""
        now = self._clock.now().timestamp()
        late: list[Alarm] = []
        async with self._changing:
            async with self._store.reading() as tx:
                ids = await queries.due(tx, now, AT_ONCE)
            if not ids:
                return 0
            async with self._store.transaction(act=False) as tx:
                for id in ids:
                    alarm = await self._alarms.within(tx, id)
                    if alarm is None or alarm.due_at is None or alarm.due_at > now:
                        continue
                    values = overdue(alarm, now, self._open.limits) if alarm.state in IN_WORK else {"due_at": None}
                    if await queries.change(tx, alarm, values):
                        step = "claim" if alarm.owner_id is None else "verify" if alarm.state == "claimed" else "close"
                        await queries.add_step(tx, id, Step(now, None, "", "overdue", alarm.state, alarm.state, step))
                        late.append(replace(alarm, **values))
        for one in late:
            step = "claim" if one.owner_id is None else "verify" if one.state == "claimed" else "close"
            LATE.labels(step).inc()
            self._audit.record_end(NODE, Act.ALARM_OVERDUE, str(one.id), detail=f"{step}; {one.site} {one.point}")
            self._tell(one)
        return len(ids)
