"""SQL about cameras that left the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import CameraClass, Scope
from fengsui.features.cameras import queries
from fengsui.features.cameras.tables import catalogue_items, withdrawn_cameras
from fengsui.store import insert_many_sealed

CODES_AT_ONCE = 250
_PRESENT = sa.exists().where(catalogue_items.c.code == withdrawn_cameras.c.code, catalogue_items.c.kind == "camera")


async def of(tx: AsyncConnection, codes: Sequence[str]) -> dict[str, Any]:
    """Those of these that left, by code."""
    found: dict[str, Any] = {}
    for at in range(0, len(codes), CODES_AT_ONCE):
        where = withdrawn_cameras.c.code.in_(codes[at : at + CODES_AT_ONCE])
        found.update((row.code, row) for row in await tx.execute(sa.select(withdrawn_cameras).where(where)))
    return found


def _listed(scope: Scope, default_class: CameraClass, like: str) -> list[sa.ColumnElement[bool]]:
    """Those that left from inside `scope` and are not there again within it."""
    left, item = withdrawn_cameras.c, catalogue_items.c
    seen = queries.within(scope, default_class)
    back = _PRESENT if seen is None else sa.exists().where(item.code == left.code, item.kind == "camera", seen)
    then = queries.within(scope, default_class, left.area, left.camera_class)
    found = [~back, *([] if then is None else [then])]
    if like:
        found.append(left.name.icontains(like, autoescape=True) | left.code.startswith(like, autoescape=True))
    return found


async def listed(
    tx: AsyncConnection, scope: Scope, default_class: CameraClass, like: str, *, behind: tuple[float, str] | None, limit: int
) -> Sequence[Any]:
    """Those that left from inside `scope` and are not there again within it, the last first. `like`: part of the name or how the
    code begins, empty: any; `behind`: when the last of the page before left, and its code.
    """
    left_at, code = withdrawn_cameras.c.withdrawn_at, withdrawn_cameras.c.code
    query = sa.select(withdrawn_cameras).where(*_listed(scope, default_class, like))
    if behind is not None:
        query = query.where(sa.tuple_(left_at, code) < sa.tuple_(sa.literal(behind[0]), sa.literal(behind[1])))
    return (await tx.execute(query.order_by(left_at.desc(), code.desc()).limit(limit))).all()


async def count(tx: AsyncConnection, scope: Scope, default_class: CameraClass, like: str) -> int:
    """How many these are."""
    query = sa.select(sa.func.count()).select_from(withdrawn_cameras).where(*_listed(scope, default_class, like))
    return int((await tx.execute(query)).scalar_one())


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


async def named_in(tx: AsyncConnection, columns: Sequence[sa.Select[tuple[str]]], codes: Sequence[str]) -> set[str]:
    """Those of these codes that stand in any of the columns."""
    found: set[str] = set()
    for at in range(0, len(codes), CODES_AT_ONCE):
        some = codes[at : at + CODES_AT_ONCE]
        for column in columns:
            [code] = column.selected_columns
            # A look each: DISTINCT would read every alarm of a camera while others wait for the database.
            each = [sa.select(sa.literal(one)).where(sa.exists(column.where(code == one))) for one in some]
            found.update(str(one) for one in (await tx.execute(sa.union_all(*each))).scalars())
    return found


async def any_(tx: AsyncConnection) -> bool:
    """Whether any left."""
    return (await tx.execute(sa.select(withdrawn_cameras.c.code).limit(1))).first() is not None
