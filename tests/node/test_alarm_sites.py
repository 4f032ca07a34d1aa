"""Protected places: kept by the administrators of their area, shown beside the alarms of their hosts, to nobody else."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.node.alarm_hosts import burglary, datagram, sender_of, told
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_alarm_repeats import LostAnswers
from tests.node.test_alarm_work import operator
from tests.node.test_alarms import alarms
from tests.node.test_audit import records

HEAD = {"role": "leader", "name": "王园长", "phone": "0851-8580 0001"}
KEYS = {"role": "guard", "name": "李保安", "phone": "139 0000 1234", "has_key": True}
NURSERY: dict[str, Any] = {
    **{"name": "南明第一幼儿园", "kind": "kindergarten", "area": "520102", "address": "南明区遵义路 12 号"},
    **{"longitude": 106.713, "latitude": 26.578, "contacts": [HEAD, KEYS]},
    **{"note": "从东门进,北门常锁", "plan": "1. 电话核实\n2. 派车", "hosts": ["4321"]},
}
HOST = {"account": "4321", "site": "幼儿园", "area": "520102", "points": [{"zone": "5", "name": "大厅"}]}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


async def added(node: RunningNode, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await node.client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def alarmed(node: RunningNode, account: str = "4321", number: int = 1) -> dict[str, Any]:
    assert told(await datagram(node.node.settings.alarm_hosts.port, burglary(sender_of(account), number)))[0] == "ACK"
    return (await alarms(node))[0]


async def card(node: RunningNode | httpx.AsyncClient, alarm: dict[str, Any]) -> dict[str, Any] | None:
    client = node.client if isinstance(node, RunningNode) else node
    answer = await client.get(f"/alarms/{alarm['id']}/site")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] | None = answer.json()["site"]
    return found


async def test_an_alarm_shows_where_it_comes_from_whom_to_call_and_what_to_do(tmp_path: Path, store_url: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        await added(node, "/alarm-hosts", HOST)
        site = await added(node, "/alarm-sites", NURSERY)
        assert site["contacts"] == [{**HEAD, "has_key": False}, KEYS] and site["hosts"] == ["4321"]
        alarm = await alarmed(node)
        assert (alarm["site_kind"], alarm["longitude"], alarm["latitude"]) == ("kindergarten", 106.713, 26.578)
        wanted = {name: NURSERY[name] for name in ("name", "kind", "address", "note", "plan", "longitude", "latitude")}
        desk = await operator(node, "li-si")
        found = await card(desk, alarm)
        assert found == {**wanted, "id": site["id"], "contacts": site["contacts"], "plans": []}
        assert (await desk.get("/alarm-sites")).status_code == 403, "a desk has its alarms' places alone"
        await desk.aclose()
    async with running_node(tmp_path, settings_for(store_url)) as node:
        (alarm,) = await alarms(node)
        assert alarm["site_kind"] == "kindergarten" and await card(node, alarm) == found, "also after a start"


async def test_children_come_first_and_a_list_has_no_telephone_number(node: RunningNode) -> None:
    await added(node, "/alarm-hosts", HOST)
    for name, kind in (("甲超市", "shop"), ("乙中学", "school"), ("丙银行", "bank")):
        await added(node, "/alarm-sites", {"name": name, "kind": kind, "contacts": [HEAD]})
    await added(node, "/alarm-sites", NURSERY)
    listed = (await node.client.get("/alarm-sites")).json()
    assert [one["name"] for one in listed["items"]] == ["南明第一幼儿园", "乙中学", "丙银行", "甲超市"]
    assert "0851" not in str(listed) and "王园长" not in str(listed)
    for query, names in (
        ({"words": "遵义路 幼儿"}, ["南明第一幼儿园"]),
        ({"words": "4321"}, ["南明第一幼儿园"]),
        ({"kind": "bank"}, ["丙银行"]),
        ({"words": "none"}, []),
        ({"limit": 2, "cursor": "2"}, ["丙银行", "甲超市"]),
    ):
        found = (await node.client.get("/alarm-sites", params=query)).json()
        assert [one["name"] for one in found["items"]] == names
    first = (await node.client.get("/alarm-sites", params={"limit": 3})).json()
    assert (first["next"], first["total"]) == ("3", 4)


async def test_two_editors_do_not_overwrite_each_other_and_nothing_of_before_is_kept(node: RunningNode) -> None:
    await added(node, "/alarm-hosts", HOST)
    site = await added(node, "/alarm-sites", NURSERY)
    path, anew = f"/alarm-sites/{site['id']}", {**NURSERY, "contacts": [KEYS]}
    first = await node.client.put(path, json={**anew, "version": 1})
    assert (first.status_code, first.json()["version"], first.json()["contacts"]) == (200, 2, [KEYS])
    second = await node.client.put(path, json={**NURSERY, "version": 1})
    assert (second.status_code, second.json()["code"]) == (409, "alarm_site.changed")
    with sqlite3.connect(node.node.data / "node.db") as tx:
        assert "王园长" not in str(tx.execute("SELECT * FROM alarm_sites").fetchall())
    said = [one for one in records(node) if one.act.startswith("alarm-site.")]
    assert [(one.act, one.result) for one in said] == [
        ("alarm-site.add", "allowed"),
        ("alarm-site.change", "allowed"),
        ("alarm-site.change", "refused"),
    ]
    assert "0851" not in str(said) and "139 0000" not in str(said), "telephone numbers stay out of the log"
    assert (await node.client.delete(path)).status_code == 204
    assert (await node.client.get(path)).status_code == 404
    alarm = await alarmed(node)
    assert alarm["site_kind"] == "" and alarm["longitude"] is None and await card(node, alarm) is None


async def test_a_host_stands_in_one_place_and_one_of_the_same_account_is_not_taken_for_it(node: RunningNode) -> None:
    host = await added(node, "/alarm-hosts", HOST)
    site = await added(node, "/alarm-sites", NURSERY)
    other = await node.client.post("/alarm-sites", json={"name": "超市", "kind": "shop", "hosts": ["4321"]})
    assert (other.status_code, other.json()["code"]) == (409, "alarm_site.host_elsewhere")
    before = await alarmed(node)
    assert (await node.client.delete(f"/alarm-hosts/{host['id']}")).status_code == 204
    assert (await card(node, before))["name"] == NURSERY["name"], "what it reported still came from there"  # type: ignore[index]
    await added(node, "/alarm-hosts", {**HOST, "site": "别处"})
    after = await alarmed(node, number=2)
    assert after["site"] == "别处" and after["site_kind"] == "" and await card(node, after) is None
    assert (await node.client.get(f"/alarm-sites/{site['id']}")).json()["hosts"] == []
    await added(node, "/alarm-sites", {"name": "超市", "kind": "shop", "hosts": ["4321"]})
    assert (await card(node, await alarmed(node, number=3)))["name"] == "超市"  # type: ignore[index]


async def test_the_procedure_of_a_place_is_proposed_at_its_alarms_whatever_their_kind(tmp_path: Path, store_url: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        steps = [{"id": "look", "text": "查看画面", "kind": "act"}]
        for name, more in (("幼儿园", {}), ("医疗", {"offer": {"alarms": ["medical"]}}), ("贵阳", {"area": "520103"})):
            await added(node, "/procedures", {"name": name, "steps": steps, **more})
        await added(node, "/alarm-hosts", HOST)
        elsewhere = await node.client.post("/alarm-sites", json={**NURSERY, "procedure": 3})
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "alarm_site.unusable"), "it does not hold there"
        site = await added(node, "/alarm-sites", {**NURSERY, "procedure": 1})
        assert (site["procedure"], site["procedure_name"]) == (1, "幼儿园")
        alarm = await alarmed(node)
        desk = await operator(node, "li-si")
        offered = (await desk.get(f"/alarms/{alarm['id']}/procedures")).json()["offered"]
        assert [(one["name"], one["proposed"]) for one in offered] == [("幼儿园", True), ("医疗", False)]
        assert (await node.client.delete("/procedures/1")).status_code == 204
        assert (await desk.get(f"/alarms/{alarm['id']}/procedures")).json()["offered"][0]["proposed"] is False
        await desk.aclose()
        path = f"/alarm-sites/{site['id']}"
        assert (await node.client.get(path)).json()["procedure_name"] == ""
        anew = await node.client.put(path, json={**NURSERY, "procedure": 1, "note": "西门", "version": 1})
        assert anew.status_code == 200, "it is changed all the same"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"kind": "castle"}, 422, "request.invalid"),
        ({"name": " a "}, 422, "request.invalid"),
        ({"name": "a\x00b"}, 422, "request.invalid"),
        ({"longitude": None}, 422, "request.invalid"),
        ({"longitude": 181}, 422, "request.invalid"),
        ({"area": "999999"}, 422, "alarm_site.unusable"),
        ({"hosts": ["AAAA"]}, 422, "alarm_site.unusable"),
        ({"hosts": ["4321", "4321"]}, 422, "request.invalid"),
        ({"hosts": ["x"]}, 422, "request.invalid"),
        ({"contacts": [{"role": "leader", "name": "王", "phone": "call me"}]}, 422, "request.invalid"),
        ({"contacts": [HEAD] * 21}, 422, "request.invalid"),
        ({"more": 1}, 422, "request.invalid"),
        ({"plan": "x" * 4001}, 422, "request.invalid"),
        ({"name": "已有小学"}, 409, "alarm_site.name_taken"),
    ],
)
async def test_a_place_that_cannot_be_entered_is_refused_with_the_reason(
    node: RunningNode, change: dict[str, Any], status: int, code: str
) -> None:
    await added(node, "/alarm-sites", {"name": "已有小学", "kind": "school", "area": "520102"})
    answer = await node.client.post("/alarm-sites", json={**NURSERY, "hosts": [], **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (await node.client.get("/alarm-sites")).json()["total"] == 1


async def test_what_was_changed_past_the_node_sends_nobody_there(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        await added(node, "/alarm-hosts", HOST)
        site = await added(node, "/alarm-sites", NURSERY)
        database = node.node.data / "node.db"
    with sqlite3.connect(database) as tx:
        tx.execute("UPDATE alarm_sites SET said = replace(said, '139 0000 1234', '138 6666 6666')")
    async with running_node(tmp_path, settings_for()) as node:
        alarm = await alarmed(node)
        assert alarm["site_kind"] == "" and await card(node, alarm) is None
        (listed,) = (await node.client.get("/alarm-sites")).json()["items"]
        assert listed["distrusted"] is True
        path = f"/alarm-sites/{site['id']}"
        assert (await node.client.get(path)).json()["contacts"] == []
        assert (await node.client.put(path, json={**NURSERY, "version": 1})).status_code == 404
        assert (await node.client.delete(path)).status_code == 204
        await added(node, "/alarm-sites", NURSERY)


async def test_a_lost_answer_leaves_what_is_on_disk(node: RunningNode) -> None:
    answers = LostAnswers(node.node.store)
    answers.reading = node.node.store.reading  # type: ignore[attr-defined]
    node.node.alarms.sites._store = answers  # type: ignore[assignment]
    answers.lose = True
    assert (await node.client.post("/alarm-sites", json={**NURSERY, "hosts": []})).status_code == 503
    (found,) = (await node.client.get("/alarm-sites")).json()["items"]
    assert found["name"] == NURSERY["name"]
    answers.lose = True
    assert (await node.client.delete(f"/alarm-sites/{found['id']}")).status_code == 503
    assert (await node.client.get("/alarm-sites")).json()["items"] == []
