"""All SQL about protected places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarm_sites.model import Facts, Said, Site
from fengsui.features.alarm_sites.tables import alarm_sites
from fengsui.store import SealedRow, insert_sealed, is_row_whole, update_sealed

_site = alarm_sites.c


def _said(row: SealedRow, *, is_whole: bool) -> Said:
    """Whoever changed a row past the node may have written anything: nothing of that is read."""
    return msgspec.json.decode(row.said, type=Said) if is_whole else Said()


def _of(row: SealedRow, said: Said, *, is_whole: bool) -> Site:
    facts = Facts(row.name, row.kind, row.area, row.address, row.longitude, row.latitude)
    pictures = tuple(one.picture for one in said.plans)
    return Site(row.id, facts, said.hosts, pictures, said.procedure, row.version, row.changed_at, row.changed_by, is_whole)


async def sites(tx: AsyncConnection) -> list[Site]:
    """All, without whom one calls there."""
    found = []
    for row in (await tx.execute(sa.select(alarm_sites).order_by(_site.id))).all():
        is_whole = is_row_whole(tx, alarm_sites, row)
        found.append(_of(row, _said(row, is_whole=is_whole), is_whole=is_whole))
    return found


async def one(tx: AsyncConnection, id: int) -> tuple[Site, Said] | None:
    """With all that it says; of a row that is not as the node wrote it, nothing."""
    row = (await tx.execute(sa.select(alarm_sites).where(_site.id == id))).one_or_none()
    if row is None:
        return None
    is_whole = is_row_whole(tx, alarm_sites, row)
    said = _said(row, is_whole=is_whole)
    return _of(row, said, is_whole=is_whole), said


def row_of(facts: Facts, said: Said, version: int, at: float, by: str) -> dict[str, Any]:
    """As it is stored."""
    words = msgspec.json.encode(said).decode()
    return {**facts._asdict(), "said": words, "version": version, "changed_at": at, "changed_by": by}


async def add(tx: AsyncConnection, row: Mapping[str, Any]) -> int:
    """The number that it gets."""
    return int((await insert_sealed(tx, alarm_sites, row)).id)


async def change(tx: AsyncConnection, id: int, row: Mapping[str, Any]) -> None:
    """What it said before is not kept: there are telephone numbers in it."""
    await update_sealed(tx, alarm_sites, _site.id == id, row)


async def remove(tx: AsyncConnection, id: int) -> None:
    """With all that it said."""
    await tx.execute(sa.delete(alarm_sites).where(_site.id == id))
