"""Alarm hosts that must be heard: silence is an alarm, once, and over when they speak; many at once are one alarm of their area."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.alarms import supervision
from fengsui.settings import NodeSettings
from fengsui.wire.dc09.sending import request
from tests.node.alarm_hosts import KEY, burglary, datagram, entered, order, sender_of, told
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_alarm_work import act, operator, port_of

ACCOUNT = "4321"
GONE_S = 3600


def with_supervision(settings: NodeSettings, **more: Any) -> NodeSettings:
    return settings.model_copy(update={"alarm_hosts": settings.alarm_hosts.model_copy(update=more)})


@asynccontextmanager
async def node_in(folder: Path, settings: NodeSettings | None = None, **more: Any) -> AsyncIterator[RunningNode]:
    async with running_node(folder, with_supervision(settings or settings_for(), **more)) as running:
        yield running


async def null(node: RunningNode, account: str = ACCOUNT) -> None:
    assert told(await datagram(port_of(node), request(sender_of(account), "NULL", 0)))[0] == "ACK"


async def queue(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """While alarms come, the count beside a page may be another."""
    answer = await client.get("/alarms", params={"queue": "open", "limit": 500})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def silent(client: httpx.AsyncClient, count: int = 1) -> list[dict[str, Any]]:
    """Alarms of the queue about silence, once there are so many."""

    async def found() -> list[dict[str, Any]]:
        some = [one for one in await queue(client) if one["category"] == "supervision"]
        return some if len(some) == count else []

    alarms = await until(found, what=f"{count} alarms about silence")
    assert isinstance(alarms, list)
    return alarms


async def host_of(node: RunningNode, account: str = ACCOUNT) -> dict[str, Any]:
    items = (await node.client.get("/alarm-hosts", params={"limit": 500})).json()["items"]
    return next(one for one in items if one["account"] == account)


def rows(folder: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{folder / 'node.db'}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()


async def test_a_host_tells_its_interval_its_last_signal_and_that_a_link_test_is_no_alarm(tmp_path: Path) -> None:
    async with node_in(tmp_path) as node:
        made = await entered(node, ACCOUNT, supervision_s=GONE_S)
        assert (made["supervision_s"], made["interval_s"], made["silent"], made["heard_at"]) == (GONE_S, GONE_S, False, None)
        assert (await entered(node, "4322"))["interval_s"] == node.node.settings.alarm_hosts.supervision_s == 90_000
        free = await entered(node, "4323", supervision_s=0)
        assert (free["supervision_s"], free["interval_s"]) == (0, None)
        began = datetime.now(UTC) - timedelta(seconds=1)
        await null(node)
        assert began < datetime.fromisoformat((await host_of(node))["heard_at"]) <= datetime.now(UTC)
        assert (await node.client.get("/alarms")).json()["items"] == []
        for wrong in (-1, 32 * 86_400 + 1, "often", 1.5):
            answer = await node.client.post("/alarm-hosts", json=order("5555", supervision_s=wrong))
            assert answer.status_code == 422, wrong


async def test_silence_is_one_alarm_of_its_own_kind_and_over_when_the_host_speaks(tmp_path: Path) -> None:
    async with node_in(tmp_path) as node:
        await entered(node, ACCOUNT, supervision_s=1)
        await null(node)
        li = await operator(node, "li-si")
        (alarm,) = await silent(li)
        assert (alarm["code_table"], alarm["code"], alarm["change"], alarm["priority"]) == ("node", "LOST", "new", 2)
        assert (alarm["account"], alarm["site"], alarm["known"]) == (ACCOUNT, "南明银行", True)
        assert (alarm["work"]["state"], alarm["work"]["active"], alarm["work"]["folded"]) == ("open", True, 0)
        host = await host_of(node)
        assert host["silent"] and (alarm["silence"]["hosts"], alarm["silence"]["still"]) == (1, 1)
        heard = datetime.fromisoformat(host["heard_at"])
        assert abs(datetime.fromisoformat(alarm["silence"]["since"]) - heard) < timedelta(milliseconds=1)
        assert datetime.fromisoformat(alarm["received_at"]) - heard >= timedelta(seconds=1.25)
        await asyncio.sleep(3 * supervision.LOOK_S)  # more intervals pass
        assert [one["id"] for one in (await node.client.get("/alarms")).json()["items"]] == [alarm["id"]], (
            "once, not at each interval"
        )
        assert told(await datagram(port_of(node), burglary(sender_of(ACCOUNT), 1)))[0] == "ACK"  # any good frame ends it

        async def over() -> bool:
            return not (await li.get(f"/alarms/{alarm['id']}")).json()["work"]["active"]

        await until(over, what="the silence is over")
        now = (await li.get(f"/alarms/{alarm['id']}")).json()
        assert now["work"]["state"] == "open" and now["silence"]["still"] == 0, "a person closes it"
        listed = (await node.client.get("/alarms")).json()["items"]
        assert [one["change"] for one in listed if one["category"] == "supervision"][-2:] == ["restored", "new"]

        # Silent again while that alarm is open, it counts with it.
        async def again() -> bool:
            return bool((await li.get(f"/alarms/{alarm['id']}")).json()["work"]["folded"])

        await until(again, what="the second silence counts with the first")
        assert len(await silent(li)) == 1
        taken = await act(li, alarm, "acknowledge")
        assert taken["work"]["state"] == "claimed" and taken["silence"]["hosts"] == 1
        await li.aclose()


async def test_what_is_no_good_frame_is_not_a_sign_of_life(tmp_path: Path) -> None:
    async with node_in(tmp_path) as node:
        await entered(node, ACCOUNT, key=KEY, supervision_s=GONE_S)
        long_ago = datetime.now(UTC) - timedelta(minutes=5)
        await datagram(port_of(node), request(sender_of(ACCOUNT), "NULL", 0))  # in clear
        await datagram(port_of(node), request(sender_of(ACCOUNT, KEY), "NULL", 0, sent_at=long_ago))  # played back
        await datagram(port_of(node), request(sender_of(ACCOUNT, bytes(16)), "NULL", 0, sent_at=datetime.now(UTC)))
        assert (await host_of(node))["heard_at"] is None
        assert told(await datagram(port_of(node), request(sender_of(ACCOUNT, KEY), "NULL", 0, sent_at=datetime.now(UTC))), KEY)[0]
        assert (await host_of(node))["heard_at"] is not None


async def test_after_a_restart_a_silence_goes_on_and_others_are_not_silent(tmp_path: Path) -> None:
    settings = settings_for()
    async with node_in(tmp_path, settings) as node:
        await entered(node, ACCOUNT, supervision_s=1)
        await entered(node, "4322", supervision_s=GONE_S)
        await null(node, "4322")
        (alarm,) = await silent(node.client)
    async with node_in(tmp_path, settings) as node:
        assert (await host_of(node))["silent"] and not (await host_of(node, "4322"))["silent"]
        assert (await host_of(node, "4322"))["heard_at"] is not None
        await asyncio.sleep(3 * supervision.LOOK_S)  # several of its intervals, and looks
        (same,) = await silent(node.client)
        assert (same["id"], same["work"]["folded"], same["work"]["active"]) == (alarm["id"], 0, True)
        await null(node)

        async def over() -> bool:
            return not (await node.client.get(f"/alarms/{alarm['id']}")).json()["work"]["active"]

        await until(over, what="the silence of before the restart is over")
    assert rows(tmp_path, "SELECT count(*) FROM alarm_silences WHERE ended_at IS NOT NULL") == [(1,)]


def left_s(node: RunningNode, account: str) -> float:
    """Until it counts as silent, if it says nothing."""
    known = node.node.alarms.hosts.known(account)
    assert known is not None
    return known.heard_s + 1.25 * GONE_S - node.node.clock.monotonic_s()


def moved_back(folder: Path, seconds: dict[str, float]) -> None:
    """As if the node had ended, and hosts had been heard last, so long ago."""
    with closing(sqlite3.connect(folder / "node.db")) as database:
        now = datetime.now(UTC).timestamp()
        for account, ago_s in seconds.items():
            if account == "node":
                database.execute("UPDATE alarm_window SET since = ? WHERE id = 2", (now - ago_s,))
                database.execute("DELETE FROM alarm_window WHERE id > 2")  # it did not begin to run a moment ago
            else:
                database.execute("UPDATE alarm_hosts SET heard_at = ? WHERE account = ?", (now - ago_s, account))
        database.commit()


async def test_a_restart_gives_silent_hosts_the_time_in_which_nobody_was_heard_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a node that is started anew each night would never find who keeps silent for a day. 4500 s are the limit."""
    settings = settings_for()
    accounts = ("AAA", "BBB", "CCC")
    async with node_in(tmp_path, settings) as node:
        for account in accounts:
            await entered(node, account, supervision_s=GONE_S, points=[])
            await null(node, account)
    moved_back(tmp_path, {"node": 1_000, "AAA": 2_000, "BBB": 4_600, "CCC": 9_000})
    async with node_in(tmp_path, settings) as node:
        for account, wanted in zip(accounts, (3_500, 900, 900), strict=True):
            assert wanted - 30 < left_s(node, account) <= wanted, account
        await entered(node, "DDD", supervision_s=GONE_S, points=[])
        assert left_s(node, "DDD") > GONE_S
    monkeypatch.setattr(supervision, "LEAST_S", 0.5)
    async with node_in(tmp_path, settings) as node:
        (alarm,) = await silent(node.client)
        assert (alarm["account"], alarm["code"]) == ("CCC", "LOST")
        for account, wanted in zip(accounts, (3_500, 900), strict=False):  # the time away before the last start counts too
            assert wanted - 60 < left_s(node, account) <= wanted, account


