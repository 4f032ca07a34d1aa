"""Alarms that nobody sees to here in time go to upper nodes: written out with the step that says so, once, and sent after."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.alarms import Alarm
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.dispatch_links import queries
from fengsui.features.dispatch_links.links import DispatchLinks, KnownLink
from fengsui.store import Store


class UpperNodes:
    """For work on alarms (`alarm_work.ports.Beyond`)."""

    def __init__(self, store: Store, clock: Clock, audit: Audit, links: DispatchLinks) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._links = links

    def _of(self, alarm: Alarm) -> list[KnownLink]:
        return [one for one in self._links.all() if one.secret is not None and one.link.goes_up(alarm)]

    async def announce(self, alarms: Collection[Alarm]) -> None:
        """On record, before. Raises AuditUnavailable, StorageFault."""
        going = [(alarm, known.link) for alarm in alarms for known in self._of(alarm)]
        if not going:
            return
        async with self._store.reading() as tx:
            new = [(alarm, link) for alarm, link in going if not await queries.is_told(tx, link.id, alarm.id)]
        records = [
            self._audit.record(
                *(NODE, Act.ALARM_UPPER, str(alarm.id)),
                range=alarm.area,
                detail=f"{link.title}: link {link.id}; {alarm.site} {alarm.point}".strip("; "),
            )
            for alarm, link in new
        ]
        await asyncio.gather(*records)

    async def offer(self, tx: AsyncConnection, alarm: Alarm, in_charge: str) -> Sequence[str]:
        """The titles of those that get it. Raises StorageFault."""
        told, at = list[str](), self._clock.now().timestamp()
        for known in self._of(alarm):
            link = known.link
            if await queries.is_on(tx, link.id) and await queries.put_alarms(tx, link.id, [alarm], self._links.own, at, in_charge):
                told.append(link.title)
        return told

    def wake(self) -> None:
        """What was offered is on disk."""
        self._links.news.set()
