"""All SQL about upper platforms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.upper_platforms.model import Address, Share, Upper
from fengsui.features.upper_platforms.tables import upper_platforms
from fengsui.store import insert_sealed, is_row_whole


class Kept(NamedTuple):
    """One as it is stored. `whole`: as the node wrote it."""

    upper: Upper
    sealed_password: str
    whole: bool


async def all_uppers(tx: AsyncConnection) -> list[Kept]:
    """By number."""
    rows = (await tx.execute(sa.select(upper_platforms).order_by(upper_platforms.c.id))).all()
    return [_kept(row, whole=is_row_whole(tx, upper_platforms, row)) for row in rows]


def _kept(row: Any, *, whole: bool) -> Kept:
    """Of a row that was changed past the node nothing is read but who it is about: what stands there may be anything."""
    if whole:
        return Kept(_upper_of(row), row.sealed_password, True)
    nowhere = (Address("0.0.0.0", 5060),)  # never sent to: nothing is, to one that is distrusted
    return Kept(Upper(row.id, row.code, row.name, nowhere, "", "UDP", 60, 3_600, 0, Share(), 0.0), "", False)


def _upper_of(row: Any) -> Upper:
    addresses = tuple(Address(*one) for one in json.loads(row.addresses))
    how = row.domain, row.transport, row.keepalive_s, row.expires_s, row.items
    return Upper(row.id, row.code, row.name, addresses, *how, Share.of_text(row.share), row.made_at)


async def add_upper(tx: AsyncConnection, one: Upper, sealed_password: str) -> None:
    """A new one. Raises IntegrityError for a code that is there."""
    row: Mapping[str, Any] = {
        **{name: getattr(one, name) for name in ("code", "name", "domain", "transport", "keepalive_s", "expires_s", "items")},
        "addresses": json.dumps(one.addresses),
        "share": one.share.to_text(),
        "sealed_password": sealed_password,
        "made_at": one.made_at,
    }
    await insert_sealed(tx, upper_platforms, row)


async def remove_upper(tx: AsyncConnection, id: int) -> None:
    """What it was given stands in the audit log since it was entered."""
    await tx.execute(sa.delete(upper_platforms).where(upper_platforms.c.id == id))
