"""Rows that the audit log says were written and the database does not hold any more: tickets, shifts, log entries … (rule A36)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
import structlog

from fengsui.errors import FengsuiError
from fengsui.features.audit import NODE, Act, Audit, AuditRecord, Result, records_of
from fengsui.features.duty.emergency import Verdict
from fengsui.features.duty.log_queries import entry_of
from fengsui.features.duty.model import duty_ticket
from fengsui.features.duty.tables import emergencies, log_entries, shifts
from fengsui.features.tickets import TICKET_ROWS
from fengsui.loops import Rounds
from fengsui.store import Store

log = structlog.get_logger(__name__)
SHIFT_ROWS: Final = sa.select(shifts.c.since, shifts.c.centre, shifts.c.seat)
EMERGENCY_ROWS: Final = sa.select(emergencies.c.id, emergencies.c.ticket, emergencies.c.verdict, emergencies.c.restored_at)
LOG_ROWS: Final = sa.select(log_entries)
SAID: Final = frozenset(
    (
        *(Act.TICKET_OPEN, Act.TICKET_CHANGE, Act.DUTY_SIGN_ON, Act.DUTY_ACCEPT, Act.DUTY_LOG),
        *(Act.EMERGENCY_OPEN, Act.EMERGENCY_SUSPEND, Act.EMERGENCY_RESTORE),
    )
)
"""Acts that leave a row, or change what one says."""
VERSION: Final = re.compile(r"version (\d+),")
EVERY_S, CONFIRM_S = 86_400.0, 5.0


class Missing(NamedTuple):
    """Something that the log has and the database has not. `since`: the record's number."""

    name: str
    zh: str
    en: str
    since: int


def missing(
    records: Iterable[AuditRecord],
    tickets: Iterable[Any],
    on_duty: Iterable[Any],
    accesses: Iterable[Any],
    entries: Iterable[Any],
) -> list[Missing]:
    """By name. `tickets` and so on: what `TICKET_ROWS`, `SHIFT_ROWS`, `EMERGENCY_ROWS` and `LOG_ROWS` select.

    An entry of the shift log that says something else than its digest is missing as well.
    """
    versions = {(row.number, row.version) for row in tickets}
    seats = {duty_ticket(row.since, row.centre, row.seat) for row in on_duty}
    said_on_duty = {one.mark: one.digest for one in map(entry_of, entries)}
    kept = list(accesses)
    opened, closing = {row.ticket for row in kept}, {str(row.id) for row in kept if _closes(row)}
    found: dict[str, Missing] = {}
    for one in records:
        if one.result != Result.ALLOWED:
            continue
        if one.act in (Act.TICKET_OPEN, Act.TICKET_CHANGE):
            said = VERSION.match(one.detail)
            version = int(said[1]) if said is not None and one.act == Act.TICKET_CHANGE else 1
            if (one.object, version) not in versions:
                found[one.object] = Missing(one.object, f"使用单(第 {version} 版)", f"use ticket, version {version}", one.sequence)
        elif one.act in (Act.DUTY_SIGN_ON, Act.DUTY_ACCEPT) and one.ticket not in seats:
            found[one.ticket] = Missing(one.ticket, "班次", "shift", one.sequence)
        elif one.act == Act.DUTY_LOG and said_on_duty.get(one.range, "-") not in one.detail:
            name = f"entry {one.range}"
            found[name] = Missing(name, "值班日志", "shift log's", one.sequence)
        elif one.act == Act.EMERGENCY_OPEN and one.ticket not in opened:
            name = f"emergency {one.ticket}"
            found[name] = Missing(name, "紧急调看", "emergency access", one.sequence)
        elif one.act == Act.EMERGENCY_SUSPEND and one.range not in closing:
            name = f"suspension {one.range}"
            found[name] = Missing(name, "紧急调看不成立的权限暂停", "suspension after an emergency access", one.sequence)
        elif one.act == Act.EMERGENCY_RESTORE:
            found.pop(f"suspension {one.range}", None)
    return sorted(found.values())


def _closes(row: Any) -> bool:
    return bool(row.verdict == Verdict.NOT_JUSTIFIED.value and not row.restored_at)


class MissingRows:
    """Looks at the start and once a day; each is recorded once, as a change of the database past the node."""

    def __init__(self, store: Store, audit: Audit, folder: Path) -> None:
        self._store = store
        self._audit = audit
        self._folder = folder
        self.rounds = Rounds(
            "missing-rows", self.look, EVERY_S, "the database could not be compared with the log", FengsuiError, OSError
        )

    async def look(self) -> None:
        """Records what is missing and was not told yet. Raises StorageFault, AuditUnavailable, OSError."""
        first = await self._missing()
        if not first:
            return
        await asyncio.sleep(CONFIRM_S)  # a record stands before its row does
        for one in sorted(set(first) & set(await self._missing())):
            if await self._audit.known.newest(Act.DATABASE_CHANGED, one.name) is not None:
                continue
            log.error("a row is not in the database any more", what=one.en, name=one.name)
            said = f"{one.en}: the log has it (record {one.since}), the database has not; removed past the node, or never written"
            await self._audit.record(NODE, Act.DATABASE_CHANGED, one.name, detail=said, result=Result.REFUSED)

    async def _missing(self) -> list[Missing]:
        records = await asyncio.to_thread(lambda: list(records_of(self._folder, SAID)))
        rows: list[Sequence[Any]] = []
        async with self._store.reading() as tx:
            for asked in (TICKET_ROWS, SHIFT_ROWS, EMERGENCY_ROWS, LOG_ROWS):
                rows.append((await tx.execute(asked)).all())
        return missing(records, *rows)
