"""Where duty is kept, who may end that, and seats that are taken by signing in (A5, A14, A37)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from fengsui.features.audit.model import AuditRecord
from fengsui.features.duty.vacancies import Vacancies
from fengsui.settings import NodeSettings
from tests.node.approvals.office import approve, read, refused
from tests.node.conftest import OWN_PASSWORD, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.duty_room import MovedClock, open_live, operator, publish
from tests.node.test_audit import records
from tests.node.test_events import feed_of, line_of, token_of
from tests.node.test_live import listed

CITY, COUNTY, BESIDE = "5201", "520102", "520103"


async def centre_for(node: RunningNode, area: str, seats: int = 2) -> int:
    answer = await node.client.post("/duty/centres", json={"name": f"{area} 中心", "area": area, "seats": seats})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def test_a_centre_binds_its_own_area_and_two_persons_free_it_after_a_wait(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        li = await node.client_of("li-si", operator(COUNTY))
        assert (await open_live(li, code)).status_code == 201, "neither a pack nor any centre: the node is being set up"
        beside = await centre_for(node, BESIDE)
        no_centre = (await open_live(li, code)).json()
        assert (no_centre["code"], no_centre["rule"]) == ("access.no_centre", "A5"), (
            "duty is kept here, and nobody keeps it for him"
        )
        assert COUNTY in no_centre["zh"] and "设立值班中心" in no_centre["remedy_zh"]
        told = await node.get("/node")
        assert (told["uncovered_areas"], told["uncovered_free"]) == ([COUNTY], False)
        here, city = await centre_for(node, COUNTY), await centre_for(node, CITY)
        assert (await open_live(li, code)).json()["code"] == "access.not_on_duty"
        told = {one["id"]: one["last"] for one in (await node.get("/duty"))["centres"]}
        assert told == {beside: False, here: False, city: False}, "the city's answers for both counties, theirs for each"
        assert (await node.get("/node"))["uncovered_areas"] == []
        assert (await node.client.delete(f"/duty/centres/{beside}")).status_code == 204
        assert (await node.client.delete(f"/duty/centres/{here}")).status_code == 204, "the city's centre is left"
        assert (await open_live(li, code)).json()["code"] == "access.not_on_duty"
        alone = await node.client.delete(f"/duty/centres/{city}")
        refused(alone, 409, "duty.last_centre")
        assert alone.json()["rule"] == "A5" and "安全管理员" in alone.json()["remedy_zh"]
        told_of = [one for one in records(node) if (one.act, one.result) == ("duty.centre.remove", "refused")]
        assert [one.detail for one in told_of] == ["duty.last_centre"]

        assert node.second is not None
        asked = await node.client.post(f"/duty/centres/{city}/removal", json={"reason": "改由省级值守"})
        assert asked.status_code == 202, asked.text
        (change,) = (await read(node.second, asked.json()["id"]))["differences"]
        assert (change["new_zh"], change["direction"]) == ("仅凭岗位", "loosening")
        approved = (await approve(node.second, asked.json()["id"])).json()
        waits = datetime.fromisoformat(approved["due_at"]) - datetime.now(UTC)
        assert approved["state"] == "approved" and waits > timedelta(hours=23)
        assert (await open_live(li, code)).json()["code"] == "access.not_on_duty", "a loosening waits"
        clock = MovedClock()
        node.node.approvals._progress._clock, clock.later = clock, waits + timedelta(minutes=1)
        await until(lambda: not node.node.duty.is_kept(COUNTY), what="it is due")
        assert (await open_live(li, code)).status_code == 201
        done = [one for one in records(node) if (one.act, one.result) == ("duty.centre.remove", "allowed")]
        assert [one.detail for one in done][-1].startswith("asked duty, approved security-2: ")
        await li.aclose()


async def test_a_centre_added_meanwhile_voids_the_removal(node: RunningNode) -> None:
    assert node.second is not None
    centre = await centre_for(node, CITY)
    asked = (await node.client.post(f"/duty/centres/{centre}/removal", json={"reason": "并入省级"})).json()["id"]
    await centre_for(node, COUNTY)
    late = await approve(node.second, asked)
    refused(late, 409, "approvals.not_open")
    unknown = await node.client.post("/duty/centres/99/removal", json={"reason": "没有"})
    refused(unknown, 404, "duty.unknown_centre")


def at_sign_in() -> NodeSettings:
    """Signing in takes a seat."""
    settings = settings_for()
    return settings.model_copy(update={"duty": settings.duty.model_copy(update={"sign_on": "at-sign-in"})})


async def test_signing_in_takes_a_free_seat_that_the_roster_lets_one_have(tmp_path: Path) -> None:
    async with running_node(tmp_path, at_sign_in()) as node:
        centre = await centre_for(node, COUNTY)
        li = await node.client_of("li-si", operator(COUNTY))
        mine = (await li.get("/duty")).json()["mine"]
        assert (mine["centre"], mine["seat"]) == (centre, 1), "with the first password of one's own"
        chen = await node.client_of("chen-qi", {"post": "investigator", "area": COUNTY})
        assert (await chen.get("/duty")).json()["mine"] is None, "whose post takes no duty has no shift"
        wang = await node.client_of("wang-wu", operator(COUNTY))
        assert (await wang.get("/duty")).json()["mine"]["seat"] == 2
        sun = await node.client_of("sun-ba", operator(COUNTY))
        assert (await sun.get("/duty")).json()["mine"] is None, "no seat is left"
        assert (await wang.post("/duty/shift/sign-off", json={"reason": "下班"})).status_code == 204
        people = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}
        now = datetime.now(UTC)
        slot = {"seat": 2, "user_id": people["sun-ba"], "since": now.isoformat(), "until": (now + timedelta(hours=4)).isoformat()}
        assert (await node.client.post(f"/duty/centres/{centre}/slots", json=slot)).status_code == 201
        await publish(node, centre)
        again = await node.sign_in("wang-wu", OWN_PASSWORD)
        assert (await again.get("/duty")).json()["mine"] is None, "the roster has another at that seat"
        rostered = await node.sign_in("sun-ba", OWN_PASSWORD)
        assert (await rostered.get("/duty")).json()["mine"]["seat"] == 2
        seats = [(one.person, one.range) for one in records(node) if one.act == "duty.sign-on"]
        assert seats == [("li-si", "seat 1"), ("wang-wu", "seat 2"), ("sun-ba", "seat 2")]
        for client in (li, chen, wang, sun, again, rostered):
            await client.aclose()


async def test_a_partner_owner_sees_their_own_cameras_whatever_our_duty(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        await centre_for(node, COUNTY)
        shop = await node.client_of("shop", {"post": "partner-owner", "area": COUNTY})
        elsewhere = await node.client_of("elsewhere", {"post": "partner-owner", "area": BESIDE})
        for one in ("government", "police-internal", "restricted"):
            await node.note(code, camera_class=one)
            assert (await open_live(shop, code)).json()["code"] == "access.not_on_duty", one
        for one in ("operating-unit", "private"):
            await node.note(code, camera_class=one)
            assert (await open_live(shop, code)).status_code == 201, one
            assert (await open_live(elsewhere, code)).json()["code"] == "access.out_of_scope"
        assert (await shop.post("/tickets", json={})).status_code in (403, 422), "and nothing recorded"
        await shop.aclose()
        await elsewhere.aclose()


async def test_who_sits_where_is_told_to_those_around(node: RunningNode) -> None:
    there = await node.client_of("sun-ba", operator("5203"))
    token = there.headers["Authorization"].removeprefix("Bearer ")
    async with feed_of(node, token) as theirs, feed_of(node, token_of(node)) as ours:
        for socket in (theirs, ours):
            await line_of(socket, "alive")
        await centre_for(node, COUNTY)
        await centre_for(node, "5203")
        assert (await line_of(ours, "duty.changed"))["area"] == COUNTY
        assert (await line_of(theirs, "duty.changed"))["area"] == "5203", "and of no other city"
    await there.aclose()


async def test_a_seat_that_nobody_came_to_is_told_after_ten_minutes(node: RunningNode) -> None:
    centre = await centre_for(node, COUNTY)
    li = await node.client_of("li-si", operator(COUNTY))
    people = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}
    now = datetime.now(UTC)
    slot = {"seat": 2, "user_id": people["li-si"], "since": now.isoformat(), "until": (now + timedelta(hours=4)).isoformat()}
    assert (await node.client.post(f"/duty/centres/{centre}/slots", json=slot)).status_code == 201
    await publish(node, centre)

    async def absent() -> list[tuple[int, str]]:
        return [(one["seat"], one["name"]) for one in (await node.get("/duty"))["centres"][0]["absent"]]

    vacancies, clock = node.node.vacancies, MovedClock()
    vacancies._clock, clock.later = clock, timedelta(minutes=9)
    await vacancies.look()
    assert await absent() == []
    async with feed_of(node, token_of(node)) as socket:
        await line_of(socket, "alive")
        clock.later = timedelta(minutes=10, seconds=1)
        await vacancies.look()
        told = await line_of(socket, "duty.changed")
        assert (told["centre"], told["seat"], told["user_id"], told["vacant"]) == (centre, 2, people["li-si"], True)
    await vacancies.look()
    assert await absent() == [(2, "li-si")]

    def vacant() -> list[AuditRecord]:
        return [one for one in records(node) if one.act == "duty.vacant"]

    await until(vacant, what="it is on record")
    (record,) = vacant()
    assert (record.person, record.role, record.range, record.detail) == ("", "node", "seat 2", "li-si"), "once"
    inner = node.node
    after = Vacancies(inner.store, clock, inner.bus, inner.access, inner.audit, inner.duty)  # as after a restart
    await after.look()
    assert [one.slot.seat for one in after.at(centre)] == [2]
    assert not len(inner.audit._owed) and len(vacant()) == 1, "and once over a restart"
    assert (await li.post("/duty/shift", json={"centre": centre, "seat": 2})).status_code == 201
    await vacancies.look()
    assert await absent() == []
    await li.aclose()
