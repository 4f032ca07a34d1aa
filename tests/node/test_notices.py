"""A rule tells people of an alarm: once, until each has acknowledged it, and nobody whose rights do not hold its place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import StorageFault
from fengsui.features.alarm_rules import queries
from fengsui.features.notices import NoticesChanged, actions
from fengsui.features.notices import queries as notice_queries
from fengsui.features.notices.model import KEPT_S, STANDS_S
from tests.node.alarm_hosts import entered
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_alarm_rule_runs import INCIDENT, alarms, caught_up, incidents, sent, steps
from tests.node.test_alarm_rules import ELSEWHERE, HERE, RAISE, written
from tests.node.test_alarm_work import ACCOUNT
from tests.node.test_audit import records
from tests.node.test_device_alarms import alarm_of, listed
from tests.node.test_dispatch import unit
from tests.node.test_patrol import on_patrol

TELL = {"do": "notify", "posts": ["duty-supervisor", "commander"], "units": True, "text": "先到后门"}


@pytest.fixture
async def node(tmp_path: Path, store_url: str) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for(store_url)) as running:
        await entered(running, ACCOUNT, area=HERE)
        yield running


async def standing(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get("/notices")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def told(node: RunningNode, alarm: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await node.client.get(f"/alarms/{alarm}/notices")).json()["items"]
    return found


def names_of(notice: dict[str, Any]) -> list[str]:
    return [one["name"] for one in notice["people"]]


async def test_posts_and_units_are_told_until_each_has_acknowledged_it(node: RunningNode) -> None:
    car = await unit(node, "南明 12")
    commander = await node.client_of("the-commander", {"post": "commander", "area": "5201"})
    others = [
        await node.client_of("an-operator", {"post": "operator", "area": HERE}),
        await node.client_of("elsewhere", {"post": "commander", "area": ELSEWHERE}),
        await node.client_of("below", {"post": "commander", "area": f"{HERE[:4]}03"}),
    ]
    rule = await written(node, when={"categories": ["intrusion"]}, then=[RAISE, TELL])
    await written(node, name="又一条", position=200, when={"priorities": [1]}, then=[TELL])  # it sees alarms as they came
    news = node.node.bus.subscribe(NoticesChanged, name="test")
    async with on_patrol(node, "lin", car) as lin:
        await sent(node, 1)
        await sent(node, 2)  # it counts with the first
        await caught_up(node)
        assert await news.batch() == [NoticesChanged(HERE, "")]
        first, _ = await alarms(node)
        (seen,) = await standing(commander)
        assert (seen["alarm"], seen["category"], seen["priority"], seen["area"]) == (first["id"], "intrusion", 1, HERE)
        assert (seen["text"], seen["rule"], seen["more"]) == ("先到后门", f"规则 / rule “{rule['name']}” v1", 0)
        assert first["site"] in seen["place"] and (seen["may_open"], seen["unit"]) == (True, "")
        (on_phone,) = await standing(lin)
        assert {**on_phone, "may_open": True, "unit": ""} == seen and (on_phone["may_open"], on_phone["unit"]) == (False, "南明 12")
        assert (await lin.get(f"/alarms/{first['id']}/notices")).status_code == 403
        assert [await standing(one) for one in others] == [[], [], []]
        (notice,) = await told(node, first["id"])
        assert [(one["name"], one["post"], one["unit"], one["seen_at"]) for one in notice["people"]] == [
            ("duty", "duty-supervisor", "", None),
            ("lin", "", "南明 12", None),
            ("the-commander", "commander", "", None),
        ]
        what = f"规则 / rule “{rule['name']}” v1: 通知 3 人 / notify 3 people"
        assert [one for one in await steps(node, first["id"]) if "notify" in one] == [what]
        noted = [one.detail for one in records(node) if one.act == "alarm-rule.run" and "notify" in one.detail]
        assert noted == [f"{what}: duty, lin, the-commander"]

        for _ in range(2):  # pressed twice
            assert (await lin.post(f"/notices/{seen['id']}/acknowledgement")).status_code == 204
        assert await standing(lin) == [] and len(await standing(commander)) == 1
        assert (await others[0].post(f"/notices/{seen['id']}/acknowledgement")).json()["code"] == "notice.unknown"
        (notice,) = await told(node, first["id"])
        assert [one["seen_at"] is not None for one in notice["people"]] == [False, True, False]
        read = [one for one in records(node) if one.act == "notice.acknowledge"]
        assert [(one.person, one.object, one.result) for one in read] == [
            ("lin", str(seen["id"]), "allowed"),
            ("an-operator", str(seen["id"]), "refused"),
        ]
    news.close()
    for client in (commander, *others):
        await client.aclose()


async def test_a_unit_off_duty_or_of_another_place_is_told_nothing(node: RunningNode) -> None:
    await written(node, when={}, then=[{"do": "notify", "units": True}, INCIDENT])
    off, other = await unit(node, "南明 12"), await unit(node, "白云 1", area=f"{HERE[:4]}13")
    wide = {"post": "patrol", "area": HERE[:4]}
    async with on_patrol(node, "lin", off) as lin:
        qiu = await node.client_of("qiu", wide)
        await node.client.put(f"/units/{other}/crew", json={"users": [await user_of(node, "qiu")]})
        assert (await lin.post("/patrol/duty", json={"on": False})).status_code == 200
        await sent(node, 1)
        await caught_up(node)
        assert await standing(lin) == await standing(qiu) == []
        (shown,) = (await node.client.get("/alarm-rules")).json()["items"]
        assert (shown["failures"], "没有人可通知" in shown["last_error"]) == (1, True)
        (alarm,) = await alarms(node)
        assert any("通知失败" in one and "notify failed" in one for one in await steps(node, alarm["id"]))
        assert len(await incidents(node)) == 1, "its other acts went on"
        await qiu.aclose()


async def user_of(node: RunningNode, name: str) -> int:
    users = (await node.client.get("/users")).json()["items"]
    return next(int(one["id"]) for one in users if one["name"] == name)


async def test_whoever_lost_the_right_since_is_told_no_more(node: RunningNode) -> None:
    user, password = await node.appoint("the-commander", {"post": "commander", "area": HERE})
    commander = await node.sign_in("the-commander", password)
    await written(node, when={}, then=[TELL])
    await sent(node, 1)
    await caught_up(node)
    (seen,) = await standing(commander)
    held = user["appointments"][0]["id"]
    assert (await node.client.delete(f"/users/{user['id']}/appointments/{held}")).status_code == 200
    await node.give(user["id"], post="commander", area=ELSEWHERE)
    assert await standing(commander) == []
    answer = await commander.post(f"/notices/{seen['id']}/acknowledgement")
    assert (answer.status_code, answer.json()["code"]) == (404, "notice.unknown")
    (notice,) = await told(node, seen["alarm"])
    assert all(one["seen_at"] is None for one in notice["people"])
    await commander.aclose()


async def test_an_alarm_of_a_protected_camera_is_told_to_whom_its_class_is_open_and_without_its_place(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    every = ["government", "operating-unit", "private", "police-internal", "restricted"]
    some = await node.client_of("some", {"post": "commander", "area": HERE, "classes": every[:1]})
    all_of_them = await node.client_of("all", {"post": "commander", "area": HERE, "classes": every})
    await written(node, when={}, then=[{"do": "notify", "posts": ["commander"]}])
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        await node.put(code, HERE)
        await node.note(code, camera_class="restricted")
        assert (await camera.send(alarm_of(code, longitude=106.71, latitude=26.57))).status == 200

        async def came() -> bool:
            return bool(await standing(all_of_them))

        await until(came, what="who may know is told")
        (seen,) = await standing(all_of_them)
        assert (seen["place"], seen["may_open"], code in str(seen)) == ("", True, False)
        assert await standing(some) == []
    for client in (some, all_of_them):
        await client.aclose()


async def test_what_the_node_died_in_is_told_once(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        await entered(node, ACCOUNT, area=HERE)
        await written(node, when={}, then=[RAISE, TELL])
        await node.node.incidents.runs.stop()
        await sent(node, 1)
    added, tries = queries.add_run, list[str]()

    async def fails_first(tx: AsyncConnection, one: queries.Run) -> None:
        await added(tx, one)
        if one.do == "notify":
            tries.append(one.outcome)
            if len(tries) == 1:  # all of it is written, and not committed
                assert len(await notice_queries.of_alarm(tx, one.alarm_id)) == 1
                raise StorageFault(what="the disk")

    monkeypatch.setattr(queries, "add_run", fails_first)
    async with running_node(tmp_path, settings_for(store_url)) as node:
        await caught_up(node)
        assert len(tries) == 2
        (alarm,) = await alarms(node)
        (notice,) = await told(node, alarm["id"])
        assert names_of(notice) == ["duty"] and len(await standing(node.client)) == 1
        assert sum("notify" in one for one in await steps(node, alarm["id"])) == 1
    async with running_node(tmp_path, settings_for(store_url)) as node:  # it stands over a restart
        assert len(await standing(node.client)) == 1


async def test_a_storm_counts_with_the_newest_of_its_place(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_AT_ONCE", 2)
    await entered(node, "2345", area=f"{HERE[:4]}03")
    await written(node, area=HERE[:4], when={}, then=[{"do": "notify", "posts": ["duty-supervisor"]}])
    for at in range(5):
        await sent(node, at + 1, zone=f"{at:03}")
    await caught_up(node)
    assert [one["more"] for one in await standing(node.client)] == [3, 0]
    monkeypatch.setattr(actions, "JOINS_S", 0.0)
    await sent(node, 6, zone="009")
    await caught_up(node)
    assert [one["more"] for one in await standing(node.client)] == [0, 3, 0], "what is not so new is told anew"


async def test_nobody_is_told_for_ever(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        await entered(node, ACCOUNT, area=HERE)
        await written(node, when={}, then=[TELL])
        await sent(node, 1)
        await caught_up(node)
        (alarm,) = await alarms(node)
        now = datetime.now(UTC).timestamp()
        async with node.node.store.reading() as tx:
            (row,) = await notice_queries.of_alarm(tx, alarm["id"])
            me = row[1][0].user_id
            assert len(await notice_queries.standing(tx, me, now - STANDS_S, 10)) == 1
            assert await notice_queries.standing(tx, me, now + 1, 10) == []
        async with node.node.store.transaction(act=False) as tx:
            await notice_queries.remove_before(tx, now - KEPT_S)
        assert len(await told(node, alarm["id"])) == 1
        async with node.node.store.transaction(act=False) as tx:
            await notice_queries.remove_before(tx, now + 1)
        assert await told(node, alarm["id"]) == [] and await standing(node.client) == []


@pytest.mark.parametrize(
    "then",
    [
        {"do": "notify"},
        {"do": "notify", "posts": []},
        {"do": "notify", "posts": ["patrol"]},
        {"do": "notify", "posts": ["system-administrator"]},
        {"do": "notify", "posts": ["commander", "commander"]},
        {"do": "notify", "units": True, "text": "x" * 201},
    ],
)
async def test_what_tells_nobody_who_may_know_is_no_rule(tmp_path: Path, then: dict[str, Any]) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        answer = await node.client.post("/alarm-rules", json={"name": "通知", "area": HERE, "then": [then]})
        assert answer.status_code == 422, answer.text


async def test_the_dry_run_says_whom_by_what_they_are(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        await entered(node, ACCOUNT, area=HERE)
        await sent(node, 1)
        since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        tried = {"rule": {"name": "试", "area": HERE, "then": [TELL]}, "from": since}
        answer = (await node.client.post("/alarm-rules/dry-run", json=tried)).json()
        said = {"zh": "通知:值班长、指挥长、在岗巡防单元", "en": "notify duty supervisor, commander, units on duty"}
        assert answer["items"][0]["would"] == [said]
        assert await standing(node.client) == []
