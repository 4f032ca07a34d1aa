"""Hosts that are not armed when they are to be: an alarm, once for each time, and its end when they are, or need not be any more.

It is on disk with its alarm, and what is not over after a restart goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.alarms import arming_queries as queries
from fengsui.features.alarms.arming import MINUTE_S, Lapse, lapse_of
from fengsui.features.alarms.arming_queries import Told
from fengsui.features.alarms.hosts import AlarmHosts, Known
from fengsui.features.alarms.opened import OpenAlarms
from fengsui.features.alarms.ports import AlarmReceived
from fengsui.features.alarms.queries import NEWS
from fengsui.loops import keep, surprises
from fengsui.store import Store

log = structlog.get_logger(__name__)
NAME: Final = "alarm-arming"
LOOK_S: Final = 1.0


class ArmingWatch:
    """One for the node. A host that never told of its openings and closings is not watched: not to know is not to be disarmed."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, hosts: AlarmHosts, opened: OpenAlarms) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._hosts = hosts
        self._open = opened
        self._told: dict[int, Told] = {}
        """By host, as it is on disk."""
        self._minute: int | None = None
        """At which all were looked at."""
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Hosts are known. Raises StorageFault."""
        async with self._store.reading() as tx:
            self._told = await queries.lapses(tx)

    def begin(self) -> None:
        """Whoever is to be told can be."""
        self._task = keep(NAME, self._watch)

    async def stop(self) -> None:
        """What is not over goes on when the node is back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def lapse(self, host_id: int) -> Lapse | None:
        """What is said of a host; None: nothing."""
        found = self._told.get(host_id)
        return None if found is None else found.code

    async def _watch(self) -> None:
        while True:
            with surprises(NAME):
                await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """At those that told of their arming since the last time; once in a minute at all."""
        now = self._clock.now().timestamp()
        minute, touched = int(now // MINUTE_S), self._hosts.schedules.take_touched()
        whole = minute != self._minute
        looked = self._hosts.all() if whole else [one for name in touched if (one := self._hosts.known(name)) is not None]
        said = {one.host.id: self._said(one, now) for one in looked}
        new = {one.host.id: (one, code) for one in looked if (code := said[one.host.id]) and one.host.id not in self._told}
        over = [one for one in self._told.values() if (whole or one.account in touched) and not said.get(one.host_id)]
        if new or over:
            try:
                await self._write(new, over, now)
            except StorageFault as fault:  # tried again: what of it is on disk is looked for there first
                self._minute = None
                log.error("that alarm hosts are not armed, or are again, could not be stored", why=str(fault))
                return
        if whole:
            self._minute = minute

    def _said(self, known: Known, now: float) -> Lapse | None:
        """What is to be said of it. While it is silent, or in test, nothing new is."""
        host, schedules = known.host, self._hosts.schedules
        state = None if host.arming is None else schedules.armed.whole(host.account)
        if host.arming is None or state is None or state.armed:
            return None
        if (told := self._told.get(host.id)) is not None:
            return told.code if told.account == host.account and schedules.is_due(host.arming.hours, now) else None
        if known.silent or any(self._hosts.is_tested(one) for one in host.points.values()):
            return None
        return lapse_of(schedules.calendar, host.arming, state.since, now)

    async def _write(self, new: Mapping[int, tuple[Known, Lapse]], over: Sequence[Told], now: float) -> None:
        async with self._open.adding(), self._store.transaction(act=False) as tx:
            before = await queries.lapses(tx, [*new, *(one.host_id for one in over)])
            fresh = [
                (known.host, code)
                for id, (known, code) in new.items()
                if id not in before and self._hosts.known(known.host.account) is known  # removed meanwhile, it is no news
            ]
            made = [Told(host.id, code, host.account, host.site, host.area) for host, code in fresh]
            rows = [queries.lapse_row(one, "new", now) for one in made]
            rows += [queries.lapse_row(one, "restored", now) for one in over if before.get(one.host_id) == one]
            ids = await self._open.add(tx, rows) if rows else []
            if made:
                await queries.add_lapses(tx, made)
            await queries.end_lapses(tx, over)
        ended = {one.host_id for one in over}
        self._told = {id: one for id, one in {**self._told, **before}.items() if id not in ended}
        self._told |= {one.host_id: one for one in made}
        for id, row in zip(ids, rows, strict=True):
            self._bus.publish(AlarmReceived(id=id, shelved=row["shelf_id"] is not None, **{name: row[name] for name in NEWS}))
