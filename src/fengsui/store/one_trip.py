"""SQLite's driver: a statement goes to its thread and comes back with its rows, once."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, Self, TypeAlias

import aiosqlite

STATEMENTS: Final = 512
"""Prepared ones that a connection keeps."""

Rows: TypeAlias = list[tuple[Any, ...]]


def one_trip(file: str) -> Callable[[], Awaitable[aiosqlite.Connection]]:
    """How SQLAlchemy opens the database of this file (its `async_creator`).

    aiosqlite by itself asks the connection's thread for a cursor, for its execution, for its rows and for its end: four trips
    between two threads. Inserts gain by it (docs/performance.md), single reads hardly.
    """

    async def opened() -> aiosqlite.Connection:
        connection = Connection(
            partial(sqlite3.connect, file, check_same_thread=False, cached_statements=STATEMENTS), iter_chunk_size=64
        )
        connection._thread.daemon = True  # as SQLAlchemy has it: a process may end whose connections nobody closed
        return await connection

    return opened


class Connection(aiosqlite.Connection):
    """Its cursors make one trip a statement."""

    def cursor(self) -> Cursor:  # type: ignore[override]
        """One that has not been anywhere."""
        return Cursor(self)

    async def trip(self, sql: str, parameters: Any, *, many: bool) -> tuple[Any, int, int | None, Rows]:
        """What columns there are, how many rows it changed, the last one's number, and the rows it gave. Raises sqlite3.Error."""
        in_its_thread: Any = self._execute
        found: tuple[Any, int, int | None, Rows] = await in_its_thread(_through, self._conn, sql, parameters, many)
        return found


def _through(connection: sqlite3.Connection, sql: str, parameters: Any, many: bool) -> tuple[Any, int, int | None, Rows]:
    cursor = connection.cursor()
    try:
        (cursor.executemany if many else cursor.execute)(sql, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return cursor.description, cursor.rowcount, cursor.lastrowid, rows
    finally:
        cursor.close()


class Cursor:
    """What SQLAlchemy asks of a cursor of asyncio; all rows of a statement are here when it is done."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: Rows = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        """Raises sqlite3.Error."""
        return await self._taken(sql, parameters, many=False)

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> Self:
        """Raises sqlite3.Error."""
        return await self._taken(sql, parameters, many=True)

    async def _taken(self, sql: str, parameters: Any, *, many: bool) -> Self:
        self.description, self.rowcount, self.lastrowid, self._rows = await self._connection.trip(sql, parameters, many=many)
        return self

    async def fetchall(self) -> Rows:
        """Those that nobody has fetched."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """It was closed when its statement was done."""
