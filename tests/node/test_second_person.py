"""Who may be the second person: rank, no subordinate, then and still when it is due; posts and classes take two (A14, A15, A37)."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.app import Node
from fengsui.clock import ManualClock
from fengsui.features.access.decision import Appointment, Person
from fengsui.features.access.persons import BEIJING
from fengsui.features.access.posts import Function, Post
from fengsui.features.access.ranks import Rank, is_subordinate, rank_of
from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER, FOLDER
from fengsui.settings import NodeSettings
from tests.node.approvals.office import OWN, Sign, approve, office_at, read, refused
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.duty_room import MovedClock
from tests.node.test_audit import records
from tests.node.test_live import listed
from tests.node.test_masks import add_box

CITY, COUNTY, ELSEWHERE = "5201", "520102", "5203"


def member(area: str, unit: str, *held: tuple[Post, str, str]) -> Person:
    """Somebody of a unit with posts: (post, area, rank)."""
    return Person(1, "x", tuple(Appointment(post, where, rank=rank) for post, where, rank in held), unit, area)


def test_subordination_follows_units_and_ranks() -> None:
    head = member(CITY, "市局", (Post.COMMANDER, CITY, Rank.CITY_HEAD))
    chief = member(COUNTY, "分局", (Post.COMMANDER, COUNTY, Rank.COUNTY_HEAD))
    shift = member(COUNTY, "分局", (Post.DUTY_SUPERVISOR, COUNTY, ""))
    clerk = member(CITY, "市局", (Post.OPERATOR, CITY, ""))
    beside = member(COUNTY, "交警大队", (Post.COMMANDER, COUNTY, Rank.COUNTY_HEAD))
    nobody = member("", "", (Post.INVESTIGATOR, "", ""))
    below = {("chief", "head"), ("shift", "head"), ("clerk", "head"), ("shift", "chief"), ("beside", "head")}
    people = {"head": head, "chief": chief, "shift": shift, "clerk": clerk, "beside": beside, "nobody": nobody}
    found = {(one, to) for one in people for to in people if is_subordinate(people[one], people[to], now=0.0)}
    assert found == below, "of the same unit or one above it, and a higher rank"


def test_a_rank_holds_where_and_while_its_appointment_does() -> None:
    person = Person(
        1,
        "x",
        (
            Appointment(Post.DUTY_SUPERVISOR, CITY),
            Appointment(Post.COMMANDER, COUNTY, rank=Rank.COUNTY_HEAD, until=10.0),
            Appointment(Post.MAINTENANCE, "", rank=Rank.PROVINCE_HEAD),
        ),
    )
    at = {"function": Function.APPROVE, "area": COUNTY}
    assert rank_of(person, now=5.0, **at) is Rank.COUNTY_HEAD  # type: ignore[arg-type]
    assert rank_of(person, now=10.0, **at) is Rank.DUTY_SUPERVISOR, "the commander's time is over"  # type: ignore[arg-type]
    assert rank_of(person, now=5.0, function=Function.APPROVE, area=ELSEWHERE) is None, "maintenance approves nothing"
    assert rank_of(person, now=5.0) is Rank.PROVINCE_HEAD


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """Under the demonstration's policy pack: unmasking and posts take a unit head, the policy a county head."""
    trusted = tmp_path / "node" / FOLDER
    trusted.mkdir(parents=True)
    shutil.copy(DEMO_PUBLISHER, trusted)
    settings = settings_for()
    policy = settings.policy.model_copy(update={"first_pack": str(DEMO_PACK)})
    rules = settings.approvals.model_copy(update={"same_workstation": "session"})
    async with running_node(tmp_path / "node", settings.model_copy(update={"policy": policy, "approvals": rules})) as node:
        yield node


