"""`fengsui simulate patrol` as its users start it: a phone that goes its round, takes a task, and gives way to a person."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fengsui.simulators.patrol_walk import crossing
from tests.node.conftest import OWN_PASSWORD, RunningNode, running_node, settings_for
from tests.node.test_dispatch import BANK, unit
from tests.node.test_incidents import done, opened
from tests.node.test_patrol import on_patrol

PLACE = crossing(2, 2)
STATES = ["sent", "accepted", "on_the_way", "arrived", "done"]


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


@asynccontextmanager
async def phone(node: RunningNode, name: str, password: str) -> AsyncIterator[asyncio.subprocess.Process]:
    base = str(node.client.base_url).rstrip("/")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fengsui", "simulate", "patrol", "--api", base, "--names", name, "--hurry", "40"),
        env={**os.environ, "FENGSUI_PATROL_PASSWORDS": password},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def until(node: RunningNode, path: str, holds: Any) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            found: dict[str, Any] = (await node.client.get(path)).json()
            if holds(found):
                return found
            await asyncio.sleep(0.1)


async def test_a_simulated_phone_goes_its_round_takes_a_task_and_comes_there(node: RunningNode) -> None:
    car, one = (
        await unit(node, "南明 12"),
        await opened(node.client, **{**BANK, "longitude": PLACE.longitude, "latitude": PLACE.latitude}),
    )
    async with on_patrol(node, "lin", car), phone(node, "lin", OWN_PASSWORD):

        def moved(found: dict[str, Any]) -> bool:
            at = found["items"][0]["longitude"], found["items"][0]["latitude"]
            return at not in ((None, None), (106.704, 26.573))

        await until(node, "/units", moved)
        task = await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": car, "order": "查看后门", "need_feedback": True})
        ended = await until(node, f"/tasks/{task['id']}", lambda found: found["state"] == "done")
        assert sorted(ended["times"], key=ended["times"].get) == STATES and "未见异常" in ended["feedback"]
        [there] = (await node.get("/units"))["items"]
        assert there["status"] == "available"
        lines = [line for line in (await node.get(f"/incidents/{one['id']}"))["lines"] if line["kind"] == "unit"]
        assert [line["facts"]["step"] for line in lines] == ["sent", "accept", "on-the-way", "arrive", "done"]


async def test_it_gives_way_to_a_person_who_signs_in_elsewhere(tmp_path: Path) -> None:
    settings = settings_for()
    sign_in = settings.sign_in.model_copy(update={"one_workstation": True})
    async with running_node(tmp_path, settings.model_copy(update={"sign_in": sign_in})) as node:
        car = await unit(node, "南明 12")
        async with on_patrol(node, "lin", car), phone(node, "lin", OWN_PASSWORD) as process, asyncio.timeout(100):
            assert process.stdout is not None
            assert "已登录" in (await process.stdout.readline()).decode()
            person = await node.sign_in("lin", OWN_PASSWORD, at="127.0.0.2")
            said = (await process.stdout.read()).decode()
            assert await process.wait() == 1 and "已在别处登录" in said, said
            assert (await person.get("/patrol")).json()["unit"]["call_sign"] == "南明 12", "the person's session goes on"
            await person.aclose()


async def test_a_wrong_password_is_tried_once(node: RunningNode) -> None:
    async with phone(node, "nobody", "wrong") as process, asyncio.timeout(60):
        assert process.stdout is not None
        said = (await process.stdout.read()).decode()
        assert await process.wait() == 1 and "不能登录" in said, said
