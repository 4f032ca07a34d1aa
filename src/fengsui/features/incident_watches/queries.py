"""All SQL about watches."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.incident_watches.model import Watch
from fengsui.features.incident_watches.tables import incident_watches
from fengsui.store import insert_sealed, is_row_whole, update_sealed

_of = incident_watches.c


async def lasting(tx: AsyncConnection, now: float) -> list[Watch]:
    """Neither over by their time nor taken back, the oldest first."""
    where = (_of.until > now) & (_of.ended_at == 0)
    rows = (await tx.execute(sa.select(incident_watches).where(where).order_by(_of.id))).all()
    return [
        Watch(
            row.id,
            row.incident,
            row.user_id,
            row.name,
            tuple(row.cameras.split()),
            row.made_by,
            row.made_at,
            row.until,
            is_row_whole(tx, incident_watches, row),
        )
        for row in rows
    ]


async def add(tx: AsyncConnection, one: Watch) -> int:
    """Its id."""
    facts = {"incident": one.incident, "user_id": one.user_id, "name": one.name, "cameras": " ".join(one.cameras)}
    row = await insert_sealed(
        tx, incident_watches, {**facts, "made_by": one.made_by, "made_at": one.made_at, "until": one.until, "ended_at": 0.0}
    )
    return int(row.id)


async def end(tx: AsyncConnection, id: int, at: float) -> None:
    """Taken back."""
    await update_sealed(tx, incident_watches, _of.id == id, {"ended_at": at})