async def test_the_second_person_has_the_rank_and_is_no_subordinate(ruled: RunningNode) -> None:
    node = ruled
    units = {}
    for name, area in (("市局", CITY), ("分局", COUNTY)):
        units[name] = (await node.client.post("/organisations", json={"name": name, "area": area})).json()["id"]
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        mask = await add_box(node, code)
        head = await node.client_of("head", {"post": "commander", "area": CITY, "rank": "city-head"}, unit=units["市局"])
        chief = await node.client_of("chief", {"post": "commander", "area": COUNTY}, unit=units["分局"])
        shift = await node.client_of("shift", {"post": "duty-supervisor", "area": COUNTY}, unit=units["分局"])
        abroad = await node.client_of("abroad", {"post": "commander", "area": ELSEWHERE, "rank": "city-head"})
        asked = await head.post(f"/cameras/{code}/masks/{mask}/removal", json={"reason": "窗户已封闭"})
        assert asked.status_code == 202, asked.text
        request = asked.json()["id"]
        opened = await read(shift, request)
        assert (opened["rank"], opened["may_approve"]) == ("unit-head", False) and "单位负责人" in opened["against_zh"]
        assert [one["name"] for one in opened["candidates"]] == ["security-2"], "not below, abroad, or who made the asker"
        assert [one["rank"] for one in opened["candidates"]] == ["province-head"]
        low = await approve(shift, request)
        refused(low, 403, "approvals.rank")
        assert low.json()["rule"] == "A14" and "security-2" in low.json()["remedy_zh"]
        below = await approve(chief, request)
        refused(below, 403, "approvals.subordinate")
        assert below.json()["rule"] == "A15" and "head" in below.json()["zh"]
        outside = await abroad.get(f"/approvals/{request}")
        assert (outside.status_code, outside.json()["code"]) == (403, "access.out_of_scope"), "it is not theirs to read"
        there = (await abroad.get("/approvals")).json()
        assert (there["items"], there["waiting"]) == ([], 0), "nor to be told of"
        here = (await chief.get("/approvals")).json()
        assert ([one["id"] for one in here["items"]], here["waiting"]) == ([request], 1)
        turned = await chief.post(f"/cameras/{code}/masks/{mask}/removal", json={"reason": "窗户已封闭"})
        from_below = turned.json()["id"]
        assert [one["name"] for one in (await read(head, from_below))["candidates"]] == ["head", "security-2"]
        assert (await approve(head, from_below)).json()["state"] == "applied"
        told = [(one.person, one.detail) for one in records(node) if one.act == "approval.approve" and one.result == "refused"]
        assert told == [("shift", "approvals.rank"), ("chief", "approvals.subordinate")]
        for client in (head, chief, shift, abroad):
            await client.aclose()


async def test_a_city_changes_nothing_for_the_whole_node_and_sees_what_is_its_own(ruled: RunningNode) -> None:
    node = ruled
    office = {"post": "security-administrator", "rank": "province-head"}
    city = await node.client_of("city", {**office, "area": CITY})
    other = await node.client_of("other", {**office, "area": ELSEWHERE})
    assert (await node.get("/policy"))["may_change"] and not (await city.get("/policy")).json()["may_change"]
    pack = {"pack": DEMO_PACK.read_text(encoding="utf-8"), "reason": "本市自行放宽"}
    asked = await city.post("/policy", json=pack)
    refused(asked, 403, "access.out_of_scope")
    assert asked.json()["rule"] == "A7" and "全域" in asked.json()["zh"]
    (record,) = [one for one in records(node) if (one.person, one.act, one.result) == ("city", "approval.ask", "refused")]
    assert record.detail == "access.out_of_scope"
    centre = (await node.client.post("/duty/centres", json={"name": "南明", "area": COUNTY, "seats": 2})).json()["id"]
    removal = await node.client.post(f"/duty/centres/{centre}/removal", json={"reason": "并入市局"})
    request = removal.json()["id"]
    assert [one["id"] for one in (await city.get("/approvals")).json()["items"]] == [request]
    assert (await other.get("/approvals")).json()["items"] == [], "of another city"
    refused(await other.get(f"/approvals/{request}"), 403, "access.out_of_scope")
    refused(await other.post(f"/approvals/{request}/approve", json={"hash": "0" * 64}), 403, "access.out_of_scope")
    refused(await other.post(f"/approvals/{request}/refuse", json={"reason": "不同意"}), 403, "access.out_of_scope")
    assert (await city.post(f"/approvals/{request}/refuse", json={"reason": "本市须保留"})).json()["state"] == "refused"
    for box, theirs in (("ended", city), ("ended", other)):
        listed_there = [one["id"] for one in (await theirs.get("/approvals", params={"box": box})).json()["items"]]
        assert (request in listed_there) is (theirs is city)
    for client in (city, other):
        await client.aclose()


