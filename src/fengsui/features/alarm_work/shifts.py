"""What of the alarms passes with a seat: those that somebody has taken by number, those that wait for somebody together.

Whoever takes the seat over has them from then on, in the transaction in which the seat changes hands; their clocks go on. Where a
shift ends with no successor, they are anybody's again: nobody waits for somebody who has gone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.access import Access, CameraClass, Function, Principal
from fengsui.features.alarm_work import queries
from fengsui.features.alarm_work.model import IN_WORK, Wish, change, passed_on
from fengsui.features.alarm_work.passes import AlarmPasses
from fengsui.features.alarm_work.queries import Step, Taken
from fengsui.features.alarms import Alarm, Alarms, OpenAlarms
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.duty import Matter
from fengsui.store import Store

BY_NAME: Final = 200
"""That are named one by one, the most urgent first; whoever has taken more than that works on none of them."""

Becomes = Callable[[Alarm], tuple[dict[str, Any], Step]]
"""The columns that become others, and what the time line says."""


class ShiftAlarms:
    """A shift's alarms, for duty (`duty.ports.Matters` and `Heirlooms`)."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        access: Access,
        audit: Audit,
        alarms: Alarms,
        opened: OpenAlarms,
        passes: AlarmPasses,
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._access = access
        self._audit = audit
        self._alarms = alarms
        self._open = opened
        self._passes = passes

    async def open_in(self, area: str, of: int | None = None, centre: int = 0) -> list[Matter]:
        """Those that `of` has taken (None: anybody), the most urgent first; how many else are taken, and how many wait. With those
        that were passed on to the centre.

        Raises StorageFault.
        """
        async with self._store.reading() as tx:
            taken = await queries.taken_in(tx, area, of, BY_NAME, centre)
            waiting = await queries.waiting_in(tx, area, centre)
            others = await queries.count_taken_in(tx, area, centre) - len(taken)
        found = [_matter(one) for one in taken]
        if others:
            found.append(Matter("alarms:taken", f"另有 {others} 条处理中的报警", f"{others} more alarms that are worked on", area))
        if waiting.alarms:
            zh = f"待接警 {waiting.alarms} 条(最高 {waiting.priority} 级)"
            en = f"{waiting.alarms} alarms that nobody has taken (the most urgent of priority {waiting.priority})"
            found.append(Matter("alarms:waiting", zh, en, area))
        return found

    async def pass_on(self, tx: AsyncConnection, of: int, to: Principal, area: str, centre: int = 0) -> Callable[[], None]:
        """What this person has taken there is the other's, or anybody's where the other may not see to it. Raises StorageFault."""
        scope, now = self._access.scope(to, Function.TAKE_DUTY), self._clock.now().timestamp()

        def becomes(alarm: Alarm) -> tuple[dict[str, Any], Step]:
            seen = CameraClass(alarm.camera_class) if alarm.camera_class else None
            passed = centre in [one.to_centre for one in self._passes.of(alarm.id)] and scope.holds(area, seen)
            if not scope.holds(alarm.area, seen) and not passed:
                return self._given_back(alarm, of, now)
            step = Step(now, to.user_id, to.name, "take-over", alarm.state, alarm.state, alarm.owner)
            return passed_on(to.user_id, to.name, now), step

        return self._teller([await self._change(tx, id, of, becomes) for id in await queries.taken_by(tx, of, area, centre)])

    async def give_back(self, tx: AsyncConnection, of: int, area: str, centre: int = 0) -> Callable[[], None]:
        """What this person has taken there is anybody's: as if they had given it back, which wins no time. Raises StorageFault."""
        now = self._clock.now().timestamp()

        def becomes(alarm: Alarm) -> tuple[dict[str, Any], Step]:
            return self._given_back(alarm, of, now)

        return self._teller([await self._change(tx, id, of, becomes) for id in await queries.taken_by(tx, of, area, centre)])

    def _given_back(self, alarm: Alarm, of: int, now: float) -> tuple[dict[str, Any], Step]:
        values = change(alarm, Wish("release", of, alarm.owner), now, self._open.limits)
        return values, Step(now, None, "", "release", alarm.state, values["state"], alarm.owner)

    async def _change(self, tx: AsyncConnection, id: int, of: int, becomes: Becomes) -> tuple[Alarm, Alarm] | None:
        """As it was and is; None: it is not theirs any more. Raises StorageFault."""
        alarm = await self._alarms.within(tx, id)
        if alarm is None or alarm.owner_id != of or alarm.state not in IN_WORK:
            return None
        values, step = becomes(alarm)
        if not await queries.change(tx, alarm, values):
            return None
        await queries.add_step(tx, id, step)
        return alarm, replace(alarm, **values)

    def _teller(self, done: Sequence[tuple[Alarm, Alarm] | None]) -> Callable[[], None]:
        def tell() -> None:
            for was, now in (one for one in done if one is not None):
                if now.owner_id is None:
                    said = f"{was.site} {was.point}; {was.owner} is not on duty any more".strip("; ")
                    self._audit.record_end(NODE, Act.ALARM_RELEASE, str(now.id), detail=said)
                self._bus.publish(self._passes.changed(now))

        return tell


def _matter(one: Taken) -> Matter:
    """A camera's class may be such that its place is no common knowledge: the number is enough then."""
    where = "" if one.camera_class else " ".join(part for part in (one.site, one.point) if part)
    zh = f"报警 {one.id}({one.priority} 级{f',{where}' if where else ''},{one.owner} 处理中)"
    en = f"alarm {one.id} (priority {one.priority}{f', {where}' if where else ''}, taken by {one.owner})"
    return Matter(f"alarm:{one.id}", zh, en, one.area)
