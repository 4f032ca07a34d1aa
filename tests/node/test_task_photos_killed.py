"""kill -9 again and again while phones on patrol send photos: each that was taken is there once and whole, and nothing else is."""

from __future__ import annotations

import asyncio
import hashlib
import random
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.access import FirstPerson, Post, first_people_to_text
from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, demonstration
from fengsui.features.dispatch.photos import FOLDER
from tests.end_to_end.conftest import wait_until
from tests.end_to_end.test_recovery import PASSWORD, is_ready, process, settings_file
from tests.node.test_alarms_killed import token
from tests.node.test_kept_files import noise
from tests.rounds import rounds

pytestmark = [pytest.mark.end_to_end, pytest.mark.rounds, pytest.mark.timeout(400)]
PHONES, EACH, LIVES = 3, rounds(6, 18), rounds(2, 6)
BUSY = frozenset((429, 503))


def people() -> dict[str, str]:
    """Those of the demonstration, and whoever has a phone."""
    usual = demonstration({one.name: PASSWORD for one in DEMONSTRATION})
    phones = [FirstPerson(f"lin-{at}", PASSWORD, Post.PATROL, prepared=True) for at in range(PHONES)]
    return {FIRST_PEOPLE: first_people_to_text([*usual, *phones])}


async def made(client: httpx.AsyncClient, path: str, body: dict[str, Any], method: str = "POST") -> dict[str, Any]:
    answer = await client.request(method, path, json=body)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


async def tasks_of(desk: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Each phone's."""
    incident = await made(desk, "/incidents", {"type": "fire", "place": "甲秀楼"})
    found = []
    for at in range(PHONES):
        unit = (await made(desk, "/units", {"call_sign": f"南明 {at}", "kind": "car", "members": ["王某"]}))["id"]
        known = {one["name"]: one["user_id"] for one in (await desk.get(f"/units/{unit}/crew-candidates")).json()["items"]}
        await made(desk, f"/units/{unit}/crew", {"users": [known[f"lin-{at}"]]}, "PUT")
        found.append(await made(desk, f"/incidents/{incident['id']}/tasks", {"unit": unit, "order": "拍照"}))
    return found


class Phone:
    """It keeps a photo until it is answered, and sends it again under its key."""

    def __init__(self, client: httpx.AsyncClient, task: int, at: int) -> None:
        self._client = client
        self._path = f"/tasks/{task}/photos"
        self.task = task
        self.keys = {f"photo-{at}-{number}": noise(1 + at * 100 + number, 240) for number in range(EACH)}
        self.repeated = 0

    async def send(self, key: str) -> list[str]:
        """Until it is taken: the task's photos then."""
        for again in range(400):
            try:
                answer = await self._client.post(
                    self._path, content=self.keys[key], headers={"Idempotency-Key": key}, params={"text": key}
                )
            except httpx.TransportError:
                await asyncio.sleep(0.1)  # the node is away
                continue
            if answer.status_code == 201:
                self.repeated += again
                return list(answer.json()["photos"])
            assert answer.status_code in BUSY, answer.text
            await asyncio.sleep(0.1)
        raise AssertionError("it was never answered")

    async def report(self, runs: asyncio.Event, told: Callable[[], None]) -> None:
        """All of them; what is new waits until the node runs."""
        for number, key in enumerate(self.keys, 1):
            await runs.wait()
            assert len(await self.send(key)) == number
            told()


def files_of(folder: Path) -> Counter[str]:
    """Whatever lies there, halves as well."""
    return Counter(path.name for path in folder.rglob("*") if path.is_file())


async def test_each_photo_of_a_phone_is_there_once_and_whole_whenever_the_node_dies(tmp_path: Path) -> None:
    config, http, _ = settings_file(tmp_path)
    api, log, chance, data = f"http://127.0.0.1:{http}", tmp_path / "node.log", random.Random(1920), tmp_path / "data"
    run = ["run", "--config", str(config), "--data", str(data)]
    answered, total = 0, PHONES * EACH
    news, runs = asyncio.Event(), asyncio.Event()
    phones: list[Phone] = []
    sending: list[asyncio.Task[None]] = []

    def told() -> None:
        nonlocal answered
        answered += 1
        news.set()

    async def until_answered(count: int) -> None:
        while answered < count and not any(task.done() and task.exception() for task in sending):
            news.clear()
            await news.wait()

    marks = sorted(chance.sample(range(3, total - 3), LIVES))
    async with AsyncExitStack() as stack:
        for life, mark in enumerate((*marks, total)):
            with process(log, *run, **({} if life else people())) as node:
                await asyncio.to_thread(wait_until, lambda: is_ready(api), seconds=120, what=f"the node is ready; log: {log}")
                if life == 0:
                    headers = await token(api, "duty")
                    desk = await stack.enter_async_context(httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60, headers=headers))
                    for at, task in enumerate(await tasks_of(desk)):
                        own = await token(api, f"lin-{at}")
                        phone = httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60, headers=own)
                        phones.append(Phone(await stack.enter_async_context(phone), task["id"], at))
                    sending = [asyncio.create_task(one.report(runs, told)) for one in phones]
                    for one in sending:
                        one.add_done_callback(lambda _: news.set())
                runs.set()
                await until_answered(mark)
                await asyncio.sleep(chance.random() * 0.05)  # anywhere between a photo, its file, its commit and its answer
                if life < LIVES:
                    runs.clear()
                    node.send_signal(signal.SIGKILL)
                    assert node.wait(20) == -signal.SIGKILL
                    assert answered < total, "it dies in the midst of it"
                    continue
                await asyncio.gather(*sending)
                node.terminate()
                node.wait(30)
        with process(log, *run) as node:
            await asyncio.to_thread(wait_until, lambda: is_ready(api), seconds=120, what=f"the node is ready; log: {log}")
            shown: list[str] = []
            for phone in phones:
                photos = (await desk.get(f"/tasks/{phone.task}")).json()["photos"]
                assert len(photos) == EACH == len(set(photos)), "each once"
                for key in phone.keys:
                    assert await phone.send(key) == photos, "sent again, it joins"
                for name in photos:
                    answer = await desk.get(f"/tasks/{phone.task}/photos/{name}")
                    assert answer.status_code == 200, answer.text
                    assert hashlib.sha256(answer.content).hexdigest() == name, "and whole"
                shown += photos
            incident = (await desk.get(f"/tasks/{phones[0].task}")).json()["incident"]
            lines = [
                one for one in (await desk.get(f"/incidents/{incident}")).json()["lines"] if one["facts"].get("step") == "photo"
            ]
            assert Counter(one["text"] for one in lines) == Counter(key for one in phones for key in one.keys), "a line each"
            assert files_of(data / FOLDER) == Counter(f"{name}.jpg" for name in shown), "no half, and none that no task names"
            node.terminate()
            node.wait(30)
    assert sum(one.repeated for one in phones), "some were sent again, or nothing was tried"