@pytest.mark.parametrize("whose", ["asker", "approver"])
async def test_rights_are_asked_again_when_the_act_is_due(tmp_path: Path, whose: str) -> None:
    clock = ManualClock()
    async with office_at(tmp_path, settings_for(), clock, Sign(wait_s=3600.0)) as office:
        second, third = await office.hire("second", "127.0.0.2"), await office.hire("third", "127.0.0.3")
        request = await office.ask(office.node.client)
        assert (await approve(third, request)).json()["state"] == "approved"
        gone = "security" if whose == "asker" else "third"
        people = (await second.get("/users")).json()["items"]
        user = next(one for one in people if one["name"] == gone)
        ended = await second.delete(f"/users/{user['id']}/appointments/{user['appointments'][0]['id']}")
        assert ended.status_code == 200
        clock.advance(3600.0)
        await office.node.node.approvals.look()
        assert await office.sign() == ("old", 0), "a post that was withdrawn asks and approves nothing"
        told = (await second.get("/approvals", params={"box": "ended"})).json()["items"][0]
        why = "approvals.asker" if whose == "asker" else "access.not_allowed"
        assert told["state"] == "void" and told["ended_reason"].startswith(why)


async def test_a_post_takes_two_and_its_withdrawal_one(node: RunningNode) -> None:
    assert node.second is not None
    body = {"name": "wang", "appointments": [{"post": "operator", "area": COUNTY}]}
    assert (await node.client.post("/users", json=body)).json()["code"] == "approvals.reason_missing"
    made = (await node.client.post("/users", json={**body, "reason": "新任值班员"})).json()
    user = made["user"]["id"]
    assert made["user"]["appointments"] == [] and made["request"]["state"] == "pending", "one signature gives nothing"
    opened = await read(node.second, made["request"]["id"])
    (change,) = opened["differences"]
    assert (change["zh"], change["direction"]) == ("值班员", "loosening") and "南明区" in change["new_zh"]
    assert (await approve(node.second, made["request"]["id"])).json()["state"] == "applied"
    (held,) = (await node.get(f"/users/{user}"))["appointments"]
    assert (held["made_by"], held["approved_by"]) == ("security", "security-2")
    given = [one.detail for one in records(node) if one.act == "appointment.add"]
    assert given == ["operator in 520102 for government+operating-unit+private+police-internal+restricted; "
                     "asked security, approved security-2"]  # fmt: skip
    await node.client.patch(f"/users/{user}", json={"training_until": "2099-12-31"})
    asked = (await node.client.post(f"/users/{user}/appointments", json={"post": "inspector", "reason": "兼任"})).json()["request"]
    hash = (await read(node.second, asked["id"]))["hash"]
    assert (await node.client.delete(f"/users/{user}/appointments/{held['id']}")).json()["appointments"] == [], "at once, by one"
    late = await node.second.post(f"/approvals/{asked['id']}/approve", json={"hash": hash})
    refused(late, 409, "approvals.not_open")
    other = next(one["id"] for one in (await node.get("/users"))["items"] if one["name"] == "security-2")
    own = await node.client.post(f"/users/{other}/appointments", json={"post": "maintenance", "reason": "兼任"})
    refused(await approve(node.second, own.json()["request"]["id"]), 403, "approvals.concerns_you")


