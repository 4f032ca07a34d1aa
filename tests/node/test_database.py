"""Migrations lead to today's tables from every earlier revision; a PostgreSQL that went away is told and found again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from fengsui.errors import StorageFault
from fengsui.store import Store, examine, metadata
from fengsui.store.engine import MIGRATIONS, engine_for
from fengsui.store.survey import newest_revision, revisions
from tests.node.conftest import create_database, powered, running_node, settings_for, simulated_camera, until
from tests.ports import free_port
from tests.rounds import rounds

SOME = rounds(sorted({*revisions()[::10], *revisions()[-2:]}, key=revisions().index), revisions())
"""Each leads through all that follow it, so that every step is gone from any of them."""


def shape(connection: Connection) -> dict[str, list[str]]:
    """Tables and the names of their columns."""
    found = sa.inspect(connection)
    return {table: sorted(column["name"] for column in found.get_columns(table)) for table in metadata.tables}


def to_revision(connection: Connection, revision: str) -> None:
    """Migrates an empty database as far as that."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def led_to_today(url: str, revision: str) -> None:
    """From `revision` by opening the store."""
    engine = engine_for(url)
    async with engine.begin() as connection:
        await connection.run_sync(to_revision, revision)
    await engine.dispose()
    before = await examine(url, sa.select(sa.literal(1)))
    assert before.revision == revision and before.known
    store = await Store.open(url)
    async with store.reading() as connection:
        today = {name: sorted(column.name for column in table.columns) for name, table in metadata.tables.items()}
        assert await connection.run_sync(shape) == today
    await store.close()
    assert (await examine(url, sa.select(sa.literal(1)))).current


@pytest.mark.rounds
@pytest.mark.parametrize("revision", SOME)
async def test_sqlite_is_led_to_todays_tables(tmp_path: Path, revision: str) -> None:
    await led_to_today(f"sqlite:///{tmp_path / 'node.db'}", revision)


@pytest.mark.postgres
@pytest.mark.rounds
@pytest.mark.parametrize("revision", SOME)
async def test_postgresql_is_led_to_todays_tables(postgresql: str, revision: str) -> None:
    name = f"from_{revision}"
    await create_database(postgresql, name)
    await led_to_today(f"{postgresql.rpartition('/')[0]}/{name}", revision)


async def test_after_the_details_came_every_item_is_news_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'node.db'}"
    engine = engine_for(url)
    texts = (
        "device",
        "code",
        "kind",
        "name",
        "maker",
        "model",
        "area",
        "address",
        "parents",
        "status",
        "business_group",
        "streams",
    )
    row = {**dict.fromkeys(texts, "1"), "ptz_type": 0, "fingerprint": "as it was"}
    async with engine.begin() as connection:
        await connection.run_sync(to_revision, "0025")
        written = f"INSERT INTO catalogue_items ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"
        await connection.execute(sa.text(written), row)
    await engine.dispose()
    store = await Store.open(url)
    async with store.reading() as connection:
        found = (await connection.execute(sa.text("SELECT name, details, fingerprint FROM catalogue_items"))).one()
    await store.close()
    assert tuple(found) == ("1", "", ""), "what a device said before is written again, with its details"


def test_the_revisions_end_with_the_newest() -> None:
    assert revisions()[0] == "0001" and revisions()[-1] == newest_revision()


class Cable:
    """A way to PostgreSQL that can be cut."""

    def __init__(self, port: int, server_port: int) -> None:
        self.port = port
        self._server_port = server_port
        self._ends: set[asyncio.StreamWriter] = set()
        self._listener: asyncio.Server | None = None

    async def plug(self) -> None:
        """Connections pass from now on."""
        self._listener = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def cut(self) -> None:
        """Connections break, new ones are refused."""
        assert self._listener is not None
        self._listener.close()
        for end in self._ends:
            end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs_in, theirs_out = await asyncio.open_connection("127.0.0.1", self._server_port)
        self._ends |= {writer, theirs_out}
        await asyncio.gather(self._pour(reader, theirs_out), self._pour(theirs_in, writer))

    async def _pour(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while octets := await reader.read(65536):
                writer.write(octets)
        writer.close()


@contextlib.asynccontextmanager
async def cable_to(server: str, name: str) -> AsyncIterator[tuple[Cable, str]]:
    """A cable to a new database of this server, and the URL through it."""
    await create_database(server, name)
    port = urlsplit(server).port
    assert port is not None
    cable = Cable(free_port(), port)
    await cable.plug()
    try:
        yield cable, f"{server.rpartition('/')[0]}/{name}".replace(f":{port}/", f":{cable.port}/")
    finally:
        await cable.cut()


@pytest.mark.postgres
async def test_a_postgresql_that_went_away_is_told_and_found_again(postgresql: str) -> None:
    async with cable_to(postgresql, "cable_store") as (cable, url):
        store = await Store.open(url)
        await cable.cut()
        for _ in range(2):
            with pytest.raises(StorageFault):
                async with store.transaction() as tx:
                    await tx.execute(sa.text("SELECT 1"))
        with pytest.raises(StorageFault):
            async with store.reading() as connection:
                await connection.execute(sa.text("SELECT 1"))
        assert not await store.writable()
        await cable.plug()
        assert await store.writable()
        await store.close()


@pytest.mark.postgres
async def test_a_device_gets_no_200_while_postgresql_is_away_and_registers_afterwards(postgresql: str, tmp_path: Path) -> None:
    async with cable_to(postgresql, "cable_node") as (cable, url), running_node(tmp_path, settings_for(url)) as node:
        await cable.cut()
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            ready = f"http://127.0.0.1:{node.node.settings.http.port}/readyz"

            async def told() -> bool:
                return (await node.client.get(ready)).json() == {"status": "database"}

            await until(told, seconds=60, what="readiness tells that nothing can be stored")
            assert not camera.registered.is_set()
            await cable.plug()
            await until(camera.registered.is_set, seconds=60, what="it registers as soon as the database is back")
            assert (await node.client.get(ready)).json() == {"status": "ready"}
