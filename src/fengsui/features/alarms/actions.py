"""Alarms as people see them: those of the areas where they take duty, or read its log."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Scope
from fengsui.features.alarms import queries, shelf_queries
from fengsui.features.alarms.model import Alarm, UnknownAlarm
from fengsui.features.alarms.queries import Arrived, Asked, RingingPoint, Waiting
from fengsui.store import Store


class Alarms:
    """Reads only: what an alarm says is its host's, and nobody changes it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def listed(self, scopes: Sequence[Scope], asked: Asked, limit: int) -> tuple[list[Alarm], str | None, int | None]:
        """A page, from where the next follows (None: these are all), and of a queue how many there are. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.newest(tx, scopes, asked, limit + 1)
            total = await queries.waiting_in(tx, scopes, asked) if asked.queue else None
        page = found[:limit]
        if len(found) <= limit:
            return page, None, total
        last = page[-1]
        return page, f"{last.priority}-{last.id}" if asked.queue else str(last.id), total

    @staticmethod
    async def within(tx: AsyncConnection, id: int) -> Alarm | None:
        """Whoever may see it, as a transaction sees it."""
        return await queries.one(tx, None, id)

    async def waiting_by_kind(self, scopes: Sequence[Scope], area: str, stale_before: float) -> list[Waiting]:
        """Of the queue of an area. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.waiting_by_kind(tx, scopes, area, stale_before)

    async def ringing(self, scopes: Sequence[Scope], most: int) -> list[RingingPoint]:
        """Of each point the open alarm that is most urgent, of so many alarms at most. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.ringing(tx, scopes, most)
        first: dict[int, RingingPoint] = {}
        for one in found:
            first.setdefault(one.point_id, one)
        return list(first.values())

    async def shelved_in(self, scopes: Sequence[Scope], area: str) -> tuple[int, int]:
        """How many sources are shelved in an area, and how many alarms came of them. Raises StorageFault."""
        async with self._store.reading() as tx:
            rows, held = await shelf_queries.listed(tx), await shelf_queries.held(tx)
        seen = [one.id for one in rows if one.area.startswith(area) and any(one.is_within(scope) for scope in scopes)]
        return len(seen), sum(held[id].signals for id in seen if id in held)

    async def many(self, scopes: Sequence[Scope], ids: Collection[int]) -> dict[int, Alarm]:
        """By number, those that one may see. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.many(tx, scopes, ids)

    async def before(self, since: float) -> int:
        """The number behind which the alarms from that time on stand. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.first_since(tx, since)
            return await queries.newest_id(tx) if found is None else found - 1

    async def arrived(self, after: int, most: int) -> tuple[list[Arrived], int]:
        """What came behind that number, of so many alarms at most, and the number of the last. Raises StorageFault."""
        async with self._store.reading() as tx:
            upto = min(after + most, await queries.newest_id(tx))
            return (await queries.arrived(tx, after, upto) if upto > after else []), max(after, upto)

    async def get(self, scopes: Sequence[Scope], id: int) -> Alarm:
        """Raises UnknownAlarm, StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.one(tx, scopes, id)
        if found is None:
            raise UnknownAlarm()
        return found
