"""All SQL of the audit log's index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.audit.model import AuditRecord
from fengsui.features.audit.tables import audit_index

Row = sa.Row[Any]
_NAMED: Final = ("person", "object", "act", "ticket", "case", "result")
COLUMNS: Final = tuple(column.name for column in audit_index.columns)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty: anything. `since` and `until`: RFC 3339 in UTC, `until` not included."""

    person: str = ""
    object: str = ""
    act: str = ""
    ticket: str = ""
    case: str = ""
    result: str = ""
    since: str = ""
    until: str = ""

    @property
    def words(self) -> list[str]:
        """What stands in each record that fits."""
        return [value for name in _NAMED if (value := getattr(self, name))]

    def fits(self, record: AuditRecord) -> bool:
        """Whether the record itself is what is asked for."""
        named = all(getattr(record, name) == value for name in _NAMED if (value := getattr(self, name)))
        return named and (not self.since or record.at >= self.since) and (not self.until or record.at < self.until)


async def add(tx: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    """More records."""
    await tx.execute(sa.insert(audit_index), rows)


async def last(tx: AsyncConnection) -> Row | None:
    """The newest record that is indexed."""
    return (await tx.execute(sa.select(audit_index).order_by(audit_index.c.sequence.desc()).limit(1))).first()


async def count(tx: AsyncConnection) -> int:
    """How many records are indexed."""
    return int((await tx.execute(sa.select(sa.func.count()).select_from(audit_index))).scalar_one())


async def forget(tx: AsyncConnection, until: int) -> None:
    """Records up to and with `until`."""
    await tx.execute(sa.delete(audit_index).where(audit_index.c.sequence <= until))


async def forget_after(tx: AsyncConnection, last: int) -> int:
    """Rows of records that there are not, behind the last and before the first. How many there were."""
    return (await tx.execute(sa.delete(audit_index).where((audit_index.c.sequence > last) | (audit_index.c.sequence < 1)))).rowcount


async def between(tx: AsyncConnection, after: int, until: int) -> Sequence[Row]:
    """Behind `after`, up to and with `until`."""
    rows: Sequence[Row] = (await tx.execute(sa.select(audit_index).where(_between(after, until)))).all()
    return rows


async def replace(tx: AsyncConnection, after: int, until: int, rows: list[dict[str, Any]]) -> None:
    """Others in the place of those."""
    await tx.execute(sa.delete(audit_index).where(_between(after, until)))
    await tx.execute(sa.insert(audit_index), rows)


def _between(after: int, until: int) -> sa.ColumnElement[bool]:
    return (audit_index.c.sequence > after) & (audit_index.c.sequence <= until)


async def forget_all(tx: AsyncConnection) -> None:
    """Empty, to be made anew."""
    await tx.execute(sa.delete(audit_index))


async def page(tx: AsyncConnection, wanted: Wanted, before: int, limit: int) -> Sequence[Row]:
    """The newest first; only those before sequence `before`, 0: all."""
    statement = _where(sa.select(audit_index), wanted).order_by(audit_index.c.sequence.desc()).limit(limit)
    if before:
        statement = statement.where(audit_index.c.sequence < before)
    rows: Sequence[Row] = (await tx.execute(statement)).all()
    return rows


def _where(statement: sa.Select[Any], wanted: Wanted) -> sa.Select[Any]:
    for name in _NAMED:
        if value := getattr(wanted, name):
            statement = statement.where(audit_index.c[name] == value)
    if wanted.since:
        statement = statement.where(audit_index.c.at >= wanted.since)
    if wanted.until:
        statement = statement.where(audit_index.c.at < wanted.until)
    return statement
