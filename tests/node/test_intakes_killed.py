"""kill -9 again and again while other systems send alarms, CAP messages and jobs: what was acknowledged is there exactly once."""

from __future__ import annotations

import asyncio
import json
import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.conftest import wait_until
from tests.end_to_end.test_recovery import PASSWORD, first_people, is_ready, process, settings_file
from tests.node.alarm_sources import signed
from tests.node.conftest import until
from tests.node.test_alarms_killed import listed, token
from tests.rounds import rounds
from tests.wire.cap_messages import CAP_ALERT

pytestmark = [pytest.mark.end_to_end, pytest.mark.rounds, pytest.mark.timeout(400)]
LINES, EACH, LIVES = 3, rounds(15, 40), rounds(2, 6)
"""Connections of each kind; messages of each; deaths."""
SOURCES: dict[str, dict[str, Any]] = {
    "fire-office": {"title": "消防平台", "area": "520102"},
    "city-110": {"title": "市局 110", "area": "520102", "jobs": True},
}
BUSY = frozenset((429, 503))


class Sender:
    """One connection of another system: what is not answered is sent again, the same."""

    def __init__(self, api: str, path: str, secret: str, body: Callable[[str], bytes], name: str) -> None:
        self._url = f"{api}/api/v1/{path}"
        self._secret = secret
        self._body = body
        self.ids = [f"{name}-{number:03}" for number in range(EACH)]
        self.answers: dict[str, Any] = {}
        self.repeated = 0

    async def send(self, client: httpx.AsyncClient, id: str) -> Any:
        """Until it is taken over: the answer."""
        body = self._body(id)
        for again in range(400):
            try:
                answer = await client.post(self._url, content=body, headers=signed(self._secret, body))
            except httpx.TransportError:
                await asyncio.sleep(0.1)  # the node is away
                continue
            if answer.status_code == 202:
                self.repeated += again
                return answer.json()
            assert answer.status_code in BUSY, answer.text
            await asyncio.sleep(0.1)
        raise AssertionError("it was never answered")

    async def report(self, runs: asyncio.Event, told: Callable[[], None]) -> None:
        """All of them; what is new waits until the node runs."""
        async with httpx.AsyncClient(timeout=30) as client:
            for id in self.ids:
                await runs.wait()
                self.answers[id] = await self.send(client, id)
                told()

    async def repeat(self) -> None:
        """All of them again: each joins what it became."""
        async with httpx.AsyncClient(timeout=30) as client:
            for id in self.ids:
                assert await self.send(client, id) == self.answers[id]


def alarm(id: str) -> bytes:
    return json.dumps({"id": id, "type": "fire", "point": id, "place": "三楼", "text": id}).encode()


def cap(id: str) -> bytes:
    return CAP_ALERT.replace(b"city-2026-000418", id.encode()).replace(b"Smoke alarm, east tunnel", id.encode())


def job(id: str) -> bytes:
    return json.dumps({"number": id, "type": "fire", "place": "甲秀楼", "text": id, "priority": 2}).encode()


async def entered(api: str) -> dict[str, str]:
    """The secrets of the sources."""
    found = {}
    async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60, headers=await token(api, "system")) as client:
        for name, facts in SOURCES.items():
            answer = await client.post("/alarm-sources", json={"name": name, **facts})
            assert answer.status_code == 201, answer.text
            found[name] = str(answer.json()["secret"])
    return found


async def incidents(api: str) -> list[dict[str, Any]]:
    """All of them."""
    found: list[dict[str, Any]] = []
    async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60, headers=await token(api, "duty")) as client:
        cursor: str | None = ""
        while cursor is not None:
            page = (await client.get("/incidents", params={"limit": 500, "order": "newest", "cursor": cursor})).json()
            found, cursor = [*found, *page["items"]], page["next"]
    return found


