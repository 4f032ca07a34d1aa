"""Rows of which every version stays: the present ones in one table, each as it was, written once, in another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Versioned:
    """`present` has `id`, `version` and the facts; `versions` has the same facts by `key` and `version`, and may have `is_removed`.

    A row is given whole, with its version, and without its number.
    """

    present: sa.Table
    versions: sa.Table
    key: str

    async def add(self, tx: AsyncConnection, row: Mapping[str, Any]) -> int:
        """The number that it gets, which no other ever had."""
        last = sa.select(sa.func.coalesce(sa.func.max(self.versions.c[self.key]), 0))
        id = int((await tx.execute(last)).scalar_one()) + 1
        await tx.execute(sa.insert(self.present).values(id=id, **row))
        await self._keep(tx, id, row, is_removed=False)
        return id

    async def change(self, tx: AsyncConnection, id: int, row: Mapping[str, Any]) -> None:
        """What stood before stays among its versions."""
        await tx.execute(sa.update(self.present).where(self.present.c.id == id).values(**row))
        await self._keep(tx, id, row, is_removed=False)

    async def remove(self, tx: AsyncConnection, id: int, row: Mapping[str, Any]) -> None:
        """Its versions stay, the last of which says that it was removed."""
        await tx.execute(sa.delete(self.present).where(self.present.c.id == id))
        await self._keep(tx, id, row, is_removed=True)

    async def _keep(self, tx: AsyncConnection, id: int, row: Mapping[str, Any], *, is_removed: bool) -> None:
        gone = {"is_removed": is_removed} if "is_removed" in self.versions.c else {}
        await tx.execute(sa.insert(self.versions).values(**{self.key: id}, **gone, **row))

    async def newest(self, tx: AsyncConnection, id: int, limit: int) -> Sequence[sa.Row[Any]]:
        """Its versions, the newest first."""
        of = self.versions.c
        query = sa.select(self.versions).where(of[self.key] == id).order_by(of.version.desc()).limit(limit)
        return (await tx.execute(query)).all()
