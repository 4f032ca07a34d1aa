"""kill -9 while photos and a table of device files are being written: what was acknowledged is there, and nothing by halves."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from fengsui.features.device_files.photos import FOLDER
from fengsui.whole_files import COMING
from tests.device_files.many import row_of, rows, table
from tests.device_files.right import RIGHT
from tests.end_to_end.conftest import wait_until
from tests.end_to_end.test_recovery import PASSWORD, first_people, is_ready, process, settings_file
from tests.node.test_kept_files import noise
from tests.rounds import rounds

pytestmark = [pytest.mark.end_to_end, pytest.mark.rounds, pytest.mark.timeout(240)]
POINTS, KILL_AFTER = 6, rounds((13,), (9, 20))
ROWS, KILL_AT = 1200, rounds((300,), (100, 600))


@asynccontextmanager
async def signed_in(api: str) -> AsyncIterator[httpx.AsyncClient]:
    """Who keeps devices."""
    async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60) as client:
        answer = await client.post("/session", json={"name": "system", "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        client.cookies.clear()
        yield client


async def photos_until_killed(node: subprocess.Popen[bytes], api: str, life: int, kill_after: int) -> dict[str, tuple[int, str]]:
    """By point the version and the photo that were acknowledged last."""
    acknowledged: dict[str, tuple[int, str]] = {}
    count = 0

    async def call(client: httpx.AsyncClient, point: int) -> None:
        nonlocal count
        code, seed = row_of(900_000 + point)["device_code"], life * 10_000 + point * 1_000
        while True:
            try:
                answer = await client.put(f"/device-files/{code}/photo", content=noise(seed := seed + 1, 300))
            except httpx.HTTPError:
                return
            assert answer.status_code == 200, answer.text
            acknowledged[code] = answer.json()["version"], answer.json()["photo"]
            count += 1
            if count >= kill_after and node.poll() is None:
                node.send_signal(signal.SIGKILL)

    async with signed_in(api) as client:
        for point in range(POINTS):
            values = {**RIGHT, **row_of(900_000 + point)}
            answer = await client.post("/device-files", json={"code": values["device_code"], "values": values})
            assert answer.status_code in (201, 409), answer.text
        await asyncio.gather(*(call(client, point) for point in range(POINTS)))
    return acknowledged


async def import_until_killed(node: subprocess.Popen[bytes], api: str, life: int, kill_at: int) -> bool:
    """Whether the writing was acknowledged before the node was killed, at the latest when so many rows were written."""
    async with signed_in(api) as client:
        begun = await client.post(f"/device-file-imports?name={life}.xlsx", content=table(rows(ROWS, 0, 1 + life * ROWS)))
        path = f"/device-file-imports/{begun.json()['number']}"
        while (found := (await client.get(path)).json())["phase"] != "ready":
            assert found["phase"] != "failed", found
            await asyncio.sleep(0.1)

        async def kill() -> None:
            while True:
                try:
                    now = (await client.get(path)).json()
                except httpx.HTTPError:
                    return
                if now["phase"] == "done" or (now["phase"] == "writing" and now["done"] >= kill_at):
                    node.send_signal(signal.SIGKILL)
                    return

        killing = asyncio.create_task(kill())
        try:
            answer = await client.post(f"{path}/commit", json={"mode": "all"})
        except httpx.HTTPError:
            return False
        finally:
            await killing
        return answer.status_code == 200


async def test_what_was_acknowledged_outlives_a_kill_and_nothing_is_there_by_halves(tmp_path: Path) -> None:
    config, http, _ = settings_file(tmp_path)
    api, log, data = f"http://127.0.0.1:{http}", tmp_path / "node.log", tmp_path / "data"
    run = ["run", "--config", str(config), "--data", str(data)]
    acknowledged: dict[str, tuple[int, str]] = {}
    imported = 0
    for life, (kill_after, kill_at) in enumerate(zip(KILL_AFTER, KILL_AT, strict=True)):
        with process(log, *run, **first_people(PASSWORD)) as node:
            wait_until(lambda: is_ready(api), seconds=120, what=f"the node is ready; log: {log}")
            acknowledged |= await photos_until_killed(node, api, life, kill_after)
            assert node.wait(20) == -signal.SIGKILL
        with process(log, *run) as node:
            wait_until(lambda: is_ready(api), seconds=120, what=f"the node is ready again; log: {log}")
            assert list((data / FOLDER).rglob(f"*{COMING}")) == [], "the start has removed what was half-written"
            done = await import_until_killed(node, api, life, kill_at)
            assert node.wait(20) == -signal.SIGKILL
        with process(log, *run) as node:
            wait_until(lambda: is_ready(api), seconds=120, what=f"the node is ready again; log: {log}")
            async with signed_in(api) as client:
                total = (await client.get("/device-files")).json()["total"] - POINTS
                assert total - imported in ((ROWS,) if done else (0, ROWS)), "all rows or none"
                imported = total
                assert len(acknowledged) == POINTS
                for code, (version, photo) in acknowledged.items():
                    file = (await client.get(f"/device-files/{code}")).json()
                    shown = await client.get(f"/device-files/{code}/photo")
                    assert shown.status_code == 200, "a photo that was acknowledged is there"
                    assert hashlib.sha256(shown.content).hexdigest() == file["photo"], "and whole"
                    assert file["photo"] == photo if file["version"] == version else file["version"] == version + 1
                    acknowledged[code] = file["version"], file["photo"]
            node.terminate()
            node.wait(30)
