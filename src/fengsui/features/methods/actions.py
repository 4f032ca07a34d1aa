"""Methods as they are kept: each change on record before it is made, each version there afterwards; and what they served."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import Principal, Scope
from fengsui.features.audit import Act, Audit
from fengsui.features.incidents import Incident, IncidentKind, Incidents, IncidentState, LineKind, noted
from fengsui.features.methods import queries
from fengsui.features.methods.errors import (
    IncidentNotClosed,
    MethodChanged,
    MethodLinked,
    MethodNotLinked,
    MethodNotPublished,
    MethodTitleTaken,
    TooManyMethods,
    UnknownMethod,
    UnusableMethod,
)
from fengsui.features.methods.model import MOST_METHODS, MOST_OF_INCIDENT, Method, State, Use, check
from fengsui.store import Store

MOST_VERSIONS: Final = 200
MOST_USES: Final = 100
MOST_MONTHS: Final = 24
"""Of those that are shown, the newest."""
Where = Sequence[Scope]


class Reader(NamedTuple):
    """Where somebody reads what is published, and where they write, so that they read drafts there as well."""

    reads: Where
    writes: Where

    def sees(self, one: Method) -> bool:
        """Drafts only where one writes; others also of a wider area, which are for that area too."""
        if one.state == "draft":
            return any(scope.holds(one.area) for scope in self.writes)
        return any(scope.touches(one.area) for scope in (*self.reads, *self.writes))


class Served(NamedTuple):
    """What a method served, of what the reader may see. `months`: (2026-11, how many), the newest first."""

    months: list[tuple[str, int]]
    uses: list[Use]


class Methods:
    """All in memory."""

    def __init__(self, store: Store, clock: Clock, audit: Audit, incidents: Incidents, zone: tzinfo) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._incidents = incidents
        self._zone = zone
        self._all: dict[int, Method] = {}
        self._changing = asyncio.Lock()

    async def start(self) -> None:
        """Raises StorageFault."""
        async with self._store.reading() as tx:
            self._all = {one.id: one for one in await queries.all_of(tx)}

    def found(self, reader: Reader, state: State | None, kind: IncidentKind | None, words: Sequence[str]) -> list[Method]:
        """By title. `state` None: every one."""
        fit = (one for one in self._all.values() if state in (None, one.state) and reader.sees(one) and one.meets(kind, words))
        return sorted(fit, key=lambda one: (one.title, one.id))

    def get(self, reader: Reader, id: int) -> Method:
        """Raises UnknownMethod."""
        one = self._all.get(id)
        if one is None or not reader.sees(one):
            raise UnknownMethod()
        return one

    def fitting(self, one: Incident) -> list[Method]:
        """Published ones for that kind of matter, where it happens; by title."""
        there = (each for each in self._all.values() if each.state == "published" and one.area.startswith(each.area))
        return sorted((each for each in there if one.kind in each.words.kinds), key=lambda each: (each.title, each.id))

    async def versions(self, reader: Reader, id: int) -> list[Method]:
        """The newest first, drafts for those who write. Raises UnknownMethod, StorageFault."""
        self.get(reader, id)
        async with self._store.reading() as tx:
            found = await queries.versions(tx, id, MOST_VERSIONS)
        return [one for one in found if reader.sees(one)]

    async def counts(self, watched: Where) -> dict[int, int]:
        """How many incidents each served, of those that the reader may see. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.served(tx, watched)

    async def served(self, watched: Where, id: int) -> Served:
        """Raises StorageFault."""
        async with self._store.reading() as tx:
            months = await queries.months(tx, watched, id, MOST_MONTHS)
            return Served(months, await queries.uses_of(tx, watched, id, MOST_USES))

    # Writing

    def _refuse_unfit(self, draft: Method, before: Method | None) -> None:
        check(draft, None if before is None else before.state)
        own = 0 if before is None else before.id
        if any(one.title == draft.title and one.id != own for one in self._all.values()):
            raise MethodTitleTaken(title=draft.title)

    async def add(self, who: Principal, draft: Method) -> Method:
        """Raises UnusableMethod, MethodTitleTaken, AuditUnavailable, StorageFault."""
        async with self._changing:
            self._refuse_unfit(draft, None)
            if len(self._all) >= MOST_METHODS:
                raise UnusableMethod(why_zh=f"本节点最多 {MOST_METHODS} 条", why_en=f"{MOST_METHODS} methods a node at most")
            one = replace(draft, version=1, changed_at=self._clock.now().timestamp(), changed_by=who.name)
            await self._audit.record(who, Act.METHOD_ADD, one.title, range=one.area, detail=one.said)
            try:
                async with self._store.transaction() as tx:
                    made = await queries.add(tx, one)
            except BaseException:
                await self.start()  # whose commit fails may be there all the same
                raise
            self._all[made.id] = made
            return made

    async def change(self, who: Principal, writes: Where, id: int, seen: int, draft: Method) -> Method:
        """`seen`: the version that whoever asks has before them.

        Raises UnknownMethod, MethodChanged, UnusableMethod, MethodTitleTaken, AuditUnavailable, StorageFault.
        """
        async with self._changing:
            before = self.written(writes, id)
            if seen != before.version:
                raise MethodChanged(title=before.title)
            self._refuse_unfit(draft, before)
            one = before.changed(draft, self._clock.now().timestamp(), who.name)
            await self._audit.record(who, Act.METHOD_CHANGE, str(id), range=one.area, detail=one.said)
            try:
                async with self._store.transaction() as tx:
                    await queries.change(tx, one)
            except BaseException:
                await self.start()
                raise
            self._all[id] = one
            return one

    def written(self, writes: Where, id: int) -> Method:
        """One whose whole area somebody writes for. Raises UnknownMethod."""
        one = self._all.get(id)
        if one is None or not any(scope.holds(one.area) for scope in writes):
            raise UnknownMethod()
        return one

    # What they served

    async def at(self, watched: Where, incident: int) -> tuple[Incident, list[tuple[Use, str, State]]]:
        """The incident with what served it, each with its title and state by now. Raises UnknownIncident, StorageFault."""
        one = await self._incidents.get(watched, incident)
        async with self._store.reading() as tx:
            found = await queries.uses_at(tx, incident)
        return one, [(use, self._all[use.method].title, self._all[use.method].state) for use in found]

    async def link(self, who: Principal, where: Where, reader: Reader, incident: int, id: int, note: str) -> None:
        """Raises UnknownMethod, MethodNotPublished, MethodLinked, TooManyMethods, IncidentNotClosed, and what an act upon an
        incident raises."""
        one = self.get(reader, id)
        if one.state != "published":
            raise MethodNotPublished(title=one.title)

        async def check_uses(at: Incident) -> None:
            uses = await self._uses(at)
            if any(use.method == id for use in uses):
                raise MethodLinked(title=one.title)
            if len(uses) >= MOST_OF_INCIDENT:
                raise TooManyMethods(most=MOST_OF_INCIDENT)

        async def write(tx: AsyncConnection, at: Incident, now: float) -> None:
            opened = at.stamps.get(IncidentState.NEW.value, at.since)
            month = datetime.fromtimestamp(opened, UTC).astimezone(self._zone).strftime("%Y-%m")
            of_it = (at.id, one.version, at.area, at.number, at.kind.value, month, opened)
            await queries.add_use(tx, Use(id, *of_it, note, now, who.user_id, who.name))

        facts: dict[str, object] = {"method": one.title, "version": one.version}
        told: dict[str, Any] = {"text": note, "facts": facts, "check": check_uses, "beside": write}
        await self._incidents.act(who, where, incident, Act.METHOD_LINK, LineKind.METHOD, _noted_closed, **told)

    async def unlink(self, who: Principal, where: Where, incident: int, id: int, why: str) -> None:
        """Raises UnknownMethod, MethodNotLinked, IncidentNotClosed, and what an act upon an incident raises."""
        one = self._all.get(id)
        if one is None:
            raise UnknownMethod()

        async def check_uses(at: Incident) -> None:
            if all(use.method != id for use in await self._uses(at)):
                raise MethodNotLinked()

        async def write(tx: AsyncConnection, at: Incident, now: float) -> None:
            await queries.remove_use(tx, id, at.id)

        told: dict[str, Any] = {"text": why, "facts": {"method": one.title, "parted": 1}, "check": check_uses, "beside": write}
        await self._incidents.act(who, where, incident, Act.METHOD_LINK, LineKind.METHOD, _noted_closed, **told)

    async def _uses(self, at: Incident) -> list[Use]:
        async with self._store.reading() as tx:
            return await queries.uses_at(tx, at.id)


def _noted_closed(one: Incident, at: float) -> Incident:
    if one.desk is not IncidentState.CLOSED:
        raise IncidentNotClosed(number=one.number)
    return noted(one, at)
