"""kill -9 again and again while alarm hosts report by the book: each alarm is there exactly once, in its host's order."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.simulators.alarm_host import AlarmTarget, SimulatedAlarmHost
from tests.end_to_end.conftest import wait_until
from tests.end_to_end.test_recovery import PASSWORD, alarm_port, first_people, is_ready, process, settings_file
from tests.rounds import rounds

pytestmark = [pytest.mark.end_to_end, pytest.mark.rounds, pytest.mark.timeout(400)]
HOSTS, EACH, LIVES = 12, rounds(20, 50), rounds(2, 6)
KEY = bytes(range(32))


async def token(api: str, name: str) -> dict[str, str]:
    async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60) as client:
        answer = await client.post("/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}


async def enter(api: str, hosts: list[SimulatedAlarmHost]) -> None:
    async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60, headers=await token(api, "system")) as client:
        for one in hosts:
            body = {"account": one.account, "site": "银行", **({"key": one.key.hex()} if one.key else {})}
            answer = await client.post("/alarm-hosts", json=body)
            assert answer.status_code == 201, answer.text


async def listed(api: str, **asked: str) -> list[dict[str, Any]]:
    """Every alarm, the newest first; of a queue as a desk is shown it, with as many as it is told there are."""
    found: list[dict[str, Any]] = []
    async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60, headers=await token(api, "duty")) as client:
        cursor = ""
        while True:
            page = (await client.get("/alarms", params={"limit": 500, "cursor": cursor, **asked})).json()
            found += page["items"]
            if (cursor := page["next"]) is None:
                assert page["total"] == (len(found) if asked else None)
                return found


async def test_each_alarm_is_there_exactly_once_whenever_the_node_dies(tmp_path: Path) -> None:
    config, http, _ = settings_file(tmp_path)
    api, log, chance = f"http://127.0.0.1:{http}", tmp_path / "node.log", random.Random(12300)
    run = ["run", "--config", str(config), "--data", str(tmp_path / "data")]
    target = AlarmTarget(port=alarm_port(config), retry_s=0.5)
    ways = ["UDP", "TCP"]
    hosts = [
        SimulatedAlarmHost(f"{0xA00 + at:X}", AlarmTarget(target.host, target.port, ways[at % 2], 0.5), KEY if at % 3 else None)
        for at in range(HOSTS)
    ]
    acknowledged: Counter[str] = Counter()
    news, runs = asyncio.Event(), asyncio.Event()

    async def report(one: SimulatedAlarmHost) -> None:
        try:
            for number in range(1, EACH + 1):
                await runs.wait()  # what is new waits until the mark of this life is looked at
                await one.report(f"Nri1/BA{number:03}")
                acknowledged[one.account] += 1
                news.set()
        finally:
            news.set()
            await one.close()

    async def until_acknowledged(count: int) -> None:
        while acknowledged.total() < count and not all(task.done() for task in tasks):
            news.clear()
            await news.wait()

    tasks: list[asyncio.Task[None]] = []
    marks = sorted(chance.sample(range(20, HOSTS * EACH - 20), LIVES))
    for life, mark in enumerate((*marks, HOSTS * EACH)):
        with process(log, *run, **({} if life else first_people(PASSWORD))) as node:
            await asyncio.to_thread(wait_until, lambda: is_ready(api), seconds=120, what=f"the node is ready; log: {log}")
            if life == 0:
                await enter(api, hosts)
                tasks = [asyncio.create_task(report(one)) for one in hosts]
            runs.set()
            await until_acknowledged(mark)
            await asyncio.sleep(chance.random() * 0.02)  # anywhere between a frame, its commit and its acknowledgement
            if life < LIVES:
                runs.clear()
                before = dict(acknowledged)
                node.send_signal(signal.SIGKILL)
                assert node.wait(20) == -signal.SIGKILL
                assert sum(before.values()) < HOSTS * EACH, "it dies in the midst of it"
                continue
            await asyncio.gather(*tasks)
            found = [(one["account"], int(one["zone"])) for one in reversed(await listed(api))]
            waiting = await listed(api, queue="open")
            node.terminate()
            node.wait(30)
    wanted = Counter((one.account, number) for one in hosts for number in range(1, EACH + 1))
    assert Counter(found) == wanted, "each exactly once"
    assert Counter((one["account"], int(one["zone"])) for one in waiting) == wanted, "and as often before the desks"
    assert {(one["work"]["state"], one["work"]["folded"]) for one in waiting} == {("open", 0)}, "each for itself"
    for one in hosts:
        assert [number for account, number in found if account == one.account] == list(range(1, EACH + 1)), "in its order"
    assert sum(one.sent for one in hosts) > HOSTS * EACH, "some were sent again, or nothing was tried"
