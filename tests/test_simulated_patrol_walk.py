"""Where simulated phones go, and which step is due when."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.simulators.patrol_phone import PatrolPhone
from fengsui.simulators.patrol_walk import BEATS, Spot, Walk, crossing, metres_between, way

SPOTS = st.builds(Spot, st.floats(106.0, 107.0), st.floats(26.0, 27.0))


@given(SPOTS, SPOTS)
def test_a_way_turns_at_crossings_and_ends_where_it_leads(begin: Spot, end: Spot) -> None:
    turns = way(begin, end)
    assert turns[-1] == end if turns else begin == end
    for one, two in pairwise(turns[:-1]):
        assert one.longitude == two.longitude or one.latitude == two.latitude, "along a street"


@given(SPOTS, st.floats(1.0, 5_000.0))
def test_whoever_goes_in_pieces_comes_as_far_as_at_once(end: Spot, metres: float) -> None:
    at_once, in_pieces = Walk(BEATS[0]), Walk(BEATS[0])
    for walk in (at_once, in_pieces):
        walk.head_for(end)
    at_once.go(metres)
    for _ in range(4):
        in_pieces.go(metres / 4)
    assert metres_between(at_once.at, in_pieces.at) < 0.5


def test_a_beat_is_gone_round_and_found_again() -> None:
    walk = Walk(BEATS[0])
    seen = set()
    for _ in range(2_000):
        walk.go_round(12.0)
        seen |= {one for one in BEATS[0] if metres_between(one, walk.at) < 12.0}
    assert seen == set(BEATS[0])


def own(state: str | None, where: Spot | None = None) -> dict[str, Any]:
    place = {"longitude": None, "latitude": None} if where is None else {"longitude": where.longitude, "latitude": where.latitude}
    return {"unit": {"kind": "car"}, "task": None if state is None else {"id": 7, "state": state}, "where": place}


def test_each_step_comes_after_the_pause_that_a_person_takes_and_keeps_its_key() -> None:
    phone = PatrolPhone(Walk(BEATS[0]))
    here = crossing(3, 1)
    assert phone.look(own(None), now_s=0) is None
    assert phone.look(own("sent", here), now_s=10) is None
    due, again = phone.look(own("sent", here), now_s=14), phone.look(own("sent", here), now_s=19)
    assert due is not None and due.step == "accept"
    assert again == due, "what was not answered is the same step"
    assert phone.look(own("accepted", here), now_s=20) is None
    following = phone.look(own("accepted", here), now_s=24)
    assert following is not None and (following.step, following.key != due.key) == ("on-the-way", True)
    assert phone.look(own("on_the_way", here), now_s=25) is None
    phone.move(own("on_the_way", here), 10)
    assert metres_between(phone.walk.at, BEATS[0][0]) == pytest.approx(120, abs=1), "at the pace of a car"
    assert phone.look(own("on_the_way", here), now_s=35) is None, "not there yet"
    phone.move(own("on_the_way", here), 1_000)
    arrived = phone.look(own("on_the_way", here), now_s=36)
    assert phone.walk.at == here and arrived is not None and arrived.step == "arrive"
    assert phone.look(own("arrived", here), now_s=37) is None
    done = phone.look(own("arrived", here), now_s=60)
    assert done is not None and done.step == "done"


def test_a_task_that_is_called_off_sends_the_phone_back_to_its_beat() -> None:
    phone = PatrolPhone(Walk(BEATS[0]))
    phone.look(own("on_the_way", crossing(9, 9)), now_s=0)
    phone.move(own("on_the_way"), 30)
    assert phone.look(own(None), now_s=1) is None
    for _ in range(100):
        phone.move(own(None), 5)
    assert min(metres_between(phone.walk.at, one) for one in BEATS[0]) < 500


def test_an_incident_without_a_position_is_reached_in_time() -> None:
    phone = PatrolPhone(Walk(BEATS[0]), hurry=10)
    assert phone.look(own("on_the_way"), now_s=0) is None
    due = phone.look(own("on_the_way"), now_s=4)
    assert due is not None and due.step == "arrive"
