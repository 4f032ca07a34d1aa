"""Alarm hosts with hours in which they are to be armed: what rings then, and who is told of one that is not."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fengsui.clock import ManualClock
from fengsui.wire.dc09.sending import request
from tests.node.alarm_hosts import datagram, entered, sender_of, told
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_alarm_points import VAULT, changed, host
from tests.node.test_alarm_repeats import LostAnswers
from tests.node.test_alarm_rule_runs import INCIDENT, caught_up, incidents
from tests.node.test_alarm_rules import written
from tests.node.test_alarms import ACCOUNT, alarms, port_of
from tests.node.test_audit import records

NIGHTS: dict[str, Any] = {"hours": [{"days": [1, 2, 3, 4, 5, 6, 7, 8], "from": "22:00", "to": "06:00"}], "grace_min": 15}
ALWAYS = [{"days": [1, 2, 3, 4, 5, 6, 7, 8], "from": "00:00", "to": "24:00"}]
HALL = {"zone": "6", "name": "大厅按钮", "kind": "button"}
DAY_MIN = 1_440


class Local(ManualClock):
    """A clock that goes to a time of day in the node's zone."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))
        self.zone: Any = None

    def to(self, hour: int, minute: int = 0) -> None:
        """The next time that it is so late."""
        now = self.now().astimezone(self.zone)
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        self.advance(((then if then > now else then + timedelta(days=1)) - now).total_seconds())


@asynccontextmanager
async def node_at(folder: Path, clock: Local, store_url: str = "") -> AsyncIterator[RunningNode]:
    settings = settings_for(store_url) if store_url else settings_for()
    week_s = 7 * 86_400  # of the clock of the test: nobody is signed out meanwhile
    sign_in = settings.sign_in.model_copy(update={"lock_after_s": week_s, "idle_s": week_s, "longest_s": week_s})
    settings = settings.model_copy(update={"sign_in": sign_in})
    clock.zone = settings.node.time_zone
    async with running_node(folder, settings, clock) as node:
        yield node


class Panel:
    """The host of the account, as it reports."""

    def __init__(self, node: RunningNode) -> None:
        self._node = node
        self._sequence = 0

    async def tells(self, data: str, *, token: str = "SIA-DCS", sequence: int | None = None) -> dict[str, Any]:
        """The alarm of it."""
        Panel.last += 1
        frame = request(sender_of(ACCOUNT), token, sequence or Panel.last, f"#{ACCOUNT}|{data}")
        assert told(await datagram(port_of(self._node), frame))[0] == "ACK"
        return (await alarms(self._node))[0]

    last = 0


async def of(node: RunningNode, category: str, count: int = 1) -> list[dict[str, Any]]:
    """Alarms of the queue of this kind, once there are so many; the newest last."""

    async def found() -> list[dict[str, Any]]:
        items: Any = (await node.client.get("/alarms", params={"queue": "open", "limit": 500})).json()["items"]
        some = [one for one in items if one["category"] == category]
        return some if len(some) == count else []

    some = await until(found, what=f"{count} alarms {category}")
    assert isinstance(some, list)
    return some


async def looked(node: RunningNode) -> None:
    """At all hosts, as the node does by itself."""
    await node.node.alarms.arming.look()


async def lapse(node: RunningNode) -> Any:
    await looked(node)
    return (await host(node))["lapse"]


async def test_a_burglary_rings_while_it_is_armed_and_is_on_record_else(tmp_path: Path, store_url: str) -> None:
    clock = Local()
    async with node_at(tmp_path, clock, store_url) as node:
        panel = Panel(node)
        points = [VAULT, HALL, {"zone": "7", "name": "金库震动", "arming": ALWAYS}]
        made = await entered(node, ACCOUNT, points=points, arming=NIGHTS)
        assert made["arming"] == NIGHTS and made["points"][0]["arming"] is None and made["points"][2]["arming"] == ALWAYS
        clock.to(12)
        found = await host(node)
        assert (found["due"], found["armed"], [one["armed"] for one in found["points"]]) == (False, None, [False, False, True])
        day = await panel.tells("Nri1/BA005")
        assert (day["unarmed"], day["tested"], day["priority"], day["work"]) == (True, False, 4, None)
        for data, priority in (("Nri1/PA005", 1), ("Nri1/HA005", 1), ("Nri1/FA005", 1), ("Nri1/TA005", 2), ("Nri1/BV005", 1)):
            alarm = await panel.tells(data)
            assert (alarm["unarmed"], alarm["priority"], alarm["work"]["state"]) == (False, priority, "open"), data
        safe = await panel.tells("1133 01 005", token="ADM-CID")
        assert (safe["unarmed"], safe["work"]["state"]) == (False, "open"), "a zone of 24 hours"
        assert not (await panel.tells("Nri1/BA006"))["unarmed"], "a button is pressed by somebody"
        await panel.tells("Nri1/OP001")
        assert not (await panel.tells("Nri1/BA007"))["unarmed"], "its own hours, though the bank is open"
        assert [one["armed"] for one in (await host(node))["points"]] == [False, False, True]
        await panel.tells("Nri1/CL001")
        clock.to(23)
        night = await panel.tells("Nri1/BA005")
        assert (night["unarmed"], night["priority"], night["work"]["state"]) == (False, 2, "open")
        clock.to(5, 59)
        assert not (await panel.tells("Nri1/BA005"))["unarmed"], "the night that began on the day before"
        await panel.tells("Nri1/OP001")
        clock.to(6)
        assert (await panel.tells("Nri1/BA005"))["unarmed"]


