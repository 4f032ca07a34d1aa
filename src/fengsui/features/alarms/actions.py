"""Alarms as people see them: those of the areas where they take duty, or read its log."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Scope
from fengsui.features.alarms import queries
from fengsui.features.alarms.model import Alarm, UnknownAlarm
from fengsui.features.alarms.queries import Asked
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

    async def get(self, scopes: Sequence[Scope], id: int) -> Alarm:
        """Raises UnknownAlarm, StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.one(tx, scopes, id)
        if found is None:
            raise UnknownAlarm()
        return found
