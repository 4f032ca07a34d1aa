"""SQL about channels whose codes several devices claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.cameras.model import DUPLICATE, counted_area
from fengsui.features.cameras.queries import CHANGED
from fengsui.features.cameras.tables import camera_notes, catalogue_items
from fengsui.store import changed, update_sealed

CODES_AT_ONCE = 500
VOID = tuple(column.name for column in camera_notes.columns if column.name not in ("code", "tags", "camera_class", "seal"))
CODES_LOCK = 0x66656E67
"""PostgreSQL's advisory lock: who has a code is decided by one transaction at a time. SQLite has one writer anyway."""
DUP, HOLDER = catalogue_items.alias("dup"), catalogue_items.alias("holder")
PAIRS = DUP.join(HOLDER, (HOLDER.c.code == DUP.c.code) & (HOLDER.c.kind == "camera") & (DUP.c.kind == DUPLICATE))
REFUSED_CHANNELS = (
    sa.select(DUP.c.device, DUP.c.code, HOLDER.c.device.label("holder")).select_from(PAIRS).order_by(DUP.c.device, DUP.c.code)
)
"""(device, code, holder) of every refused channel, for `fengsui check`."""


async def hold(tx: AsyncConnection) -> None:
    """Until this transaction ends nobody else decides who has a code. Before anything is written in it."""
    if tx.dialect.name == "postgresql":
        await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(CODES_LOCK)))


async def holders(tx: AsyncConnection, device: str, codes: Sequence[str]) -> dict[str, str]:
    """Other devices whose cameras have these codes, by code."""
    found: dict[str, str] = {}
    for at in range(0, len(codes), CODES_AT_ONCE):
        where = catalogue_items.c.code.in_(codes[at : at + CODES_AT_ONCE])
        others = where & (catalogue_items.c.device != device) & (catalogue_items.c.kind == "camera")
        rows = await tx.execute(sa.select(catalogue_items.c.code, catalogue_items.c.device).where(others))
        found.update((row.code, row.device) for row in rows)
    return found


async def release(tx: AsyncConnection, codes: Sequence[str]) -> list[tuple[str, str]]:
    """Those of these codes that have no camera any more pass to the first refused channel by device: (code, device).

    What operators said was about another picture and is void, but for the class: only two persons may open it to others.
    """
    passed: list[tuple[str, str]] = []
    for at in range(0, len(codes), CODES_AT_ONCE):
        some = codes[at : at + CODES_AT_ONCE]
        held = sa.exists().where(HOLDER.c.code == DUP.c.code, HOLDER.c.kind == "camera")
        free = sa.select(DUP.c.code, DUP.c.device, DUP.c.area).where(DUP.c.code.in_(some), DUP.c.kind == DUPLICATE, ~held)
        first: dict[str, Any] = {}
        for row in await tx.execute(free.order_by(DUP.c.device)):
            first.setdefault(row.code, row)
        for code, row in first.items():
            said = {name: None for name in VOID} | {"tags": "[]"}
            await update_sealed(tx, camera_notes, camera_notes.c.code == code, said)
            one = (catalogue_items.c.device == row.device) & (catalogue_items.c.code == code)
            facts = {"kind": "camera", "shown_area": counted_area(row.area, row.device)}
            await tx.execute(sa.update(catalogue_items).where(one).values(**facts))
            passed.append((code, str(row.device)))
    changed(tx, CHANGED, (code for code, _ in passed))
    return passed


async def cameras_of(tx: AsyncConnection, device: str) -> list[str]:
    """Codes of a device's cameras that other devices claim too."""
    rows = await tx.execute(sa.select(HOLDER.c.code).select_from(PAIRS).where(HOLDER.c.device == device).distinct())
    return [str(code) for code in rows.scalars()]


async def refused_of(tx: AsyncConnection, device: str, codes: Sequence[str]) -> set[str]:
    """Those of these codes under which a device's channel is refused."""
    where = (catalogue_items.c.device == device) & (catalogue_items.c.kind == DUPLICATE) & catalogue_items.c.code.in_(codes)
    return {str(code) for code in (await tx.execute(sa.select(catalogue_items.c.code).where(where))).scalars()}


async def clashes_of(tx: AsyncConnection, device: str, limit: int) -> Sequence[Any]:
    """(code, device, holder, shown_area, camera_class) of refused channels where `device` is either side, by code."""
    columns = DUP.c.code, DUP.c.device, HOLDER.c.device.label("holder"), DUP.c.shown_area, DUP.c.camera_class
    sides = (DUP.c.device == device) | (HOLDER.c.device == device)
    statement = sa.select(*columns).select_from(PAIRS).where(sides).order_by(DUP.c.code, DUP.c.device).limit(limit)
    return (await tx.execute(statement)).all()


async def count(tx: AsyncConnection) -> int:
    """Refused channels."""
    where = catalogue_items.c.kind == DUPLICATE
    return int((await tx.execute(sa.select(sa.func.count()).select_from(catalogue_items).where(where))).scalar_one())


async def devices(tx: AsyncConnection) -> frozenset[str]:
    """Devices with refused channels."""
    rows = await tx.execute(sa.select(catalogue_items.c.device).where(catalogue_items.c.kind == DUPLICATE).distinct())
    return frozenset(str(code) for code in rows.scalars())
