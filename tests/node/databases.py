"""Empty databases of today's tables, made at once: the seventy migrations one after another are test_database's matter."""

from __future__ import annotations

import functools
import sqlite3

import sqlalchemy as sa
from sqlalchemy import Connection

from fengsui.store import engine

migrate = engine._migrate


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
    for statement in _statements():
        connection.exec_driver_sql(statement)
