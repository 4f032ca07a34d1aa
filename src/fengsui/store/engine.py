"""The database's door. Statements are SQLAlchemy Core and live in the features' `queries.py`."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from fengsui.errors import StorageFault, ValueOutOfRange
from fengsui.store.claim import Claim, claim_of
from fengsui.store.faults import CONNECT_LIMIT_S, LOST, UNFIT, UNUSABLE, is_unfit, storage_fault
from fengsui.store.one_trip import one_trip
from fengsui.store.seals import OPTION

metadata = MetaData()
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MS = 10_000
"""How long another program's lock of an SQLite file is waited for."""
_CHANGED, _UNDONE = "fengsui changed", "fengsui undone"
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


class Store:
    """Opened once a node. SQLite has one writer: its transactions wait for each other here instead of failing there."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.writes_waiting = 0
        """Transactions that wait for their turn."""
        self.fault: StorageFault | None = None
        """Why the last transaction could not be written; None once one was."""
        self.on_commit: Callable[[], None] = lambda: None
        """What was asked for has happened, whatever comes after it."""
        self.followers: dict[str, Callable[[set[str]], None]] = {}
        """By subject: told what a transaction changed, once it is committed (`changed`)."""
        self._owed: set[asyncio.Task[None]] = set()
        self._trying = False
        self._writer = asyncio.Lock() if engine.dialect.name == "sqlite" else None
        self._claim: Claim | None = None

    @classmethod
    async def open(cls, url: str, holder: str = "", seal_key: bytes = b"") -> Store:
        """Connects and migrates. PostgreSQL takes libpq's `?sslmode=` and `&sslrootcert=`. Raises StorageFault.

        `holder`: the node that claims the database for itself alone (raises DatabaseTaken); empty: nobody. `seal_key`: of the seals
        of its rows.
        """
        engine = engine_for(url).execution_options(**{OPTION: seal_key})
        store = cls(engine)
        try:
            if holder:
                claim = claim_of(engine, holder)
                await claim.take()
                store._claim = claim
            async with engine.begin() as connection:
                await connection.run_sync(_migrate)
        except UNUSABLE as error:
            await store.close()
            raise storage_fault(error, engine.url) from error
        except BaseException:
            await store.close()
            raise
        return store

    @asynccontextmanager
    async def transaction(self, *, act: bool = True) -> AsyncIterator[AsyncConnection]:
        """Commits at the end, rolls back on any error. Raises StorageFault when the database cannot, or is another node's.

        `act` False: what is written is the node's own housekeeping, and nothing that anybody asked for.
        """
        if self._writer is not None:
            self.writes_waiting += 1
            try:
                await self._writer.acquire()
            finally:
                self.writes_waiting -= 1
            try:
                async with self._begun() as connection:
                    yield connection
            finally:
                self._writer.release()
        else:
            async with self._begun() as connection:
                yield connection
        if act:
            self.on_commit()

    async def writable(self) -> bool:
        """Whether transactions can be written. After a fault one is tried, one at a time however many ask."""
        if self.fault is not None and not self._trying:
            self._trying = True
            try:
                async with self.transaction(act=False) as connection:
                    await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            except StorageFault:
                return False
            finally:
                self._trying = False
        return self.fault is None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection to read with."""
        try:
            async with self.engine.connect() as connection:
                yield connection
        except (*LOST, *UNFIT, DBAPIError) as error:
            raise self._told(error) from error

    @asynccontextmanager
    async def _begun(self) -> AsyncIterator[AsyncConnection]:
        undone: list[Callable[[], None]] = []
        committed = False
        try:
            if self._claim is not None:
                await self._claim.check()
            async with self.engine.begin() as connection:
                news: dict[str, set[str]] = {}
                connection.info[_CHANGED], connection.info[_UNDONE] = news, undone
                yield connection
            self.fault, committed = None, True
            for subject, what in news.items():
                if (follower := self.followers.get(subject)) is not None:
                    follower(what)
        except StorageFault as fault:
            self.fault = fault
            raise
        except (*LOST, *UNFIT, DBAPIError) as error:
            told = self._told(error)
            if isinstance(told, StorageFault):
                self.fault = told
            raise told from error
        finally:
            if not committed:
                for act in undone:
                    act()

    def _told(self, error: Exception) -> Exception:
        """What whoever asked is told: the value was at fault, the database, or the error itself, which somebody awaits."""
        if is_unfit(error):
            return ValueOutOfRange()
        return storage_fault(error, self.engine.url) if isinstance(error, LOST) else error

    def owe(self, work: Coroutine[Any, Any, None]) -> None:
        """Goes on beside all else until it is done, or the database is closed."""
        task = asyncio.create_task(work)
        self._owed.add(task)
        task.add_done_callback(self._owed.discard)

    async def close(self) -> None:
        """Closes every connection, and lets the database go."""
        for task in (owed := list(self._owed)):
            task.cancel()
        await asyncio.gather(*owed, return_exceptions=True)
        if self._claim is not None:
            await self._claim.release()
        await self.engine.dispose()


