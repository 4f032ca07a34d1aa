"""Duty on a whole node: the door asks for a shift, and what it opened ends with it (A5); rosters and handover."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.node.conftest import OWN_PASSWORD, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.duty_room import HERE, centre_of, open_live, operator, publish, with_pack
from tests.node.test_live import listed, read_pictures


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node with the demonstration's policy pack and a register of cases in a file."""
    async with running_node(tmp_path / "node", with_pack(tmp_path / "node", register=tmp_path / "cases.txt")) as node:
        yield node


async def test_live_needs_a_shift_once_a_centre_is_set_up_and_ends_with_it(ruled: RunningNode) -> None:
    node = ruled
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        li = await node.client_of("li-si", operator())
        assert (await open_live(li, code)).status_code == 201, "no centre, no duty"
        centre = await centre_of(node)
        refused = await open_live(li, code)
        said = refused.json()
        assert (refused.status_code, said["code"], said["rule"]) == (403, "access.not_on_duty", "A5")
        assert "签到" in said["remedy_zh"]
        assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
        opened = await open_live(li, code)
        assert opened.status_code == 201
        reading = asyncio.create_task(read_pictures(opened.json(), 100_000))
        await until(lambda: node.node.engine.counters().readers == 1, what="it is watched")
        assert (await li.post("/duty/shift/sign-off", json={"reason": "下班,无人接班"})).status_code == 204
        async with asyncio.timeout(60):
            await reading  # the stream ends by itself
        assert (await open_live(li, code)).status_code == 403
        await li.aclose()


async def test_one_seat_one_person_and_a_roster_binds(ruled: RunningNode) -> None:
    node = ruled
    centre = await centre_of(node)
    li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
    people = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}  # type: ignore[attr-defined]
    now = datetime.now(UTC)
    slot = {"seat": 1, "user_id": people["li-si"], "since": now.isoformat(), "until": (now + timedelta(hours=8)).isoformat()}
    assert (await node.client.post(f"/duty/centres/{centre}/slots", json=slot)).status_code == 201
    await publish(node, centre)
    listed_roster = (await node.client.get(f"/duty/centres/{centre}/slots", params={"since": now.isoformat()})).json()["items"]
    assert [(one["name"], one["trouble_zh"], one["over"]) for one in listed_roster] == [("li-si", "", False)]
    doubled = await node.client.post(f"/duty/centres/{centre}/slots", json=slot)
    assert (doubled.status_code, doubled.json()["code"]) == (400, "duty.unusable") or doubled.status_code == 422
    other = await wang.post("/duty/shift", json={"centre": centre, "seat": 1})
    assert (other.status_code, other.json()["code"]) == (409, "duty.not_rostered")
    assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
    again = await li.post("/duty/shift", json={"centre": centre, "seat": 2})
    assert again.json()["code"] == "duty.already"
    taken = await node.client.post("/duty/shift", json={"centre": centre, "seat": 1})
    assert (taken.status_code, taken.json()["code"]) == (409, "duty.seat_taken")
    assert "li-si" in taken.json()["zh"]
    elsewhere = await node.client_of("zhao-liu", operator("520103"))
    refused = await elsewhere.post("/duty/shift", json={"centre": centre, "seat": 2})
    assert (refused.status_code, refused.json()["code"]) == (403, "access.out_of_scope")
    for client in (li, wang, elsewhere):
        await client.aclose()


