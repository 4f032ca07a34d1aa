"""Empty databases of today's tables, made at once: the seventy migrations one after another are test_database's matter."""

from __future__ import annotations

import functools
import sqlite3
from typing import Any

import aiosqlite
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import LRUCache, await_only

from fengsui.store import engine

migrate, engine_for = engine._migrate, engine.engine_for


@functools.cache
def _statements() -> tuple[str, ...]:
    """What makes an empty SQLite database that of today, rows that migrations write among it."""
    empty = sa.create_engine("sqlite://")
    with empty.begin() as connection:
        migrate(connection)
    with empty.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        return tuple(one for one in raw.iterdump() if one not in ("BEGIN TRANSACTION;", "COMMIT;"))


def migrate_at_once(connection: Connection) -> None:
    """The same as the migrations for an empty SQLite database; every other one goes through them."""
    if connection.dialect.name != "sqlite" or connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").first():
        migrate(connection)
        return
    ours: Any = connection.connection.driver_connection
    script = ours.executescript("".join(_statements()))
    if isinstance(ours, aiosqlite.Connection):
        await_only(script)


class _Known:
    """What SQLAlchemy has compiled for SQLite, by the dialect of this process's first engine."""

    dialect: Dialect | None = None
    statements = LRUCache[Any, Any](4096)


def with_known_statements(url: str, *, streams: bool = False) -> AsyncEngine:
    """As `engine_for`, but engines of SQLite share what was compiled: a node has a hundred statements at its start."""
    made = engine_for(url, streams=streams)
    if made.dialect.name == "sqlite":
        _Known.dialect = _Known.dialect or made.dialect
        made.sync_engine.dialect, made.sync_engine._compiled_cache = _Known.dialect, _Known.statements
    return made
