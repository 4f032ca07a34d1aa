"""Units on a whole node: proposed with reasons, sent by a person, followed by their incident; what is late is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fengsui.features.dispatch.model import LIMITS_S
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_audit import records
from tests.node.test_events import feed_of, line_of
from tests.node.test_incidents import ELSEWHERE, HERE, OPERATOR, done, opened, refused

BANK = {"longitude": 106.71, "latitude": 26.57}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


async def unit(node: RunningNode, call_sign: str, longitude: float = 106.70, **facts: Any) -> int:
    """A car in the area, placed."""
    order = {"call_sign": call_sign, "kind": "car", "members": ["王某", "李某"], "area": HERE, **facts}
    made = await done(node.client, "/units", order)
    answer = await node.client.post(f"/units/{made['id']}/position", json={"longitude": longitude, "latitude": 26.57})
    assert answer.status_code == 204, answer.text
    return int(made["id"])


async def status_of(node: RunningNode) -> dict[str, str]:
    return {one["call_sign"]: one["status"] for one in (await node.client.get("/units")).json()["items"]}


async def incident_of(node: RunningNode, id: int) -> dict[str, Any]:
    found: dict[str, Any] = (await node.client.get(f"/incidents/{id}")).json()
    return found


async def test_the_incident_follows_the_unit_that_a_person_sends(node: RunningNode) -> None:
    near, far = await unit(node, "南明 12"), await unit(node, "南明 13", 106.60)
    one = await opened(node.client, **BANK)
    found = (await node.client.get(f"/incidents/{one['id']}/unit-proposals")).json()["items"]
    assert [proposal["unit"]["id"] for proposal in found] == [near, far]
    assert found[0]["fits"] and 980 < found[0]["distance_m"] < 1_010
    assert [reason["code"] for reason in found[0]["reasons"]] == ["fits", "distance", "time", "area"]
    assert (await status_of(node))["南明 12"] == "available", "nobody is sent by a proposal"
    order = {"unit": near, "order": "查看后门", "need_feedback": True}
    task = await done(node.client, f"/incidents/{one['id']}/tasks", order)
    assert (task["state"], task["call_sign"], task["overdue"]) == ("sent", "南明 12", False)
    assert await refused(node.client, f"/incidents/{one['id']}/tasks", order) == (409, "patrol_unit.busy")
    second = await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": far, "order": "守住前门"})
    seen = [((await incident_of(node, one["id"]))["state"], "dispatched", await status_of(node))]
    path = f"/tasks/{task['id']}"
    walk = {"accept": "dispatched", "on-the-way": "en_route", "arrive": "on_scene"}
    for step, state in walk.items():
        await done(node.client, f"{path}/{step}", {})
        seen.append(((await incident_of(node, one["id"]))["state"], state, await status_of(node)))
    assert [found for found, _, _ in seen] == [wanted for _, wanted, _ in seen]
    assert [status["南明 12"] for *_, status in seen] == ["dispatched", "dispatched", "en_route", "on_scene"]
    assert await refused(node.client, f"{path}/accept", {}) == (409, "task.not_now")
    assert await refused(node.client, f"/incidents/{one['id']}/close", {"disposition": "handled"}) == (409, "incident.units_out")
    assert await refused(node.client, f"{path}/done", {}) == (409, "task.feedback_needed")
    ended = await done(node.client, f"{path}/done", {"text": "一人已带离"})
    assert (ended["state"], ended["feedback"]) == ("done", "一人已带离")
    back = await done(node.client, f"/tasks/{second['id']}/refuse", {"reason": "车辆故障"})
    assert (back["state"], back["reason"]) == ("refused", "车辆故障")
    assert set((await status_of(node)).values()) == {"available"}
    closed = await done(node.client, f"/incidents/{one['id']}/close", {"disposition": "handled"})
    steps = [line["facts"].get("step") for line in closed["lines"] if line["kind"] == "unit"]
    assert steps == ["sent", "sent", "accept", "on-the-way", "arrive", "done", "refuse"]
    assert {"taken", "dispatched", "en_route", "on_scene", "closed"} <= closed["times"].keys()
    acts = [one.act for one in records(node) if one.act.startswith("task.") and one.result == "allowed"]
    assert acts == ["task.send"] * 2 + ["task.step"] * 5
    again = await done(node.client, f"/incidents/{one['id']}/reopen", {"reason": "又有人"})
    assert again["state"] == "taken", "units of before count no more"


async def test_what_is_late_is_told_once_and_stands_in_the_time_line(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS_S, 1, (0.2, 60.0, 300.0, 600.0))  # type: ignore[arg-type]
    car, one = await unit(node, "南明 12"), await opened(node.client, **BANK)
    async with feed_of(node, node.tokens["duty"]) as socket:
        await line_of(socket, "alive")
        task = await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": car, "order": "查看后门"})
        assert not (await line_of(socket, "task.changed"))["overdue"]
        late = await line_of(socket, "task.changed")
        assert (late["id"], late["state"], late["overdue"], late["area"]) == (task["id"], "sent", True, HERE)
        await line_of(socket, "alive")
        await line_of(socket, "alive")
    lines = (await incident_of(node, one["id"]))["lines"]
    overdue = [line for line in lines if line["kind"] == "overdue"]
    assert len(overdue) == 1 and overdue[0]["facts"]["step"] == "sent" and overdue[0]["by"] == {"id": 0, "name": ""}
    assert (await node.client.get(f"/tasks/{task['id']}")).json()["overdue"]
    assert [one.result for one in records(node) if one.act == "task.overdue"] == ["allowed"]
    await done(node.client, f"/tasks/{task['id']}/cancel", {"reason": "改派"})
    assert (await incident_of(node, one["id"]))["state"] == "taken"


async def test_the_newest_position_alone_is_kept(node: RunningNode) -> None:
    car, now = await unit(node, "南明 12"), datetime.now(UTC)
    path = f"/units/{car}/position"
    ahead = {"longitude": 1.0, "latitude": 1.0, "at": (now + timedelta(minutes=5)).isoformat()}
    assert await refused(node.client, path, ahead) == (422, "patrol_unit.unusable")
    old = {"longitude": 2.0, "latitude": 2.0, "at": (now - timedelta(minutes=5)).isoformat()}
    assert (await node.client.post(path, json=old)).status_code == 204
    [shown] = (await node.client.get("/units")).json()["items"]
    assert (shown["longitude"], shown["latitude"]) == (106.70, 26.57)
    assert (await node.client.post(path, json={"longitude": 181.0, "latitude": 0.0})).status_code == 422
    assert (await node.client.post("/units/99/position", json={"longitude": 1, "latitude": 1})).status_code == 404


async def test_units_are_sent_within_ones_own_areas_and_by_no_program(node: RunningNode) -> None:
    car, one = await unit(node, "南明 12"), await opened(node.client, **BANK)
    zhao = await node.client_of("zhao", {"post": "operator", "area": ELSEWHERE})
    theirs = await opened(zhao, area=ELSEWHERE)
    assert (await zhao.get("/units")).json()["items"] == []
    assert await refused(zhao, f"/incidents/{theirs['id']}/tasks", {"unit": car, "order": "来"}) == (404, "patrol_unit.unknown")
    task = await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": car, "order": "查看后门"})
    assert await refused(zhao, f"/tasks/{task['id']}/accept", {}) == (404, "task.unknown")
    assert (await zhao.get(f"/tasks/{task['id']}")).status_code == 404
    await zhao.aclose()
    qian = await node.client_of("qian", {"post": "inspector", "area": HERE})
    assert (await qian.get(f"/tasks/{task['id']}")).json()["order"] == "查看后门"
    assert await refused(qian, f"/tasks/{task['id']}/accept", {}) == (403, "access.not_allowed")
    await qian.aclose()
    program = {"name": "cad", "functions": ["take-duty"], "days": 1, "proof": "first-password"}
    token = (await node.client.post("/account/tokens", json=program)).json()["text"]
    as_program = {"Authorization": f"Bearer {token}"}
    waits = await done(node.client, "/incidents", {"type": "fire", "place": "东隧道", "area": HERE}, headers=as_program)
    assert (waits["state"], waits["owner"]) == ("new", None), "what a program opens waits for a person"
    order = {"unit": car, "order": "去"}
    told = await refused(node.client, f"/incidents/{waits['id']}/tasks", order, headers=as_program)
    assert told == (403, "access.persons_only")
    gateway = await node.client.post(f"/units/{car}/position", json=BANK, headers=as_program)
    assert gateway.status_code == 204, "a radio gateway places units by its token"


async def test_a_unit_is_entered_once_and_put_out_of_service_when_it_is_free(node: RunningNode) -> None:
    car, one = await unit(node, "南明 12"), await opened(node.client)
    same = {"call_sign": "南明 12", "kind": "foot"}
    assert await refused(node.client, "/units", same) == (409, "patrol_unit.known")
    task = await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": car, "order": "查看后门"})
    off = await node.client.patch(f"/units/{car}", json={"status": "out_of_service"})
    assert (off.status_code, off.json()["code"]) == (409, "patrol_unit.on_task")
    await done(node.client, f"/tasks/{task['id']}/cancel", {"reason": "改派"})
    off = await node.client.patch(f"/units/{car}", json={"status": "out_of_service", "members": ["赵某"]})
    assert off.status_code == 200 and (off.json()["status"], off.json()["members"]) == ("out_of_service", ["赵某"])
    await unit(node, "南明 13", status="available")
    found = (await node.client.get(f"/incidents/{one['id']}/unit-proposals")).json()["items"]
    assert [proposal["unit"]["call_sign"] for proposal in found] == ["南明 13"]
    li = await node.client_of("li-si", OPERATOR)
    assert (await li.get("/units?status=out_of_service")).json()["items"][0]["id"] == car
    await li.aclose()
