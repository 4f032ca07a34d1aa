"""Protected places as they are entered: each change on record before it is made. Alarms find theirs by their host."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import Principal
from fengsui.features.alarm_sites import queries
from fengsui.features.alarm_sites.model import (
    MOST_SITES,
    Facts,
    HostElsewhere,
    Said,
    Site,
    SiteChanged,
    SiteNameTaken,
    Standing,
    TooManySites,
    UnknownSite,
    UnusableSite,
    told,
)
from fengsui.features.alarms import Alarm, AlarmHosts, StandsIn
from fengsui.features.audit import Act, Audit
from fengsui.store import Store, written

log = structlog.get_logger(__name__)
OF_HOSTS = "dc09"


class Held(NamedTuple):
    """A place with all that it says."""

    site: Site
    said: Said


class AlarmSites:
    """Of one node."""

    def __init__(self, store: Store, clock: Clock, audit: Audit, hosts: AlarmHosts) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._hosts = hosts
        self._all: dict[int, Site] = {}
        self._by_account: dict[str, tuple[Standing, Site]] = {}
        self._changing = asyncio.Lock()

    async def start(self) -> None:
        """Raises StorageFault."""
        await self._read()
        if bad := [one.facts.name for one in self._all.values() if not one.is_whole]:
            log.error("protected places are not as the node wrote them; no alarm shows them", sites=bad)

    async def _read(self) -> None:
        async with self._store.reading() as tx:
            self._all = {one.id: one for one in await queries.sites(tx)}
        standing = [(host, site) for site in self._all.values() for host in site.hosts]
        self._by_account = {host.account: (host, site) for host, site in sorted(standing, key=lambda pair: pair[0].made_at)}

    # Reading

    def all(self) -> list[Site]:
        """Children first, then by name."""
        return sorted(self._all.values(), key=lambda one: one.order)

    def get(self, id: int) -> Site:
        """Raises UnknownSite."""
        found = self._all.get(id)
        if found is None:
            raise UnknownSite()
        return found

    def where(self, account: str) -> Site | None:
        """In which place the host of this account stands that is heard now."""
        found, known = self._by_account.get(account), self._hosts.known(account)
        return found[1] if found is not None and known is not None and known.host.made_at == found[0].made_at else None

    def of(self, alarm: Alarm) -> Site | None:
        """The place that an alarm comes from; None as well where the host of its account was entered anew in between."""
        if not alarm.account or alarm.protocol != OF_HOSTS or (found := self._by_account.get(alarm.account)) is None:
            return None
        standing, site = found
        known = self._hosts.known(alarm.account)
        is_later = known is not None and known.host.made_at != standing.made_at and alarm.first_at >= known.host.made_at
        return site if alarm.first_at >= standing.made_at and not is_later else None

    def stands_in(self, alarm: Alarm) -> StandsIn | None:
        """What a list of alarms shows of its place."""
        found = self.of(alarm)
        return None if found is None else StandsIn(found.facts.kind, found.facts.longitude, found.facts.latitude)

    async def read(self, site: Site) -> Held:
        """Raises UnknownSite, StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.one(tx, site.id)
        if found is None:
            raise UnknownSite()
        return Held(*found)

    # Writing

    def _refuse_unfit(self, facts: Facts, accounts: Sequence[str], own: int) -> tuple[Standing, ...]:
        """The hosts as they stand. Raises UnusableSite, SiteNameTaken, HostElsewhere."""
        if any((one.facts.area, one.facts.name) == (facts.area, facts.name) and one.id != own for one in self._all.values()):
            raise SiteNameTaken(name=facts.name)
        standing = []
        for account in accounts:
            known = self._hosts.known(account)
            if known is None:
                raise UnusableSite(why_zh=f"没有报警主机 {account}", why_en=f"there is no alarm host {account}")
            elsewhere = self.where(account)
            if elsewhere is not None and elsewhere.id != own:
                raise HostElsewhere(account=account)
            standing.append(Standing(account, known.host.made_at))
        return tuple(standing)

    async def add(self, who: Principal, facts: Facts, said: Said, accounts: Sequence[str]) -> Held:
        """Raises UnusableSite, SiteNameTaken, HostElsewhere, TooManySites, AuditUnavailable, StorageFault."""
        async with self._changing:
            said = _with(said, self._refuse_unfit(facts, accounts, 0))
            if len(self._all) >= MOST_SITES:
                raise TooManySites(limit=MOST_SITES)
            await self._audit.record(who, Act.ALARM_SITE_ADD, facts.name, range=facts.area, detail=told(facts, said, 1))
            async with self._written() as tx:
                id = await queries.add(tx, queries.row_of(facts, said, 1, self._clock.now().timestamp(), who.name))
            return await self.read(self.get(id))

    async def change(self, who: Principal, id: int, seen: int, facts: Facts, said: Said, accounts: Sequence[str]) -> Held:
        """`seen`: the version that whoever asks has before them.

        Raises UnknownSite, SiteChanged, UnusableSite, SiteNameTaken, HostElsewhere, AuditUnavailable, StorageFault.
        """
        async with self._changing:
            before = self._as_seen(id, seen)
            said = _with(said, self._refuse_unfit(facts, accounts, id))
            version = before.version + 1
            await self._audit.record(who, Act.ALARM_SITE_CHANGE, str(id), range=facts.area, detail=told(facts, said, version))
            async with self._written() as tx:
                await queries.change(tx, id, queries.row_of(facts, said, version, self._clock.now().timestamp(), who.name))
            return await self.read(self.get(id))

    def _as_seen(self, id: int, seen: int) -> Site:
        before = self.get(id)
        if not before.is_whole:  # what else was changed of its row would be believed again
            raise UnknownSite()
        if seen != before.version:
            raise SiteChanged(name=before.facts.name)
        return before

    async def remove(self, who: Principal, id: int) -> None:
        """Its hosts and their alarms stay. Raises UnknownSite, AuditUnavailable, StorageFault."""
        async with self._changing:
            facts = self.get(id).facts
            await self._audit.record(who, Act.ALARM_SITE_REMOVE, str(id), range=facts.area, detail=f"{facts.kind} {facts.name}")
            async with self._written() as tx:
                await queries.remove(tx, id)

    def _written(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return written(self._store, self._changing, self._read)


def _with(said: Said, hosts: tuple[Standing, ...]) -> Said:
    return Said(said.contacts, said.note, said.plan, hosts)
