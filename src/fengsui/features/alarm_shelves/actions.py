"""What is shelved: made, lifted, and ended at its time. A shelf and all that goes on it or comes off is one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import reduce
from operator import or_
from typing import Final, Literal

import structlog
from prometheus_client import Gauge

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import Principal, Scope
from fengsui.features.alarm_shelves.model import (
    MOST_SHELVES,
    Longest,
    Order,
    ShelfIsOver,
    ShelvedAlready,
    TooManyShelves,
    UnknownShelf,
    check,
)
from fengsui.features.alarm_shelves.ports import AlarmShelfChanged
from fengsui.features.alarm_work import Step, add_steps
from fengsui.features.alarms import WIDE, Alarm, Alarms, Held, OpenAlarms, ShelfBook, ShelfRow, ShelfScope
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.duty import Matter
from fengsui.loops import keep, surprises
from fengsui.store import Store

log = structlog.get_logger(__name__)
NAME: Final = "alarm-shelves"
LOOK_S: Final = 1.0
HOLDING = Gauge("fengsui_alarm_shelves", "Sources of alarms that are shelved")


class AlarmShelves:
    """One for the node. `zone`: in which a hand-over tells times."""

    def __init__(
        self, store: Store, bus: Bus, clock: Clock, audit: Audit, alarms: Alarms, opened: OpenAlarms, longest: Longest, zone: tzinfo
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._audit = audit
        self._alarms = alarms
        self._open = opened
        self._book = ShelfBook(opened)
        self.longest = longest
        self._zone = zone
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Whoever is to be told can be: what ended meanwhile ends now."""
        self._task = keep(NAME, self._watch)

    async def stop(self) -> None:
        """What is shelved stays so until the node is back, and its time has come."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def shelve(self, who: Principal, scopes: Sequence[Scope], order: Order) -> ShelfRow:
        """Raises UnknownAlarm, what `model.check` raises, ShelvedAlready, TooManyShelves, AuditUnavailable, StorageFault."""
        alarm = await self._alarms.get(scopes, order.alarm)
        check(alarm, order, who.user_id, self._clock.now().timestamp(), self.longest)
        named = _named(alarm, order.scope)
        until = datetime.fromtimestamp(order.until, UTC).isoformat(timespec="seconds")
        kind = "every category" if order.scope in WIDE else alarm.category
        said = f"{order.scope}; {kind}; {named}; {order.reason}; until {until}; {order.note}".strip("; ")
        await self._audit.record(who, Act.ALARM_SHELVE, str(alarm.id), range=alarm.area, detail=said)
        facts = {"named": named[:300], "reason": order.reason, "note": order.note, "until_at": order.until}
        facts |= {"by_id": who.user_id, "by_name": who.name, "classes": 0}
        if order.scope in WIDE:  # whoever sees any of what it holds sees the shelf
            classes = reduce(or_, (mask for scope in scopes for prefix, mask in scope.areas if alarm.area.startswith(prefix)), 0)
            facts |= {"camera_class": "", "category": "", "classes": classes}
        async with self._open.shelving(), self._store.transaction() as tx:
            now = self._clock.now().timestamp()
            made = await self._book.make(tx, alarm, order.scope, facts, who.user_id, now, MOST_SHELVES)
            if made.before is not None:
                raise ShelvedAlready(id=made.before)
            if made.row is None:
                raise TooManyShelves(limit=MOST_SHELVES)
            step = Step(now, who.user_id, who.name, "shelve", "open", "shelved", f"{order.reason}; {order.note}".strip("; "))
            await add_steps(tx, [*made.put], step)
        self._tell(made.row, "shelved", [*made.put.values()])
        return made.row

    async def lift(self, who: Principal, scopes: Sequence[Scope], id: int, why: str) -> ShelfRow:
        """Before its time. Raises UnknownShelf, ShelfIsOver, AuditUnavailable, StorageFault."""
        async with self._store.reading() as tx:
            found = await self._book.one(tx, id)
        if found is None or not any(found.is_within(one) for one in scopes):
            raise UnknownShelf()
        if found.ended_at is not None:
            raise ShelfIsOver()
        said = f"{found.scope}; {found.category}; {found.named}; {why}".strip("; ")
        await self._audit.record(who, Act.ALARM_UNSHELVE, str(id), range=found.area, detail=said)
        back = await self._end(found, who, why)
        if back is None:
            raise ShelfIsOver()
        self._tell(found, "lifted", back)
        async with self._store.reading() as tx:
            return await self._book.one(tx, id) or found

    async def _end(self, shelf: ShelfRow, who: Principal | None, why: str) -> list[int] | None:
        """The priorities of what came back; None: it was over already. Raises StorageFault."""
        async with self._open.shelving(), self._store.transaction(act=who is not None) as tx:
            now = self._clock.now().timestamp()
            back = await self._book.end(tx, shelf.id, now, "" if who is None else who.name, why)
            if back is None:
                return None
            user, name = (None, "") if who is None else (who.user_id, who.name)
            await add_steps(tx, [*back], Step(now, user, name, "unshelve", "shelved", "open", why))
        return [*back.values()]

    def _tell(self, of: ShelfRow, change: Literal["shelved", "lifted", "ended"], priorities: Sequence[int]) -> None:
        urgent = min(priorities, default=0)
        self._bus.publish(AlarmShelfChanged(of.id, of.area, of.camera_class, change, len(priorities), urgent))

    async def within(self, scopes: Sequence[Scope], area: str = "") -> list[tuple[ShelfRow, Held]]:
        """What is shelved there, whatever ends first being first, and what stands on it. Raises StorageFault."""
        async with self._store.reading() as tx:
            rows, held = await self._book.listed(tx), await self._book.held(tx)
        fitting = [one for one in rows if one.area.startswith(area) and any(one.is_within(scope) for scope in scopes)]
        return [(one, held.get(one.id, Held(0, 0))) for one in fitting]

    async def open_in(self, area: str, of: int | None = None, centre: int = 0) -> list[Matter]:
        """What the next shift has to know of, by name (`duty.ports.Matters`): it sees none of it in its queue."""
        del of  # a shelf is the place's, and stays when whoever made it leaves
        async with self._store.reading() as tx:
            found = [one for one in await self._book.listed(tx) if one.area.startswith(area)]
        return [self._matter(one) for one in found]

    def _matter(self, one: ShelfRow) -> Matter:
        until = datetime.fromtimestamp(one.until_at, self._zone).strftime("%m-%d %H:%M")
        where = "" if one.camera_class else one.named  # such a place may be no common knowledge: the number is enough then
        of_zh, of_en = {"premises": ("整个单位 ", "all of "), "area": ("整个区划 ", "all of area ")}.get(one.scope, ("", ""))
        zh = f"搁置 {one.id}({f'{of_zh}{where},' if where else ''}由 {one.by_name} 搁置至 {until})"
        en = f"shelf {one.id} ({f'{of_en}{where}, ' if where else ''}by {one.by_name} until {until})"
        return Matter(f"alarm-shelf:{one.id}", zh, en, one.area)

    async def _watch(self) -> None:
        while True:
            with surprises(NAME):
                try:
                    await self.look()
                except StorageFault as fault:
                    log.error("shelves whose time is over cannot be ended", why=str(fault))
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """At whose time is over. Raises StorageFault."""
        async with self._store.reading() as tx:
            rows = await self._book.listed(tx)
        HOLDING.set(len(rows))
        now = self._clock.now().timestamp()
        for one in rows:
            if one.until_at > now:
                break
            back = await self._end(one, None, "")
            if back is None:
                continue
            said = f"{one.scope}; {one.category}; {one.named}; its time is over"
            self._audit.record_end(NODE, Act.ALARM_UNSHELVE, str(one.id), range=one.area, detail=said)
            self._tell(one, "ended", back)


def _named(alarm: Alarm, scope: ShelfScope) -> str:
    """What is shelved. Of a wide one, which others see too, no place that one's class of camera keeps from them."""
    if scope == "area":
        return alarm.area
    if scope == "premises" and alarm.camera_class:
        return ""
    return " ".join(one for one in (alarm.site, (alarm.point or alarm.number) if scope == "point" else "") if one)
