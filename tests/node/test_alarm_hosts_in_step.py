"""What a node knows of an alarm host is what is on disk: answers lost, a full disk, a killed node, two clicks, a clock set back."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.clock import ManualClock
from fengsui.errors import StorageFault
from fengsui.store import in_step
from tests.end_to_end.conftest import wait_until
from tests.end_to_end.test_recovery import PASSWORD, first_people, is_ready, process, settings_file
from tests.node.alarm_hosts import entered, order
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_alarm_points import VAULT, changed, host, rings
from tests.node.test_alarm_repeats import LostAnswers
from tests.node.test_alarms import ACCOUNT
from tests.node.test_alarms_killed import token
from tests.node.test_storage_faults import fill, small_disk
from tests.rounds import rounds

HALL = {"zone": "6", "name": "大厅"}
HALF_AN_HOUR = {"minutes": 30, "reason": "维护"}


class Away(LostAnswers):
    """A store whose answers to acts are lost, and which cannot be read for a while then."""

    away = 0

    @asynccontextmanager
    async def transaction(self, *, act: bool = True) -> AsyncIterator[Any]:
        through = super() if act else self._store
        async with through.transaction(act=act) as tx:
            yield tx

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Any]:
        if self.away:
            self.away -= 1
            raise StorageFault(what="the connection is gone", remedy_zh="", remedy_en="")
        async with self._store.reading() as tx:
            yield tx

    def owe(self, work: Any) -> None:
        self._store.owe(work)


def losing(node: RunningNode) -> Away:
    """In the place of the store of hosts."""
    answers = Away(node.node.store)
    hosts = node.node.alarms.hosts
    hosts._store = answers  # type: ignore[assignment]
    node.node.alarms.supervision._store = answers  # type: ignore[assignment]
    return answers


async def test_what_is_known_of_a_host_is_what_is_on_disk_though_an_answer_was_lost(tmp_path: Path, store_url: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        answers = losing(node)
        answers.lose = True
        assert (await node.client.post("/alarm-hosts", json=order(ACCOUNT))).status_code == 503
        made = await host(node)
        assert made["account"] == ACCOUNT, "it is on disk"
        assert (await rings(node, 1))["point"] == "金库门", "and it is heard"
        answers.lose = True
        assert (await changed(node, made, site="南明支行", supervision_s=3_600, points=[HALL])).status_code == 503
        now = await host(node)
        assert (now["site"], now["interval_s"], [one["name"] for one in now["points"]]) == ("南明支行", 3_600, ["大厅"])
        assert (await changed(node, made)).status_code == 409, "whoever did not see it changes nothing"
        path = f"/alarm-hosts/{made['id']}"
        answers.lose = True
        assert (await node.client.put(f"{path}/test", json=HALF_AN_HOUR)).status_code == 503
        assert (await host(node))["points"][0]["test"]["reason"] == "维护"
        assert (await rings(node, 2, "006"))["tested"]
        answers.lose = True
        assert (await node.client.delete(f"{path}/test")).status_code == 503
        assert (await host(node))["points"][0]["test"] is None
        assert not (await rings(node, 3, "006"))["tested"]
    async with running_node(tmp_path, settings_for(store_url)) as node:
        found = await host(node)
        assert {**found, "heard_at": None, "points": []} == {**now, "heard_at": None, "points": []}, "as after a start"
        answers = losing(node)
        answers.lose = True
        assert (await node.client.delete(path)).status_code == 503
        assert (await node.get("/alarm-hosts"))["items"] == []
        await entered(node, ACCOUNT)


async def test_what_could_not_be_read_at_once_is_known_as_soon_as_it_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_step, "AGAIN_S", 0.02)
    async with running_node(tmp_path, settings_for()) as node:
        made = await entered(node, ACCOUNT)
        answers = losing(node)
        answers.lose, answers.away = True, 3
        assert (await changed(node, made, site="南明支行")).status_code == 503

        async def known() -> bool:
            return bool((await host(node))["site"] == "南明支行")

        await until(known, what="it is read at last")
        assert answers.away == 0
        answers.away = 1
        assert (await changed(node, await host(node), site="云岩支行")).status_code == 503, "written, and not read"
        await until(lambda: node.node.alarms.hosts.get(made["id"]).site == "云岩支行", what="it is read as well")


async def test_on_a_full_disk_a_host_stays_as_it_is(tmp_path: Path) -> None:
    with small_disk() as disk:
        async with running_node(disk, settings_for(f"sqlite:///{disk / 'node.db'}")) as node:
            made = await entered(node, ACCOUNT)
            path = f"/alarm-hosts/{made['id']}"
            ballast = fill(disk)
            points = [{**VAULT, "name": "金库内门 " * 20}, HALL]
            for answer in (
                await changed(node, made, points=points),
                await node.client.put(f"{path}/test", json=HALF_AN_HOUR),
                await node.client.delete(path),
            ):
                assert answer.status_code == 503 and answer.json()["remedy_zh"], answer.text
            assert await host(node) == made
            ballast.unlink()

            async def taken() -> bool:
                return bool((await changed(node, await host(node), points=points)).status_code == 200)

            await until(taken, seconds=60, what="it is changed once there is room")
            assert len((await host(node))["points"]) == 2
            assert (await node.client.put(f"{path}/test", json=HALF_AN_HOUR)).status_code == 200


async def test_of_two_who_click_one_changes_it_and_a_test_begins_once(tmp_path: Path, store_url: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        made = await entered(node, ACCOUNT)
        path = f"/alarm-hosts/{made['id']}"
        answers = await asyncio.gather(changed(node, made, site="甲"), changed(node, made, site="乙"))
        assert sorted(one.status_code for one in answers) == [200, 409]
        (site,) = (one.json()["site"] for one in answers if one.status_code == 200)
        assert (await host(node))["site"] == site
        await asyncio.gather(*(node.client.put(f"{path}/test", json={**HALF_AN_HOUR, "minutes": one}) for one in (30, 60)))
        begun = (await host(node))["points"][0]["test"]
        assert datetime.fromisoformat(begun["until"]) - datetime.fromisoformat(begun["begun_at"]) in (
            timedelta(minutes=30),
            timedelta(minutes=60),
        )
        assert [one.status_code for one in await asyncio.gather(*(node.client.delete(f"{path}/test") for _ in range(2)))] == [
            200
        ] * 2
        gone = await asyncio.gather(*(node.client.delete(path) for _ in range(2)))
        assert sorted(one.status_code for one in gone) == [204, 404]


async def test_a_clock_that_is_set_back_lengthens_no_test(tmp_path: Path, store_url: str) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with running_node(tmp_path, settings_for(store_url), clock) as node:
        made = await entered(node, ACCOUNT)
        path = f"/alarm-hosts/{made['id']}/test"
        assert (await node.client.put(path, json=HALF_AN_HOUR)).status_code == 200
        clock.set_by(-7_200)
        clock.advance(20 * 60)
        assert (await rings(node, 1))["tested"], "it lasts as long as was said"
        clock.advance(10 * 60 + 1)
        assert not (await rings(node, 2))["tested"], "and no longer"
        assert (await node.client.put(path, json=HALF_AN_HOUR)).status_code == 200
        clock.advance(60)
        assert (await node.client.get("/alarm-hosts")).status_code == 200
    clock.set_by(-86_400)
    async with running_node(tmp_path, settings_for(store_url), clock) as node:
        assert not (await rings(node, 3))["tested"], "nor over a start: nobody knows how long one lasts that begins later than now"


async def test_a_clock_that_is_set_back_while_the_node_is_stopped_lengthens_no_test(tmp_path: Path, store_url: str) -> None:
    clock = ManualClock(datetime.now(UTC))
    async with running_node(tmp_path, settings_for(store_url), clock) as node:
        made = await entered(node, ACCOUNT)
        assert (await node.client.put(f"/alarm-hosts/{made['id']}/test", json=HALF_AN_HOUR)).status_code == 200
    clock.set_by(-86_400)
    async with running_node(tmp_path, settings_for(store_url), clock) as node:
        assert (await rings(node, 1))["tested"]
        clock.advance(30 * 60 + 5)
        assert not (await rings(node, 2))["tested"], "it goes on from the last time that is on record"


@pytest.mark.end_to_end
@pytest.mark.rounds
@pytest.mark.timeout(400)
async def test_whenever_the_node_dies_a_host_is_as_it_was_or_as_it_was_to_be(tmp_path: Path) -> None:
    config, http, _ = settings_file(tmp_path)
    api, log, chance = f"http://127.0.0.1:{http}", tmp_path / "node.log", random.Random(118)
    run = ["run", "--config", str(config), "--data", str(tmp_path / "data")]
    acknowledged, lives = 0, rounds(3, 8)
    for life in range(lives + 1):
        with process(log, *run, **({} if life else first_people(PASSWORD))) as node:
            await asyncio.to_thread(wait_until, lambda: is_ready(api), seconds=120, what=f"the node is ready; log: {log}")
            async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60, headers=await token(api, "system")) as client:
                if life == 0:
                    made = (await client.post("/alarm-hosts", json=order(ACCOUNT))).json()
                    path = f"/alarm-hosts/{made['id']}"
                (now,) = (await client.get("/alarm-hosts")).json()["items"]
                if life:
                    names = {now["site"], *(one["name"] for one in now["points"])}
                    assert len(now["points"]) == 2 and len(names) == 1, "all of a change is there, or nothing of it"
                    number = int(now["site"].split()[-1])
                    assert number in (acknowledged, acknowledged + 1), "what was acknowledged is there"
                    acknowledged = number
                    tests = [one["test"] and one["test"]["reason"] for one in now["points"]]
                    assert len(set(tests)) == 1, "both are in the same test, or neither is"
                if life == lives:
                    node.terminate()
                    node.wait(30)
                    break
                dies = asyncio.get_running_loop().call_later(0.3 + chance.random() * 0.5, node.send_signal, signal.SIGKILL)
                try:
                    while True:
                        name = f"site {acknowledged + 1}"
                        points = [{**VAULT, "name": name}, {**HALL, "name": name}]
                        body = {"revision": now["revision"], "site": name, "points": points}
                        answer = await client.put(path, json=body)
                        answer.raise_for_status()
                        now, acknowledged = answer.json(), acknowledged + 1
                        (await client.put(f"{path}/test", json={**HALF_AN_HOUR, "reason": name})).raise_for_status()
                except httpx.TransportError:
                    dies.cancel()
                assert node.wait(20) == -signal.SIGKILL
    assert acknowledged > lives, "something was written in each life"
