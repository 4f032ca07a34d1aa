"""Procedures as they are kept: each change on record before it is made, each version there afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from fengsui.clock import Clock
from fengsui.features.access import Principal, Scope
from fengsui.features.audit import Act, Audit
from fengsui.features.procedures import queries
from fengsui.features.procedures.errors import ProcedureChanged, ProcedureNameTaken, UnknownProcedure, UnusableProcedure
from fengsui.features.procedures.model import MOST_PROCEDURES, Procedure, check
from fengsui.features.procedures.queries import Version
from fengsui.store import Store

MOST_VERSIONS: Final = 200
"""Of those that are shown."""


class Procedures:
    """All in memory."""

    def __init__(self, store: Store, clock: Clock, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._all: dict[int, Procedure] = {}
        self._changing = asyncio.Lock()

    async def start(self) -> None:
        """Raises StorageFault."""
        async with self._store.reading() as tx:
            self._all = {one.id: one for one in await queries.all_of(tx)}

    def near(self, scopes: Sequence[Scope]) -> list[Procedure]:
        """Those that hold where somebody may look, by name: also one of a wider area, which holds there too."""
        found = (one for one in self._all.values() if any(scope.touches(one.area) for scope in scopes))
        return sorted(found, key=lambda one: (one.name, one.id))

    def holding(self, area: str) -> list[Procedure]:
        """Those that are on and hold in that area, by name."""
        found = (one for one in self._all.values() if one.is_on and area.startswith(one.area))
        return sorted(found, key=lambda one: (one.name, one.id))

    def held(self, id: int, area: str) -> Procedure:
        """One that is on and holds in that area. Raises UnknownProcedure."""
        found = self._all.get(id)
        if found is None or not found.is_on or not area.startswith(found.area):
            raise UnknownProcedure()
        return found

    def name_in(self, id: int, area: str) -> str | None:
        """Of one that is on and holds in that area; None: there is none."""
        found = self._all.get(id)
        return found.name if found is not None and found.is_on and area.startswith(found.area) else None

    def get(self, scopes: Sequence[Scope], id: int) -> Procedure:
        """One whose whole area somebody has. Raises UnknownProcedure."""
        found = self._all.get(id)
        if found is None or not any(scope.holds(found.area) for scope in scopes):
            raise UnknownProcedure()
        return found

    async def versions(self, scopes: Sequence[Scope], id: int) -> list[Version]:
        """The newest first, also of a procedure that was removed; those alone of areas where somebody may look.

        Raises UnknownProcedure, StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.versions(tx, id, MOST_VERSIONS)
        seen = [one for one in found if any(scope.touches(one.procedure.area) for scope in scopes)]
        if not seen:
            raise UnknownProcedure()
        return seen

    def _refuse_unfit(self, draft: Procedure, id: int) -> None:
        check(draft.definition.steps)
        if any(one.name == draft.name and one.id != id for one in self._all.values()):
            raise ProcedureNameTaken(name=draft.name)

    async def add(self, who: Principal, draft: Procedure) -> Procedure:
        """Raises UnusableProcedure, ProcedureNameTaken, AuditUnavailable, StorageFault."""
        async with self._changing:
            self._refuse_unfit(draft, 0)
            if len(self._all) >= MOST_PROCEDURES:
                raise UnusableProcedure(
                    why_zh=f"本节点最多 {MOST_PROCEDURES} 个", why_en=f"{MOST_PROCEDURES} procedures a node at most"
                )
            one = replace(draft, version=1, changed_at=self._clock.now().timestamp(), changed_by=who.name)
            await self._audit.record(who, Act.PROCEDURE_ADD, one.name, range=one.area, detail=one.said)
            try:
                async with self._store.transaction() as tx:
                    made = await queries.add(tx, one)
            except BaseException:
                await self.start()  # whose commit fails may be there all the same
                raise
            self._all[made.id] = made
            return made

    async def change(self, who: Principal, scopes: Sequence[Scope], id: int, seen: int, draft: Procedure) -> Procedure:
        """`seen`: the version that whoever asks has before them; runs that began go on with theirs.

        Raises UnknownProcedure, ProcedureChanged, UnusableProcedure, ProcedureNameTaken, AuditUnavailable, StorageFault.
        """
        async with self._changing:
            before = self._seen(scopes, id, seen)
            self._refuse_unfit(draft, id)
            one = before.changed(draft, self._clock.now().timestamp(), who.name)
            await self._audit.record(who, Act.PROCEDURE_CHANGE, str(id), range=one.area, detail=one.said)
            try:
                async with self._store.transaction() as tx:
                    await queries.change(tx, one)
            except BaseException:
                await self.start()
                raise
            self._all[id] = one
            return one

    async def remove(self, who: Principal, scopes: Sequence[Scope], id: int, seen: int | None) -> None:
        """No run begins any more; its versions and its runs stay. Raises UnknownProcedure, ProcedureChanged, AuditUnavailable,
        StorageFault."""
        async with self._changing:
            before = self._seen(scopes, id, seen)
            gone = before.changed(replace(before, is_on=False), self._clock.now().timestamp(), who.name)
            await self._audit.record(who, Act.PROCEDURE_REMOVE, str(id), range=before.area, detail=before.said)
            try:
                async with self._store.transaction() as tx:
                    await queries.remove(tx, gone)
            except BaseException:
                await self.start()
                raise
            del self._all[id]

    def _seen(self, scopes: Sequence[Scope], id: int, seen: int | None) -> Procedure:
        before = self.get(scopes, id)
        if seen is not None and seen != before.version:
            raise ProcedureChanged(name=before.name)
        return before