def stand_still() -> None:
    """The loop itself: nothing else runs in it meanwhile. It is the fault that is tested, not a wait for something."""
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        pass


async def test_a_loop_that_stands_still_again_and_again_still_finds_who_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "STOOD_STILL_S", 0.3)
    async with node_in(tmp_path) as node:
        await entered(node, ACCOUNT, supervision_s=2)
        (host,) = node.node.alarms.hosts.all()
        for _ in range(8):
            await asyncio.sleep(1.1)
            if host.silent:
                break
            stand_still()
        assert host.silent


async def test_a_kill_between_silence_and_alarm_makes_neither_two_nor_none(tmp_path: Path) -> None:
    """Each database that a kill can leave: the silence with its alarm, or neither; then the alarm comes after the restart."""
    settings = settings_for()
    async with node_in(tmp_path, settings) as node:
        await entered(node, ACCOUNT, supervision_s=1)
        await silent(node.client)
    assert rows(tmp_path, "SELECT count(*) FROM alarms") == [(1,)]
    with closing(sqlite3.connect(tmp_path / "node.db")) as database:
        database.execute("DELETE FROM alarms")
        database.execute("DELETE FROM alarm_silences")
        database.commit()
    async with node_in(tmp_path, settings) as node:
        await silent(node.client)
    assert rows(tmp_path, "SELECT count(*) FROM alarm_silences") == [(1,)]


