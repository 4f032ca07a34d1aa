"""Somebody at a protected place presses: on disk, then acknowledged, once however often; whoever has no link raises nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from fengsui.errors import StorageFault
from fengsui.features.alarms import queries
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.panic import SCHOOL, link, phone, press, state
from tests.node.test_alarm_repeats import LostAnswers
from tests.node.test_alarm_work import act, operator, queue
from tests.node.test_alarms import alarms, on_disk
from tests.node.test_audit import records
from tests.node.test_live import listed

CAMERA = "52010200001320000001"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("fengsui_panic_presses_total", {"outcome": outcome}) or 0.0


async def listed_link(node: RunningNode) -> dict[str, Any]:
    (found,) = (await node.get("/panic-links"))["items"]  # type: ignore[misc]
    return found  # type: ignore[return-value]


async def test_a_press_is_on_disk_then_acknowledged_then_rings_at_the_desk(node: RunningNode) -> None:
    _, token = await link(node)
    assert await state(node, token) == {"place": "实验小学东门", "state": "none", "received_at": None}
    at = datetime.now(UTC).replace(microsecond=0)
    answer = await press(node, token, {"pressed_at": at.isoformat(), "text": "有人持刀"})
    assert answer.status_code == 201, answer.text
    assert on_disk(node) == 1
    (alarm,) = await alarms(node, queue="open")
    wanted = {
        **{"protocol": "panic", "category": "panic", "priority": 1, "code": "PA", "change": "new", "point_kind": "button"},
        **{"site": "实验小学东门", "point": "门卫 张某", "text": "联系电话 139 0000 1234 · 有人持刀", "area": "520102"},
        **{"longitude": 106.713, "latitude": 26.578},
    }
    assert {name: alarm[name] for name in wanted} == wanted
    assert datetime.fromisoformat(alarm["sent_at"]) == at and alarm["work"]["state"] == "open"
    told = await state(node, token)
    assert (told["state"], told["received_at"]) == ("waiting", answer.json()["received_at"])
    found = await listed_link(node)
    assert (found["presses"], found["pressed_at"]) == (1, answer.json()["received_at"])
    assert token not in str(found)


async def test_what_is_sent_again_is_one_press_answered_as_at_first_also_after_a_start(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        _, token = await link(node)
        first = await press(node, token)
        both = await asyncio.gather(*(press(node, token) for _ in range(3)))
        assert [one.json() for one in both] == [first.json()] * 3
    async with running_node(tmp_path, settings_for()) as node:
        assert (await state(node, token))["state"] == "waiting"
        assert (await press(node, token)).json() == first.json()
        assert on_disk(node) == 1 and (await listed_link(node))["presses"] == 1


async def test_presses_of_one_link_count_with_the_open_alarm_and_ring_anew_once_it_is_closed(
    tmp_path: Path, store_url: str
) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        li = await operator(node, "li-si")
        _, token = await link(node)
        _, other = await link(node, place="幼儿园")
        for number in range(3):
            assert (await press(node, token, key=f"press-0{number}")).status_code == 201
        assert (await press(node, other)).status_code == 201
        found = {one["site"]: one for one in await queue(li)}
        assert {site: one["work"]["folded"] for site, one in found.items()} == {"实验小学东门": 2, "幼儿园": 0}
        alarm = found["实验小学东门"]
        await act(li, alarm, "acknowledge")
        assert [(await state(node, one))["state"] for one in (token, other)] == ["taken", "waiting"]
        await act(li, alarm, "verify", result="real")
        assert (await state(node, token))["state"] == "taken"
        await act(li, alarm, "close", outcome="handled")
        assert (await state(node, token))["state"] == "closed"
        assert (await press(node, token, key="press-09")).status_code == 201
        assert (await state(node, token))["state"] == "waiting"
        assert len(await queue(li)) == 2, "it rings anew"
        await li.aclose()


async def test_a_trial_is_for_the_record_and_rings_nowhere(node: RunningNode) -> None:
    _, token = await link(node)
    answer = await press(node, token, {"trial": True})
    assert answer.status_code == 201 and answer.json()["trial"] is True
    assert await alarms(node, queue="open") == []
    (alarm,) = await alarms(node)
    assert (alarm["category"], alarm["priority"], alarm["site"]) == ("test", 4, "实验小学东门")
    assert (await state(node, token))["state"] == "none"
    found = await listed_link(node)
    assert (found["presses"], found["tried_at"]) == (0, answer.json()["received_at"])


async def test_the_phone_says_where_it_is_if_it_knows_that_well(node: RunningNode) -> None:
    _, token = await link(node)
    there = {"longitude": 106.72, "latitude": 26.58}
    await press(node, token, {**there, "accuracy_m": 35}, key="press-01")
    await press(node, token, {**there, "accuracy_m": 5_000, "trial": True}, key="press-02")
    _, bare = await link(node, longitude=None, latitude=None, phone="")
    await press(node, bare, {"pressed_at": "1970-01-02T00:00:00Z"})
    third, second, first = await alarms(node)
    assert (first["longitude"], first["text"]) == (106.72, "联系电话 139 0000 1234 · 手机定位 ±35 m")
    assert (second["longitude"], second["text"]) == (106.713, "联系电话 139 0000 1234")
    assert (third["longitude"], third["text"], third["sent_at"]) == (None, "", None), "a phone's clock refuses no call"


async def test_whoever_has_no_link_that_is_on_is_told_the_same_and_raises_nothing(node: RunningNode) -> None:
    made, token = await link(node)
    path = f"/panic-links/{made['id']}"
    answers = [await press(node, one) for one in ("", "x", token[:-1], token + "A", "~" * 50)]
    assert (await node.client.put(f"{path}/state", json={"on": False})).json()["on"] is False
    answers.append(await press(node, token))
    assert (await node.client.put(f"{path}/state", json={"on": True})).status_code == 200
    assert (await press(node, token)).status_code == 201
    renewed = (await node.client.post(f"{path}/token")).json()["token"]
    answers.append(await press(node, token, b"{"))  # nothing of what a stranger sends is read
    assert renewed != token and (await press(node, renewed, key="press-02")).status_code == 201
    assert (await node.client.delete(path)).status_code == 204
    answers.append(await press(node, renewed))
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(404, "panic.unknown")}
    assert len({one.text for one in answers}) == 1
    assert on_disk(node) == 2
    refused = [one for one in records(node) if one.detail == "panic.unknown"]
    assert refused and refused[0].result == "refused"
    assert token not in str(records(node)) and renewed not in str(records(node))
    with sqlite3.connect(node.node.data / "node.db") as database:
        assert token not in "".join(database.iterdump()) and renewed not in "".join(database.iterdump())


async def test_a_flood_of_strangers_is_bounded_and_stops_nobody_who_has_a_link(node: RunningNode) -> None:
    _, token = await link(node)
    before = counted("unknown")
    async with phone(node, "nobody") as stranger:
        answers = [await stranger.get("/panic") for _ in range(40)]
    codes = [one.status_code for one in answers]
    assert codes[:10] == [404] * 10 and codes.count(429) > 0 and set(codes) == {404, 429}
    assert counted("unknown") - before == 40
    assert len(node.node.incidents.presses.strangers) == 1
    assert (await press(node, token)).status_code == 201, "from the same address"
    recorded = [one for one in records(node) if one.detail.startswith("panic.unknown")]
    assert len(recorded) < 12


async def test_one_link_presses_so_often_and_no_more(node: RunningNode) -> None:
    _, token = await link(node)
    answers = [await press(node, token, key=f"press-{number:02}") for number in range(25)]
    refused = [one for one in answers if one.status_code != 201]
    assert [one.status_code for one in answers[:10]] == [201] * 10
    assert refused and {(one.status_code, one.json()["code"], one.headers["retry-after"]) for one in refused} == {
        (429, "panic.too_often", "2")
    }
    assert on_disk(node) == 25 - len(refused)


async def test_the_pages_of_one_link_look_so_often_and_no_more(node: RunningNode) -> None:
    _, token = await link(node)
    async with phone(node, token) as held:
        answers = await asyncio.gather(*(held.get("/panic") for _ in range(200)))
    codes = [one.status_code for one in answers]
    assert codes.count(200) >= 50 and codes.count(429) > 0 and set(codes) == {200, 429}
    assert (await press(node, token)).status_code == 201, "a look in vain holds up no press"


async def test_a_press_that_cannot_be_stored_is_not_acknowledged(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = await link(node)
    real, before = queries.seen, counted("not stored")

    async def broken(*_: Any) -> set[str]:
        raise StorageFault(what="stalls", remedy_zh="", remedy_en="")

    monkeypatch.setattr(queries, "seen", broken)
    answer = await press(node, token)
    assert (answer.status_code, answer.json()["code"]) == (503, "alarm.not_received")
    assert counted("not stored") == before + 1 and on_disk(node) == 0
    assert (await state(node, token))["state"] == "none"
    monkeypatch.setattr(queries, "seen", real)
    assert (await press(node, token)).status_code == 201
    assert on_disk(node) == 1 and (await listed_link(node))["presses"] == 1


async def test_a_press_whose_commit_was_in_doubt_is_one_when_it_comes_again(node: RunningNode) -> None:
    _, token = await link(node)
    answers = LostAnswers(node.node.store)
    node.node.alarms.batches._store = answers  # type: ignore[assignment]
    answers.lose = True
    assert (await press(node, token)).status_code == 503
    assert on_disk(node) == 1
    assert (await press(node, token)).status_code == 201
    assert on_disk(node) == 1 and (await state(node, token))["state"] == "waiting"
    assert (await listed_link(node))["presses"] == 1


async def test_what_is_known_of_a_link_is_what_is_on_disk_though_an_answer_was_lost(node: RunningNode) -> None:
    links = node.node.incidents.panic_links
    answers = LostAnswers(node.node.store)
    answers.reading = node.node.store.reading  # type: ignore[attr-defined]
    links._store = answers  # type: ignore[assignment]
    answers.lose = True
    assert (await node.client.post("/panic-links", json=SCHOOL)).status_code == 503
    found = await listed_link(node)
    token = (await node.client.post(f"/panic-links/{found['id']}/token")).json()["token"]
    answers.lose = True
    assert (await node.client.post(f"/panic-links/{found['id']}/token")).status_code == 503
    assert (await press(node, token)).status_code == 404, "another one is on disk"
    answers.lose = True
    assert (await node.client.delete(f"/panic-links/{found['id']}")).status_code == 503
    assert (await node.client.get("/panic-links")).json()["items"] == []


async def test_a_row_that_was_changed_past_the_node_opens_nothing(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        made, token = await link(node)
        data = node.node.data
    with sqlite3.connect(data / "node.db") as database:
        database.execute("UPDATE panic_links SET area = '520103'")
    async with running_node(tmp_path, settings_for()) as node:
        assert (await press(node, token)).status_code == 404
        assert (await listed_link(node))["distrusted"] is True
        assert (await node.client.post(f"/panic-links/{made['id']}/token")).status_code == 404
        assert (await node.client.put(f"/panic-links/{made['id']}/state", json={"on": True})).status_code == 200
        assert (await press(node, token)).status_code == 404
        assert (await node.client.delete(f"/panic-links/{made['id']}")).status_code == 204


@pytest.mark.parametrize(
    "change",
    [
        {"place": " "},
        {"holder": ""},
        {"phone": "call me"},
        {"area": "999999"},
        {"longitude": None},
        {"camera": CAMERA},
        {"place": "a\x00b"},
    ],
)
async def test_what_is_no_place_makes_no_link(node: RunningNode, change: dict[str, Any]) -> None:
    answer = await node.client.post("/panic-links", json={**SCHOOL, **change})
    assert answer.status_code in (404, 422), answer.text
    assert (await node.client.get("/panic-links")).json()["items"] == []


async def test_the_camera_that_looks_there_is_shown_with_the_alarm(node: RunningNode) -> None:
    async with powered(simulated_camera(node.registrar)):
        await until(lambda: listed(node, CAMERA), what="the catalogue is read")
        _, token = await link(node, camera=CAMERA)
        await press(node, token)
        (alarm,) = await alarms(node, queue="open")
        assert alarm["camera"] == CAMERA and (await listed_link(node))["camera"] == CAMERA


async def test_every_change_of_a_link_is_on_record(node: RunningNode) -> None:
    made, _ = await link(node)
    path = f"/panic-links/{made['id']}"
    await node.client.put(f"{path}/state", json={"on": False})
    await node.client.post(f"{path}/token")
    await node.client.delete(path)
    acts = [one.act for one in records(node) if one.object == "实验小学东门"]
    assert acts == [f"panic-link.{one}" for one in ("add", "switch", "renew", "remove")]
    assert (await node.client.delete(path)).status_code == 404


async def test_a_press_of_long_ago_or_of_tomorrow_is_a_press(node: RunningNode) -> None:
    _, token = await link(node)
    for number, days in enumerate((-400, 3, -20)):
        at = (datetime.now(UTC) + timedelta(days=days)).isoformat()
        assert (await press(node, token, {"pressed_at": at}, key=f"press-0{number}")).status_code == 201
    assert [one["sent_at"] is None for one in await alarms(node)] == [False, True, True]
