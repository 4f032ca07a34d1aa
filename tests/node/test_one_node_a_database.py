"""One node a database: a second one with a data folder of its own is refused, also after the connection broke."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import asyncpg
import httpx
import pytest

from fengsui.app import Node
from fengsui.data_folder import holder_of
from fengsui.errors import DatabaseTaken
from fengsui.store.claim import LOCK
from tests.commands import fengsui
from tests.node.conftest import SERVER, RunningNode, running_node, settings_for, until
from tests.node.test_storage_faults import write_config

HOLDERS = (
    "SELECT pid, application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted "
    f"AND classid = {LOCK['first']} AND objid = {LOCK['second']}"
)
END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
TAKE = f"SELECT pg_advisory_lock({LOCK['first']}, {LOCK['second']})"


async def can_write(node: RunningNode) -> bool:
    """Whether a device can be made known, that is: written."""
    code = f"{SERVER[:10]}1320{int(asyncio.get_running_loop().time() * 1000) % 1_000_000:06d}"
    return (await node.client.post("/devices", json={"code": code})).status_code == 201


async def refused(postgresql: str, folder: Path) -> str:
    """What a second node is told, who leaves no lock behind."""
    with pytest.raises(DatabaseTaken) as told:
        await Node(settings_for(postgresql), folder).start()
    assert holder_of(folder) is None
    return told.value.text_zh


@pytest.mark.postgres
async def test_a_second_node_with_a_folder_of_its_own_is_told_whose_the_database_is(postgresql: str, tmp_path: Path) -> None:
    config, _ = write_config(tmp_path, f'[store]\nurl = "{postgresql}"\n')
    async with running_node(tmp_path / "first", settings_for(postgresql)) as first:
        second = await asyncio.to_thread(fengsui, "run", "--config", str(config), "--data", str(tmp_path / "second"))
        said = second.stdout.replace("\n", "")
        assert second.returncode == 1 and "Traceback" not in second.stdout + second.stderr, second.stdout + second.stderr
        assert "两个节点不能共用一个数据库" in said and SERVER in said and str(os.getpid()) in said and "[store] url" in said, said
        assert await can_write(first)
    async with running_node(tmp_path / "second", settings_for(postgresql)) as second_now:
        assert await can_write(second_now), "a node that stopped lets it go"


@pytest.mark.postgres
async def test_the_claim_outlives_broken_connections(postgresql: str, tmp_path: Path) -> None:
    async with running_node(tmp_path / "first", settings_for(postgresql)) as first:
        other = await asyncpg.connect(postgresql)
        ((process, name),) = await other.fetch(HOLDERS)
        await other.execute(END_ALL)

        async def claimed_anew() -> bool:
            return [row[1] for row in await other.fetch(HOLDERS) if row[0] != process] == [name]

        await until(claimed_anew, what="it is claimed anew")
        await until(lambda: can_write(first), what="it writes again")
        assert SERVER in await refused(postgresql, tmp_path / "second")
        await other.close()


@pytest.mark.postgres
async def test_a_connection_that_only_the_server_believes_in_is_no_other_node(postgresql: str, tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(postgresql)) as node:
        watcher, ghost = await asyncpg.connect(postgresql), await asyncpg.connect(postgresql)
        ((process, name),) = await watcher.fetch(HOLDERS)
        await ghost.execute(f"SET application_name = '{name}'")
        waiting = asyncio.create_task(ghost.execute(TAKE))
        await until(lambda: waits_for_lock(watcher), what="it stands behind the node's own connection")
        await watcher.execute("SELECT pg_terminate_backend($1)", process)
        await waiting
        await until(lambda: can_write(node), what="it ends the ghost and writes again")
        ((_, again),) = await watcher.fetch(HOLDERS)
        assert again == name
        ghost.terminate()
        await watcher.close()


async def waits_for_lock(watcher: asyncpg.Connection) -> bool:
    return bool(await watcher.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))


@pytest.mark.postgres
async def test_what_another_node_took_meanwhile_is_never_written_again(postgresql: str, tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(postgresql)) as node:
        watcher, other = await asyncpg.connect(postgresql), await asyncpg.connect(postgresql)
        ((process, _),) = await watcher.fetch(HOLDERS)
        await other.execute("SET application_name = 'fengsui 52010200002000000002 elsewhere'")
        waiting = asyncio.create_task(other.execute(TAKE))
        await until(lambda: waits_for_lock(watcher), what="another node stands behind it")
        await watcher.execute("SELECT pg_terminate_backend($1)", process)
        await waiting

        async def gives_up() -> bool:
            answer = await node.client.post("/devices", json={"code": f"{SERVER[:10]}1320000077"})
            return answer.status_code == 503 and answer.json()["code"] == "store.in_use"

        await until(gives_up, what="the first node writes nothing any more")
        await other.close()
        answer = await node.client.post("/devices", json={"code": f"{SERVER[:10]}1320000078"})
        assert answer.status_code == 503 and "52010200002000000002 elsewhere" in answer.json()["zh"], "what it remembers is stale"
        async with httpx.AsyncClient() as stranger:
            ready = await stranger.get(f"http://127.0.0.1:{node.node.settings.http.port}/readyz")
        assert (ready.status_code, ready.json()) == (503, {"status": "database"})
        await watcher.close()


async def test_a_database_file_outside_the_data_folder_is_one_nodes_as_well(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'node.db'}"
    async with running_node(tmp_path / "first", settings_for(url)):
        assert str(tmp_path / "node.db") in await refused(url, tmp_path / "second")
    async with running_node(tmp_path / "second", settings_for(url)) as now:
        assert await can_write(now)
