"""Protected places as they are entered: each change on record before it is made. Alarms find theirs by their host."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import Principal
from fengsui.features.alarm_sites import queries
from fengsui.features.alarm_sites.model import (
    MOST_PLANS,
    MOST_SITES,
    Facts,
    FloorPlan,
    HostElsewhere,
    Mark,
    Said,
    Site,
    SiteChanged,
    SiteNameTaken,
    Standing,
    TooManySites,
    UnknownPlan,
    UnknownSite,
    UnusableSite,
    told,
)
from fengsui.features.alarms import Alarm, AlarmHosts, AlarmPoint, CausePlace, StandsIn, usual_place
from fengsui.features.audit import Act, Audit
from fengsui.features.device_files import Photos
from fengsui.store import Store, written

log = structlog.get_logger(__name__)
OF_HOSTS: Final = "dc09"
FOLDER: Final = "site-plans"


class Held(NamedTuple):
    """A place with all that it says."""

    site: Site
    said: Said


class AlarmSites:
    """Of one node."""

    def __init__(self, store: Store, clock: Clock, audit: Audit, hosts: AlarmHosts, data: Path) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._hosts = hosts
        self._pictures = Photos(data, FOLDER)
        self.procedure_named: Callable[[int, str], str | None] = lambda id, area: None
        """What a procedure is called that holds in an area; None: none does."""
        self._all: dict[int, Site] = {}
        self._by_account: dict[str, tuple[Standing, Site]] = {}
        self._changing = asyncio.Lock()

    async def start(self) -> None:
        """Raises StorageFault."""
        await asyncio.to_thread(self._pictures.tidy)
        await self._read()
        if self._all:  # else it is another's database, or has lost them
            await self._forget(await asyncio.to_thread(self._pictures.names))  # a stop left them between a picture and its row
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

    def feeds(self, row: Mapping[str, Any]) -> CausePlace:
        """Points of hosts that stand in one protected place have one feed. `row`: an alarm as it is stored."""
        site = self.where(row["account"])
        if site is None:
            return usual_place(row)
        return CausePlace(f"site {site.id}", min(one.account for one in site.hosts), site.facts.name)

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

    def place_of(self, account: str) -> tuple[float, float] | None:
        """Longitude and latitude of the place in which the host of this account stands now; None: nobody said."""
        found = self.where(account)
        if found is None or found.facts.longitude is None or found.facts.latitude is None:
            return None
        return found.facts.longitude, found.facts.latitude

    def procedure_of(self, alarm: Alarm) -> int | None:
        """The one that its place proposes."""
        found = self.of(alarm)
        return None if found is None else found.procedure

    async def read(self, site: Site) -> Held:
        """Raises UnknownSite, StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.one(tx, site.id)
        if found is None:
            raise UnknownSite()
        return Held(*found)

    def points(self, site: Site) -> list[tuple[str, AlarmPoint]]:
        """Of the hosts that stand in it, each with its account."""
        hosts = (self._hosts.known(one.account) for one in site.hosts if self.where(one.account) is site)
        return [(one.host.account, point) for one in hosts if one is not None for point in one.host.points.values()]

    def point_of(self, site: Site, mark: Mark) -> AlarmPoint | None:
        """None where it is gone, or its host no longer stands here."""
        known = self._hosts.known(mark.account)
        return None if known is None or self.where(mark.account) is not site else known.host.point_at(mark.zone)

    def rings(self, alarm: Alarm, mark: Mark) -> bool:
        """Whether the alarm is of that point."""
        known = self._hosts.known(mark.account)
        if known is None or alarm.account != mark.account or alarm.is_user:
            return False
        point = known.host.point_at(alarm.number)
        return point is not None and point is known.host.point_at(mark.zone)

    async def picture(self, who: Principal, site: Site, picture: str, alarm: Alarm | None = None) -> bytes:
        """JPEG, on record before it is given. `alarm`: beside which it is looked at. Raises UnknownPlan, AuditUnavailable."""
        if picture not in site.pictures:
            raise UnknownPlan()
        said = f"{site.facts.name}; sha256 {picture}" + ("" if alarm is None else f"; alarm {alarm.id}")
        await self._audit.record(who, Act.ALARM_SITE_PLAN, str(site.id), range=site.facts.area, detail=said)
        octets = await asyncio.to_thread(self._pictures.read, picture)
        if octets is None:
            raise UnknownPlan()
        return octets

    # Writing

    def _refuse_unfit(self, facts: Facts, said: Said, accounts: Sequence[str], before: Site | None) -> tuple[Standing, ...]:
        """The hosts as they stand; a procedure that was there before may be gone.

        Raises UnusableSite, SiteNameTaken, HostElsewhere.
        """
        own = 0 if before is None else before.id
        is_new = said.procedure is not None and (before is None or said.procedure != before.procedure)
        if said.procedure is not None and is_new and self.procedure_named(said.procedure, facts.area) is None:
            raise UnusableSite(why_zh="该区划没有这个预案", why_en="no such procedure holds in that area")
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
            said = msgspec.structs.replace(said, hosts=self._refuse_unfit(facts, said, accounts, None))
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
            standing = self._refuse_unfit(facts, said, accounts, before)
            plans = tuple(_within(one, accounts) for one in (await self.read(before)).said.plans)
            return await self._rewrite(who, before, facts, msgspec.structs.replace(said, hosts=standing, plans=plans))

    async def _rewrite(self, who: Principal, before: Site, facts: Facts, said: Said) -> Held:
        """Within `_changing`. Pictures that no place has any more go from the disk as well."""
        id, version = before.id, before.version + 1
        await self._audit.record(who, Act.ALARM_SITE_CHANGE, str(id), range=facts.area, detail=told(facts, said, version))
        async with self._written() as tx:
            await queries.change(tx, id, queries.row_of(facts, said, version, self._clock.now().timestamp(), who.name))
        await self._forget(before.pictures)
        return await self.read(self.get(id))

    async def _forget(self, some: Sequence[str]) -> None:
        used = {name for site in self._all.values() for name in site.pictures}
        if all(site.is_whole for site in self._all.values()):  # what one says that is not is unknown
            for name in set(some) - used:
                await asyncio.to_thread(self._pictures.forget, name)

    # Plans

    async def add_plan(self, who: Principal, id: int, seen: int, name: str, octets: bytes) -> Held:
        """Raises UnknownSite, SiteChanged, UnusableSite, UnusablePhoto, PhotoNotKept, AuditUnavailable, StorageFault."""
        async with self._changing:
            before = self._as_seen(id, seen)
            said = (await self.read(before)).said
            if len(said.plans) >= MOST_PLANS:
                raise UnusableSite(why_zh=f"最多 {MOST_PLANS} 张平面图", why_en=f"{MOST_PLANS} floor plans at most")
            picture = await asyncio.to_thread(self._pictures.keep, octets)  # one at a time: small files may be large pictures
            if any(one.picture == picture for one in said.plans):
                raise UnusableSite(why_zh="这张平面图已有", why_en="it has this floor plan already")
            plans = (*said.plans, FloorPlan(picture, name))
            try:
                return await self._rewrite(who, before, before.facts, msgspec.structs.replace(said, plans=plans))
            except StorageFault:  # it may be on disk all the same
                raise
            except BaseException:
                await self._forget([picture])
                raise

    async def change_plan(self, who: Principal, id: int, seen: int, plan: FloorPlan) -> Held:
        """Its name and its marks anew. Raises UnknownSite, UnknownPlan, SiteChanged, UnusableSite, AuditUnavailable,
        StorageFault."""
        async with self._changing:
            before = self._as_seen(id, seen)
            if plan.picture not in before.pictures:
                raise UnknownPlan()
            self._refuse_marks(before, plan.marks)
            said = (await self.read(before)).said
            plans = tuple(plan if one.picture == plan.picture else one for one in said.plans)
            return await self._rewrite(who, before, before.facts, msgspec.structs.replace(said, plans=plans))

    def _refuse_marks(self, site: Site, marks: Sequence[Mark]) -> None:
        points = set()
        for one in marks:
            point = self.point_of(site, one)
            if point is None:
                said = f"{one.account} {one.zone}"
                raise UnusableSite(why_zh=f"该场所没有报警点 {said}", why_en=f"there is no alarm point {said} in it")
            if point.id in points:
                raise UnusableSite(why_zh="同一报警点标了两次", why_en="a point is marked twice")
            points.add(point.id)

    async def remove_plan(self, who: Principal, id: int, seen: int, picture: str) -> Held:
        """Raises UnknownSite, UnknownPlan, SiteChanged, AuditUnavailable, StorageFault."""
        async with self._changing:
            before = self._as_seen(id, seen)
            if picture not in before.pictures:
                raise UnknownPlan()
            said = (await self.read(before)).said
            plans = tuple(one for one in said.plans if one.picture != picture)
            return await self._rewrite(who, before, before.facts, msgspec.structs.replace(said, plans=plans))

    # Going

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
            before = self.get(id)
            facts = before.facts
            await self._audit.record(who, Act.ALARM_SITE_REMOVE, str(id), range=facts.area, detail=f"{facts.kind} {facts.name}")
            async with self._written() as tx:
                await queries.remove(tx, id)
            await self._forget(before.pictures)

    def _written(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return written(self._store, self._changing, self._read)


def _within(plan: FloorPlan, accounts: Sequence[str]) -> FloorPlan:
    """Without points of hosts that left."""
    return FloorPlan(plan.picture, plan.name, tuple(one for one in plan.marks if one.account in accounts))
