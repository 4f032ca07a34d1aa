"""Alarm hosts as they are entered: all in memory by account, with their keys at work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.account_cipher import AesCbc
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import Principal
from fengsui.features.alarms import arming_queries, point_queries, queries
from fengsui.features.alarms.arming_queries import OF_THE_HOST
from fengsui.features.alarms.host_keys import HostKeys, KeyUnreadable
from fengsui.features.alarms.host_words import as_it_says, facts_of, said_of, said_of_new
from fengsui.features.alarms.model import (
    MOST_HOSTS,
    Alarm,
    AlarmHost,
    AlarmHostChanged,
    AlarmHostKnown,
    AlarmPoint,
    Arming,
    ChangedHost,
    NewHost,
    NewPoint,
    TooManyAlarmHosts,
    UnknownAlarmHost,
    UnknownAlarmPoint,
    refuse_doubled,
    zone_of,
)
from fengsui.features.alarms.point_tests import PointTests
from fengsui.features.alarms.renumbered import points_that_stay
from fengsui.features.alarms.schedules import Schedules
from fengsui.features.alarms.silence_clocks import SilenceClocks
from fengsui.features.alarms.waiting import WaitingAlarmHosts
from fengsui.features.audit import Act, Audit
from fengsui.features.recording import Calendar
from fengsui.loops import keep
from fengsui.store import SealedRow, Store, written

log = structlog.get_logger(__name__)
WRITE_EVERY_S = 2.0


@dataclass(slots=True)
class Known:
    """A host that is heard. `cipher`: of its key. `heard_at`: of its last right frame, seconds since 1970; 0: never. `heard_s`: the
    same by the monotonic clock, or when it was entered. `silent`: it was not heard for longer than it may."""

    host: AlarmHost
    cipher: AesCbc | None
    heard_at: float
    heard_s: float
    silent: bool = False


class AlarmHosts:
    """Who reports, and what lies behind its zones."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        audit: Audit,
        keys: HostKeys,
        waiting: WaitingAlarmHosts,
        clocks: SilenceClocks,
        lasting: Clock,
        calendar: Calendar,
    ) -> None:
        """`calendar`: by which they are to be armed. `lasting`: by which tests end; one that is not made longer by setting the
        machine's clock back.
        """
        self._store = store
        self._clock = clock
        self._audit = audit
        self._keys = keys
        self._waiting = waiting
        self._known: dict[str, Known] = {}
        self._distrusted: dict[str, AlarmHost] = {}
        """By account, as their rows say, of which nothing is believed."""
        self._heard: set[str] = set()
        self._returned: set[str] = set()
        self._points: dict[int, AlarmPoint] = {}
        self._signals: dict[int, float] = {}
        """Of each point, when it told something last; seconds since 1970."""
        self._signalled: set[int] = set()
        self.tests = PointTests(store, lasting)
        self.clocks = clocks
        """Of those that must be heard."""
        self.schedules = Schedules(calendar)
        self.removing: Callable[[AlarmHost], AbstractAsyncContextManager[AsyncConnection]] = lambda _: store.transaction()
        """The transaction in which one goes, and with it what hangs on it. Nothing is awaited between its end and `known`."""
        self._changing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reads them all. Raises StorageFault."""
        await self.tests.start()
        async with self._store.reading() as tx:
            rows, points, plans = await queries.hosts(tx), await point_queries.points(tx), await arming_queries.plans(tx)
            self._signals = await point_queries.signals(tx)
            armings = await arming_queries.last_armings(tx)
        of_host: dict[int, list[AlarmPoint]] = {}
        for point in points:
            of_host.setdefault(point.host_id, []).append(point)
        for row, whole in rows:
            self._take_in(row, whole, of_host.get(row.id, ()), plans.get(row.id, {}))
        self.schedules.take_in(armings, {account: known.host for account, known in self._known.items()})
        await self._waiting.start()
        self._task = keep("alarm-hosts", self._write_behind)

    async def stop(self) -> None:
        """Writes when hosts were last heard, and who waits."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._write_heard()
            await self._write_signals()
            await self._waiting.write()

    def _take_in(self, row: SealedRow, whole: bool, points: Sequence[AlarmPoint], plans: Mapping[int, Arming]) -> None:
        """As its row says. One that is known already stays the same, with what was heard of it."""
        try:
            if not whole:
                raise KeyUnreadable()
            cipher = AesCbc(self._keys.opened(row.account, row.sealed_key)) if row.sealed_key else None
        except KeyUnreadable:  # who changed it could have taken its key away, or moved it to where nobody looks
            host = as_it_says(row, points)
            self._known.pop(host.account, None)
            self._distrusted[host.account] = host
            log.error("an alarm host's row is not as the node wrote it; its frames get no answer", account=row.account)
            return
        points = [replace(one, arming=plans[one.id].hours) if one.id in plans else one for one in points]
        by_zone = {zone_of(one.zone): one for one in points}
        facts = (row.id, row.protocol, row.account, row.site, row.area, cipher is not None, row.made_at, row.supervision_s)
        host = AlarmHost(*facts, by_zone, plans.get(OF_THE_HOST))
        before = self._known.get(row.account)
        if before is not None:
            self._leave(sorted(set(_ids(before.host)) - set(_ids(host))))
        if before is None or before.host.id != host.id:
            self._known[row.account] = Known(host, cipher, row.heard_at, self._clock.monotonic_s())
        else:
            before.host, before.cipher = host, cipher
        self._points |= {one.id: one for one in points}

    async def _read_one(self, account: str) -> None:
        """What is on disk of it, and nothing where it is gone. Raises StorageFault."""
        async with self._store.reading() as tx:
            rows = await queries.hosts(tx, account)
            points = await point_queries.points(tx, rows[0][0].id) if rows else []
            tests = await point_queries.tests(tx, rows[0][0].id) if rows else []
            plans = await arming_queries.plans(tx, rows[0][0].id) if rows else {}
        if not rows:
            self._gone(account)
            return
        before, (row, whole) = self._known.get(account), rows[0]
        then = None if before is None else before.host
        self._take_in(row, whole, points, plans.get(row.id, {}))
        self.schedules.touch(account)
        self.tests.take_in(_ids(self.get(row.id)), tests)
        if self.is_distrusted(account):
            self.clocks.leave(account)
        elif then is None or then.supervision_s != row.supervision_s:
            self.clocks.follow(account, row.supervision_s, self._clock.monotonic_s())

    def _gone(self, account: str) -> None:
        known, distrusted = self._known.pop(account, None), self._distrusted.pop(account, None)
        for host in (None if known is None else known.host, distrusted):
            if host is not None:
                self._leave(_ids(host))
        self.clocks.leave(account)
        self.schedules.forget(account)

    def _written(
        self, account: str, transaction: AbstractAsyncContextManager[AsyncConnection] | None = None
    ) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction about one; what is known of it then is what is on disk."""
        return written(self._store, self._changing, partial(self._read_one, account), transaction)

    def point(self, id: int | None) -> AlarmPoint | None:
        """None: it is gone, or of a host that is distrusted."""
        return None if id is None else self._points.get(id)

    def signalled_at(self, id: int) -> float:
        """When a point told something last, seconds since 1970; 0: never."""
        return self._signals.get(id, 0.0)

    def signalled(self, points: Sequence[AlarmPoint | None], at: float) -> None:
        """These told something now; written with others."""
        for one in points:
            if one is not None:
                self._signals[one.id] = at
                self._signalled.add(one.id)

    def is_tested(self, point: AlarmPoint | None) -> bool:
        """Its alarms are for the record alone."""
        return point is not None and self.tests.at(point.id) is not None

    def scheduled(self, alarm: Alarm) -> bool | None:
        """Whether what it tells of was to be armed when it came, as its host stands now; None: nobody said."""
        known = self._known.get(alarm.account)
        return None if known is None or alarm.first_at < known.host.made_at else self.schedules.scheduled(known.host, alarm)

    def known(self, account: str) -> Known | None:
        """By the digits of its account, in upper case."""
        return self._known.get(account)

    def is_distrusted(self, host: AlarmHost | str) -> bool:
        """Its row was changed past the node: neither heard nor taken for a stranger. By its account, or the host itself."""
        return host in self._distrusted if isinstance(host, str) else host is self._distrusted.get(host.account)

    def distrusted(self) -> list[AlarmHost]:
        """By account."""
        return [self._distrusted[account] for account in sorted(self._distrusted)]

    def heard(self, known: Known, at: float) -> None:
        """A right frame of it came; written with others."""
        known.heard_at, known.heard_s = at, self._clock.monotonic_s()
        self._heard.add(known.host.account)
        if known.silent:
            self._returned.add(known.host.account)

    def take_returned(self) -> set[str]:
        """Accounts of silent ones that were heard since the last time."""
        returned, self._returned = self._returned, set()
        return returned

    def all(self) -> list[Known]:
        """By account."""
        return [self._known[account] for account in sorted(self._known)]

    def get(self, id: int) -> AlarmHost:
        """Raises UnknownAlarmHost."""
        entered = (one.host for one in self._known.values())
        found = next((one for one in (*entered, *self._distrusted.values()) if one.id == id), None)
        if found is None:
            raise UnknownAlarmHost()
        return found

    async def add(self, who: Principal, new: NewHost) -> AlarmHost:
        """Heard from now on. Raises AlarmHostKnown, TooManyAlarmHosts, AuditUnavailable, StorageFault."""
        async with self._changing:
            if new.account in self._known or new.account in self._distrusted:
                raise AlarmHostKnown(account=new.account)
            if len(self._known) >= MOST_HOSTS:
                raise TooManyAlarmHosts(limit=MOST_HOSTS)
            await self._audit.record(who, Act.ALARM_HOST_ADD, new.account, detail=said_of_new(new))
            row = {
                **{"protocol": new.protocol, "account": new.account, "site": new.site, "area": new.area},
                "sealed_key": "" if new.key is None else self._keys.sealed(new.account, new.key),
                **{"made_at": self._clock.now().timestamp(), "heard_at": 0.0, "supervision_s": new.supervision_s},
            }
            try:
                async with self._written(new.account) as tx:
                    id = await queries.add_host(tx, row)
                    await self._write_points(tx, id, {}, new.points, new.arming)
            except IntegrityError as error:  # a row that is not ours to believe
                raise AlarmHostKnown(account=new.account) from error
            self._waiting.forget(new.account)
            return self._known[new.account].host

    async def change(self, who: Principal, host: AlarmHost, seen: str, new: ChangedHost) -> AlarmHost:
        """What its site is called, how often it must be heard, and its points; a point that stays keeps its alarms. `seen`: the
        revision that was read. Raises UnknownAlarmHost, AlarmHostChanged, UnusableAlarmHost, AuditUnavailable, StorageFault.
        """
        refuse_doubled(new.points)
        async with self._changing:
            known = self._known.get(host.account)
            if known is None or known.host.id != host.id:
                raise UnknownAlarmHost()
            before = known.host
            if before.revision != seen:
                raise AlarmHostChanged(account=before.account)
            staying = points_that_stay(before.points, new.points)
            await self._audit.record(who, Act.ALARM_HOST_CHANGE, before.account, detail=said_of(before, new, staying))
            async with self._written(before.account) as tx:
                await self._rewrite(tx, before, new)
            return self.get(before.id)

    async def _rewrite(self, tx: AsyncConnection, before: AlarmHost, new: ChangedHost) -> None:
        staying = points_that_stay(before.points, new.points)
        kept = {one.id for one in staying.values()}
        await queries.change_host(tx, before, new.site, new.supervision_s)
        await point_queries.remove(tx, [one.id for one in before.points.values() if one.id not in kept])
        await point_queries.leave_zones(tx, [one.id for zone, one in staying.items() if zone != zone_of(one.zone)])
        await self._write_points(tx, before.id, staying, new.points, new.arming)

    async def change_many(
        self, who: Principal, many: Sequence[tuple[AlarmHost, ChangedHost]], name: str, said: str, told: Callable[[int], None]
    ) -> None:
        """All of them or none, on one record under this name. `told`: of how many points more are written.

        Raises AlarmHostChanged, UnusableAlarmHost, AuditUnavailable, StorageFault.
        """
        async with self._changing:
            for host, new in many:
                refuse_doubled(new.points)
                known = self._known.get(host.account)
                if known is None or known.host.id != host.id or known.host.revision != host.revision:
                    raise AlarmHostChanged(account=host.account)
            await self._audit.record(who, Act.ALARM_POINT_IMPORT, name, detail=said)

            async def read() -> None:
                for host, _ in many:
                    await self._read_one(host.account)

            async with written(self._store, self._changing, read) as tx:
                for host, new in many:
                    await self._rewrite(tx, host, new)
                    told(len(new.points))

    @staticmethod
    async def _write_points(
        tx: AsyncConnection, host: int, before: Mapping[str, AlarmPoint], points: Sequence[NewPoint], arming: Arming | None
    ) -> None:
        """All of a host, and when they are to be armed. `before`: those that are there, by their zone as it is to be."""
        plans = {} if arming is None else {OF_THE_HOST: arming}
        added = await point_queries.add(tx, host, [one for one in points if zone_of(one.zone) not in before])
        for one in points:
            there = before.get(zone_of(one.zone))
            if there is not None and one._replace(id=None) != facts_of(there):
                await point_queries.change(tx, there, one)
            if one.arming is not None:
                plans[added[one.zone] if there is None else there.id] = Arming(one.arming)
        await arming_queries.write(tx, host, plans)

    def _leave(self, points: Sequence[int]) -> None:
        self.tests.forget(points)
        for one in points:
            self._points.pop(one, None)
            self._signals.pop(one, None)
            self._signalled.discard(one)

    async def begin_test(self, who: Principal, host: AlarmHost, points: Sequence[int], minutes: int, reason: str) -> None:
        """Alarms of these points, of all where none is named, are for the record alone so long. Raises UnknownAlarmHost,
        UnknownAlarmPoint, AuditUnavailable, StorageFault.
        """
        async with self._changing:
            known = self._known.get(host.account)
            if known is None or known.host.id != host.id:
                raise UnknownAlarmHost()
            mine = {one.id: one for one in known.host.points.values()}
            if unknown := next((one for one in points if one not in mine), None):
                raise UnknownAlarmPoint(account=host.account, point=unknown)
            chosen = sorted(set(points)) or list(mine)
            named = ", ".join(f"{mine[one].zone} {mine[one].name}" for one in chosen[:20])
            more = f" … ({len(chosen)})" if len(chosen) > 20 else ""
            await self._audit.record(who, Act.ALARM_HOST_TEST, host.account, detail=f"{minutes} min; {reason}; {named}{more}")
            async with self._written(host.account) as tx:
                await self.tests.begin(tx, known.host, chosen, minutes, reason, who.name)

    async def end_test(self, who: Principal, host: AlarmHost) -> None:
        """Of all its points. Raises UnknownAlarmHost, AuditUnavailable, StorageFault."""
        async with self._changing:
            host = self.get(host.id)
            await self._audit.record(who, Act.ALARM_HOST_TEST_END, host.account)
            async with self._written(host.account) as tx:
                await point_queries.end_tests(tx, host.id)

    async def remove(self, who: Principal, host: AlarmHost) -> None:
        """Its account is unknown from now on; its alarms stay. One that is distrusted as well, and may then be entered anew. Raises
        UnknownAlarmHost, AuditUnavailable, StorageFault.
        """
        async with self._changing:
            host = self.get(host.id)
            changed = "; its row was changed past the node" if self.is_distrusted(host) else ""
            await self._audit.record(who, Act.ALARM_HOST_REMOVE, host.account, detail=f"{host.area} {host.site}{changed}")
            async with self._written(host.account, self._going(host)) as tx:
                await queries.remove_host(tx, host.id)
                await arming_queries.remove(tx, host.id)

    @asynccontextmanager
    async def _going(self, host: AlarmHost) -> AsyncIterator[AsyncConnection]:
        async with self.removing(host) as tx:
            yield tx
        self._gone(host.account)

    async def _write_behind(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            await self._write_heard()
            await self._write_signals()
            await self._waiting.write()

    async def _write_heard(self) -> None:
        heard, self._heard = self._heard, set()
        rows = [{"b_id": one.host.id, "at": one.heard_at} for account in heard if (one := self._known.get(account))]
        if not rows:
            return
        try:
            async with self._store.transaction(act=False) as tx:
                await queries.heard(tx, rows)
        except StorageFault as fault:
            self._heard |= heard
            log.error("when alarm hosts were last heard could not be stored", why=str(fault))
        except BaseException:  # the node stops while this is written: it is written at the end
            self._heard |= heard
            raise

    async def _write_signals(self) -> None:
        told, self._signalled = self._signalled, set()
        at = {one: self._signals[one] for one in told if one in self._points}
        if not at:
            return
        try:
            async with self._store.transaction(act=False) as tx:
                await point_queries.write_signals(tx, at)
        except StorageFault as fault:
            self._signalled |= told
            log.error("when alarm points told something last could not be stored", why=str(fault))
        except BaseException:
            self._signalled |= told
            raise


def _ids(host: AlarmHost) -> list[int]:
    return [one.id for one in host.points.values()]
