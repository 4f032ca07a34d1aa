"""Looks at a database without changing it, for `fengsui check`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Row, Select, text

from fengsui.store.engine import MIGRATIONS, engine_for
from fengsui.store.faults import UNUSABLE, storage_fault

WRITER_LIMIT_MS = 3_000


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """`revision`: of its tables, empty before the first start; `damage`: what the database says of itself, nothing when whole."""

    revision: str
    newest: str
    known: bool
    """Whether this version of the program knows the revision."""
    damage: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    """What each question found, where the tables are of the newest revision; nothing where they are not."""

    @property
    def current(self) -> bool:
        """Whether its tables are those of this version."""
        return self.revision == self.newest


async def examine(url: str, *asks: Select[Any]) -> DatabaseState:
    """Integrity and revision; `asks` are run on tables of the newest revision. Raises StorageFault."""
    newest = newest_revision()
    if _is_unmade(url):
        return DatabaseState("", newest, True)
    engine = engine_for(url)
    try:
        async with engine.connect() as connection:
            revision = await connection.run_sync(_revision)
            damage = []
            if engine.dialect.name == "sqlite":
                damage = [str(row[0]) for row in await connection.execute(text("PRAGMA quick_check(5)")) if row[0] != "ok"]
            whole = revision == newest and not damage
            rows = [list(await connection.execute(ask)) for ask in asks] if whole else []
            if engine.dialect.name == "sqlite":
                await connection.rollback()
                await connection.execute(text(f"PRAGMA busy_timeout={WRITER_LIMIT_MS}"))
                await connection.execute(text("BEGIN IMMEDIATE"))  # nobody may hold it for long: a node could not write
                await connection.rollback()
    except UNUSABLE as error:
        raise storage_fault(error, engine.url) from error
    finally:
        await engine.dispose()
    return DatabaseState(revision, newest, revision == "" or revision in revisions(), damage, rows)


async def each_row(url: str, ask: Select[Any], take: Callable[[Row[Any]], None]) -> None:
    """Hands on each row as it comes: there may be more of them than memory holds. Raises StorageFault."""
    engine = engine_for(url, streams=True)
    try:
        async with engine.connect() as connection:
            async for row in await connection.stream(ask):
                take(row)
    except UNUSABLE as error:
        raise storage_fault(error, engine.url) from error
    finally:
        await engine.dispose()


def _is_unmade(url: str) -> bool:
    return url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists()


def revisions() -> list[str]:
    """Every revision that this version knows, the first one first."""
    return [script.revision for script in reversed(list(_scripts().walk_revisions()))]


def newest_revision() -> str:
    """The revision of this version's tables."""
    return _scripts().get_current_head() or ""


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def _revision(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""
