"""Alarms as people see them: those of the areas where they take duty, or read its log."""

from __future__ import annotations

from collections.abc import Sequence

from fengsui.features.access import Scope
from fengsui.features.alarms import queries
from fengsui.features.alarms.model import Alarm, UnknownAlarm
from fengsui.features.alarms.queries import Asked
from fengsui.store import Store


class Alarms:
    """Reads only: what an alarm says is its host's, and nobody changes it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def newest(self, scopes: Sequence[Scope], asked: Asked, limit: int) -> tuple[list[Alarm], int | None]:
        """The newest first, and the number from which older ones follow; None: these are all. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.newest(tx, scopes, asked, limit + 1)
        page = found[:limit]
        return page, page[-1].id if len(found) > limit else None

    async def get(self, scopes: Sequence[Scope], id: int) -> Alarm:
        """Raises UnknownAlarm, StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.one(tx, scopes, id)
        if found is None:
            raise UnknownAlarm()
        return found
