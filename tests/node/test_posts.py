"""Posts and offices that exclude each other (A35), administrators of one area, units, and the pure decision."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.access.decision import (
    Allowed,
    Appointment,
    CameraFacts,
    Footage,
    Person,
    Place,
    Refused,
    decide,
    scope_of,
)
from fengsui.features.access.posts import (
    CLASS_BIT,
    OFFICES,
    POSTS,
    RECORDED,
    CameraClass,
    Function,
    Post,
    conflict_of,
    sees_footage,
)
from fengsui.features.access.refusals import OutOfScope, Refusal
from fengsui.features.audit.model import Ground
from tests.node.conftest import RunningNode

AREAS = st.sampled_from(["", "52", "53", "5201", "5203", "520102", "520103", "530102"])
APPOINTMENTS = st.builds(
    Appointment,
    post=st.sampled_from(list(Post)),
    area=AREAS,
    classes=st.integers(1, 31),
    since=st.sampled_from([-inf, 0.0, 50.0, 100.0]),
    until=st.sampled_from([60.0, 120.0, inf]),
)
CAMERAS = st.builds(CameraFacts, st.just("c"), AREAS, st.sampled_from(list(CameraClass)))


@given(st.lists(APPOINTMENTS, max_size=8), st.sampled_from(sorted(set(Function) - RECORDED)), CAMERAS, st.floats(-10, 200))
def test_the_decision_is_what_some_appointment_gives(
    held: list[Appointment], function: Function, camera: CameraFacts, now: float
) -> None:
    person = Person(1, "x", tuple(held))
    given_by = [
        one
        for one in held
        if function in POSTS[one.post]
        and camera.area.startswith(one.area)
        and one.classes & CLASS_BIT[camera.camera_class]
        and one.since <= now < one.until
    ]
    decision = decide(person, function, camera, now=now)
    assert isinstance(decision, Allowed) == bool(given_by)
    scope = scope_of(person, function, now=now)
    assert scope.holds(camera.area, camera.camera_class) == bool(given_by), "lists show what the door opens"
    if isinstance(decision, Refused):
        error = decision.error
        assert decision.rule in ("A7", "A35") and "{" not in error.text_zh + error.text_en
        assert error.remedy_zh.format(**error.facts) and error.remedy_en.format(**error.facts)


@given(st.lists(APPOINTMENTS, max_size=4), CAMERAS)
def test_recorded_footage_stays_closed_without_policy_and_ticket(held: list[Appointment], camera: CameraFacts) -> None:
    person = Person(1, "x", (*held, Appointment.of(Post.INVESTIGATOR)))
    for function in RECORDED:
        assert decide(person, function, camera, now=70).rule == "A8"  # type: ignore[union-attr]
        assert decide(person, function, camera, now=70, age_limit_s=1e6).rule == "A1"  # type: ignore[union-attr]


class Bounds:
    """A ticket for one camera until a time."""

    ground = Ground("UT1", "A1", "traffic", "b")

    def refusal(self, function: Function, what: CameraFacts, now: float, footage: Footage | None = None) -> Refusal | None:
        return None if what.code == "c" and now < 100 else OutOfScope(what=what.code, function_zh="", function_en="")


def test_duty_tickets_and_age_are_asked() -> None:
    person = Person(1, "x", (Appointment.of(Post.COMMANDER),))
    mine, other = CameraFacts("c", "52", CameraClass.PRIVATE), CameraFacts("d", "52", CameraClass.PRIVATE)
    live = Function.VIEW_LIVE
    shift = Ground("DT1", "", "duty", "c")
    assert decide(person, live, mine, now=1, on_duty=True, shift=shift, ticket=Bounds()) == Allowed(shift)
    assert decide(person, live, mine, now=1, on_duty=False).rule == "A5"  # type: ignore[union-attr]
    assert decide(person, live, mine, now=1, on_duty=False, ticket=Bounds()) == Allowed(Bounds.ground)
    beyond = decide(person, live, other, now=1, on_duty=False, ticket=Bounds())
    assert isinstance(beyond, Refused) and beyond.error.ground == Bounds.ground, "recorded under what did not open it"
    assert decide(person, live, mine, now=1, ticket=Bounds()) == Allowed(Bounds.ground), "named where the post alone opens, too"
    assert decide(person, live, other, now=1, ticket=Bounds()) == Allowed()
    recorded: dict[str, Any] = {"ticket": Bounds(), "age_limit_s": 1000.0}
    assert isinstance(decide(person, Function.VIEW_RECORDED, mine, now=1, footage=Footage(-998, 0), **recorded), Allowed)
    assert decide(person, Function.VIEW_RECORDED, mine, now=1, footage=Footage(-1000, 0), **recorded).rule == "A8"  # type: ignore[union-attr]
    assert isinstance(decide(person, Function.VIEW_RECORDED, mine, now=101, footage=Footage(100, 101), **recorded), Refused)
    closed = Person(1, "x", person.appointments, closes_at=5.0, closes_because=("到期", "lapsed"))
    assert decide(closed, live, mine, now=5).rule == "A9"  # type: ignore[union-attr]
    assert isinstance(decide(person, Function.LOOK_AROUND, Place("device", ""), now=1), Allowed)


def test_no_office_sees_footage_nor_does_what_another_office_does() -> None:
    for office in OFFICES:
        assert not sees_footage(office)
    for one, other in itertools.combinations(sorted(OFFICES), 2):
        assert POSTS[one] & POSTS[other] <= {Function.APPROVE}
    for one, other in itertools.product(Post, Post):
        apart = one in OFFICES and other in OFFICES and one != other
        apart |= (one in OFFICES and sees_footage(other)) or (other in OFFICES and sees_footage(one))
        assert (conflict_of([one, other]) is not None) == apart, (one, other)


async def test_nobody_holds_two_offices_or_an_office_that_sees(node: RunningNode) -> None:
    for one, other in itertools.permutations(sorted(Post), 2):
        if conflict_of([one, other]) is None:
            continue
        body = {"name": "two.hats", "appointments": [{"post": one}, {"post": other}], "reason": "both"}
        both = await node.client.post("/users", json=body)
        assert (both.status_code, both.json()["code"], both.json()["rule"]) == (409, "access.posts_conflict", "A35")
    user, _ = await node.appoint("one.hat", {"post": "system-administrator"})
    path = f"/users/{user['id']}/appointments"
    for post in ("security-administrator", "audit-administrator", "operator", "inspector"):
        refused = await node.client.post(path, json={"post": post})
        assert (refused.status_code, refused.json()["code"]) == (409, "access.posts_conflict"), post
    assert len((await node.give(user["id"], post="maintenance"))["appointments"]) == 2
    assert (await node.client.delete(f"{path}/{user['appointments'][0]['id']}")).status_code == 200
    assert len((await node.give(user["id"], post="operator"))["appointments"]) == 2, "the office was withdrawn"


async def test_an_administrator_of_a_city_keeps_that_city_alone(node: RunningNode) -> None:
    made = {}
    for name, area in (("贵阳局", "5201"), ("云岩分局", "520103"), ("遵义局", "5203")):
        answer = await node.client.post("/organisations", json={"name": name, "area": area})
        assert answer.status_code == 201, answer.text
        made[name] = answer.json()["id"]
    other, _ = await node.appoint("zunyi", {"post": "operator", "area": "5203"}, unit=made["遵义局"])
    above, _ = await node.appoint("province", {"post": "security-administrator", "area": "52"}, unit=made["云岩分局"])
    client = await node.client_of("guiyang", {"post": "security-administrator", "area": "5201"}, unit=made["贵阳局"])
    assert {one["name"] for one in (await client.get("/organisations")).json()["items"]} == {"贵阳局", "云岩分局"}
    assert {one["name"] for one in (await client.get("/users")).json()["items"]} == {"guiyang", "province"}
    divisions = (await client.get("/divisions")).json()
    assert not divisions["whole"] and all(one["code"].startswith("5201") for one in divisions["items"]) and divisions["items"]
    wanted = [{"post": "operator", "area": "520103"}]
    mine = {"name": "new.one", "unit": made["云岩分局"], "appointments": wanted, "reason": "new in the unit"}
    for beyond in (
        {**mine, "unit": made["遵义局"]},
        {**mine, "unit": None},
        {**mine, "appointments": [{"post": "operator", "area": "5203"}]},
        {**mine, "appointments": [{"post": "operator", "area": ""}]},
        {**mine, "appointments": [{"post": "operator", "area": "52"}]},
    ):
        refused = await client.post("/users", json=beyond)
        assert (refused.status_code, refused.json()["code"]) == (403, "access.out_of_scope"), beyond
    fresh = (await client.post("/users", json=mine)).json()["user"]
    for method, path, body in (
        ("GET", f"/users/{other['id']}", None),
        ("PATCH", f"/users/{other['id']}", {"disabled": True}),
        ("POST", f"/users/{other['id']}/password", None),
        ("POST", f"/users/{above['id']}/password", None),
        ("PATCH", f"/users/{above['id']}", {"disabled": True}),
        ("POST", f"/users/{above['id']}/appointments", {"post": "maintenance", "area": "5201"}),
        ("DELETE", f"/users/{above['id']}/appointments/{above['appointments'][0]['id']}", None),
        ("PATCH", f"/users/{fresh['id']}", {"unit": made["遵义局"]}),
        ("POST", "/organisations", {"name": "x", "area": "5203"}),
        ("PUT", f"/organisations/{made['云岩分局']}", {"name": "x", "area": "5203"}),
        ("DELETE", f"/organisations/{made['遵义局']}", None),
    ):
        refused = await client.request(method, path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "access.out_of_scope"), (method, path)
    assert (await client.patch(f"/users/{fresh['id']}", json={"disabled": True})).status_code == 200
    own = next(one for one in (await client.get("/users")).json()["items"] if one["name"] == "guiyang")
    raised = await client.post(f"/users/{own['id']}/appointments", json={"post": "maintenance", "area": "5201"})
    assert (raised.status_code, raised.json()["code"]) == (409, "access.own_user")
    await client.aclose()


async def test_units_and_dates_are_looked_at(node: RunningNode) -> None:
    unit = (await node.client.post("/organisations", json={"name": "指挥中心", "area": "520102"})).json()
    assert (unit["area_name"], unit["people"]) == ("南明区", 0)
    taken = await node.client.post("/organisations", json={"name": "指挥中心", "area": "520102"})
    assert (taken.status_code, taken.json()["code"]) == (409, "access.unit_taken")
    assert (await node.client.post("/organisations", json={"name": "x", "area": "52010"})).status_code == 422
    user, _ = await node.appoint("qian", unit=unit["id"])
    assert (user["unit_name"], user["area"]) == ("指挥中心", "520102")
    full = await node.client.delete(f"/organisations/{unit['id']}")
    assert (full.status_code, full.json()["code"]) == (409, "access.unit_not_empty")
    past = datetime(2020, 1, 1, tzinfo=UTC).isoformat()
    refused = await node.client.post(f"/users/{user['id']}/appointments", json={"post": "operator", "valid_until": past})
    assert (refused.status_code, refused.json()["code"]) == (422, "access.wrong_time")
    assert (await node.client.patch(f"/users/{user['id']}", json={"unit": None})).json()["unit"] is None
    assert (await node.client.delete(f"/organisations/{unit['id']}")).status_code == 204
    assert (await node.client.patch(f"/users/{user['id']}", json={"unit": 999})).json()["code"] == "access.unknown_unit"


async def test_somebody_can_always_let_others_in(node: RunningNode) -> None:
    second = await node.client_of("second", {"post": "security-administrator"})
    first = next(one for one in (await second.get("/users")).json()["items"] if one["name"] == "security")
    ended = await second.delete(f"/users/{first['id']}/appointments/{first['appointments'][0]['id']}")
    assert ended.status_code == 200
    mine = next(one for one in (await second.get("/users")).json()["items"] if one["name"] == "second")
    own = await second.delete(f"/users/{mine['id']}/appointments/{mine['appointments'][0]['id']}")
    assert own.json()["code"] == "access.own_user"
    assert (await node.client.get("/users")).status_code == 403, "the first one is let out at once"
    await second.aclose()


@pytest.mark.parametrize("field", ["role", "functions"])
async def test_what_is_not_known_is_refused_not_ignored(node: RunningNode, field: str) -> None:
    assert (await node.client.post("/users", json={"name": "x2", field: "administrator"})).status_code == 422