async def test_what_the_host_tells_wins_over_its_hours_also_after_a_start(tmp_path: Path, store_url: str) -> None:
    clock = Local()
    async with node_at(tmp_path, clock, store_url) as node:
        panel = Panel(node)
        await entered(node, ACCOUNT, points=[VAULT], arming=NIGHTS)
        clock.to(12)
        closing = await panel.tells("Nri1/CL001", sequence=4_000)
        assert not (await panel.tells("Nri1/BA005"))["unarmed"], "closed by day, as on a holiday that nobody entered"
        found = await host(node)
        assert (found["armed"], found["points"][0]["armed"], found["armed_since"]) == (True, True, closing["received_at"])
        clock.advance(60)
        await panel.tells("Nri1/OP001")
        await panel.tells("Nri1/CL001", sequence=4_000)
        assert (await host(node))["armed"] is False, "a frame that is sent again says nothing new"
        clock.to(23)
        assert (await panel.tells("Nri1/BA005"))["unarmed"]
        one_frame = await panel.tells("Nri1/CL001|Nri1/BA005")
        assert (one_frame["code"], one_frame["unarmed"]) == ("BA", False), "each is judged by what was told before it"
    async with node_at(tmp_path, clock, store_url) as node:
        assert (await host(node))["armed"] is True
        clock.to(12)
        assert not (await Panel(node).tells("Nri1/BA005"))["unarmed"]
        gone = await host(node)
        assert (await node.client.delete(f"/alarm-hosts/{gone['id']}")).status_code == 204
        await entered(node, ACCOUNT, points=[VAULT], arming=NIGHTS)
        assert (await host(node))["armed"] is None, "another host that has the account"
    async with node_at(tmp_path, clock, store_url) as node:
        assert (await host(node))["armed"] is None


async def test_who_does_not_close_in_time_is_told_once_each_night(tmp_path: Path, store_url: str) -> None:
    clock = Local()
    async with node_at(tmp_path, clock, store_url) as node:
        panel = Panel(node)
        await entered(node, ACCOUNT, points=[VAULT], arming=NIGHTS)
        await written(node, when={"categories": ["late_to_close"]}, then=[INCIDENT])
        clock.to(22, 30)
        assert await lapse(node) is None, "not to know is not to be open"
        clock.to(8)
        await panel.tells("Nri1/OP001")
        clock.to(22, 14)
        assert await lapse(node) is None, "within its grace"
        clock.advance(60)
        assert await lapse(node) == "LATE"
        (late,) = await of(node, "late_to_close")
        facts = {"code_table": "node", "code": "LATE", "account": ACCOUNT, "site": "南明银行", "priority": 3, "change": "new"}
        assert {name: late[name] for name in facts} == facts and late["work"]["active"] and late["silence"] is None
        assert (await node.client.get("/alarm-hosts", params={"state": "lapse"})).json()["total"] == 1
        await caught_up(node)
        assert len(await incidents(node)) == 1, "a rule names it as it names other kinds"
        clock.advance(60)
        await looked(node)
    async with node_at(tmp_path, clock, store_url) as node:
        assert await lapse(node) == "LATE"
        (late,) = await of(node, "late_to_close")
        assert late["work"]["folded"] == 0, "a start does not tell it again"
        await Panel(node).tells("Nri1/CL001")
        assert await lapse(node) is None
        (late,) = await of(node, "late_to_close")
        assert late["work"]["active"] is False, "it was closed; what is to be done about it goes on"
        assert (await node.client.get("/alarm-hosts", params={"state": "lapse"})).json()["total"] == 0
        clock.to(8)
        await Panel(node).tells("Nri1/OP001")
        clock.to(22, 20)
        assert await lapse(node) == "LATE"
        (late,) = await of(node, "late_to_close")
        assert (late["work"]["folded"], late["work"]["active"]) == (1, True), "the next night, nobody having seen to the first"
        clock.to(6)
        assert await lapse(node) is None, "it need not be armed any more"
        assert (await of(node, "late_to_close"))[0]["work"]["active"] is False


