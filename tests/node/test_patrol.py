"""Somebody on patrol sees and does what is their own unit's, by two keys; a step that is sent again is one step."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from PIL import Image

from fengsui.errors import StorageFault
from fengsui.features.alarms import queries
from fengsui.features.dispatch.tables import patrol_units
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_audit import records
from tests.node.test_dispatch import BANK, unit
from tests.node.test_incidents import ELSEWHERE, HERE, done, opened, refused

PATROL = {"post": "patrol", "area": HERE}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


async def crew(node: RunningNode, car: int, *names: str) -> httpx.Response:
    """In place of whoever was in it."""
    known = {one["name"]: one["user_id"] for one in (await node.client.get(f"/units/{car}/crew-candidates")).json()["items"]}
    return await node.client.put(f"/units/{car}/crew", json={"users": [known[name] for name in names]})


@asynccontextmanager
async def on_patrol(node: RunningNode, name: str, car: int) -> AsyncIterator[httpx.AsyncClient]:
    """Appointed, and in the car."""
    client = await node.client_of(name, PATROL)
    answer = await crew(node, car, name)
    assert answer.status_code == 200 and [one["name"] for one in answer.json()["crew"]] == [name], answer.text
    try:
        yield client
    finally:
        await client.aclose()


async def own(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/patrol")).json()
    return found


async def test_a_task_goes_from_the_desk_to_a_phone_and_back(node: RunningNode) -> None:
    car = await unit(node, "南明 12")
    async with on_patrol(node, "lin", car) as lin:
        assert (await own(lin))["unit"]["call_sign"] == "南明 12" and (await own(lin))["task"] is None
        one = await opened(node.client, **BANK)
        task = await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": car, "order": "查看后门", "need_feedback": True})
        seen = await own(lin)
        assert (seen["task"]["id"], seen["task"]["order"]) == (task["id"], "查看后门")
        assert (seen["where"]["place"], seen["where"]["priority"], seen["where"]["longitude"]) == ("南明银行", 1, BANK["longitude"])
        assert "柜台玻璃破碎" not in str(seen), "what the desk wrote of the incident is not told"
        path = f"/tasks/{task['id']}"
        pressed = {"pressed_at": "2026-11-29T09:00:00+08:00"}
        for step in ("accept", "on-the-way", "arrive"):
            await done(lin, f"{path}/{step}", pressed)
        placed = await lin.post(f"/units/{car}/position", json={"longitude": 106.705, "latitude": 26.571})
        assert placed.status_code == 204 and (await own(lin))["unit"]["longitude"] == 106.705
        assert await refused(lin, f"{path}/done", {}) == (409, "task.feedback_needed")
        assert (await done(lin, f"{path}/done", {"text": "门已锁好"}))["state"] == "done"
        assert (await own(lin))["task"] is None
    lines = [line for line in (await node.client.get(f"/incidents/{one['id']}")).json()["lines"] if line["kind"] == "unit"]
    assert [(line["by"]["name"], line["facts"]["step"]) for line in lines[1:]] == [
        ("lin", step) for step in ("accept", "on-the-way", "arrive", "done")
    ]
    assert lines[1]["facts"]["pressed_at"] == pressed["pressed_at"] and "pressed_at" not in lines[4]["facts"]


async def test_a_step_that_is_sent_again_under_its_key_is_one_step(node: RunningNode) -> None:
    car, one = await unit(node, "南明 12"), await opened(node.client, **BANK)
    async with on_patrol(node, "lin", car) as lin:
        task = await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": car, "order": "查看后门"})
        path, key = f"/tasks/{task['id']}", {"Idempotency-Key": "a1"}
        twice = await asyncio.gather(*(lin.post(f"{path}/accept", json={}, headers=key) for _ in range(4)))
        assert [answer.status_code for answer in twice] == [200] * 4, [answer.text for answer in twice]
        await done(lin, f"{path}/on-the-way", {}, headers={"Idempotency-Key": "a2"})
        late = await done(lin, f"{path}/accept", {}, headers=key)
        assert late["state"] == "on_the_way", "the answer is the task as it stands"
        assert await refused(lin, f"{path}/arrive", {}, headers=key) == (409, "task.key_reused")
        late_again = await lin.post(f"{path}/accept", json={})
        assert (late_again.status_code, late_again.json()["zh"]) == (409, "任务在途中,不能这样办理")
    steps = [line["facts"]["step"] for line in (await node.client.get(f"/incidents/{one['id']}")).json()["lines"] if line["facts"]]
    assert steps.count("accept") == 1 and steps.count("on-the-way") == 1
    assert sum(one.act == "task.step" and one.result == "allowed" for one in records(node)) == 2


async def test_another_units_task_and_place_are_closed_to_it(node: RunningNode) -> None:
    car, other = await unit(node, "南明 12"), await unit(node, "南明 13")
    one = await opened(node.client, **BANK)
    async with on_patrol(node, "lin", car) as lin:
        task = await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": other, "order": "查看后门"})
        assert (await own(lin))["task"] is None
        assert await refused(lin, f"/tasks/{task['id']}/accept", {}) == (404, "task.unknown")
        assert await refused(lin, f"/units/{other}/position", {"longitude": 1.0, "latitude": 1.0}) == (
            404,
            "patrol_unit.unknown",
        )
        for path in ("/units", f"/tasks/{task['id']}", f"/incidents/{one['id']}", "/cameras", "/alarms"):
            assert (await lin.get(path)).status_code == 403, path
        mine = await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": car, "order": "守住前门"})
        assert await refused(lin, f"/tasks/{mine['id']}/cancel", {"reason": "不去"}) == (403, "access.not_allowed")
        assert (await crew(node, car)).status_code == 200
        assert (await own(lin))["unit"] is None, "who has left the unit sees it no more"
        assert await refused(lin, f"/tasks/{mine['id']}/accept", {}) == (404, "task.unknown")


async def test_it_takes_the_appointment_as_well_as_the_crew(node: RunningNode) -> None:
    car, other = await unit(node, "南明 12"), await unit(node, "南明 13")
    wang, _ = await node.appoint("wang", {"post": "inspector", "area": HERE})
    await node.appoint("far", {**PATROL, "area": ELSEWHERE})
    names = [one["name"] for one in (await node.client.get(f"/units/{car}/crew-candidates")).json()["items"]]
    assert names == []
    unfit = await node.client.put(f"/units/{car}/crew", json={"users": [wang["id"]]})
    assert (unfit.status_code, unfit.json()["code"]) == (422, "patrol_unit.unfit_crew")
    async with on_patrol(node, "lin", car) as lin:
        assert (await crew(node, other, "lin")).status_code == 200
        assert (await own(lin))["unit"]["call_sign"] == "南明 13", "one is in one unit at a time"
        changes = {one.object: one.detail for one in records(node) if one.act == "patrol-unit.change"}
        assert changes["南明 12"] == "left by lin", "it is on record of the unit that was left as well"
        one = await opened(node.client, **BANK)
        task = await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": other, "order": "守住前门"})
        taken = await crew(node, car, "lin")
        assert (taken.status_code, taken.json()["code"]) == (409, "patrol_unit.crew_elsewhere")
        assert (await own(lin))["task"]["id"] == task["id"], "nobody loses the task that they work on"
        users = (await node.client.get("/users")).json()["items"]
        user = next(one["id"] for one in users if one["name"] == "lin")
        for post in (await node.client.get(f"/users/{user}")).json()["appointments"]:
            assert (await node.client.delete(f"/users/{user}/appointments/{post['id']}")).status_code == 200
        assert (await lin.get("/patrol")).status_code == 403


async def test_a_position_is_taken_of_those_on_duty_alone(node: RunningNode) -> None:
    car = await unit(node, "南明 12")
    async with on_patrol(node, "lin", car) as lin:
        assert (await done(lin, "/patrol/duty", {"on": False}))["unit"]["status"] == "out_of_service"
        place = {"longitude": 106.71, "latitude": 26.58}
        assert await refused(lin, f"/units/{car}/position", place) == (409, "patrol_unit.out_of_service")
        assert (await done(lin, "/patrol/duty", {"on": True}))["unit"]["status"] == "available"
        assert (await lin.post(f"/units/{car}/position", json=place)).status_code == 204
        one = await opened(node.client, **BANK)
        await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": car, "order": "查看后门"})
        assert await refused(lin, "/patrol/duty", {"on": False}) == (409, "patrol_unit.on_task")
    changes = [one for one in records(node) if one.act == "patrol-unit.change" and one.result == "allowed"]
    assert [one.person for one in changes][-2:] == ["lin", "lin"]


async def test_a_call_for_help_is_one_alarm_on_disk_before_it_is_answered(node: RunningNode) -> None:
    car = await unit(node, "南明 12")
    async with on_patrol(node, "lin", car) as lin:
        await done(lin, "/patrol/duty", {"on": False})  # help is called for off duty too
        order, key = {"longitude": 106.7123, "latitude": 26.5734}, {"Idempotency-Key": "help-1"}
        answers = await asyncio.gather(*(lin.post("/patrol/emergency", json=order, headers=key) for _ in range(4)))
        assert [answer.status_code for answer in answers] == [201] * 4, [answer.text for answer in answers]
        [alarm] = (await node.client.get("/alarms", params={"queue": "open"})).json()["items"]
        assert (alarm["protocol"], alarm["priority"], alarm["category"]) == ("phone", 1, "panic")
        assert (alarm["zone"], alarm["point"], alarm["area"]) == ("南明 12", "lin", HERE)
        assert (alarm["longitude"], alarm["latitude"]) == (106.7123, 26.5734)
        call = (await own(lin))["call"]
        assert (call["alarm"], call["taken_by"]) == (alarm["id"], None)
        await done(node.client, f"/alarms/{alarm['id']}/acknowledge", {})
        assert (await own(lin))["call"]["taken_by"] == "duty"
        nokey = await lin.post("/patrol/emergency", json=order)
        assert nokey.status_code == 422
        wild = {"pressed_at": "0001-01-01T00:00:00+14:00"}  # a phone whose clock is broken
        again = await lin.post("/patrol/emergency", json=wild, headers={"Idempotency-Key": "help-2"})
        assert again.status_code == 201, again.text
        [still] = (await node.client.get("/alarms", params={"queue": "open"})).json()["items"]
        assert (still["id"], still["work"]["folded"]) == (alarm["id"], 1), "the next of the same unit counts with it"
        newest = (await node.client.get("/alarms")).json()["items"][0]
        assert (newest["sent_at"], newest["longitude"]) == (None, 106.7), "where the unit has just been"
        async with node.node.store.transaction(act=False) as tx:
            await tx.execute(sa.update(patrol_units).values(position_at=patrol_units.c.position_at - 3_600))
        assert (await lin.post("/patrol/emergency", json={}, headers={"Idempotency-Key": "help-3"})).status_code == 201
        newest = (await node.client.get("/alarms")).json()["items"][0]
        assert newest["longitude"] is None, "where it was an hour ago is not where help is needed"


async def test_the_call_of_another_of_the_crew_rings_by_itself(node: RunningNode) -> None:
    car = await unit(node, "南明 12")
    async with on_patrol(node, "lin", car) as lin, contextlib.aclosing(await node.client_of("wang", PATROL)) as wang:
        assert (await crew(node, car, "lin", "wang")).status_code == 200
        for key, client, where in (("one", lin, 106.71), ("two", wang, 106.72), ("three", lin, 106.73)):
            order = {"longitude": where, "latitude": 26.57}
            assert (await client.post("/patrol/emergency", json=order, headers={"Idempotency-Key": key})).status_code == 201
        items = (await node.client.get("/alarms", params={"queue": "open"})).json()["items"]
        said = {one["point"]: (one["longitude"], one["work"]["folded"]) for one in items}
        assert said == {"lin": (106.71, 1), "wang": (106.72, 0)}, "whose it is, and where"
        figures = (await node.client.get("/alarm-figures", params={"span": "day"})).json()
        assert figures["rising"] == [] and "wang" not in str(figures), "the board knows places, never persons"


async def test_a_call_that_cannot_be_stored_is_not_acknowledged(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    car = await unit(node, "南明 12")
    async with on_patrol(node, "lin", car) as lin:
        key, real = {"Idempotency-Key": "help-1"}, queries.seen

        async def broken(*_: Any) -> set[str]:
            raise StorageFault(what="stalls", remedy_zh="", remedy_en="")

        monkeypatch.setattr(queries, "seen", broken)
        answer = await lin.post("/patrol/emergency", json={}, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (503, "alarm.not_received")
        assert (await own(lin))["call"] is None
        monkeypatch.setattr(queries, "seen", real)
        assert (await lin.post("/patrol/emergency", json={}, headers=key)).status_code == 201
        assert (await own(lin))["call"] is not None


async def test_only_whoever_is_in_a_unit_calls_from_it(node: RunningNode) -> None:
    car, key = await unit(node, "南明 12"), {"Idempotency-Key": "help-1"}
    async with on_patrol(node, "lin", car) as lin:
        assert (await crew(node, car)).status_code == 200
        assert await refused(lin, "/patrol/emergency", {}, headers=key) == (404, "patrol_unit.unknown")
    assert await refused(node.client, "/patrol/emergency", {}, headers=key) == (403, "access.not_allowed")
    assert (await node.client.get("/alarms", params={"queue": "open"})).json()["items"] == []


async def test_a_photo_of_the_place_is_kept_once_and_each_look_at_it_is_on_record(node: RunningNode) -> None:
    car = await unit(node, "南明 12")
    async with on_patrol(node, "lin", car) as lin:
        one = await opened(node.client, **BANK)
        task = (await done(node.client, f"/incidents/{one['id']}/tasks", {"unit": car, "order": "查看后门"}))["id"]
        path, taken = f"/tasks/{task}/photos", BytesIO()
        Image.new("RGB", (64, 48), "red").save(taken, "PNG")
        sent = {"content": taken.getvalue(), "headers": {"Idempotency-Key": "photo-1"}, "params": {"text": "后门"}}
        answers = await asyncio.gather(*(lin.post(path, **sent) for _ in range(3)))  # type: ignore[arg-type]
        assert [answer.status_code for answer in answers] == [201] * 3, [answer.text for answer in answers]
        [name] = (await own(lin))["task"]["photos"]
        lines = (await node.client.get(f"/incidents/{one['id']}")).json()["lines"]
        [line] = [line for line in lines if line["facts"].get("step") == "photo"]
        assert (line["by"]["name"], line["text"], line["facts"]["photo"]) == ("lin", "后门", name)
        assert line["facts"]["sent_sha256"] == hashlib.sha256(taken.getvalue()).hexdigest()
        shown = await node.client.get(f"{path}/{name}")
        assert shown.status_code == 200 and hashlib.sha256(shown.content).hexdigest() == name
        [look] = [one for one in records(node) if one.act == "task.photo" and one.result == "allowed"]
        assert look.person == "duty" and name in look.detail
        assert (await lin.get(f"{path}/{name}")).status_code == 403, "a phone sends, and looks at nothing"
        assert (await node.client.get(f"{path}/{'0' * 64}")).json()["code"] == "task.no_photo"
        wrong = await lin.post(path, content=b"%PDF-1.7", headers={"Idempotency-Key": "photo-2"})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "file.photo")
        async with on_patrol(node, "he", await unit(node, "南明 13")) as other:
            assert (await other.post(path, **sent)).status_code == 404  # type: ignore[arg-type]
