"""Calls that a killed node, or a lost BYE, has left: they are ended without any packet of theirs, and are nobody else's picture."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from fengsui.app.node import Node
from fengsui.features.devices import DeviceState
from fengsui.features.devices import queries as devices
from fengsui.features.devices.rows import binding_of
from fengsui.features.live import queries
from fengsui.features.live.model import SsrcPool
from fengsui.features.live.open_calls import KEPT_S
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.identity import Registrar
from fengsui.store import Store
from tests.end_to_end.test_recovery import CODE, PASSWORD, first_people, is_ready, process, settings_file
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until, with_media
from tests.node.test_live import listed, open_live, read_pictures

pytestmark = pytest.mark.timeout(240)


async def rows(node: RunningNode) -> list[Any]:
    async with node.node.store.reading() as tx:
        return list(await queries.calls(tx))


def recorder_at(registrar: Registrar) -> tuple[SimulatedDevice, str, str]:
    """One with an H.264 and an H.265 channel."""
    recorder = simulated_camera(registrar)
    other = simulated_camera(registrar, 2, footage="street.10fps.h265").channels
    recorder.channels |= other
    (second,) = other
    return recorder, recorder.identity.code, second


@asynccontextmanager
async def signed_in(api: str) -> AsyncIterator[RunningNode]:
    """Somebody at a node in a process of its own."""
    async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=30) as client:
        answer = await client.post("/session", json={"name": "duty", "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        client.cookies.clear()
        yield RunningNode(cast(Node, None), client, {})


async def killed(node: subprocess.Popen[bytes]) -> None:
    node.send_signal(signal.SIGKILL)
    assert await asyncio.to_thread(node.wait, 30) == -signal.SIGKILL


@pytest.mark.end_to_end
async def test_a_node_that_was_killed_ends_the_calls_of_before(tmp_path: Path) -> None:
    config, http, sip = settings_file(tmp_path)
    api, log = f"http://127.0.0.1:{http}", tmp_path / "node.log"
    run = ["run", "--config", str(config), "--data", str(tmp_path / "data")]
    recorder, first, second = recorder_at(Registrar("127.0.0.1", sip, CODE, CODE[:10], "joining"))

    async def ready() -> bool:
        return await asyncio.to_thread(is_ready, api)

    async def stored() -> bool:
        with closing(sqlite3.connect(tmp_path / "data" / "node.db")) as found:
            return found.execute("SELECT count(*) FROM open_calls").fetchone() == (1,)

    async with powered(recorder):
        with process(log, *run, **first_people(PASSWORD)) as node:
            await until(ready, seconds=120, what=f"the node is ready; log: {log}")
            async with signed_in(api) as caller:
                await until(lambda: listed(caller, second), what="both channels are listed")
                assert len(await read_pictures(await open_live(caller, first), 2)) >= 2
            await until(stored, what="the call is on disk")
            await killed(node)
        assert recorder._senders and recorder.byes == 0, "nobody told it to stop"
        with process(log, *run) as node:
            await until(ready, seconds=120, what=f"the node is ready again; log: {log}")
            await until(lambda: not recorder._senders, what="the call of before is ended")
            assert recorder.byes == 1
            async with signed_in(api) as caller:
                await until(lambda: listed(caller, second), what="both channels are listed")
                assert len(await read_pictures(await open_live(caller, second), 3)) >= 3
                state = (await caller.client.get(f"/cameras/{second}/live")).json()
                assert (state["codec"], len(recorder._senders)) == ("h265", 1)


async def test_a_call_is_on_disk_while_it_lasts(store_url: str, tmp_path: Path) -> None:
    async with running_node(tmp_path, with_media(settings_for(store_url), grace_s=1)) as node:
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            opened = await open_live(node, camera.identity.code)
            assert len(await read_pictures(opened, 2)) >= 2

            async def one() -> list[Any]:
                return await rows(node)

            (row,) = cast("list[Any]", await until(one, what="the call is on disk"))
            assert (row.device, row.camera, row.host) == (camera.identity.code, camera.identity.code, "127.0.0.1")
            assert json.loads(row.dialog)["call_id"] == row.call_id in camera._calls
            await node.client.delete(f"/live/{opened['session']}")

            async def none() -> bool:
                return not await rows(node)

            await until(none, what="nothing is kept of an ended call")
            assert not camera._senders


async def test_who_did_not_answer_its_bye_is_told_again_when_it_comes_back(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_media(settings_for(), grace_s=1)) as node:
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            opened = await open_live(node, camera.identity.code)
            assert len(await read_pictures(opened, 2)) >= 2
        # Its power is cut: the BYE meets nobody.
        await node.client.delete(f"/live/{opened['session']}")
        await until(lambda: node.node.live.running == 0, what="the stream is gone")
        assert len(await rows(node)) == 1
        byes = camera.byes
        camera._call_id = "after its start"
        async with powered(camera):
            await until(lambda: camera.byes > byes, what="it is told when it is back")

            async def none() -> bool:
                return not await rows(node)

            await until(none, what="nothing is left")


async def test_what_is_too_old_or_cannot_be_read_is_forgotten(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path / 'node.db'}")
    store = await Store.open(settings.store.url)
    known = DeviceState("52010200001320000001")
    call = {"device": known.code, "camera": known.code, "ssrc": 102_000_007, "host": "127.0.0.1"}
    dialog = {"call_id": "old", "local": "a", "remote": "b", "target": "c", "contact": "d", "local_number": 1, "route": []}
    now = time.time()
    async with store.transaction() as tx:
        await devices.write_bindings(tx, [binding_of(known)])
        await queries.write(
            tx,
            [
                {**call, "call_id": "old", "at": now - KEPT_S - 60, "dialog": json.dumps(dialog)},
                {**call, "call_id": "broken", "at": now, "dialog": "{"},
                {**call, "call_id": "odd", "at": now, "dialog": "[]"},
                {**call, "call_id": "removed", "device": "52010200001320000002", "at": now, "dialog": json.dumps(dialog)},
                {**call, "call_id": "kept", "at": now, "dialog": json.dumps(dialog), "host": "no address"},
            ],
        )
    await store.close()
    async with running_node(tmp_path, settings) as node:

        async def one() -> bool:
            return [row.call_id for row in await rows(node)] == ["kept"]

        await until(one, what="one is left, whose device may still come")


def test_a_number_on_the_air_is_given_to_nobody() -> None:
    pool = SsrcPool("52010200002000000001", random.Random(1))
    first = pool.take() // 10_000 * 10_000
    for number in range(1, 9_999):
        pool.hold(first + number)
    assert pool.taken == 9_998
    assert pool.take() % 10_000 == 9_999
    pool.hold(7)
    assert pool.taken == 9_999, "another node's"