async def test_who_opens_in_the_midst_of_the_night_is_told_at_once(tmp_path: Path) -> None:
    clock = Local()
    async with node_at(tmp_path, clock) as node:
        panel = Panel(node)
        await entered(node, ACCOUNT, points=[VAULT], arming=NIGHTS)
        clock.to(21, 50)
        await panel.tells("Nri1/CL001")
        clock.to(2)
        await panel.tells("Nri1/OP002")
        (early,) = await of(node, "early_to_open")  # by the node's own look, within a second
        assert (early["code"], early["priority"], early["work"]["state"]) == ("OPEN", 2, "open")
        await panel.tells("Nri1/CL002")
        assert await lapse(node) is None
        clock.to(5, 50)
        await panel.tells("Nri1/OP002")
        assert await lapse(node) is None, "somewhat early is in time"
        clock.to(22)
        await panel.tells("Nri1/CL001")
        clock.to(3)
        await panel.tells("Nri1/OP001")
        assert await lapse(node) == "OPEN"
        now = await host(node)
        assert (await changed(node, now, site=now["site"], points=[VAULT])).json()["arming"] is None
        assert await lapse(node) is None, "nobody says any more when it is to be armed"


async def test_who_is_in_test_or_gone_is_not_told_of(tmp_path: Path) -> None:
    clock = Local()
    async with node_at(tmp_path, clock) as node:
        panel = Panel(node)
        made = await entered(node, ACCOUNT, points=[VAULT], arming=NIGHTS)
        clock.to(21, 55)
        await panel.tells("Nri1/OP001")
        path = f"/alarm-hosts/{made['id']}"
        assert (await node.client.put(f"{path}/test", json={"minutes": 60, "reason": "维护"})).status_code == 200
        clock.to(22, 30)
        assert await lapse(node) is None, "whoever works there leaves it open"
        clock.to(22, 56)
        assert await lapse(node) == "LATE", "it was left open"
        assert (await node.client.delete(path)).status_code == 204
        await looked(node)
        (late,) = await of(node, "late_to_close")
        assert late["work"]["active"] is False
        assert await node.node.alarms.arming._store.writable()


async def test_an_answer_that_was_lost_tells_it_once(tmp_path: Path) -> None:
    clock = Local()
    async with node_at(tmp_path, clock) as node:
        await entered(node, ACCOUNT, points=[VAULT], arming=NIGHTS)
        clock.to(21, 55)
        await Panel(node).tells("Nri1/OP001")
        answers = LostAnswers(node.node.store)
        node.node.alarms.arming._store = answers  # type: ignore[assignment]
        answers.lose = True
        clock.to(22, 30)
        await until(lambda: not answers.lose, what="it is written, and nobody knows")
        assert await lapse(node) == "LATE"
        answers.lose = True
        await Panel(node).tells("Nri1/CL001")
        await until(lambda: not answers.lose, what="its end is written, and nobody knows")
        assert await lapse(node) is None
        (late,) = await of(node, "late_to_close")
        assert (late["work"]["folded"], late["work"]["active"]) == (0, False)
        ended = [one for one in await alarms(node) if one["category"] == "late_to_close" and one["change"] == "restored"]
        assert len(ended) == 1


async def test_hours_that_were_written_past_the_node_silence_nothing(tmp_path: Path) -> None:
    clock = Local()
    async with node_at(tmp_path, clock) as node:
        await entered(node, ACCOUNT, points=[VAULT], arming=NIGHTS)
    with sqlite3.connect(tmp_path / "node.db") as database:
        database.execute("UPDATE alarm_arming SET hours = '[[[1], 0, 1]]'")
    async with node_at(tmp_path, clock) as node:
        clock.to(12)
        assert not (await Panel(node).tells("Nri1/BA005"))["unarmed"]
        assert (await host(node))["arming"] is None


async def test_hours_are_changed_on_record_and_by_whoever_saw_them(tmp_path: Path, store_url: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        made = await entered(node, ACCOUNT)
        now = (await changed(node, made, arming=NIGHTS)).json()
        assert now["arming"] == NIGHTS and now["revision"] != made["revision"]
        assert (await changed(node, made)).status_code == 409
        own = [{**VAULT, "arming": [{"days": [7, 6, 6], "from": "00:00", "to": "24:00"}]}]
        now = (await changed(node, now, arming=NIGHTS, points=own)).json()
        assert now["points"][0]["arming"] == [{"days": [6, 7], "from": "00:00", "to": "24:00"}]
        lines = [one.detail for one in records(node) if one.act == "alarm-host.change" and one.result == "allowed"]
        assert lines == [
            "armed at no said time → armed 12345678 22:00–06:00; grace 15 min",
            "5: 金库门 armed 67 00:00–24:00",
        ]
    async with running_node(tmp_path, settings_for(store_url)) as node:
        assert await host(node) == now


@pytest.mark.parametrize(
    "arming",
    [
        {"hours": []},
        {"hours": ALWAYS, "grace_min": 241},
        {"hours": ALWAYS, "grace_min": -1},
        {"hours": [{"days": [9], "from": "00:00", "to": "24:00"}]},
        {"hours": [{"days": [], "from": "00:00", "to": "24:00"}]},
        {"hours": [{"days": [1], "from": "24:00", "to": "24:00"}]},
        {"hours": ALWAYS * 33},
        "always",
        [],
    ],
)
async def test_hours_that_cannot_be_are_refused(tmp_path: Path, arming: Any) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        made = await entered(node, ACCOUNT)
        refused = await changed(node, made, arming=arming)
        assert (refused.status_code, refused.json()["code"]) == (422, "request.invalid")
        assert await host(node) == made
