"""Hours and rest at signing on, and what a supervisor may permit: the duty objects of the appraisal sheet, 5.4."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.duty.hours import HAND_OVER_S, Hours, Span
from tests.node.conftest import RunningNode, running_node
from tests.node.duty_room import MovedClock, centre_of, operator, people_of, publish
from tests.node.test_audit import records
from tests.node.test_duty_policy import ruled_by

CHECKED = ('sign_on_hours = "not-checked"', 'sign_on_hours = "checked"')


def figures(*, longest: float = 12, rest: float = 8, overtime: float = 4) -> Hours:
    return Hours(longest * 3600, rest * 3600, overtime * 3600, checked=True)


def spans(*hours: tuple[float, float]) -> list[Span]:
    return [Span(one * 3600, other * 3600) for one, other in hours]


@pytest.mark.parametrize(
    ("worked", "at", "last"),
    [
        ((), 20, 32),
        (((8, 16),), 16, 20),
        (((8, 16),), 24, 36),
        (((8, 12), (14, 16)), 17, 20),
        (((0, 4), (8, 12)), 13, 12),
        (((7.5, 16),), 23.5, 35.5),
    ],
    ids=["rested", "twelve in all", "a whole rest", "breaks are no rest", "too long already", "half an hour for handing over"],
)
def test_a_stretch_ends_twelve_hours_after_it_began(worked: tuple[tuple[float, float], ...], at: float, last: float) -> None:
    assert figures().last_moment(spans(*worked), at * 3600) == last * 3600


@given(
    worked=st.lists(st.tuples(st.floats(0, 200), st.floats(0.01, 16)), max_size=12),
    at=st.floats(200, 230),
)
def test_who_is_refused_may_come_when_the_refusal_says(worked: list[tuple[float, float]], at: float) -> None:
    hours, done = figures(), [Span(since * 3600, min(at, since + lasts) * 3600) for since, lasts in worked]
    again = hours.rested_at(done, at * 3600)
    assert hours.last_moment(done, again + 1) > again, "and then for a whole shift"
    assert hours.last_moment(done, again + 1) == again + 1 + hours.longest_s
    assert again <= at * 3600 + hours.rest_s - HAND_OVER_S


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[tuple[RunningNode, MovedClock]]:
    """A node whose pack has hours asked at signing on, and the clock of its duty."""
    async with running_node(tmp_path, ruled_by(tmp_path, CHECKED)) as node:
        clock = MovedClock()
        node.node.duty._clock = clock
        yield node, clock


async def sign_on(client: httpx.AsyncClient, centre: int, seat: int = 1) -> httpx.Response:
    return await client.post("/duty/shift", json={"centre": centre, "seat": seat})


async def sign_off(client: httpx.AsyncClient) -> None:
    assert (await client.post("/duty/shift/sign-off", json={"reason": "下班,无人接班"})).status_code == 204


async def test_nobody_signs_on_again_and_again_without_a_rest(ruled: tuple[RunningNode, MovedClock]) -> None:
    node, clock = ruled
    centre = await centre_of(node)
    li = await node.client_of("li-si", operator())
    number = people_of(await node.get("/users"))["li-si"]
    assert (await sign_on(li, centre)).status_code == 201
    clock.later = timedelta(hours=5)
    await sign_off(li)
    again = (await sign_on(li, centre, 2)).json()
    lasts = datetime.fromisoformat(again["until"]) - datetime.fromisoformat(again["since"])
    assert timedelta(hours=6, minutes=59) < lasts < timedelta(hours=7), "twelve hours in all, whatever lies between"
    clock.later = timedelta(hours=12, minutes=1)
    await node.node.duty_rooms.ends.look()
    refused = await sign_on(li, centre)
    said = refused.json()
    assert (refused.status_code, said["code"], said["rule"]) == (409, "duty.no_rest", "5.4")
    assert "8 小时" in said["zh"] and "值班长" in said["remedy_zh"] and said["contact"]
    (told,) = [one for one in records(node) if (one.act, one.result) == ("duty.sign-on", "refused")]
    assert told.detail == "duty.no_rest"

    until = datetime.now(UTC) + clock.later + timedelta(hours=3)
    word = {"user_id": number, "until": until.isoformat(), "reason": "汛情,人手不足"}
    path = f"/duty/centres/{centre}/permits"
    far = await node.client.post(path, json={**word, "until": (until + timedelta(hours=2)).isoformat()})
    assert (far.status_code, far.json()["code"]) == (409, "duty.beyond_overtime"), far.text
    me = people_of(await node.get("/users"))["duty"]
    own = await node.client.post(path, json={**word, "user_id": me})
    assert (own.status_code, own.json()["code"]) == (409, "duty.own_overtime")
    given = await node.client.post(path, json=word)
    assert given.status_code == 201, given.text
    assert [one["person"] for one in (await node.get("/duty"))["centres"][0]["permits"]] == ["li-si"]
    back = await sign_on(li, centre)
    assert back.status_code == 201, back.text
    shift = back.json()
    assert (shift["state"], datetime.fromisoformat(shift["until"])) == ("extended", until)
    assert shift["extensions"][0] | {"until": ""} == {"by": "duty", "late": "", "until": "", "reason": "汛情,人手不足"}
    permitted = [one for one in records(node) if (one.act, one.result) == ("duty.permit", "allowed")]
    assert [(one.person, "li-si" in one.detail) for one in permitted] == [("duty", True)]
    await sign_off(li)

    clock.later = timedelta(hours=20, minutes=2)
    assert (await sign_on(li, centre)).status_code == 201, "rested"
    await li.aclose()


async def test_a_slot_is_refused_to_whoever_worked_before_it(ruled: tuple[RunningNode, MovedClock]) -> None:
    node, clock = ruled
    centre = await centre_of(node)
    li = await node.client_of("li-si", operator())
    number = people_of(await node.get("/users"))["li-si"]
    assert (await sign_on(li, centre, 2)).status_code == 201, "not on any roster"
    now = datetime.now(UTC)
    slot = {"seat": 1, "user_id": number, "since": (now + timedelta(hours=6)).isoformat()}
    slot["until"] = (now + timedelta(hours=14)).isoformat()
    assert (await node.client.post(f"/duty/centres/{centre}/slots", json=slot)).status_code == 201
    await publish(node, centre)
    clock.later = timedelta(hours=5, minutes=50)
    await sign_off(li)
    tired = await sign_on(li, centre)
    assert tired.json()["code"] == "duty.no_rest", "fourteen hours in all"
    clock.later = timedelta(hours=13, minutes=30)
    assert (await sign_on(li, centre)).status_code == 201, "late, and rested"
    clock.later = timedelta(hours=13, minutes=50)
    await sign_off(li)
    assert (await sign_on(li, centre)).status_code == 201, "back at the same seat"
    await li.aclose()


async def test_a_shift_goes_on_for_a_late_successor_and_by_name_within_bounds(ruled: tuple[RunningNode, MovedClock]) -> None:
    node, clock = ruled
    centre = await centre_of(node)
    li, wang = await node.client_of("li-si", operator()), await node.client_of("wang-wu", operator())
    people = people_of(await node.get("/users"))
    now = datetime.now(UTC)

    async def slot(name: str, begin: float, end: float) -> None:
        times = {"since": (now + timedelta(hours=begin)).isoformat(), "until": (now + timedelta(hours=end)).isoformat()}
        made = await node.client.post(f"/duty/centres/{centre}/slots", json={"seat": 1, "user_id": people[name], **times})
        assert made.status_code == 201, made.text

    await slot("li-si", 0, 8)
    await slot("wang-wu", 8, 16)
    await publish(node, centre)
    begun = (await sign_on(li, centre)).json()
    ends = node.node.duty_rooms.ends
    clock.later = timedelta(hours=7, minutes=59)
    await ends.look()
    assert (await li.get("/duty")).json()["mine"]["state"] == "on-duty"
    clock.later = timedelta(hours=8, minutes=1)
    await ends.look()
    mine = (await li.get("/duty")).json()["mine"]
    assert (mine["state"], mine["extensions"][0]["late"]) == ("extended", "wang-wu")
    assert datetime.fromisoformat(mine["until"]) - datetime.fromisoformat(mine["due"]) == timedelta(hours=2)
    (told,) = [one for one in records(node) if one.act == "duty.extend"]
    assert (told.role, told.range) == ("node", "seat 1") and "wang-wu is late" in told.detail

    path = f"/duty/shifts/{begun['id']}/extension"
    until = now + timedelta(hours=15)
    refused = await li.post(path, json={"until": until.isoformat(), "reason": "我自己"})
    assert (refused.status_code, refused.json()["code"]) == (403, "access.not_allowed")
    early = await node.client.post(path, json={"until": (now + timedelta(hours=7)).isoformat(), "reason": "接班人堵车"})
    assert early.json()["code"] == "duty.unusable"
    far = await node.client.post(path, json={"until": (now + timedelta(hours=17)).isoformat(), "reason": "接班人堵车"})
    assert far.json()["code"] == "duty.beyond_overtime", "twelve hours and four"
    longer = await node.client.post(path, json={"until": until.isoformat(), "reason": "接班人堵车"})
    assert longer.status_code == 200, longer.text
    assert [(one["by"], one["reason"]) for one in longer.json()["extensions"]][1:] == [("duty", "接班人堵车")]
    clock.later = timedelta(hours=11)
    await ends.look()
    assert (await li.get("/duty")).json()["mine"]["state"] == "extended", "longer than the node would have had it by itself"

    offered = await li.post("/duty/shift/hand-over", json={"successor": people["wang-wu"]})
    assert offered.json()["state"] == "handing-over"
    assert (await wang.post(f"/duty/shifts/{begun['id']}/accept", json={"matters": []})).status_code == 201
    clock.later = timedelta(hours=18)
    tired = await sign_on(li, centre, 2)
    assert tired.json()["code"] == "duty.no_rest", "the rest is counted from the real end"
    clock.later = timedelta(hours=19)
    assert (await sign_on(li, centre, 2)).status_code == 201
    gone = await node.client.post(path, json={"until": until.isoformat(), "reason": "已经结束"})
    assert (gone.status_code, gone.json()["code"]) == (404, "duty.unknown_shift")
    await li.aclose()
    await wang.aclose()
