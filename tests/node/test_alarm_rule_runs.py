"""What rules do about alarms on a whole node: behind the acknowledgement, once over restarts, shown at the alarm and on record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import StorageFault
from fengsui.features.alarm_rules import queries
from fengsui.features.alarm_work import AlarmWorkChanged
from fengsui.features.retention import holds
from tests.node.alarm_hosts import entered, line_to
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_alarm_rules import HERE, RAISE, written
from tests.node.test_alarm_work import ACCOUNT, reported
from tests.node.test_audit import records
from tests.node.test_device_alarms import alarm_of, listed
from tests.node.test_procedures import THEFT

INCIDENT = {"do": "incident", "type": "intrusion", "text": "夜间入侵"}
OPENER = {"name": "立案", "when": {}, "then": [INCIDENT]}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        await entered(running, ACCOUNT, area=HERE)
        yield running


async def sent(node: RunningNode, *sequences: int, zone: str = "005", code: str = "BA") -> None:
    async with line_to(node.node.settings.alarm_hosts.port) as line:
        for one in sequences:
            await reported(line, one, zone=zone, code=code)


async def alarms(node: RunningNode) -> list[dict[str, Any]]:
    """The oldest first."""
    found: list[dict[str, Any]] = (await node.client.get("/alarms")).json()["items"]
    return found[::-1]


async def incidents(node: RunningNode) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await node.client.get("/incidents")).json()["items"]
    return found


async def steps(node: RunningNode, alarm: int) -> list[str]:
    found = (await node.client.get(f"/alarms/{alarm}/steps")).json()["items"]
    return [one["detail"] for one in found if one["act"] == "rule"]


async def caught_up(node: RunningNode) -> None:
    """All that is on disk went through the rules."""

    async def is_done() -> bool:
        last = (await alarms(node))[-1]["id"]
        async with node.node.store.reading() as tx:
            return await queries.mark(tx) >= last

    for _ in range(2):
        await until(is_done, what="the rules are through")


async def test_a_rule_raises_opens_and_says_so_at_the_alarm_and_on_record(node: RunningNode) -> None:
    rule = await written(node, when={"categories": ["intrusion"]}, then=[RAISE, INCIDENT])
    await sent(node, 1)
    await caught_up(node)
    (alarm,) = await alarms(node)
    assert (alarm["priority"], alarm["work"]["state"]) == (1, "open")
    (incident,) = await incidents(node)
    assert (incident["state"], incident["alarms"], incident["priority"]) == ("new", [alarm["id"]], 1)
    assert (incident["opened_by"], incident["owner"]) == (f"规则 / rule “{rule['name']}” v1", None)
    number = incident["number"]
    done = ("提高级别 2 → 1 / raise 2 → 1", f"立警情 {number} / incident {number}")
    said = [f"规则 / rule “{rule['name']}” v1: {what}" for what in done]
    assert await steps(node, alarm["id"]) == said
    noted = [one for one in records(node) if one.act == "alarm-rule.run"]
    assert [(one.object, one.detail, one.role) for one in noted] == [(str(alarm["id"]), what, "node") for what in said]
    await sent(node, 2)  # it counts with the first, about which all is done
    await caught_up(node)
    assert len(await incidents(node)) == 1 and await steps(node, alarm["id"]) == said
    assert (await alarms(node))[0]["work"]["folded"] == 1


async def test_what_was_raised_is_of_the_same_source_after_a_restart(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        await entered(node, ACCOUNT, area=HERE)
        await written(node, when={}, then=[RAISE])
        await sent(node, 1)
        await caught_up(node)
    async with running_node(tmp_path, settings_for()) as node:
        await sent(node, 2)
        assert [(one["priority"], (one["work"] or {}).get("folded")) for one in await alarms(node)] == [(1, 1), (2, None)]


async def test_what_is_for_the_record_becomes_work_and_the_next_counts_with_it(node: RunningNode) -> None:
    await written(node, when={"priorities": [4]}, then=[RAISE])
    await sent(node, 1, code="RP")
    await caught_up(node)
    await sent(node, 2, code="RP")
    await caught_up(node)
    first, second = await alarms(node)
    assert (first["priority"], first["work"]["state"], first["work"]["folded"]) == (1, "open", 1)
    assert (second["priority"], second["work"]) == (4, None)
    assert first["work"]["due_at"] is not None
    queue = (await node.client.get("/alarms?queue=open")).json()
    assert [one["id"] for one in queue["items"]] == [first["id"]]


async def test_an_incident_by_a_rule_does_not_say_where_a_camera_stands_that_not_everybody_sees(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    await written(node, **OPENER)
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        await node.put(code, HERE)
        await node.note(code, camera_class="restricted")
        assert (await camera.send(alarm_of(code, longitude=106.71, latitude=26.57))).status == 200
    await caught_up(node)
    (alarm,) = await alarms(node)
    (incident,) = await incidents(node)
    assert incident["alarms"] == [alarm["id"]]
    assert incident["place"] == f"报警 {alarm['id']} / alarm {alarm['id']}"
    assert (incident["longitude"], incident["latitude"]) == (None, None)


async def test_desks_are_told_that_an_alarm_was_raised_and_of_nothing_else_that_a_rule_does(node: RunningNode) -> None:
    news = node.node.bus.subscribe(AlarmWorkChanged)
    await written(node, when={}, then=[RAISE, INCIDENT])
    await sent(node, 1, 2, code="RP")
    await sent(node, 3, zone="006")
    await caught_up(node)
    record, again, intrusion = await alarms(node)
    told: list[AlarmWorkChanged] = await news.batch()
    assert again["work"] is None, "it counts with the first"
    raised = [(one.id, one.priority, one.state, one.owner) for one in told if one.raised]
    assert raised == [(id, 1, "open", "") for id in (record["id"], record["id"], intrusion["id"])]
    assert len(told) > len(raised)


async def test_alarms_of_before_and_of_while_no_rule_was_on_stay_as_they_are(node: RunningNode) -> None:
    await sent(node, 1, zone="001")
    rule = await written(node, **OPENER)
    path, body = f"/alarm-rules/{rule['id']}", {**OPENER, "area": HERE}
    await sent(node, 2, zone="002")
    await caught_up(node)
    assert (await node.client.put(path, json={**body, "on": False, "version": 1})).status_code == 200
    await sent(node, 3, zone="003")
    assert (await node.client.put(path, json={**body, "version": 2})).status_code == 200
    await sent(node, 4, zone="004")
    await caught_up(node)
    opened = {one["alarms"][0] for one in await incidents(node)}
    assert opened == {(await alarms(node))[at]["id"] for at in (1, 3)}


async def test_what_the_node_died_in_is_done_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        await entered(node, ACCOUNT, area=HERE)
        await written(node, when={}, then=[RAISE, INCIDENT])
        await node.node.incidents.runs.stop()
        await sent(node, 1)
        assert await incidents(node) == []
    moved, tries = queries.move_mark, []

    async def fails_first(tx: AsyncConnection, upto: int) -> None:
        tries.append(upto)
        if len(tries) == 1:
            raise StorageFault(why="the disk")
        await moved(tx, upto)

    monkeypatch.setattr(queries, "move_mark", fails_first)
    async with running_node(tmp_path, settings_for()) as node:
        await caught_up(node)
        assert len(tries) == 2
        (alarm,) = await alarms(node)
        assert len(await incidents(node)) == 1 and len(await steps(node, alarm["id"])) == 2


async def test_a_rule_that_fails_is_shown_and_the_others_go_on(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holds, "MOST_MARKS", 0)
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        await until(lambda: listed(node, camera.identity.code), what="the camera is listed")
    keep = {"name": "保全", "position": 1, "when": {}, "then": [{"do": "protect", "cameras": [camera.identity.code]}]}
    rule = await written(node, **keep)
    await written(node, name="升级", position=2, when={}, then=[RAISE])
    await sent(node, 1)
    await sent(node, 2, zone="006")
    await caught_up(node)
    found = await alarms(node)
    assert [one["priority"] for one in found] == [1, 1]
    failed, other = (await node.client.get("/alarm-rules")).json()["items"]
    assert (failed["failures"], other["failures"], other["last_error"]) == (2, 0, None)
    assert "spans of footage" in failed["last_error"] and failed["failed_at"] is not None
    zh, en = failed["last_error"].split(" / ")
    said = f"规则 / rule “保全” v1: 保护录像失败:{zh} / protect failed: {en}"
    assert said in await steps(node, found[0]["id"])
    changed = await node.client.put(f"/alarm-rules/{rule['id']}", json={**keep, "area": HERE, "version": 1})
    assert (changed.json()["failures"], changed.json()["last_error"]) == (0, None)


async def test_footage_is_kept_from_removal_for_lack_of_room_and_cameras_stand_with_the_alarm(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
        await entered(node, ACCOUNT, area=HERE, points=[{"zone": "5", "name": "金库门", "camera": code}])
        show = {"do": "show", "cameras": [{"camera": code, "preset": 3}]}
        await written(node, when={}, then=[{"do": "protect", "before_s": 60, "after_s": 30, "days": 7}, show])
        await sent(node, 1)
        await caught_up(node)
        (alarm,) = await alarms(node)
        linked = (await node.client.get(f"/alarms/{alarm['id']}/cameras")).json()["items"]
        assert linked == [{"camera": code, "preset": 3, "rule": "学校夜间入侵", "version": 1}]
        zhao = await node.client_of("zhao", {"post": "operator", "area": "520302"})
        assert (await zhao.get(f"/alarms/{alarm['id']}/cameras")).status_code == 404
        await zhao.aclose()
    async with running_node(tmp_path, settings_for()) as node:
        (mark,) = node.node.footage.holds.marks(code)
        at = datetime.fromisoformat(alarm["received_at"]).timestamp()
        assert (mark.since, mark.until, mark.held_until) == pytest.approx((at - 60, at + 30, at + 7 * 86_400), abs=0.01)
        assert mark.reason == "规则 / rule “学校夜间入侵” v1"
        kept = node.node.footage.holds.kept
        assert [one.camera for one in await kept("space")] == [code] and await kept("ceiling") == []
        assert node.node.footage.holds.of(code) == [], "it opens nothing to anybody"


async def test_repeats_within_their_time_count(node: RunningNode) -> None:
    await written(node, when={"repeats": {"count": 3, "within_s": 60}}, then=[RAISE])
    await sent(node, 1, 2)
    await sent(node, 3, zone="006")
    await caught_up(node)
    assert {one["priority"] for one in await alarms(node)} == {2}
    await sent(node, 4)
    await caught_up(node)
    assert (await alarms(node))[0]["priority"] == 1


async def runs_of(node: RunningNode, alarm: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await node.client.get(f"/alarms/{alarm}/procedures")).json()["runs"]
    return found


async def test_a_rule_starts_a_procedure_once_and_tells_when_it_is_gone(node: RunningNode) -> None:
    made = await node.client.post("/procedures", json=THEFT)
    procedure = made.json()["id"]
    start = {"do": "procedure", "procedure": procedure}
    tried = {
        "rule": {"name": "试", "area": HERE, "then": [start]},
        "from": (now := datetime.now(UTC) - timedelta(hours=1)).isoformat(),
    }
    rule = await written(node, when={}, then=[start, INCIDENT])
    await sent(node, 1)
    await sent(node, 2, zone="006", code="RP")  # for the record alone: nobody would take its steps
    await caught_up(node)
    first, second = await alarms(node)
    (run,) = await runs_of(node, first["id"])
    assert (run["name"], run["started_by"], run["step"]) == (THEFT["name"], f"规则 / rule “{rule['name']}” v1", "seen")
    assert f"规则 / rule “{rule['name']}” v1: 启动预案“盗窃报警” / start procedure “盗窃报警”" in await steps(node, first["id"])
    assert second["work"] is None and await runs_of(node, second["id"]) == []
    answer = (await node.client.post("/alarm-rules/dry-run", json=tried)).json()
    assert answer["items"][0]["would"] == [{"zh": "启动预案“盗窃报警”", "en": "start procedure “盗窃报警”"}], now
    await node.client.delete(f"/procedures/{procedure}")
    await sent(node, 3, zone="007")
    await caught_up(node)
    third = (await alarms(node))[-1]
    assert await runs_of(node, third["id"]) == []
    assert any("启动预案失败:没有这个预案" in one for one in await steps(node, third["id"]))
    (shown,) = (await node.client.get("/alarm-rules")).json()["items"]
    assert (shown["failures"], shown["last_error"]) == (1, "没有这个预案 / There is no such procedure")
    assert third["id"] in [alarm for one in await incidents(node) for alarm in one["alarms"]], "its other acts went on"
    order = {name: shown[name] for name in ("name", "area", "position", "when", "then", "version")}
    refused = await node.client.put(f"/alarm-rules/{rule['id']}", json={**order, "on": True})
    assert (refused.status_code, refused.json()["code"]) == (404, "procedure.unknown")
    assert (await node.client.put(f"/alarm-rules/{rule['id']}", json={**order, "on": False})).status_code == 200


async def test_a_rule_for_an_armed_host_acts_by_what_that_told_also_before_a_restart(tmp_path: Path) -> None:
    wanted: dict[str, Any] = {"when": {"categories": ["intrusion"], "armed": "armed"}, "then": [INCIDENT]}
    async with running_node(tmp_path, settings_for()) as node:
        await entered(node, ACCOUNT, area=HERE)
        await sent(node, 1, code="OP")
        await sent(node, 2)
        await written(node, **wanted)
        await sent(node, 3, zone="006")
        await sent(node, 4, code="CL")
        await caught_up(node)
        assert await incidents(node) == []
    async with running_node(tmp_path, settings_for()) as node:
        await sent(node, 5, zone="007")
        await caught_up(node)
        (incident,) = await incidents(node)
        assert incident["alarms"] == [(await alarms(node))[-1]["id"]]
        tried = {"rule": {"name": "试", "area": HERE, **wanted}, "from": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
        answer = (await node.client.post("/alarm-rules/dry-run", json=tried)).json()
        assert [one["alarm"]["id"] for one in answer["items"]] == incident["alarms"]
