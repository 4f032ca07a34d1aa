"""What is kept of incidents, for whoever may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fengsui.features.access import Scope
from fengsui.features.incidents import queries
from fengsui.features.incidents.errors import UnknownIncident
from fengsui.features.incidents.model import Incident, Line
from fengsui.features.incidents.queries import Asked
from fengsui.store import Store

Where = Sequence[Scope]
"""Where the caller may act, or look."""


class IncidentReading:
    """As it stands on disk."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def listed(self, where: Where, asked: Asked, limit: int) -> tuple[list[Incident], bool, int]:
        """A page, whether more follow, and how many fit in all. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.listed(tx, where, asked, limit + 1)
            count = await queries.count(tx, where, replace(asked, after=None))
        return found[:limit], len(found) > limit, count

    async def get(self, where: Where, id: int) -> Incident:
        """Raises UnknownIncident, StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.one(tx, where, id)
        if found is None:
            raise UnknownIncident()
        return found

    async def with_lines(
        self, where: Where, id: int, before: int | None = None
    ) -> tuple[Incident, list[Line], list[tuple[int, str]]]:
        """With its time line (`before`: an ordinal) and what was merged into it, as of one moment.

        Raises UnknownIncident, StorageFault.
        """
        async with self._store.reading() as tx:
            found = await queries.one(tx, where, id)
            if found is None:
                raise UnknownIncident()
            return found, await queries.lines(tx, id, before), await queries.parts_of(tx, where, id)

    async def alarms_of(self, ids: Sequence[int]) -> dict[int, list[int]]:
        """By incident. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.alarms_of(tx, ids) if ids else {}

    async def merged_into(self, where: Where, id: int) -> list[Incident]:
        """What was merged into it, and into that, and so on. Raises StorageFault."""
        found: dict[int, Incident] = {}
        next_ones = [id]
        async with self._store.reading() as tx:
            while next_ones:
                parts = [one for one in await queries.merged_into(tx, where, next_ones) if one.id not in found]
                found |= {one.id: one for one in parts}
                next_ones = [one.id for one in parts]
        return list(found.values())

    async def of_alarm(self, alarm: int) -> Incident | None:
        """The one that an alarm belongs to. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = list((await queries.incidents_of(tx, [alarm])).values())
            return next(iter(await queries.by_ids(tx, found)), None) if found else None

    async def numbers(self, ids: Sequence[int]) -> dict[int, str]:
        """Of incidents, for lists. Raises StorageFault."""
        async with self._store.reading() as tx:
            return {one.id: one.number for one in await queries.by_ids(tx, ids)} if ids else {}

    async def opened(self, ids: Sequence[int]) -> dict[int, float]:
        """When these were opened, seconds since 1970. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.opened(tx, ids)

    async def turned_over(self, where: Where, area: str, since: float, until: float) -> tuple[int, int]:
        """How many were opened and how many were closed then. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.turned_over(tx, where, area, since, until)
