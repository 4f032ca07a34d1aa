"""All SQL about open calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.live.tables import open_calls
from fengsui.store import upsert

COLUMNS = tuple(column.name for column in open_calls.columns if not column.primary_key)
NAMED = 500


async def calls(tx: AsyncConnection) -> Sequence[sa.Row[Any]]:
    """Every one, the oldest first."""
    return (await tx.execute(sa.select(open_calls).order_by(open_calls.c.at, open_calls.c.call_id))).all()


async def write(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Answered ones."""
    if rows:
        await tx.execute(upsert(tx, open_calls, ["call_id"], COLUMNS), list(rows))


async def remove(tx: AsyncConnection, call_ids: Sequence[str]) -> None:
    """Ended ones."""
    for at in range(0, len(call_ids), NAMED):
        await tx.execute(sa.delete(open_calls).where(open_calls.c.call_id.in_(call_ids[at : at + NAMED])))
