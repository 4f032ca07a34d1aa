"""kill -9 before an incident is sent, and while it is: the other system has it once, under one key."""

from __future__ import annotations

import asyncio
import signal
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.conftest import wait_until
from tests.end_to_end.test_recovery import PASSWORD, first_people, is_ready, process, settings_file
from tests.node.conftest import until
from tests.node.dispatch_peer import Peer, serving
from tests.node.test_alarms_killed import token
from tests.ports import free_port

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]


async def made(api: str, name: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60, headers=await token(api, name)) as client:
        answer = await client.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]


async def test_what_was_on_disk_is_sent_once_whenever_the_node_dies(tmp_path: Path) -> None:
    config, http, _ = settings_file(tmp_path)
    api, log, port = f"http://127.0.0.1:{http}", tmp_path / "node.log", free_port()
    run = ["run", "--config", str(config), "--data", str(tmp_path / "data")]
    peer = Peer()

    async def ready() -> None:
        await asyncio.to_thread(wait_until, lambda: is_ready(api), seconds=300, what=f"the node is ready; log: {log}")

    with process(log, *run, **first_people(PASSWORD)) as node:
        await ready()
        order = {"name": "city-110", "title": "市局 110", "url": f"http://127.0.0.1:{port}/jobs", "news": ["opened", "closed"]}
        peer.secret = (await made(api, "system", "/dispatch-links", order))["secret"]
        one = await made(api, "duty", "/incidents", {"type": "fire", "place": "甲秀楼"})
        node.send_signal(signal.SIGKILL)  # nobody listens there yet
        assert node.wait(20) == -signal.SIGKILL
    peer.wait_for = threading.Event()
    with serving(peer, port):
        with process(log, *run) as node:
            await asyncio.to_thread(peer.asked.wait, 300)
            node.send_signal(signal.SIGKILL)  # it was sent, and is not answered
            assert node.wait(20) == -signal.SIGKILL
        peer.wait_for.set()
        with process(log, *run) as node:
            await ready()
            await asyncio.to_thread(wait_until, lambda: peer.repeated >= 1, seconds=120, what="it is sent again")

            async def all_sent() -> bool:
                signed_in = await token(api, "system")
                async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60, headers=signed_in) as client:
                    (link,) = (await client.get("/dispatch-links")).json()["items"]
                return bool(link["waiting"] == 0 and link["sent"] == 1)

            await until(all_sent, what="it is told as sent")
            node.terminate()
            node.wait(30)
    ((key, said),) = peer.taken
    assert said["number"] == one["number"] and key.endswith(f"{one['number']}.1")
    assert peer.unproven == 0
