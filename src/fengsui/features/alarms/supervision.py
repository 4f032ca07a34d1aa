"""Alarm hosts that are not heard for longer than they may be: an alarm, once for each silence, and its end when they speak again.

A silence is on disk with its alarm, and what is not over after a restart goes on. To the others the time in which the node heard
nobody does not count.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.alarm_settings import AlarmHostsSection
from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.alarms import silence_queries as queries
from fengsui.features.alarms.hosts import AlarmHosts, Known
from fengsui.features.alarms.model import AlarmHost
from fengsui.features.alarms.opened import OpenAlarms, source_of
from fengsui.features.alarms.outages import Outages, Steps
from fengsui.features.alarms.ports import AlarmReceived, AlarmSilenceChanged
from fengsui.features.alarms.queries import NEWS
from fengsui.features.alarms.silence_clocks import Gathering
from fengsui.features.alarms.silence_queries import MANY, Member, Silence, row_of
from fengsui.loops import keep, surprises
from fengsui.store import Store

log = structlog.get_logger(__name__)
NAME: Final = "alarm-supervision"
LOOK_S: Final = 1.0
MOST_MEMBERS: Final = 500
"""Of one alarm, as a page shows them."""
STOOD_STILL_S: Final = 5.0
"""Where the loop itself was so late, the node heard nobody meanwhile."""
LEAST_S: Final = 900.0
"""After a start each host has so long to be heard, or its whole interval where that is less: a line takes its time to come back."""
SILENT = Gauge("fengsui_alarm_hosts_silent", "Alarm hosts that have not been heard for longer than their interval and its grace")
SILENCES = Counter("fengsui_alarm_silences_total", "Silences of supervised alarm hosts", ["outcome"])
RAISED, OVER = (SILENCES.labels(one) for one in ("raised", "over"))


class Supervision:
    """One for the node."""

    def __init__(
        self, store: Store, bus: Bus, clock: Clock, settings: AlarmHostsSection, hosts: AlarmHosts, opened: OpenAlarms
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._priority = settings.supervision_priority
        self._hosts = hosts
        hosts.removing = self._removing
        self._open = opened
        self._gathering = Gathering(settings.supervision_many, settings.supervision_window_s)
        self._outages = Outages()
        self._ran_until = 0.0
        self._kept = True
        """The outages are on disk."""
        self._fallen: dict[str, Known] = {}
        """By account: silent, and not yet on disk."""
        self._back: set[str] = set()
        """Heard again, and not yet on disk."""
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Hosts are known. Raises StorageFault."""
        async with self._store.reading() as tx:
            still = {one.host_id for one in await queries.still(tx)}
            self._ran_until = await queries.ran_until(tx)
            self._outages = Outages(await queries.outages(tx))
        self._missed(self._ran_until, self._clock.now().timestamp())
        await self._keep_outages()
        for known in self._hosts.all():
            known.silent = known.host.id in still
        self._count()

    def begin(self) -> None:
        """Hosts can be heard, and whoever is to be told can be."""
        now, now_s = self._clock.now().timestamp(), self._clock.monotonic_s()
        self._missed(self._ran_until, now)
        for known in self._hosts.all():
            limit_s = self._hosts.clocks.limit_s(known.host.supervision_s)
            if known.silent or limit_s is None:
                continue
            listened_s = self._outages.listened_s(known.heard_at or known.host.made_at, now)
            known.heard_s = now_s - min(listened_s, limit_s - min(limit_s, LEAST_S))
            self._hosts.clocks.follow(known.host.account, known.host.supervision_s, known.heard_s)
        self._task = keep(NAME, self._watch)

    async def stop(self) -> None:
        """Silences go on when the node is back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def silences(self, ids: Collection[int]) -> Mapping[int, Silence]:
        """What these alarms are about; of those that are about no silence, nothing. Raises StorageFault."""
        if not ids:
            return {}
        async with self._store.reading() as tx:
            return await queries.silences(tx, ids)

    async def members(self, alarm_id: int) -> list[Member]:
        """The hosts of one of these alarms. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.members(tx, alarm_id, MOST_MEMBERS)

    async def _watch(self) -> None:
        now_s = asyncio.get_running_loop().time
        looked_s = now_s()
        steps = Steps(self._clock.now().timestamp(), self._clock.monotonic_s())
        while True:
            await asyncio.sleep(LOOK_S)
            late_s = now_s() - looked_s - LOOK_S
            stood_s = late_s if late_s > STOOD_STILL_S else 0.0
            now = self._clock.now().timestamp()
            leap_s = steps.leap_s(now, self._clock.monotonic_s())
            self._missed(now - stood_s - leap_s, now)
            if stood_s:
                log.warning("the node stood still; alarm hosts are given that time", seconds=stood_s)
                self._grant(stood_s)
            with surprises(NAME):
                await self._keep_outages()
                await self.look()
            looked_s = now_s()

    def _missed(self, from_at: float, to_at: float) -> None:
        if to_at > from_at:
            self._outages.add(from_at, to_at)
            self._kept = False

    def _grant(self, seconds: float) -> None:
        now_s = self._clock.monotonic_s()
        for known in self._hosts.all():
            known.heard_s = min(now_s, known.heard_s + seconds)

    async def _keep_outages(self) -> None:
        if self._kept:
            return
        try:
            async with self._store.transaction(act=False) as tx:
                await queries.write_outages(tx, self._outages)
            self._kept = True
        except StorageFault as fault:  # tried again
            log.error("when the node could hear no alarm host could not be stored", why=str(fault))

    async def look(self) -> None:
        """At whose clock has run out, and who was heard again."""
        for account in self._hosts.clocks.run_out(self._clock.monotonic_s(), self._heard_s):
            if known := self._hosts.known(account):
                known.silent = True
                self._fallen[account] = known
        self._back |= self._hosts.take_returned()
        self._fallen = {account: known for account, known in self._fallen.items() if self._hosts.known(account) is known}
        if not self._fallen and not self._back:
            return
        fallen = dict(self._fallen)
        back = [known for account in self._back - set(fallen) if (known := self._hosts.known(account)) is not None]
        try:
            await self._write([*fallen.values()], back)
        except StorageFault as fault:  # tried again: what of it is on disk is looked for there first
            log.error("that alarm hosts are silent, or are heard again, could not be stored", why=str(fault))
            return
        for account in fallen:
            self._fallen.pop(account, None)
        self._back = {account for account in self._back if account in fallen}
        for known in back:
            known.silent = False
            self._hosts.clocks.follow(known.host.account, known.host.supervision_s, known.heard_s)
        self._count()

    def _heard_s(self, account: str) -> float:
        known = self._hosts.known(account)
        return 0.0 if known is None else known.heard_s

    def _count(self) -> None:
        SILENT.set(sum(one.silent for one in self._hosts.all()))

    async def _write(self, fallen: Sequence[Known], back: Sequence[Known]) -> None:
        now, now_s = self._clock.now().timestamp(), self._clock.monotonic_s()
        news: list[AlarmReceived | AlarmSilenceChanged] = []
        async with self._open.adding(), self._store.transaction(act=False) as tx:
            fallen = [one for one in fallen if self._hosts.known(one.host.account) is one]  # removed meanwhile, they are no news
            back = [one for one in back if self._hosts.known(one.host.account) is one]
            before = {one.host_id: one for one in await queries.still(tx, [one.host.id for one in (*fallen, *back)])}
            new = {one.host.id: one for one in fallen if one.host.id not in before}
            found = self._gathering.sort((one.host for one in new.values()), now_s)
            over = [one.host for one in back if one.host.id in before]
            await queries.end(tx, [one.id for one in over], now)
            own = [one for one in over if not before[one.id].many]
            shared = {before[one.id].alarm_id for one in over} - {before[one.id].alarm_id for one in own}
            ended = {id: area for id, area in (await queries.ended(tx, shared)).items() if area not in found.together}
            parents = {area: id for area in found.joining if (id := await self._parent(tx, area, now)) is not None}
            rows = [row_of(None, area, "new", self._priority, now) for area in found.together if area not in parents]
            rows += [row_of(one, one.area, "new", self._priority, now) for one in found.alone]
            rows += [row_of(one, one.area, "restored", self._priority, now) for one in own]
            rows += [row_of(None, area, "restored", self._priority, now) for area in ended.values()]
            ids = await self._open.add(tx, rows) if rows else []
            alone: dict[str, list[int]] = {}
            of_host: dict[int, int] = {}
            for id, row in zip(ids, rows, strict=True):
                news.append(AlarmReceived(id=id, shelved=row["shelf_id"] is not None, **{name: row[name] for name in NEWS}))
                counts_with = row["folded_into"] or id
                if row["change"] == "new" and row["code"] == MANY:
                    parents[row["area"]] = counts_with
                elif row["change"] == "new":
                    of_host[row["host_id"]] = counts_with
                    alone.setdefault(row["area"], []).append(counts_with)
            await self._enter(tx, new, of_host, found.together, parents, now)
            for area, parent in parents.items():
                if folded := await queries.fold_into(tx, self._gathering.alone(area, now_s), parent):
                    self._open.read_again()
                    news += [AlarmSilenceChanged(id, area) for id in folded]  # desks show them as open
            await queries.set_active(tx, parents.values(), active=True)
            await queries.set_active(tx, ended, active=False)
            areas = {before[one.id].alarm_id: one.area for one in over if before[one.id].many}
            areas |= {parent: area for area, parent in parents.items()}
            areas |= {before[one.host.id].alarm_id: one.host.area for one in fallen if one.host.id in before}
            news += [AlarmSilenceChanged(id, area) for id, area in areas.items()]
        self._gathering.note(alone, found.together, now_s)
        RAISED.inc(len(new))
        OVER.inc(len(over))
        for one in news:
            self._bus.publish(one)

    @asynccontextmanager
    async def _removing(self, host: AlarmHost) -> AsyncIterator[AsyncConnection]:
        """The transaction in which a host goes: its silence is over with it, and nobody else would tell."""
        now = self._clock.now().timestamp()
        news: list[AlarmReceived | AlarmSilenceChanged] = []
        async with self._open.adding(), self._store.transaction() as tx:
            yield tx
            silences = await queries.still(tx, [host.id])
            await queries.end(tx, [host.id], now)
            for one in silences:  # by what it says: the host's row may have been changed past the node
                gone = replace(host, account=one.account, site=one.site, area=one.area)
                over = {} if not one.many else await queries.ended(tx, [one.alarm_id])
                rows = [row_of(None, area, "restored", self._priority, now) for area in over.values()]
                rows += [] if one.many else [row_of(gone, one.area, "restored", self._priority, now)]
                await queries.set_active(tx, over, active=False)
                ids = await self._open.add(tx, rows) if rows else []
                news += [AlarmReceived(id, *(row[name] for name in NEWS)) for id, row in zip(ids, rows, strict=True)]
                news.append(AlarmSilenceChanged(one.alarm_id, one.area))
        OVER.inc(len(silences))
        if (known := self._hosts.known(host.account)) is not None:
            known.silent = False
            self._count()
        for told in news:
            self._bus.publish(told)

    async def _parent(self, tx: AsyncConnection, area: str, now: float) -> int | None:
        """The alarm about many hosts there, while it takes more."""
        return await self._open.takes(tx, source_of(row_of(None, area, "new", self._priority, now)))

    async def _enter(
        self,
        tx: AsyncConnection,
        new: Mapping[int, Known],
        of_host: Mapping[int, int],
        together: Mapping[str, Sequence[AlarmHost]],
        parents: Mapping[str, int],
        now: float,
    ) -> None:
        rows: list[dict[str, Any]] = []
        with_others = {one.id: parents[area] for area, hosts in together.items() for one in hosts}
        for id, known in new.items():
            host = known.host
            many = id in with_others
            rows.append(
                {
                    **{"host_id": id, "account": host.account, "site": host.site, "area": host.area},
                    **{"heard_at": known.heard_at, "raised_at": now, "ended_at": None},
                    **{"alarm_id": with_others[id] if many else of_host[id], "many": many},
                }
            )
        if rows:
            await queries.add(tx, rows)