async def test_a_roster_takes_only_who_may_sit_there_then_and_keeps_rest(ruled: RunningNode) -> None:
    node = ruled
    centre = await centre_of(node)
    ends = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    wang, _ = await node.appoint("wang-wu", operator())
    zhao, _ = await node.appoint("zhao-liu", {**operator(), "valid_until": ends})
    elsewhere, _ = await node.appoint("sun-ba", operator("520103"))
    day = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)

    async def put(user: dict[str, Any], begin: timedelta, hours: float = 8, seat: int = 1, slot: int = 0) -> httpx.Response:
        body = {"seat": seat, "user_id": user["id"], "since": (day + begin).isoformat()}
        body["until"] = (day + begin + timedelta(hours=hours)).isoformat()
        path = f"/duty/centres/{centre}/slots"
        return await (node.client.put(f"{path}/{slot}", json=body) if slot else node.client.post(path, json=body))

    assert (await put(elsewhere, timedelta())).json()["code"] == "access.out_of_scope"
    first = await put(wang, timedelta())
    assert first.status_code == 201, first.text
    tired = await put(wang, timedelta(hours=12), seat=2)
    assert tired.status_code == 400 and "休息" in tired.json()["zh"]
    assert (await put(wang, timedelta(hours=8), 4, seat=2)).status_code == 201, "twelve hours in all"
    assert (await put(zhao, timedelta(days=1))).status_code == 201
    lapsed = await put(zhao, timedelta(days=2, hours=20))
    assert (lapsed.status_code, lapsed.json()["rule"]) == (403, "A7"), "the appointment ends before the slot does"
    changed = await put(zhao, timedelta(hours=1), slot=first.json()["id"])
    assert (changed.status_code, changed.json()["name"]) == (200, "zhao-liu")
    assert (await put(zhao, timedelta(), slot=999)).json()["code"] == "duty.unknown_slot"

    begin = (day - timedelta(hours=2)).isoformat()
    names = {one["name"] for one in (await node.client.get(f"/duty/centres/{centre}/candidates")).json()["items"]}
    assert names == {"duty", "wang-wu", "zhao-liu"}, "and nobody from elsewhere, no administrator"
    begun = {
        "since": (datetime.now(UTC) - timedelta(hours=6)).isoformat(),
        "until": (datetime.now(UTC) + timedelta(hours=2)).isoformat(),
    }
    rest = (await node.client.get(f"/duty/centres/{centre}/candidates", params=begun)).json()["items"]
    assert {one["name"] for one in rest} == names, "of a slot that has begun only the rest counts: they were appointed a moment ago"
    later = {"since": (day + timedelta(days=4)).isoformat(), "until": (day + timedelta(days=4, hours=8)).isoformat()}
    then = (await node.client.get(f"/duty/centres/{centre}/candidates", params=later)).json()["items"]
    assert {one["name"] for one in then} == {"duty", "wang-wu"}
    copied = await node.client.post(
        f"/duty/centres/{centre}/slots/copy", json={"since": begin, "to": (day + timedelta(days=7, hours=-2)).isoformat()}
    )
    result = copied.json()
    assert (copied.status_code, result["made"]) == (201, 1), result
    assert [(one["name"], bool(one["trouble_zh"])) for one in result["left"]] == [("zhao-liu", True)] * 2
    answer = await node.client.patch(f"/users/{wang['id']}", json={"disabled": True})
    assert answer.status_code == 200
    lines = (await node.client.get(f"/duty/centres/{centre}/slots", params={"since": begin})).json()["items"]
    assert {one["name"] for one in lines if one["trouble_zh"]} == {"wang-wu"}, "whoever lost the account stands out"


async def test_a_handover_passes_every_open_matter_by_name(ruled: RunningNode) -> None:
    node = ruled
    centre = await centre_of(node)
    li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
    people = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}  # type: ignore[attr-defined]
    assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
    assert (await node.client.patch(f"/users/{people['wang-wu']}", json={"full_name": "王五"})).status_code == 200
    emergency = {"area": HERE, "danger": "life", "said": "儿童落水,需立即调看河岸", "proof": OWN_PASSWORD}
    assert (await li.post("/emergencies", json=emergency)).status_code == 201
    left = await li.post("/duty/shift/sign-off", json={"reason": "下班了"})
    assert (left.status_code, left.json()["code"]) == (409, "duty.matters_open")
    assert (await li.post("/duty/shift/hand-over", json={"successor": people["wang-wu"], "remarks": "留意河岸"})).status_code == 200
    offered = (await wang.get("/duty")).json()
    assert (offered["offered"]["successor_name"], offered["offered"]["successor_full_name"]) == ("wang-wu", "王五")
    shift, matters = offered["offered"]["id"], [one["id"] for one in offered["centres"][0]["matters"]]
    assert len(matters) == 1 and offered["offered"]["remarks"] == "留意河岸"
    refused = await wang.post(f"/duty/shifts/{shift}/accept", json={"matters": []})
    assert (refused.status_code, refused.json()["code"]) == (409, "duty.not_accepted")
    assert (await wang.post(f"/duty/shifts/{shift}/accept", json={"matters": matters})).status_code == 201
    assert (await li.get("/duty")).json()["mine"] is None
    assert (await wang.get("/duty")).json()["mine"]["seat"] == 1
    await li.aclose()
    await wang.aclose()


async def test_shifts_go_on_over_a_restart(tmp_path: Path) -> None:
    settings = settings_for()
    async with running_node(tmp_path, settings) as node:
        centre = await centre_of(node)
        assert (await node.client.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
    async with running_node(tmp_path, settings) as node:
        assert (await node.get("/duty"))["mine"]["seat"] == 1  # type: ignore[index]