async def test_while_the_database_stalls_a_silence_waits_and_is_told_once(tmp_path: Path) -> None:
    async with node_in(tmp_path) as node:
        with closing(sqlite3.connect(tmp_path / "node.db", isolation_level=None)) as other:
            await entered(node, ACCOUNT, supervision_s=1)
            other.execute("BEGIN IMMEDIATE")
            await until(lambda: node.node.alarms.hosts.all()[0].silent, what="it is silent")
            await asyncio.sleep(2 * supervision.LOOK_S)
            other.execute("ROLLBACK")
        (alarm,) = await silent(node.client)
        assert alarm["work"]["folded"] == 0


async def test_many_of_an_area_are_one_alarm_and_the_desks_of_others_hear_nothing(tmp_path: Path) -> None:
    async with node_in(tmp_path, supervision_many=5) as node:
        li, wang = await operator(node, "li-si"), await operator(node, "wang-wu", "520103")
        await entered(node, "AFF", area="520103", supervision_s=1, points=[])
        for at in range(12):
            await entered(node, f"{0xB00 + at:X}", area="520102", supervision_s=1, points=[])

        async def all_counted() -> bool:
            some = [one for one in await queue(li) if one["code"] == "MANY"]
            return bool(some) and some[0]["silence"]["still"] == 12

        await until(all_counted, what="all of them count with one alarm")
        (alarm,) = await queue(li)
        assert (alarm["code"], alarm["area"], alarm["account"], alarm["priority"]) == ("MANY", "520102", "", 2)
        assert alarm["silence"]["hosts"] == 12 and alarm["work"]["active"] and alarm["silence"]["members"] == []
        members = (await li.get(f"/alarms/{alarm['id']}")).json()["silence"]["members"]
        assert [one["account"] for one in members] == [f"{0xB00 + at:X}" for at in range(12)]
        assert {(one["site"], one["heard_at"], one["ended_at"]) for one in members} == {("南明银行", None, None)}
        (other,) = await silent(wang)
        assert (other["code"], other["account"], other["silence"]["hosts"]) == ("LOST", "AFF", 1)

        async def speaking(count: int) -> dict[str, Any]:
            """So many of them go on, and the others do not."""
            for at in range(count):
                await null(node, f"{0xB00 + at:X}")
            found: dict[str, Any] = (await li.get(f"/alarms/{alarm['id']}")).json()
            return found

        async def all_but_one() -> bool:
            return bool((await speaking(11))["silence"]["still"] == 1)

        await until(all_but_one, what="all but one were heard")
        now = await speaking(11)
        assert now["work"]["active"], "one of them is silent still"
        assert [one["account"] for one in now["silence"]["members"] if one["ended_at"] is None] == ["B0B"]
        assert now["silence"]["members"][0]["account"] == "B0B", "and stands first"

        async def all_of_them() -> bool:
            return not (await speaking(12))["work"]["active"]

        await until(all_of_them, what="all were heard")
        listed = [one for one in (await li.get("/alarms")).json()["items"] if one["code"] == "MANY"]
        assert [one["change"] for one in listed].count("restored") == 1
        await li.aclose()
        await wang.aclose()


