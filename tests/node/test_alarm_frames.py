"""What hosts write otherwise than the book, and more of it than is right: nothing is lost, and nobody else is held up."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from fengsui.errors import StorageFault
from fengsui.features.alarms import waiting_queries
from fengsui.settings import NodeSettings
from fengsui.transports.alarm_door import READ_BYTES, AlarmConnection
from fengsui.wire.dc09.envelope import framed
from fengsui.wire.dc09.sending import request
from tests.node.alarm_hosts import burglary, datagram, entered, line_to, sender_of, told
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_alarms import ACCOUNT, alarms, on_disk, port_of

HEARTBEAT = request(sender_of(ACCOUNT), "NULL", 0)


def with_alarm_hosts(**bounds: Any) -> NodeSettings:
    settings = settings_for()
    return settings.model_copy(update={"alarm_hosts": settings.alarm_hosts.model_copy(update=bounds)})


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


@pytest.mark.parametrize(
    ("token", "rest", "wanted"),
    [
        ("SIA-DCS", "#4321|Nph+8613900000000/HA001]", ("HA", "001", True, 1, "")),
        ("SIA-DCS", "#4321|Nri1/BA005/x]", ("BA", "005", True, 2, "x")),
        ("SIA-DCS", "#4321|NBA005]_8:20:00,03-02-2026", ("BA", "005", True, 2, "")),
        ("SIA-DCS", "#4321|Q\x00" + "柜" * 300 + "]", ("", "", False, 1, ("#4321|Q" + "柜" * 300)[:256])),
        ("ADM-CID", "#4321|1121 02]", ("", "", False, 1, "#4321|1121 02")),
    ],
)
async def test_a_known_host_that_writes_otherwise_is_acknowledged_and_its_alarm_shown(
    node: RunningNode, token: str, rest: str, wanted: tuple[str, str, bool, int, str]
) -> None:
    await entered(node, ACCOUNT)
    frame = framed(f'"{token}"0001L0#{ACCOUNT}[{rest}'.encode())
    assert told(await datagram(port_of(node), frame)) == ("ACK", "0001", ACCOUNT)
    (alarm,) = await alarms(node)
    assert (alarm["code"], alarm["zone"], alarm["known"], alarm["priority"], alarm["text"]) == wanted


async def test_a_sender_above_the_pace_waits_and_costs_no_more_than_its_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, run = 0, AlarmConnection._run

    def counted(self: AlarmConnection) -> None:
        nonlocal turns
        turns += 1
        run(self)

    monkeypatch.setattr(AlarmConnection, "_run", counted)
    many, at_once = 500, 400  # four seconds' frames may come at once
    async with running_node(tmp_path, with_alarm_hosts(max_frames_per_address_per_s=at_once // 4)) as node:
        await entered(node, ACCOUNT)
        async with line_to(port_of(node)) as line:
            line.writer.write(HEARTBEAT * many)
            for _ in range(many):
                assert told(await line.answer())[0] == "ACK"
    assert turns <= 2 * (many - at_once) + 20, "one turn for each that had to wait, and now and then one that came too early"


async def test_a_flood_of_strangers_leaves_nothing_behind_in_memory(tmp_path: Path) -> None:
    flood = 40_000  # more than a statement may have parameters
    async with running_node(tmp_path, with_alarm_hosts(max_waiting=50, max_waiting_per_address=50)) as node:
        waiting = node.node.alarms.waiting
        for first in (0, flood):
            for at in range(first, first + flood):
                waiting.note(f"{at:08X}", "192.0.2.1", "UDP", encrypted=False)
            assert len(waiting._changed) <= 2 * 50
            await waiting.write()
        kept = {f"{at:08X}" for at in range(2 * flood - 50, 2 * flood)}
        assert {one.account for one in waiting.all()} == kept and waiting_on_disk(node) == kept
        assert len(waiting._stored) == 50


async def test_a_list_that_could_not_be_written_is_whole_once_it_can(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = node.node.alarms.waiting
    for account in ("AAAA", "BBBB"):
        waiting.note(account, "192.0.2.1", "UDP", encrypted=False)
    await waiting.write()
    with monkeypatch.context() as broken:
        broken.setattr(waiting_queries, "write_waiting", refused_by_the_disk)
        waiting.note("CCCC", "192.0.2.1", "UDP", encrypted=False)
        waiting.forget("AAAA")
        await waiting.write()
    assert "CCCC" not in waiting_on_disk(node)
    await waiting.write()
    assert waiting_on_disk(node) == {"BBBB", "CCCC"}


async def refused_by_the_disk(*_: object) -> None:
    raise StorageFault(what="the disk is full", remedy_zh="", remedy_en="")


def waiting_on_disk(node: RunningNode) -> set[str]:
    with sqlite3.connect(f"file:{node.node.data / 'node.db'}?mode=ro", uri=True) as database:
        return {account for (account,) in database.execute("SELECT account FROM waiting_alarm_hosts")}


async def test_the_second_path_of_a_host_tells_the_same_alarm(node: RunningNode) -> None:
    await entered(node, ACCOUNT)
    paths = ("[G1][M001122334455][N10.0.0.5]", "[J2][M66778899AABB][Ahost][C1][K2]", "")
    for extended in (*paths, "[Vhttp://10.0.0.5/1]"):
        frame = request(sender_of(ACCOUNT), "SIA-DCS", 1, f"#{ACCOUNT}|NBA005", extended=extended)
        assert told(await datagram(port_of(node), frame)) == ("ACK", "0001", ACCOUNT)
    assert [one["repeats"] for one in await alarms(node)] == [0, 2], "what is about the event makes another one"
    assert on_disk(node) == 2


async def test_who_keeps_the_devices_of_the_node_is_told_of_strangers(node: RunningNode) -> None:
    clients = {
        area: await node.client_of(f"keeper-{area}", {"post": "system-administrator", "area": area})
        for area in ("520102", "520103")
    }
    lines: dict[str, list[str]] = {area: [] for area in clients}

    async def follow(area: str, client: Any) -> None:
        async with client.stream("GET", "/events", timeout=60) as feed:
            async for line in feed.aiter_lines():
                lines[area].append(line)

    tasks = [asyncio.create_task(follow(*pair)) for pair in clients.items()]
    await until(lambda: all(lines.values()), what="both follow")
    assert told(await datagram(port_of(node), request(sender_of("77AB"), "NULL", 0)))[0] == "DUH"
    await until(lambda: "event: waiting-alarm-hosts.changed" in lines["520102"], what="whoever is shown the list is told")
    alive = lines["520103"].count("event: alive")
    await until(lambda: lines["520103"].count("event: alive") > alive + 1, what="the other feed goes on")
    assert "event: waiting-alarm-hosts.changed" not in lines["520103"]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for client in clients.values():
        await client.aclose()


async def test_who_takes_no_answers_loses_the_connection(tmp_path: Path) -> None:
    def not_read() -> float:
        return REGISTRY.get_sample_value("fengsui_alarm_ended_connections_total", {"why": "not read"}) or 0.0

    async with running_node(tmp_path, with_alarm_hosts(frame_s=0.3, idle_s=0.6)) as node:
        door, before = node.node.alarms.door, not_read()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)  # the least that the system allows
        with theirs:
            transport, _ = await asyncio.get_running_loop().connect_accepted_socket(lambda: AlarmConnection(door), ours)
            theirs.sendall(HEARTBEAT * 500)
            await until(lambda: transport.get_write_buffer_size() > 0, what="answers wait")
            await until(lambda: not door.open, what="its place is free again")
        assert not_read() == before + 1


async def test_a_host_that_waits_for_us_is_not_ended_for_it(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_alarm_hosts(frame_s=0.1, idle_s=0.2)) as node:
        await entered(node, ACCOUNT)
        lock = sqlite3.connect(node.node.data / "node.db", isolation_level=None, check_same_thread=False)
        await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")  # nobody else writes
        try:
            async with line_to(port_of(node)) as line:
                line.writer.write(burglary(sender_of(ACCOUNT), 1))
                assert await line.is_silent(sender_of(ACCOUNT)), "it is owed an answer for longer than it may be idle"
                lock.execute("ROLLBACK")
                assert told(await line.answer()) == ("ACK", "0001", ACCOUNT)
                assert await line.answer() == b"", "then it is"
        finally:
            lock.close()


async def test_no_more_frames_of_a_connection_wait_than_one_reading_holds(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_alarm_hosts(max_frames_per_address_per_s=10)) as node:
        door, most = node.node.alarms.door, 0
        async with line_to(port_of(node)) as line:
            line.writer.write(HEARTBEAT * 5_000)
            for _ in range(60):
                await line.answer()
                most = max(most, *(len(one._frames) for one in door.open))
        assert 0 < most <= READ_BYTES // len(HEARTBEAT) + 1


async def test_an_answer_that_fails_costs_no_other_its_own(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = AlarmConnection._answer

    def fails_once(self: AlarmConnection, octets: bytes | None) -> None:
        if octets is not None and b'"ACK"0001' in octets:
            raise RuntimeError("as no answer does")
        answered(self, octets)

    monkeypatch.setattr(AlarmConnection, "_answer", fails_once)
    await entered(node, ACCOUNT)
    host = sender_of(ACCOUNT)
    async with line_to(port_of(node)) as line:
        line.writer.write(burglary(host, 1) + burglary(host, 2, zone="006"))  # in one transaction
        assert told(await line.answer())[:2] == ("ACK", "0002")
