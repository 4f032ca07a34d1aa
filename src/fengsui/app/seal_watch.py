"""Looks at the seals of rows in the database (rule A36): one that the node did not write so opens nothing where it is used, and
here it is found, within minutes, put on record and told on the node's page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog

from fengsui.clock import Clock
from fengsui.errors import FengsuiError, NodeFault
from fengsui.features.audit import NODE, Act, Audit, Result
from fengsui.store import BY_NOW, Sealed, SealedRow, Store, broken_rows, seal_all, sealed_pages, sealed_tables

log = structlog.get_logger(__name__)
LOOK_S, LOOK_A_ROW_S = 60.0, 0.0005
"""So often all rows are looked at, more seldom where there are many."""
TOLD: Final = 5
DONE: Final = "sealed as they stood: "
BROKEN: Final = "a row of {table} is not as the node wrote it: changed past the node, and not believed"
NAMES: Final[Mapping[str, str]] = {
    **{"users": "name", "camera_notes": "code", "masks": "camera", "device_files": "code", "use_tickets": "number"},
    **{"emergencies": "name", "duty_centres": "name", "duty_shifts": "name", "duty_permits": "person"},
    **{"duty_next_centres": "centre", "alarm_passes": "alarm_id"},
    **{"footage_holds": "camera", "bookmarks": "camera", "sightings": "author", "alarm_hosts": "account"},
}
"""What the log calls a row's object by; others by the user."""
OnBroken = Callable[[Sequence[SealedRow]], Awaitable[None]]


class RowsChanged(NodeFault):
    """Somebody, or something, wrote the database past the node."""

    code = "store.changed_past_node"
    zh = "数据库中有 {count} 行被绕过节点改动,均不予采信:{what}"
    en = "{count} rows of the database were changed past the node and are not believed: {what}"
    remedy_zh = (
        "请审计管理员查阅“数据库被绕过节点改动”的记录并查明原因;账号须重置密码,摄像机类别须两人重新办理,紧急调看须登记处理结论"
    )
    remedy_en = (
        "Let the audit office look at the records “Database changed past the node” and find out why; reset the account, let two "
        "persons decide the camera's class anew, enter what was decided about the emergency access"
    )


class SealWatch:
    """`seal_first` before anybody is let in; `keep` from the node's start on. `on_broken`: by table, called at each look."""

    def __init__(self, store: Store, audit: Audit, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._told: set[tuple[str, str]] = set()
        self._rows = 0
        self._seen_at = clock.now()
        self.broken: tuple[tuple[str, str], ...] = ()
        """Table and object of each row that was not whole at the last look."""
        self.on_broken: dict[str, OnBroken] = {}

    async def seal_first(self) -> None:
        """Once a generation, on record: rows of a version without such seals get them as they stand. Raises AuditUnavailable."""
        done = await self._generation()
        if done == BY_NOW:
            return
        counts, named = {}, _named(BY_NOW)
        async with self._store.transaction() as tx:
            for how in sealed_tables():
                if how.generation > done:
                    counts[how.table.name] = await seal_all(tx, how, had_earlier=done > 0)
            said = ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "no rows"
            await self._audit.record(NODE, Act.DATABASE_SEALED, named, detail=f"will be sealed: {said}")
        await self._audit.record(NODE, Act.DATABASE_SEALED, named, detail=DONE + said)

    async def _generation(self) -> int:
        """Up to which the log says that the rows were sealed; 0: none."""
        for generation in range(BY_NOW, 0, -1):
            told = await self._audit.known.records(Act.DATABASE_SEALED, _named(generation))
            if any(one.detail.startswith(DONE) for one in told):
                return generation
        return 0

    async def keep(self) -> None:
        """Looks at the start and each minute, until it is cancelled."""
        while True:
            try:
                await self.look()
            except (FengsuiError, OSError) as error:
                log.warning("the seals of the database are not looked at yet", what=str(error))
            await asyncio.sleep(LOOK_S + LOOK_A_ROW_S * self._rows)

    async def look(self) -> None:
        """At every row. Raises StorageFault, AuditUnavailable."""
        found: list[tuple[str, str]] = []
        count = 0
        for how in sealed_tables():
            bad: list[SealedRow] = []
            async with self._store.reading() as tx:
                async for rows in sealed_pages(tx, how):
                    bad += broken_rows(tx, how, rows)
                    count += len(rows)
                    await asyncio.sleep(0)  # there may be many: others have their turn
            found += [(how.table.name, _object_of(how, row)) for row in bad]
            if bad and how.table.name in self.on_broken:
                await self.on_broken[how.table.name](bad)
        self._rows, self.broken = count, tuple(found)
        for table, name in dict.fromkeys(found):
            if (table, name) not in self._told:
                await self._tell(table, name)
        self._told &= set(found)

    async def _tell(self, table: str, name: str) -> None:
        log.error("a row was changed past the node; it is not believed", table=table, of=name)
        self._seen_at = self._clock.now()
        said = BROKEN.format(table=table)
        before = await self._audit.known.records(Act.DATABASE_CHANGED, name)
        if not any(one.detail == said for one in before):  # not at each start again
            await self._audit.record(NODE, Act.DATABASE_CHANGED, name, detail=said, result=Result.REFUSED)
        self._told.add((table, name))

    def fault(self) -> tuple[RowsChanged, datetime] | None:
        """For the node's page, with when it was first seen."""
        if not self.broken:
            return None
        some = list(dict.fromkeys(f"{table} {name}" for table, name in self.broken))
        what = ", ".join(some[:TOLD]) + (" …" if len(some) > TOLD else "")
        return RowsChanged(count=len(self.broken), what=what), self._seen_at


def _named(generation: int) -> str:
    return "database" if generation == 1 else f"database, seals {generation}"


def _object_of(how: Sealed, row: SealedRow) -> str:
    """Never a hash of a token."""
    name = NAMES.get(how.table.name)
    return str(row._mapping[name]) if name is not None else f"user {row.user_id}"