async def test_those_told_alone_a_moment_before_count_with_many_unless_somebody_has_taken_them(tmp_path: Path) -> None:
    async with node_in(tmp_path, supervision_many=4, supervision_window_s=600) as node:
        li = await operator(node, "li-si")
        for at in range(2):
            await entered(node, f"{0xB00 + at:X}", area="520102", supervision_s=1, points=[])
        first, second = await silent(li, 2)
        await act(li, first, "acknowledge")
        lines: list[str] = []

        async def follow() -> None:
            async with li.stream("GET", "/events", timeout=60) as feed:
                async for line in feed.aiter_lines():
                    lines.append(line.replace(" ", ""))

        task = asyncio.create_task(follow())
        await until(lambda: bool(lines), what="it follows")
        for at in range(2, 4):
            await entered(node, f"{0xB00 + at:X}", area="520102", supervision_s=1, points=[])

        async def together() -> bool:
            some = [one for one in await queue(li) if one["code"] == "MANY"]
            return bool(some) and some[0]["silence"]["hosts"] == 3

        await until(together, what="they count together")
        left = {one["id"]: one for one in await queue(li)}
        assert len(left) == 2 and left[first["id"]]["work"]["state"] == "claimed" and second["id"] not in left
        many = next(one for one in left.values() if one["code"] == "MANY")
        assert (await li.get(f"/alarms/{second['id']}")).json()["folded_into"] == many["id"]
        folded = [f'"id":{second["id"]}' + end for end in ",}"]
        await until(lambda: any(part in one for one in lines for part in folded), what="a desk that shows it is told")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await li.aclose()


async def test_a_host_that_is_removed_is_silent_no_more(tmp_path: Path) -> None:
    async with node_in(tmp_path) as node:
        made = await entered(node, ACCOUNT, supervision_s=1)
        await silent(node.client)
        assert (await node.client.delete(f"/alarm-hosts/{made['id']}")).status_code == 204
        assert rows(tmp_path, "SELECT count(*) FROM alarm_silences WHERE ended_at IS NULL") == [(0,)]
        assert rows(tmp_path, "SELECT change, active FROM alarms ORDER BY id") == [("new", 0), ("restored", 1)]
        assert not (await queue(node.client))[0]["work"]["active"], "nobody will hear it again: a person closes it"
        await entered(node, ACCOUNT, supervision_s=GONE_S)
        assert not (await host_of(node))["silent"]


async def test_the_alarm_about_many_is_over_when_the_last_of_them_is_removed(tmp_path: Path) -> None:
    async with node_in(tmp_path, supervision_many=2) as node:
        made = [await entered(node, f"{0xB00 + at:X}", supervision_s=1, points=[]) for at in range(2)]

        async def together() -> bool:
            some = [one for one in await queue(node.client) if one["code"] == "MANY"]
            return bool(some) and some[0]["silence"]["still"] == 2

        await until(together, what="both count with one alarm")
        (alarm,) = await queue(node.client)
        for host, active in zip(made, (True, False), strict=True):
            assert (await node.client.delete(f"/alarm-hosts/{host['id']}")).status_code == 204
            now = (await node.client.get(f"/alarms/{alarm['id']}")).json()
            assert now["work"]["active"] is active
        assert rows(tmp_path, "SELECT count(*) FROM alarms WHERE code = 'MANY' AND change = 'restored'") == [(1,)]


async def test_a_host_that_is_removed_while_its_silence_is_written_leaves_none(tmp_path: Path) -> None:
    async with node_in(tmp_path) as node:
        made = [await entered(node, account, supervision_s=1, points=[]) for account in ("AAA", "BBB")]
        hosts = node.node.alarms.hosts.all()
        async with node.node.alarms.supervision._open.adding():
            first = asyncio.create_task(node.client.delete(f"/alarm-hosts/{made[0]['id']}"))
            await until(lambda: all(one.silent for one in hosts) or first.done(), what="they fall silent")
            await until(lambda: hosts[1].silent, what="so does the other")
            second = asyncio.create_task(node.client.delete(f"/alarm-hosts/{made[1]['id']}"))
            await asyncio.wait([second], timeout=supervision.LOOK_S)
        assert [(await one).status_code for one in (first, second)] == [204, 204]
        await entered(node, "CCC", supervision_s=1, points=[])
        await until(lambda: bool(rows(tmp_path, "SELECT id FROM alarms WHERE account = 'CCC'")), what="later looks are on disk")
        assert rows(tmp_path, "SELECT account FROM alarm_silences WHERE ended_at IS NULL") == [("CCC",)]
        assert rows(tmp_path, "SELECT account FROM alarms WHERE change = 'new' AND active") == [("CCC",)]
