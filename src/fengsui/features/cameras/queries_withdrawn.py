"""SQL about cameras that left the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.cameras.tables import catalogue_items, withdrawn_cameras
from fengsui.store import insert_many_sealed

CODES_AT_ONCE = 500
_PRESENT = sa.exists().where(catalogue_items.c.code == withdrawn_cameras.c.code, catalogue_items.c.kind == "camera")


async def of(tx: AsyncConnection, codes: Sequence[str]) -> dict[str, Any]:
    """Those of these that left, by code."""
    found: dict[str, Any] = {}
    for at in range(0, len(codes), CODES_AT_ONCE):
        where = withdrawn_cameras.c.code.in_(codes[at : at + CODES_AT_ONCE])
        found.update((row.code, row) for row in await tx.execute(sa.select(withdrawn_cameras).where(where)))
    return found


async def listed(tx: AsyncConnection, like: str) -> Sequence[Any]:
    """Those that are not there now, the last that left first; `like`: part of name or code, empty: any."""
    query = sa.select(withdrawn_cameras).where(~_PRESENT)
    if like:
        name, code = withdrawn_cameras.c.name, withdrawn_cameras.c.code
        query = query.where(name.icontains(like, autoescape=True) | code.startswith(like, autoescape=True))
    return (await tx.execute(query.order_by(withdrawn_cameras.c.withdrawn_at.desc(), withdrawn_cameras.c.code))).all()


async def left_at(tx: AsyncConnection) -> dict[str, tuple[float, bool]]:
    """When each left, and whether it is there again."""
    query = sa.select(withdrawn_cameras.c.code, withdrawn_cameras.c.withdrawn_at, _PRESENT.label("back"))
    return {row.code: (row.withdrawn_at, bool(row.back)) for row in await tx.execute(query)}


async def write(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """In place of what was known of these."""
    await forget(tx, [row["code"] for row in rows])
    await insert_many_sealed(tx, withdrawn_cameras, rows)


async def forget(tx: AsyncConnection, codes: Sequence[str]) -> None:
    """Nothing is kept of these."""
    for at in range(0, len(codes), CODES_AT_ONCE):
        await tx.execute(sa.delete(withdrawn_cameras).where(withdrawn_cameras.c.code.in_(codes[at : at + CODES_AT_ONCE])))


async def any_(tx: AsyncConnection) -> bool:
    """Whether any left."""
    return (await tx.execute(sa.select(withdrawn_cameras.c.code).limit(1))).first() is not None
