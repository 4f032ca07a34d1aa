"""Tasks and proposals, without a node: steps stand in a table, the incident follows its units, the nearest fit unit is first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.dispatch.errors import FeedbackNeeded, NotWorkedOn, StepOutOfTurn, UnitBusy
from fengsui.features.dispatch.model import (
    NEXT,
    REACHED,
    STATUS,
    Status,
    Task,
    TaskState,
    TaskStep,
    Unit,
    UnitKind,
    after_task,
    distance_m,
    farthest,
    proposals,
    put_in_service,
    sent,
    stepped,
)
from fengsui.features.incidents.words import IncidentKind, IncidentState

CAR = Unit(1, "南明 12", UnitKind.CAR, ("王某",), "520102", Status.AVAILABLE, 106.70, 26.57, 1_000.0)
BANK = (106.71, 26.57)
DEGREES = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def task_of(unit: Unit = CAR, *, need_feedback: bool = False, priority: int = 1) -> Task:
    return replace(sent(unit, 5, "查看后门", priority, "wang", 100.0, need_feedback=need_feedback), id=9)


@given(st.lists(st.sampled_from(TaskStep), max_size=12), st.booleans())
def test_a_task_moves_by_the_table_and_its_unit_and_incident_follow(steps: list[TaskStep], need_feedback: bool) -> None:
    task = task_of(need_feedback=need_feedback)
    unit = after_task(CAR, task)
    for at, step in enumerate(steps, 101):
        before = task
        try:
            task = stepped(before, step, "无异常", float(at))
        except StepOutOfTurn:
            assert (before.state, step) not in NEXT
            continue
        assert NEXT[before.state, step] is task.state
        assert task.stamps.items() >= before.stamps.items()
        unit = after_task(unit, task)
        assert (unit.task == 9) == task.is_running == (task.state in STATUS)
        assert unit.status is STATUS.get(task.state, Status.AVAILABLE)
        assert farthest([task]) == (REACHED.get(task.state), int(task.is_running))


@given(st.lists(st.sampled_from(TaskState), max_size=6))
def test_the_incident_goes_by_its_most_advanced_unit(states: list[TaskState]) -> None:
    order = [None, IncidentState.DISPATCHED, IncidentState.EN_ROUTE, IncidentState.ON_SCENE]
    reached, out = farthest([replace(task_of(), state=one) for one in states])
    assert order.index(reached) == max([order.index(REACHED.get(one)) for one in states], default=0)
    assert out == sum(one in STATUS for one in states)


def test_what_the_desk_wants_to_know_is_said_at_the_end() -> None:
    there = replace(task_of(need_feedback=True), state=TaskState.ARRIVED, stamps={"sent": 100.0, "arrived": 200.0})
    with pytest.raises(FeedbackNeeded):
        stepped(there, TaskStep.FINISH, "", 201.0)
    assert stepped(there, TaskStep.FINISH, "一人已带离", 201.0).feedback == "一人已带离"


def test_a_unit_has_one_task_and_is_not_put_out_of_service_with_it() -> None:
    busy = after_task(CAR, task_of())
    with pytest.raises(UnitBusy):
        task_of(busy)
    with pytest.raises(NotWorkedOn):
        put_in_service(busy, Status.OUT_OF_SERVICE)
    off = put_in_service(CAR, Status.OUT_OF_SERVICE)
    with pytest.raises(UnitBusy):
        task_of(off)
    assert put_in_service(off, Status.AVAILABLE).status is Status.AVAILABLE


def test_timers_run_from_step_to_step_and_tell_once() -> None:
    task = task_of()
    assert task.due_at == 160.0 and not task.is_late(159.9) and task.is_late(160.0)
    assert not replace(task, overdue="sent").is_late(1e6), "told once"
    accepted = stepped(task, TaskStep.ACCEPT, "", 110.0)
    assert accepted.due_at == 170.0
    going = stepped(accepted, TaskStep.SET_OFF, "", 120.0)
    assert going.due_at == 400.0, "five minutes in town, counted from the order"
    assert stepped(going, TaskStep.ARRIVE, "", 130.0).due_at is None
    assert replace(stepped(going, TaskStep.ARRIVE, "", 130.0), need_feedback=True).due_at == 730.0
    assert task_of(priority=4).due_at is None


def named(found: list[Unit], kind: IncidentKind = IncidentKind.INTRUSION, place: tuple[float, float] | None = BANK) -> list[str]:
    return [one.unit.call_sign for one in proposals(found, kind, "520102", place, 1_100.0)]


def test_the_nearest_fit_unit_is_first_and_says_why() -> None:
    far = replace(CAR, id=2, call_sign="far", longitude=106.60)
    foot = replace(CAR, id=3, call_sign="foot", kind=UnitKind.FOOT, longitude=106.7085)
    engine = replace(CAR, id=4, call_sign="engine", kind=UnitKind.FIRE, longitude=106.7099)
    old = replace(CAR, id=5, call_sign="old", longitude=106.7099, position_at=100.0)
    lost = replace(CAR, id=6, call_sign="lost", longitude=None, latitude=None)
    busy = replace(CAR, id=7, call_sign="busy", status=Status.EN_ROUTE)
    video = replace(CAR, id=8, call_sign="video", kind=UnitKind.VIDEO)
    everybody = [lost, old, engine, foot, far, busy, video, CAR]
    assert named(everybody) == ["foot", "南明 12", "far", "lost", "old", "engine"]
    assert named(everybody, IncidentKind.FIRE)[0] == "engine"
    first = proposals([CAR], IncidentKind.INTRUSION, "520102", BANK, 1_100.0)[0]
    assert first.distance_m == pytest.approx(994, abs=3) and first.time_s == pytest.approx(124, abs=1)
    assert [reason.code for reason in first.reasons] == ["fits", "distance", "time", "area"]
    assert [reason.code for reason in proposals([CAR], IncidentKind.FIRE, "5203", None, 1_100.0)[0].reasons] == [
        *("unfit", "no-place", "other-area")
    ]


def test_a_unit_round_the_corner_is_a_minute_away_and_not_none() -> None:
    near = replace(CAR, longitude=BANK[0] + 0.001)
    [first] = proposals([near], IncidentKind.HOLD_UP, "520102", BANK, 1_010.0)
    assert "约 1 分钟" in [reason.zh for reason in first.reasons]


@given(DEGREES, DEGREES)
def test_a_distance_is_the_same_both_ways_and_within_half_the_globe(one: tuple[float, float], two: tuple[float, float]) -> None:
    assert distance_m(one, two) == pytest.approx(distance_m(two, one))
    assert 0 <= distance_m(one, two) <= 20_016_000
    assert distance_m(one, one) == pytest.approx(0, abs=1)