async def test_a_class_is_tightened_by_one_and_loosened_by_two_after_a_wait(ruled: RunningNode) -> None:
    node = ruled
    assert node.second is not None
    camera = simulated_camera(node.registrar)
    path = f"/cameras/{camera.identity.code}"
    async with powered(camera):
        await until(lambda: listed(node, camera.identity.code), what="the camera is listed")
        tightened = await node.client.patch(path, json={"camera_class": "restricted"})
        assert tightened.json()["camera_class"] == "restricted", "at once"
        for less in ("government", "police-internal", None):
            alone = await node.client.patch(path, json={"camera_class": less})
            refused(alone, 409, "camera.class_needs_two")
            assert alone.json()["rule"] == "A37"
        order = {"camera_class": "government", "reason": "学校已迁走"}
        asked = await node.client.post(f"{path}/class", json=order, headers={"authorization": f"Bearer {node.tokens['system']}"})
        assert asked.status_code == 202, asked.text
        approved = (await approve(node.second, asked.json()["id"])).json()
        waits = datetime.fromisoformat(approved["due_at"]) - datetime.now(UTC)
        assert approved["state"] == "approved" and waits > timedelta(hours=23)
        assert (await node.get(path))["camera_class"] == "restricted", "a loosening waits"
        clock = MovedClock()
        node.node.approvals._progress._clock, clock.later = clock, waits + timedelta(minutes=1)
        await until(lambda: _class_is(node, path, "government"), what="it is due")
        same = await node.client.post(f"{path}/class", json=order, headers={"authorization": f"Bearer {node.tokens['system']}"})
        refused(same, 409, "camera.class_same")


async def test_a_camera_goes_to_other_people_by_two_after_a_wait(ruled: RunningNode) -> None:
    node = ruled
    assert node.second is not None
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    path, bearer = f"/cameras/{code}", {"authorization": f"Bearer {node.tokens['system']}"}
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        street = await node.client.patch(path, json={"own_area": "52010201"})
        assert street.json()["own_area"] == "52010201", "within the county one person says where it stands"
        alone = await node.client.patch(path, json={"own_area": "520103", "own_name": "moved"})
        refused(alone, 409, "camera.area_needs_two")
        assert alone.json()["rule"] == "A37" and (await node.get(path))["own_name"] == ""
        asked = await node.client.post(f"{path}/area", json={"own_area": "520103", "reason": "迁移"}, headers=bearer)
        assert asked.status_code == 202, asked.text
        (change,) = (await read(node.second, asked.json()["id"]))["differences"]
        assert (change["old_zh"], change["new_zh"], change["direction"]) == ("520102", "520103", "loosening")
        approved = (await approve(node.second, asked.json()["id"])).json()
        waits = datetime.fromisoformat(approved["due_at"]) - datetime.now(UTC)
        assert approved["state"] == "approved" and waits > timedelta(hours=23)
        assert (await node.get("/cameras?area=520103"))["total"] == 0
        clock = MovedClock()
        node.node.approvals._progress._clock, clock.later = clock, waits + timedelta(minutes=1)

        async def there() -> bool:
            return bool((await node.get("/cameras?area=520103"))["total"] == 1)

        await until(there, what="it is due")
        told = "shown_area: 520102→520103; asked system, approved security-2"
        assert [one.detail for one in records(node) if one.act == "camera.change" and one.object == code][-1] == told


async def _class_is(node: RunningNode, path: str, wanted: str) -> bool:
    return bool((await node.get(path))["camera_class"] == wanted)


