"""All SQL of filling. Times: seconds since 1970."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.filling.model import Fill
from fengsui.features.filling.tables import footage_fills
from fengsui.store import upsert

_c = footage_fills.c
KEY = ["camera", "stream", "since"]
REST = tuple(column.name for column in footage_fills.columns if not column.primary_key)


async def keep(tx: AsyncConnection, fills: Sequence[Fill]) -> None:
    """Adds or replaces them."""
    if fills:
        await tx.execute(upsert(tx, footage_fills, KEY, REST), [asdict(one) for one in fills])


async def due(tx: AsyncConnection) -> list[Fill]:
    """All that are not done, the oldest first."""
    rows = await tx.execute(sa.select(footage_fills).where(_c.state == "due").order_by(_c.since))
    return [Fill(**row) for row in rows.mappings()]


async def of_cameras(tx: AsyncConnection, cameras: Sequence[str], since: float, until: float) -> list[Fill]:
    """Of these cameras, whatever touches that time, ascending."""
    where = _c.camera.in_(cameras) & (_c.since < until) & (_c.until > since)
    rows = await tx.execute(sa.select(footage_fills).where(where).order_by(_c.since))
    return [Fill(**row) for row in rows.mappings()]


async def forget(tx: AsyncConnection, before: float) -> None:
    """What ended before then."""
    await tx.execute(sa.delete(footage_fills).where(_c.until < before))
