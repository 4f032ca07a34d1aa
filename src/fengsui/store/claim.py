"""One node a database. PostgreSQL: an advisory lock on a connection of its own, watched to the end. SQLite: a lock file beside it.

PostgreSQL keeps the lock as long as that connection lives. When it breaks (the server restarts, the network is cut) it is taken
anew; until then nothing is written, and nothing ever again once another node has it: what this one remembers is stale by then.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fengsui.data_folder import lock_file, process_in
from fengsui.errors import DatabaseTaken
from fengsui.loops import keep
from fengsui.store.faults import CONNECT_LIMIT_S, LOST, storage_fault

log = structlog.get_logger(__name__)
LOCK: Final = {"first": 0x66656E67, "second": 0x73756931}
"""Two numbers that no other program's advisory lock is likely to have."""
LOOK_EVERY_S, RETRY_S = 1.0, 0.5
START_LIMIT_S = 3.0
"""A node that was killed a moment ago may still be known to the server."""
BROKEN = (*LOST, DBAPIError)

_TAKE = text("SELECT pg_try_advisory_lock(:first, :second)").bindparams(**LOCK)
_RELEASE = text("SELECT pg_advisory_unlock(:first, :second)").bindparams(**LOCK)
_HOLDER = text(
    "SELECT pid, application_name, coalesce(host(client_addr), '') FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid::bigint = :first AND objid::bigint = :second "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
).bindparams(**LOCK)
_FORGET_SOON: Final = ("tcp_keepalives_idle = 10", "tcp_keepalives_interval = 5", "tcp_keepalives_count = 4")
"""A holder that was cut off without a word is forgotten after half a minute, not after the system's two hours."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose the database is, as the server tells it."""

    process: int
    name: str
    address: str


class Claim(Protocol):
    """Held from `take` to `release`."""

    async def take(self) -> None:
        """Raises DatabaseTaken, and whatever connecting raises."""

    async def check(self) -> None:
        """Before a transaction; a broken claim is waited for. Raises DatabaseTaken, StorageFault."""

    async def release(self) -> None:
        """Lets the database go; nothing when it is not held."""


def claim_of(engine: AsyncEngine, holder: str) -> Claim:
    """How this kind of database is claimed; `holder`: who this is, as another node's refusal tells it."""
    if engine.dialect.name == "postgresql":
        return ServerClaim(engine, holder)
    return FileClaim(Path(engine.url.database or ""))


class FileClaim:
    """Of an SQLite file."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._descriptor = -1

    async def take(self) -> None:
        """Raises DatabaseTaken, OSError."""
        path = self._database.with_name(f"{self._database.name}.in-use")
        try:
            self._descriptor = lock_file(path)
        except BlockingIOError as error:
            raise DatabaseTaken(database=self._database, holder=process_in(path)) from error

    async def check(self) -> None:
        """The kernel keeps it."""

    async def release(self) -> None:
        """Idempotent."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class ServerClaim:
    """Of a PostgreSQL. `holder`: who this is, as another node's refusal tells it."""

    def __init__(self, engine: AsyncEngine, holder: str) -> None:
        self._engine = engine
        host = socket.gethostname().encode("ascii", "replace").decode()[:20]
        # The number at the end tells a broken connection of ours from another node's; PostgreSQL cuts the name at 63 octets.
        self._name = f"{f'fengsui {holder} {host}'[:45]} {os.getpid()} {secrets.token_hex(4)}"
        self._connection: AsyncConnection | None = None
        self._held = asyncio.Event()
        self._look = asyncio.Event()
        self._taken: DatabaseTaken | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def take(self) -> None:
        """Raises DatabaseTaken, and whatever connecting raises."""
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + START_LIMIT_S
        while (other := await self._try()) is not None:
            if loop.time() >= deadline_s:
                raise self._refusal(other)
            await asyncio.sleep(RETRY_S)
        self._keeper = keep("database-claim", self._keep)

    async def check(self) -> None:
        """Before a transaction; a broken claim is waited for. Raises DatabaseTaken, StorageFault."""
        if not self._held.is_set():
            self._look.set()
            try:
                async with asyncio.timeout(CONNECT_LIMIT_S):
                    await self._held.wait()
            except TimeoutError as error:
                raise storage_fault(error, self._engine.url) from error
        if self._taken is not None:
            raise self._taken

    async def release(self) -> None:
        """Lets the database go; nothing when it is not held."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*BROKEN):
                async with asyncio.timeout(START_LIMIT_S):
                    await connection.execute(_RELEASE)
            await _drop(connection)

    def _refusal(self, other: Holder) -> DatabaseTaken:
        who = f"{other.name} {other.address}".strip()
        return DatabaseTaken(database=self._engine.url.database or "", holder=who)

    async def _try(self) -> Holder | None:
        """None: it is ours now. A broken connection of ours that the server still believes in is ended there."""
        connection = await self._engine.connect()
        try:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("SELECT set_config('application_name', :name, false)"), {"name": self._name})
            for setting in _FORGET_SOON:
                await connection.execute(text(f"SET {setting}"))
            if (await connection.execute(_TAKE)).scalar_one():
                self._connection = connection
                self._held.set()
                return None
            found = (await connection.execute(_HOLDER)).first()
            other = Holder(*found) if found is not None else Holder(0, "?", "")
            if other.name == self._name:
                await connection.execute(text("SELECT pg_terminate_backend(:process)"), {"process": other.process})
        except BaseException:
            await _drop(connection)
            raise
        await _drop(connection)
        return other

    async def _keep(self) -> None:
        """Looks at the connection again and again, and takes the database anew when it is broken."""
        while self._taken is None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), LOOK_EVERY_S)
            self._look.clear()
            if not await self._is_alive():
                self._held.clear()
                log.warning("the database's connection is broken; nothing is written until it is claimed anew")
                await self._take_anew()

    async def _is_alive(self) -> bool:
        if self._connection is None:  # it was being taken anew when something unexpected happened
            return False
        try:
            async with asyncio.timeout(CONNECT_LIMIT_S):
                await self._connection.execute(text("SELECT 1"))
        except BROKEN:
            return False
        return True

    async def _take_anew(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await _drop(connection)
        while True:
            try:
                other = await self._try()
            except BROKEN:
                await asyncio.sleep(RETRY_S)
                continue
            if other is None:
                log.info("the database is claimed anew")
                return
            if other.name != self._name and other.process:
                self._taken = self._refusal(other)
                log.error("another node has taken the database; this one writes nothing any more", holder=other.name)
                self._held.set()  # whoever waits is told
                return
            await asyncio.sleep(RETRY_S)


async def _drop(connection: AsyncConnection) -> None:
    """Really closed: a connection that went back to the pool would keep the lock and its settings."""
    with suppress(*BROKEN):
        await connection.invalidate()
    with suppress(*BROKEN):
        await connection.close()