def engine_for(url: str, *, streams: bool = False) -> AsyncEngine:
    """An engine that has not connected yet. Raises StorageFault when the URL or a file of its TLS settings cannot be read.

    `streams`: rows may be more than memory holds (`AsyncConnection.stream`), and come one after another.
    """
    scheme, _, rest = url.partition("://")
    rest, _, query = rest.partition("?")
    try:
        connect = _tls(dict(parse_qsl(query)))
    except OSError as error:
        raise storage_fault(error) from error
    if scheme != "sqlite":
        connect["timeout"] = CONNECT_LIMIT_S
        # A plan kept from when a table was empty goes through all of it, and is kept while a first catalogue of 100,000 is written.
        connect["server_settings"] = {"plan_cache_mode": "force_custom_plan"}
    whole = f"{_DRIVERS[scheme]}://{rest}"
    file = make_url(whole).database if scheme == "sqlite" else None
    if file and not streams:
        engine = create_async_engine(whole, async_creator=one_trip(file))
    else:
        engine = create_async_engine(whole, pool_pre_ping=scheme != "sqlite", connect_args=connect)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def changed(connection: AsyncConnection, subject: str, what: Iterable[str]) -> None:
    """Whoever follows the subject is told when this transaction is committed, and never if it is not."""
    told: dict[str, set[str]] | None = connection.info.get(_CHANGED)
    if told is not None:
        told.setdefault(subject, set()).update(what)


def if_undone(connection: AsyncConnection, act: Callable[[], None]) -> None:
    """`act` is called when this transaction is not committed, and never if it is."""
    found: list[Callable[[], None]] | None = connection.info.get(_UNDONE)
    if found is not None:
        found.append(act)


def _tls(query: dict[str, str]) -> dict[str, Any]:
    """The driver's words for libpq's. Raises OSError when a file cannot be read."""
    mode = query.get("sslmode", "")
    if mode in ("", "disable", "allow", "prefer"):
        return {}
    context = ssl.create_default_context(cafile=query.get("sslrootcert"))
    context.check_hostname = mode == "verify-full"
    if mode == "require":
        context.verify_mode = ssl.CERT_NONE
    return {"ssl": context}


def _prepare_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}", "cache_size=-32000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def upsert(connection: AsyncConnection, table: Table, keys: Sequence[str], update: Sequence[str]) -> Any:
    """`INSERT … ON CONFLICT (keys) DO UPDATE` of the columns `update`, in the connection's dialect."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(table)
    return statement.on_conflict_do_update(index_elements=list(keys), set_={name: statement.excluded[name] for name in update})


def insert_new(connection: AsyncConnection, table: Table, keys: Sequence[str]) -> Any:
    """`INSERT … ON CONFLICT (keys) DO NOTHING`, in the connection's dialect."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return make(table).on_conflict_do_nothing(index_elements=list(keys))
