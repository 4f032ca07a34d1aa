"""All SQL about masks. Times: seconds since 1970."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.masks.model import Mask
from fengsui.features.masks.tables import mask_lifts, masks
from fengsui.picture_worker import Point

Row = sa.Row[Any]


async def all_masks(tx: AsyncConnection) -> list[Mask]:
    """Every mask in the order in which they were made."""
    rows = (await tx.execute(sa.select(masks).order_by(masks.c.id))).all()
    return [
        Mask(row.id, row.camera, row.preset, row.name, tuple((x, y) for x, y in json.loads(row.points)), bool(row.valid))
        for row in rows
    ]


async def add_mask(
    tx: AsyncConnection, camera: str, preset: int, name: str, points: Sequence[Point], *, made_by: int, now: float
) -> int:
    """The new mask's number."""
    values = {
        "camera": camera,
        "preset": preset,
        "name": name,
        "points": json.dumps(points),
        "made_by": made_by,
        "made_at": now,
    }
    return int((await tx.execute(sa.insert(masks).values(**values).returning(masks.c.id))).scalar_one())


async def remove_masks(tx: AsyncConnection, ids: Sequence[int]) -> None:
    """Idempotent."""
    await tx.execute(sa.delete(masks).where(masks.c.id.in_(ids)))


async def invalidate(tx: AsyncConnection, ids: Sequence[int]) -> None:
    """Idempotent."""
    await tx.execute(sa.update(masks).where(masks.c.id.in_(ids)).values(valid=False))


async def lifts_after(tx: AsyncConnection, now: float) -> Sequence[Row]:
    """Lifts that have not ended."""
    return (await tx.execute(sa.select(mask_lifts).where(mask_lifts.c.until > now).order_by(mask_lifts.c.id))).all()


async def add_lift(tx: AsyncConnection, **facts: object) -> int:
    """The new lift's number."""
    return int((await tx.execute(sa.insert(mask_lifts).values(**facts).returning(mask_lifts.c.id))).scalar_one())


async def end_lifts(tx: AsyncConnection, ids: Sequence[int], until: float) -> None:
    """From `until` on they lift nothing."""
    await tx.execute(sa.update(mask_lifts).where(mask_lifts.c.id.in_(ids)).values(until=until))