class Fresh:
    """A node outside a demonstration, and clients of it at addresses of their own."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.base = f"http://127.0.0.1:{node.settings.http.port}/api/v1"

    async def sits(self, name: str, password: str, address: str) -> httpx.AsyncClient:
        """Signed in, with a password of their own."""
        client = httpx.AsyncClient(base_url=self.base, timeout=20, transport=httpx.AsyncHTTPTransport(local_address=address))
        answer = await client.post("/session", json={"name": name, "password": password})
        assert answer.status_code == 201, answer.text
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        if answer.json()["user"]["must_change_password"]:
            assert (await client.post("/session/password", json={"old": password, "new": OWN})).status_code == 204
        return client


DATES = {"vetted_on": "2026-01-05", "undertaking_on": "2026-01-05", "training_until": "2099-12-31"}


def administrator(name: str, **facts: object) -> dict[str, Any]:
    """To be made, for everything."""
    post = {"post": "security-administrator", "rank": "province-head", **facts}
    stated = {name: value for name, value in post.items() if value is not None}
    return {"name": name, "personnel_number": f"P-{name}", **DATES, "reason": "首次部署", "appointments": [stated]}


async def test_the_first_administrator_appoints_the_second_alone_and_nobody_else(tmp_path: Path) -> None:
    settings = settings_for()
    node = Node(settings, tmp_path)
    await node.start()
    clients: list[httpx.AsyncClient] = []
    try:
        assert node.first_account is not None
        fresh = Fresh(node)
        clients.append(first := await fresh.sits(*node.first_account, "127.0.0.1"))
        duty = {"name": "li", **DATES, "reason": "值班", "appointments": [{"post": "operator", "area": COUNTY}]}
        assert (await first.post("/users", json=duty)).json()["request"]["state"] == "pending", "not even the first duty officer"
        city = await first.post("/users", json=administrator("city", area=CITY))
        assert city.json()["request"] is not None, "only for the whole node"
        made = (await first.post("/users", json=administrator("second", rank=None))).json()
        assert made["request"] is None and made["user"]["appointments"][0]["in_force"]
        assert made["user"]["appointments"][0]["rank"] == "province-head", "the first one's: a subordinate could approve nothing"
        told = [one for one in node_records(node) if one.act == "appointment.add"]
        assert [one.person for one in told] == ["security"] and "first set-up, nobody else could approve" in told[0].detail
        fourth = (await first.post("/users", json=administrator("not-yet"))).json()
        assert fourth["request"] is not None, "there are two now"
        clients.append(second := await fresh.sits("second", made["password"], "127.0.0.2"))
        refused(await approve(second, fourth["request"]["id"]), 403, "approvals.gave_account")
        third = (await second.post("/users", json=administrator("third"))).json()
        assert (await approve(first, third["request"]["id"])).json()["state"] == "applied", "nobody else is there yet"
        later = (await second.post("/users", json=administrator("later"))).json()
        clients.append(other := await fresh.sits("third", third["password"], "127.0.0.3"))
        refused(await approve(other, later["request"]["id"]), 403, "approvals.gave_account")
        assert (await approve(first, later["request"]["id"])).json()["state"] == "applied", "nobody but who made the asker"
        assert (await approve(other, fourth["request"]["id"])).json()["state"] == "applied", "neither made the other"
        sixth = (await second.post("/users", json=administrator("sixth"))).json()
        refused(await approve(first, sixth["request"]["id"]), 403, "approvals.gave_account")
        for gone in ("second", "third", "later", "not-yet"):
            user = next(one for one in (await first.get("/users")).json()["items"] if one["name"] == gone)
            await first.delete(f"/users/{user['id']}/appointments/{user['appointments'][0]['id']}")
        puppet = (await first.post("/users", json=administrator("puppet"))).json()
        assert puppet["request"] is not None, "whoever takes the others' posts does not begin anew"
    finally:
        for client in clients:
            await client.aclose()
        await node.stop()
    today = settings.access.model_copy(update={"set_up_on": datetime.now(BEIJING).date().isoformat()})
    await again(tmp_path, settings.model_copy(update={"access": today}))


async def again(folder: Path, settings: NodeSettings) -> None:
    """Whoever runs the host has opened the set-up for today."""
    node = Node(settings, folder)
    await node.start()
    try:
        first = await Fresh(node).sits("security", OWN, "127.0.0.1")
        made = (await first.post("/users", json=administrator("fourth"))).json()
        assert made["request"] is None and made["user"]["appointments"][0]["post"] == "security-administrator"
        await first.aclose()
    finally:
        await node.stop()


def node_records(node: Node) -> list[Any]:
    """As `records`, of a node without helpers."""
    return records(RunningNode(node, httpx.AsyncClient(), {}))