async def put_files(folder: Path, ids: list[str], runs: asyncio.Event) -> None:
    """Jobs as files: written under another name, and renamed."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    for id in ids:
        await runs.wait()
        coming = folder / f"{id}.coming"
        coming.write_bytes(job(id))
        coming.rename(folder / f"{id}.json")


async def test_what_another_system_was_told_is_taken_is_there_exactly_once_whenever_the_node_dies(tmp_path: Path) -> None:
    config, http, _ = settings_file(tmp_path)
    with config.open("a", encoding="utf-8") as settings:
        settings.write("[alarm_intake]\nmax_per_source_per_s = 5000\n[dispatch_links]\njob_files = true\n")
    api, log, chance, data = f"http://127.0.0.1:{http}", tmp_path / "node.log", random.Random(1210), tmp_path / "data"
    run = ["run", "--config", str(config), "--data", str(data)]
    answered, total = 0, 3 * LINES * EACH
    news, runs = asyncio.Event(), asyncio.Event()
    senders: list[Sender] = []
    tasks: list[asyncio.Task[None]] = []
    files, folder = [f"file-{number:03}" for number in range(EACH)], data / "jobs-in" / "city-110"

    def told() -> None:
        nonlocal answered
        answered += 1
        news.set()

    async def until_answered(count: int) -> None:
        while answered < count and not any(task.done() and task.exception() for task in tasks):
            news.clear()
            await news.wait()

    marks = sorted(chance.sample(range(15, total - 15), LIVES))
    for life, mark in enumerate((*marks, total)):
        with process(log, *run, **({} if life else first_people(PASSWORD))) as node:
            await asyncio.to_thread(wait_until, lambda: is_ready(api), seconds=120, what=f"the node is ready; log: {log}")
            if life == 0:
                secrets = await entered(api)
                fire, city = secrets["fire-office"], secrets["city-110"]
                for at in range(LINES):
                    senders.append(Sender(api, "alarm-intake/fire-office", fire, alarm, f"alarm-{at}"))
                    senders.append(Sender(api, "alarm-intake/fire-office/cap", fire, cap, f"cap-{at}"))
                    senders.append(Sender(api, "job-intake/city-110", city, job, f"job-{at}"))
                tasks = [asyncio.create_task(one.report(runs, told)) for one in senders]
                tasks.append(asyncio.create_task(put_files(folder, files, runs)))
                for task in tasks:
                    task.add_done_callback(lambda _: news.set())
            runs.set()
            await until_answered(mark)
            await asyncio.sleep(chance.random() * 0.02)  # anywhere between a message, its commit and its answer
            if life < LIVES:
                runs.clear()
                node.send_signal(signal.SIGKILL)
                assert node.wait(20) == -signal.SIGKILL
                assert answered < total, "it dies in the midst of it"
                continue
            await asyncio.gather(*tasks)
            await asyncio.gather(*(one.repeat() for one in senders))
            await until(lambda: not list(folder.glob("*.json")), seconds=60, what="each file is taken and put aside")
            alarms, opened = await listed(api), await incidents(api)
            node.terminate()
            node.wait(30)
    of_kind = {kind: [id for one in senders for id in one.ids if id.startswith(kind)] for kind in ("alarm", "cap", "job")}
    assert Counter(one["text"] for one in alarms) == Counter([*of_kind["alarm"], *of_kind["cap"]]), "each exactly once"
    assert Counter(one["text"] for one in opened) == Counter([*of_kind["job"], *files]), "each job is one incident"
    ids = {one["text"]: one["id"] for one in alarms} | {one["text"]: one["id"] for one in opened}
    for sender in senders:
        for id, answer in sender.answers.items():
            assert (answer.get("alarm") or answer["incident"]) == ids[id], "what it was told is what is there"
    assert {path.name for path in (folder / "done").glob("*.json")} == {f"{id}.json" for id in files}
    assert not list((folder / "refused").iterdir())
    assert sum(one.repeated for one in senders), "some were sent again, or nothing was tried"
