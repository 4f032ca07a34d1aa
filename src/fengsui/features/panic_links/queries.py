"""All SQL about panic links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.panic_links.tables import panic_links
from fengsui.store import SealedRow, insert_sealed, is_row_whole, update_sealed

_link = panic_links.c


async def links(tx: AsyncConnection) -> list[tuple[SealedRow, bool]]:
    """Each with whether the node wrote it so."""
    rows = (await tx.execute(sa.select(panic_links).order_by(_link.id))).all()
    return [(row, is_row_whole(tx, panic_links, row)) for row in rows]


async def add_link(tx: AsyncConnection, row: Mapping[str, Any]) -> None:
    """A new one."""
    await insert_sealed(tx, panic_links, row)


async def change_link(tx: AsyncConnection, id: int, values: Mapping[str, Any]) -> None:
    """On or off, or another token."""
    await update_sealed(tx, panic_links, _link.id == id, values)


async def remove_link(tx: AsyncConnection, id: int) -> None:
    """Its alarms stay."""
    await tx.execute(sa.delete(panic_links).where(_link.id == id))


async def pressed(tx: AsyncConnection, id: int, alarm: int, at: float) -> None:
    """In the transaction of its alarm."""
    more = _link.presses + 1
    await tx.execute(sa.update(panic_links).where(_link.id == id).values(alarm_id=alarm, pressed_at=at, presses=more))


async def tried(tx: AsyncConnection, id: int, at: float) -> None:
    """In the transaction of what is for the record."""
    await tx.execute(sa.update(panic_links).where(_link.id == id).values(tried_at=at))
