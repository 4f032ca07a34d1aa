"""Rows under the node's seal: what a database alone must not change, such as who has a session, or of which class a camera is.

A seal is an HMAC over the table's name and the columns that are named here, the row's key among them. The rooms write such rows by
`insert_sealed` and `update_sealed`, which seal them anew in the same transaction, and ask `is_row_whole` before they believe one.
A row that is not whole stays so when it is changed: only what decides anew about all of it (`take_over`) puts it right.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

SealedRow = sa.Row[Any]
OPTION: Final = "fengsui_seal_key"
"""By this the connections of a store have its key."""
PAGE: Final = 500
BY_NOW: Final = 5
"""The generation of seals: each has been given to the rows of before once, at the first start with it."""

_Fields = tuple[tuple[str, Callable[[Any], Any] | None], ...]


@dataclass(frozen=True, slots=True)
class Sealed:
    """`fields`: what the seal in the column `seal` is about, the primary key first, and how each value is written.

    `generation`: since which the seal is as it is; `earlier`: what it was about before, where it was about less.
    """

    table: sa.Table
    keys: tuple[str, ...]
    fields: _Fields
    seal: str
    generation: int = 1
    earlier: _Fields | None = None

    def at(self, row: Mapping[str, Any]) -> sa.ColumnElement[bool]:
        """This row."""
        return sa.and_(*(self.table.c[name] == row[name] for name in self.keys))

    def of(self, row: Mapping[str, Any], key: bytes, prefix: str = "") -> str:
        """The seal that the row must have, whose columns are named with `prefix`."""
        said = []
        for name, plain in self.fields:
            value = row[prefix + name]
            said.append(value if plain is None or value is None else plain(value))
        whole = json.dumps(["fengsui-row-1", self.table.name, self.seal, said], ensure_ascii=False)
        return hmac.digest(key, whole.encode(), hashlib.sha256).hex()


_SEALED: Final[dict[str, Sealed]] = {}


def _plain(column: sa.Column[Any]) -> Callable[[Any], Any] | None:
    """So that a value of either database, and one not yet stored, is written alike."""
    if isinstance(column.type, sa.Boolean):
        return bool
    return (lambda value: repr(float(value))) if isinstance(column.type, sa.Float) else None


def _given(row: SealedRow) -> dict[str, Any]:
    return {str(name): value for name, value in row._mapping.items()}


def sealed(table: sa.Table, *columns: str, seal: str = "seal", generation: int = 1, added: Sequence[str] = ()) -> None:
    """`table` has a column `seal` over these columns and those `added` by that `generation`."""
    keys = tuple(column.name for column in table.primary_key.columns)
    before = tuple((name, _plain(table.c[name])) for name in (*keys, *columns))
    now = (*before, *((name, _plain(table.c[name])) for name in added))
    _SEALED[table.name] = Sealed(table, keys, now, seal, generation, before if added else None)


def forget_seals(table: sa.Table) -> None:
    """It has no seals any more."""
    del _SEALED[table.name]


def sealed_tables() -> Sequence[Sealed]:
    """All of them, by name."""
    return [_SEALED[name] for name in sorted(_SEALED)]


def _key(tx: AsyncConnection) -> bytes:
    assert tx.sync_connection is not None, "within a transaction"
    key: bytes = tx.sync_connection.get_execution_options().get(OPTION, b"")
    return key


def is_row_whole(tx: AsyncConnection, table: sa.Table, row: SealedRow, prefix: str = "") -> bool:
    """Whether the node wrote the row so. `row` has every column that the seal is about, and the seal, each named with `prefix`."""
    how = _SEALED[table.name]
    given: Any = row._mapping
    return hmac.compare_digest(how.of(given, _key(tx), prefix).encode(), str(given[prefix + how.seal] or "").encode())


async def insert_sealed(tx: AsyncConnection, table: sa.Table, values: Mapping[str, object]) -> SealedRow:
    """A new row under the node's seal, as it is stored."""
    how = _SEALED[table.name]
    row: SealedRow = (await tx.execute(sa.insert(table).values(**values).returning(table))).one()
    await tx.execute(sa.update(table).where(how.at(_given(row))).values({how.seal: how.of(_given(row), _key(tx))}))
    return row


async def insert_many_sealed(tx: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """New rows under the node's seal, in one statement: each gives its key and every column that the seal is about."""
    how, key = _SEALED[table.name], _key(tx)
    if rows:
        await tx.execute(sa.insert(table), [{**row, how.seal: how.of(row, key)} for row in rows])


async def update_sealed(
    tx: AsyncConnection, table: sa.Table, where: sa.ColumnElement[bool], values: Mapping[str, object], *, take_over: bool = False
) -> int:
    """Changes rows, how many there were. Those that were not whole are not afterwards either, but with `take_over`."""
    how, key = _SEALED[table.name], _key(tx)
    rows = (await tx.execute(sa.select(table).where(where).with_for_update())).all()
    for row in rows:
        more = {how.seal: how.of({**_given(row), **values}, key)} if take_over or is_row_whole(tx, table, row) else {how.seal: ""}
        await tx.execute(sa.update(table).where(how.at(_given(row))).values({**values, **more}))
    return len(rows)


async def sealed_pages(tx: AsyncConnection, how: Sealed) -> AsyncIterator[Sequence[SealedRow]]:
    """Every row of a table, some at a time."""
    columns = [how.table.c[name] for name in how.keys]
    after: tuple[Any, ...] | None = None
    while True:
        query = sa.select(how.table).order_by(*columns).limit(PAGE)
        if after is not None:
            query = query.where(sa.tuple_(*columns) > sa.tuple_(*(sa.literal(one) for one in after)))
        rows = (await tx.execute(query)).all()
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        after = tuple(rows[-1]._mapping[name] for name in how.keys)


def broken_rows(tx: AsyncConnection, how: Sealed, rows: Sequence[SealedRow]) -> list[SealedRow]:
    """Those that the node did not write so."""
    return [row for row in rows if not is_row_whole(tx, how.table, row)]


async def seal_all(tx: AsyncConnection, how: Sealed, *, had_earlier: bool = False) -> int:
    """As they stand: once, for rows of a version without seals. How many.

    `had_earlier`: they have the seal over less, and only those that are whole by it are sealed anew.
    """
    count, key = 0, _key(tx)
    before = replace(how, fields=how.earlier) if had_earlier and how.earlier is not None else None
    async for rows in sealed_pages(tx, how):
        for row in rows:
            if before is not None and not hmac.compare_digest(
                before.of(_given(row), key).encode(), str(row._mapping[how.seal]).encode()
            ):
                continue
            await tx.execute(sa.update(how.table).where(how.at(_given(row))).values({how.seal: how.of(_given(row), key)}))
            count += 1
    return count
