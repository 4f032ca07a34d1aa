"""What counts as sent again, what was in doubt is told when it turns out, and no account takes the room of all."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from fengsui.errors import StorageFault
from fengsui.features.alarms import AlarmReceived
from fengsui.store import Store
from fengsui.wire.dc09.sending import request
from tests.node.alarm_hosts import burglary, datagram, entered, line_to, sender_of, told
from tests.node.alarm_sources import FIRE, NAME, registered, report
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_alarms import ACCOUNT, counted, on_disk, port_of
from tests.node.test_lifts import MovedClock


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


async def test_a_host_that_begins_its_numbers_anew_by_the_same_power_cut_tells_a_new_alarm(tmp_path: Path) -> None:
    settings, clock = settings_for(), MovedClock()
    async with running_node(tmp_path, settings, clock) as node:
        await entered(node, ACCOUNT)
        assert told(await datagram(port_of(node), burglary(sender_of(ACCOUNT), 1)))[0] == "ACK"
        clock.later += timedelta(minutes=6)
    clock.later += timedelta(hours=3)
    async with running_node(tmp_path, settings, clock) as node:
        assert told(await datagram(port_of(node), burglary(sender_of(ACCOUNT), 1)))[0] == "ACK"
        assert on_disk(node) == 2, "the node ran for minutes after it: its acknowledgement was not lost"


async def test_how_far_back_repeats_go_is_on_disk_while_the_node_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fengsui.features.alarms.repeat_window.WRITE_EVERY_S", 0.05)
    clock = MovedClock()

    def since(database: Path) -> float:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as read:
            found = read.execute("SELECT since FROM alarm_window").fetchone()
        return 0.0 if found is None else float(found[0])

    async with running_node(tmp_path, settings_for(), clock) as node:
        began = clock.now().timestamp()
        database = node.node.data / "node.db"
        await until(lambda: began - 310 < since(database) < began - 290, what="it is written")
        clock.later += timedelta(hours=1)
        await until(lambda: since(database) > began + 3_000, what="and written again: a kill needs no stop")


class LostAnswers:
    """A store whose commits succeed, and whose next answer is lost on its way."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.lose = False

    @asynccontextmanager
    async def transaction(self, *, act: bool = True) -> AsyncIterator[Any]:
        async with self._store.transaction(act=act) as tx:
            yield tx
        if self.lose:
            self.lose = False
            raise StorageFault(what="the connection is gone", remedy_zh="", remedy_en="")


def not_stored() -> float:
    return REGISTRY.get_sample_value("fengsui_alarms_total", {"outcome": "not stored"}) or 0.0


