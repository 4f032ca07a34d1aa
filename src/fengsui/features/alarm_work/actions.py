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
from fengsui.features.access import Access, Function, Place, Principal, Refusal, Scope
from fengsui.features.alarm_work import queries
from fengsui.features.alarm_work.model import IN_WORK, AlarmChanged, UnknownColleague, Verb, Wish, change, overdue
from fengsui.features.alarm_work.ports import AlarmWorkChanged
from fengsui.features.alarm_work.queries import Step
from fengsui.features.alarms import Alarm, Alarms, OpenAlarms
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.cameras import Cameras
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
        cameras: Cameras,
        alarms: Alarms,
        opened: OpenAlarms,
    ) -> None:
        self._store = store
        self._access = access
        self._cameras = cameras
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
            if wish.verb == "close":
                async with self._open.closing(id):
                    await self._write(alarm, values, step)
            else:
                await self._write(alarm, values, step)
            return await self._alarms.get(scopes, id)

    async def _colleague(self, alarm: Alarm, user_id: int) -> str:
        """The name of somebody who may see to it. Raises UnknownColleague."""
        person = await self._access.persons.get(user_id)
        facts = (await self._cameras.facts([alarm.camera])).get(alarm.camera) if alarm.camera_class else None
        if person is None:
            raise UnknownColleague()
        try:
            self._access.decide_or_refuse(person, Function.TAKE_DUTY, facts or Place(alarm.site, alarm.area))
        except Refusal as error:
            raise UnknownColleague() from error
        return person.name

    async def _write(self, alarm: Alarm, values: Mapping[str, Any], step: Step, *, act: bool = True) -> None:
        async with self._store.transaction(act=act) as tx:
            if not await queries.change(tx, alarm, values):
                raise AlarmChanged()
            await queries.add_step(tx, alarm.id, step)
        now = replace(alarm, **values)
        told = AlarmWorkChanged(alarm.id, alarm.area, alarm.camera_class, now.state, now.priority, now.owner, now.escalated)
        self._bus.publish(told)

    async def steps(self, scopes: Sequence[Scope], id: int) -> list[Step]:
        """The oldest first. Raises UnknownAlarm, StorageFault."""
        await self._alarms.get(scopes, id)
        async with self._store.reading() as tx:
            return await queries.steps(tx, id)

    async def _watch(self) -> None:
        while True:
            with surprises(NAME):
                try:
                    await self._tell_what_waits()
                except StorageFault as fault:
                    log.error("alarms that wait too long cannot be looked for", why=str(fault))
            await asyncio.sleep(LOOK_S)

    async def _tell_what_waits(self) -> None:
        now = self._clock.now().timestamp()
        async with self._store.reading() as tx:
            ids = await queries.due(tx, now, AT_ONCE)
        for id in ids:
            async with self._changing:
                alarm = await self._alarms.whole(id)
                if alarm is None or alarm.due_at is None or alarm.due_at > now or alarm.state not in IN_WORK:
                    continue  # somebody was quicker
                values = overdue(alarm, self._open.limits)
                step = "claim" if alarm.owner_id is None else "verify"
                LATE.labels(step).inc()
                self._audit.record_end(NODE, Act.ALARM_OVERDUE, str(id), detail=f"{step}; {alarm.site} {alarm.point}")
                await self._write(alarm, values, Step(now, None, "", "overdue", alarm.state, alarm.state, step), act=False)
