"""All SQL of the audit log's index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.audit.model import Act
from fengsui.features.audit.tables import audit_index

Row = sa.Row[Any]
CHANGED_PAST = (
    sa.select(audit_index.c.at, audit_index.c.object)
    .where(audit_index.c.act == Act.DATABASE_CHANGED.value)
    .order_by(audit_index.c.sequence.desc())
    .limit(20)
)
"""The newest records of changes past the node: time and object."""

KEYS_CHANGED = (
    sa.select(audit_index.c.at, audit_index.c.object)
    .where(audit_index.c.act == Act.KEY_CHANGED.value)
    .order_by(audit_index.c.sequence.desc())
    .limit(20)
)
"""The newest records of key files that were changed or opened while the node ran: time and name."""


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
    for name in ("person", "object", "act", "ticket", "case", "result"):
        if value := getattr(wanted, name):
            statement = statement.where(audit_index.c[name] == value)
    if wanted.since:
        statement = statement.where(audit_index.c.at >= wanted.since)
    if wanted.until:
        statement = statement.where(audit_index.c.at < wanted.until)
    return statement