async def test_an_alarm_whose_commit_was_in_doubt_is_told_once_when_it_comes_again(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    batches = node.node.alarms.batches
    answers = LostAnswers(node.node.store)
    batches._store = answers  # type: ignore[assignment]
    frame = burglary(sender_of(ACCOUNT), 1)
    with closing(node.node.bus.subscribe(AlarmReceived, name="test")) as news:
        async with line_to(port_of(node)) as line:

            async def lost(frame: bytes) -> None:
                before, answers.lose = not_stored(), True
                line.writer.write(frame)
                await until(lambda: not_stored() == before + 1, what="nobody knows whether it is on disk")

            await lost(frame)
            assert on_disk(node) == 1
            assert told(await line.ask(frame))[0] == "ACK"
            (first,) = await asyncio.wait_for(news.batch(), 30)
            assert (first.area, first.priority, first.category, first.change) == ("520102", 2, "intrusion", "new")
            assert told(await line.ask(frame))[0] == "ACK"
            await lost(frame)  # it was told: that its repeat was in doubt makes no second one
            assert told(await line.ask(frame))[0] == "ACK"
            assert told(await line.ask(burglary(sender_of(ACCOUNT), 2)))[0] == "ACK"
            (second,) = await asyncio.wait_for(news.batch(), 30)
    assert second.id == first.id + 1 and on_disk(node) == 2


async def test_a_report_whose_commit_was_in_doubt_is_told_once_when_it_comes_again(node: RunningNode) -> None:
    secret = await registered(node)
    answers = LostAnswers(node.node.store)
    node.node.alarms.batches._store = answers  # type: ignore[assignment]
    with closing(node.node.bus.subscribe(AlarmReceived, name="test")) as news:
        answers.lose = True
        assert (await report(node, secret, FIRE)).status_code == 503
        assert on_disk(node) == 1
        assert (await report(node, secret, FIRE)).status_code == 202
        (first,) = await asyncio.wait_for(news.batch(), 30)
        assert (first.area, first.category, first.change) == ("520102", "fire", "new")
        assert (await report(node, secret, FIRE)).status_code == 202
        assert (await report(node, secret, {**FIRE, "id": "FA-2", "point": "9"})).status_code == 202
        (second,) = await asyncio.wait_for(news.batch(), 30)
    assert second.id == first.id + 1 and on_disk(node) == 2


async def test_no_account_takes_the_room_of_the_others(tmp_path: Path) -> None:
    settings = settings_for()
    bounds = {"max_pending": 100}  # of one account: the 64 alarms that one frame may tell
    settings = settings.model_copy(update={"alarm_hosts": settings.alarm_hosts.model_copy(update=bounds)})
    async with running_node(tmp_path, settings) as node:
        for account in ("AAAA", "BBBB", "CCCC"):
            await entered(node, account)
        before = counted("no room")

        def frame(account: str, sequence: int, events: int) -> bytes:
            return request(
                sender_of(account), "SIA-DCS", sequence, f"#{account}|N" + "/".join(f"BA{at:03}" for at in range(1, events + 1))
            )

        lock = sqlite3.connect(node.node.data / "node.db", isolation_level=None, check_same_thread=False)
        await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")  # nobody else writes
        try:
            async with line_to(port_of(node)) as greedy, line_to(port_of(node)) as modest, line_to(port_of(node)) as last:
                greedy.writer.write(frame("AAAA", 1, 40) + frame("AAAA", 2, 24))
                await until(lambda: node.node.alarms.batches.waiting == 2, what="its share is full")
                greedy.writer.write(frame("AAAA", 3, 1))
                await until(lambda: counted("no room") == before + 1, what="one more has no room")
                modest.writer.write(frame("BBBB", 1, 36))
                await until(lambda: node.node.alarms.batches.waiting == 3, what="another account has")
                last.writer.write(frame("CCCC", 1, 1))
                await until(lambda: counted("no room") == before + 2, what="until all of it is taken")
                lock.execute("ROLLBACK")
                assert sorted([told(await greedy.answer())[1] for _ in range(2)]) == ["0001", "0002"]
                assert told(await modest.answer())[1] == "0001"
                assert told(await greedy.ask(frame("AAAA", 3, 1)))[1] == "0003", "then there is room again"
        finally:
            lock.close()
        assert on_disk(node) == 40 + 24 + 36 + 1


async def test_what_is_known_of_a_source_is_what_is_on_disk_though_an_answer_was_lost(node: RunningNode) -> None:
    sources = node.node.incidents.sources
    answers = LostAnswers(node.node.store)
    answers.reading = node.node.store.reading  # type: ignore[attr-defined]
    sources._store = answers  # type: ignore[assignment]
    answers.lose = True
    order = {"name": NAME, "title": "消防平台", "area": "520102"}
    assert (await node.client.post("/alarm-sources", json=order)).status_code == 503
    (found,) = (await node.client.get("/alarm-sources")).json()["items"]
    assert found["name"] == NAME, "it is there, and can be renewed or removed"
    first = (await node.client.post(f"/alarm-sources/{found['id']}/secret")).json()["secret"]
    answers.lose = True
    assert (await node.client.post(f"/alarm-sources/{found['id']}/secret")).status_code == 503
    assert (await report(node, first, FIRE)).status_code == 401, "the next one is on disk, and after a start it alone would count"
    answers.lose = True
    assert (await node.client.delete(f"/alarm-sources/{found['id']}")).status_code == 503
    assert (await node.client.get("/alarm-sources")).json()["items"] == []


async def test_alarms_of_a_source_are_asked_for_by_its_name(node: RunningNode) -> None:
    secret = await registered(node)
    await entered(node, ACCOUNT)
    assert (await report(node, secret, FIRE)).status_code == 202
    found = (await node.client.get("/alarms", params={"account": NAME})).json()["items"]
    assert [one["account"] for one in found] == [NAME]
    assert (await node.client.get("/alarms", params={"account": ACCOUNT})).json()["items"] == []
