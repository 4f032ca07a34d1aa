"""kill -9 while acts are being recorded: nothing acknowledged is missing, nothing was done without a record, the chain holds."""

from __future__ import annotations

import asyncio
import itertools
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from fengsui.features.audit.acts import Act
from fengsui.features.audit.folder import KEY_FILE, segments
from fengsui.features.audit.model import AuditRecord, record_of
from tests.end_to_end.conftest import wait_until
from tests.end_to_end.test_recovery import FENGSUI, PASSWORD, first_people, is_ready, process, settings_file
from tests.rounds import rounds

pytestmark = [pytest.mark.end_to_end, pytest.mark.rounds, pytest.mark.timeout(240)]

CALLERS = 32
KILL_AFTER = rounds((70, 20), (150, 333, 40))
"""Acknowledged acts after which the node is killed, once for each life of it."""


async def acts_until_killed(node: subprocess.Popen[bytes], api: str, numbers: itertools.count[int], kill_after: int) -> set[str]:
    """Many callers add devices; the node is killed in the middle of it. The codes that were acknowledged."""
    acknowledged: set[str] = set()

    async def call(client: httpx.AsyncClient) -> None:
        while True:
            code = f"5201020000132{next(numbers):07d}"
            try:
                answer = await client.post("/devices", json={"code": code})
            except httpx.HTTPError:
                return
            assert answer.status_code == 201, answer.text
            acknowledged.add(code)
            if len(acknowledged) >= kill_after and node.poll() is None:
                node.send_signal(signal.SIGKILL)

    limits = httpx.Limits(max_connections=CALLERS)
    async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=30, limits=limits) as client:
        signed_in = await client.post("/session", json={"name": "system", "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {signed_in.json()['token']}"
        client.cookies.clear()
        await asyncio.gather(*(call(client) for _ in range(CALLERS)))
    return acknowledged


async def stored_devices(api: str) -> set[str]:
    """What the restarted node knows."""
    found: set[str] = set()
    async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=30) as client:
        signed_in = await client.post("/session", json={"name": "system", "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {signed_in.json()['token']}"
        client.cookies.clear()
        cursor: str | None = ""
        while cursor is not None:
            page = (await client.get("/devices", params={"limit": 500, **({"cursor": cursor} if cursor else {})})).json()
            found |= {item["code"] for item in page["items"]}
            cursor = page["next"]
    return found


def records(folder: Path) -> list[AuditRecord]:
    """Every record, as the files have it."""
    return [record_of(line) for segment in segments(folder) for line in segment.path.read_bytes().splitlines()]


def said(*command: str) -> str:
    """What a command of ours that must succeed says."""
    found = subprocess.run([*FENGSUI, *command], capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


async def test_a_node_killed_while_it_records_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    config, http, _ = settings_file(tmp_path)
    api, log, data = f"http://127.0.0.1:{http}", tmp_path / "node.log", tmp_path / "data"
    run = ["run", "--config", str(config), "--data", str(data)]
    numbers, acknowledged = itertools.count(1), set[str]()
    for kill_after in KILL_AFTER:
        with process(log, *run, **first_people(PASSWORD)) as node:
            wait_until(lambda: is_ready(api), seconds=120, what=f"the node is ready; log: {log}")
            acknowledged |= await acts_until_killed(node, api, numbers, kill_after)
            assert node.wait(20) == -signal.SIGKILL
    with process(log, *run) as node:
        wait_until(lambda: is_ready(api), seconds=120, what=f"the node is ready again; log: {log}")
        stored = await stored_devices(api)
        node.terminate()
        node.wait(30)
    told = records(data / "audit")
    added = {record.object for record in told if record.act == Act.DEVICE_ADD.value}
    assert len(acknowledged) >= sum(KILL_AFTER)
    assert not acknowledged - stored, "an acknowledged device is not stored"
    assert not acknowledged - added, "an acknowledged act has no record"
    assert not stored - added, "something was done without a record"
    assert [record.sequence for record in told] == list(range(1, len(told) + 1))
    assert sum(record.act == Act.NODE_START.value for record in told) == len(KILL_AFTER) + 1
    whole = f"records 1–{len(told):,}"
    assert whole in await asyncio.to_thread(said, "audit", "verify", str(data / "audit"), "--key", str(data / "audit" / KEY_FILE))
    assert whole in await asyncio.to_thread(said, "check", "--config", str(config), "--data", str(data))
