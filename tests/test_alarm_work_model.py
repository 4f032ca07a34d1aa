"""Whatever desks do with an alarm: it ends with an outcome, is one person's, and says when it waits too long."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fengsui.errors import OperatorFault
from fengsui.features.alarm_work.model import (
    IN_WORK,
    OUTCOMES,
    REASONS,
    AlarmClosed,
    AlarmRepeated,
    AlarmTaken,
    NotWork,
    Wish,
    change,
    overdue,
)
from fengsui.features.alarms import Alarm, Limits

LONG_S = 3_600.0
LIMITS = Limits((30, 90, 600), (60, 180, 1_800), (60, 300, 1_800), (600, 900, 14_400))


def an_alarm(**facts: Any) -> Alarm:
    """An open one."""
    empty = {one: None for one in Alarm.__dataclass_fields__}
    open_one = {"id": 1, "priority": 1, "first_at": 1_000.0, "state": "open", "version": 0, "escalated": 0, "due_at": 1_030.0}
    open_one |= {"escalated_most": 0}
    return Alarm(
        **{
            **empty,
            "owner": "",
            "note": "",
            "noted_by": "",
            "result": "",
            "reason": "",
            "outcome": "",
            "folded": 0,
            **open_one,
            **facts,
        }
    )


wishes = some.builds(
    Wish,
    verb=some.sampled_from(["claim", "release", "hand-over", "verify", "close"]),
    by=some.integers(1, 3),
    name=some.just("somebody"),
    result=some.sampled_from(["real", "false", "unclear"]),
    reason=some.sampled_from([None, *REASONS]),
    outcome=some.sampled_from(OUTCOMES),
    to=some.integers(1, 3),
    to_name=some.just("another"),
    version=some.sampled_from([None, 0, 1, 2]),
)


@given(some.integers(1, 3), some.lists(some.one_of(wishes, some.just(None)), max_size=30))
def test_no_path_ends_without_an_outcome(priority: int, path: list[Wish | None]) -> None:
    alarm, now = an_alarm(priority=priority, due_at=1_000.0 + LIMITS.claimed[priority - 1]), 1_000.0
    for wish in path:
        now += 7.0
        before = alarm
        if wish is None:  # the clock
            if alarm.due_at is not None and alarm.due_at <= now:
                alarm = replace(alarm, **overdue(alarm, now, LIMITS), version=alarm.version + 1)
                assert alarm.escalated > before.escalated, "it is told once"
                assert alarm.due_at is None or alarm.due_at > before.due_at  # type: ignore[operator]
            continue
        try:
            values = change(alarm, wish, now, LIMITS)
        except OperatorFault:
            continue
        alarm = replace(alarm, **values, version=alarm.version + bool(values))
        assert before.state != "closed"
        assert alarm.state in (*IN_WORK, "closed")
        assert (alarm.state in ("claimed", "closed")) <= (alarm.owner_id is not None)
        assert (alarm.state == "open") <= (alarm.owner_id is None)
        if before.owner_id not in (None, wish.by):
            assert wish.verb == "claim" and before.escalated, "another's, who let it wait"
        if alarm.state == "closed":
            assert alarm.result and alarm.outcome and alarm.verified_at is not None and alarm.due_at is None
            assert alarm.result != "false" or alarm.reason
        if alarm.state != "closed" and not alarm.escalated:
            assert alarm.due_at is not None, "nothing waits without a clock"


@pytest.mark.parametrize(("state", "error"), [("closed", AlarmClosed), ("folded", NotWork), ("", NotWork)])
def test_what_is_no_work_is_not_taken(state: str, error: type[OperatorFault]) -> None:
    with pytest.raises(error):
        change(an_alarm(state=state), Wish("claim", 1, "li"), 1_001.0, LIMITS)


def test_one_that_is_anothers_is_taken_when_it_waited_too_long() -> None:
    taken = an_alarm(state="claimed", owner_id=1, owner="li", due_at=1_060.0)
    with pytest.raises(AlarmTaken):
        change(taken, Wish("claim", 2, "wang"), 1_010.0, LIMITS)
    late = replace(taken, **overdue(taken, 1_060.0, LIMITS))
    assert (late.escalated, late.due_at) == (1, 1_120.0)
    assert change(late, Wish("claim", 2, "wang"), 1_070.0, LIMITS)["owner_id"] == 2


def test_to_hand_it_to_and_fro_wins_no_time() -> None:
    taken = an_alarm(state="claimed", owner_id=1, owner="li", due_at=1_060.0)
    for now in (1_010.0, 1_050.0):
        other = 3 - (taken.owner_id or 0)
        taken = replace(taken, **change(taken, Wish("hand-over", taken.owner_id or 0, "x", to=other, to_name="y"), now, LIMITS))
    assert (taken.owner_id, taken.due_at) == (1, 1_060.0)


def clocked(alarm: Alarm, now: float) -> Alarm:
    """As the node leaves it at that time."""
    if alarm.due_at is not None and alarm.due_at <= now:
        return replace(alarm, **overdue(alarm, now, LIMITS))
    return alarm


@given(
    some.integers(1, 3),
    some.lists(some.tuples(some.sampled_from(["claim", "release", "hand-over"]), some.integers(1, 2)), min_size=4),
)
def test_whatever_is_done_without_a_verdict_the_supervisor_is_told_in_time(priority: int, path: list[tuple[Any, int]]) -> None:
    """Each second the next act, round and round: the node looks before it."""
    at = priority - 1
    alarm, now = an_alarm(priority=priority, due_at=1_000.0 + LIMITS.claimed[at]), 1_000.0
    told_by = 1_000.0 + LIMITS.claimed[at] + LIMITS.verified[at] + 2
    most_by = told_by + 2 * LIMITS.verified[at] + LIMITS.claimed_at_most[at] + 2
    while alarm.escalated_most < 2:
        verb, by = path[int(now) % len(path)]
        with suppress(OperatorFault):
            alarm = replace(alarm, **change(alarm, Wish(verb, by, "x", to=3 - by, to_name="y"), now, LIMITS))
        now += 1.0
        before, alarm = alarm, clocked(alarm, now)
        assert alarm.escalated_most >= before.escalated_most
        assert alarm.escalated_most or now <= told_by
        assert now <= most_by


def test_to_give_it_back_and_take_it_again_wins_no_time() -> None:
    alarm, now = an_alarm(), 1_001.0
    while not alarm.escalated_most and now < 1_200.0:
        alarm = replace(alarm, **change(alarm, Wish("claim" if alarm.owner_id is None else "release", 1, "li"), now, LIMITS))
        now += 0.05
        alarm = clocked(alarm, now)
    assert now <= 1_061.1, "the first who took it had a minute"
    held = replace(an_alarm(), **change(an_alarm(), Wish("claim", 1, "li"), 1_001.0, LIMITS))
    held = replace(held, **change(held, Wish("release", 1, "li"), 1_050.0, LIMITS))
    assert held.due_at == 1_030.0, "at once: nobody has it, and the time to take it is over"
    held = replace(held, **change(held, Wish("claim", 2, "wang"), 1_050.5, LIMITS))
    assert held.due_at == 1_061.0, "as it was with the first"


def test_of_one_that_was_escalated_the_mark_stays() -> None:
    alarm = an_alarm()
    for now in (1_030.0, 1_060.0):
        alarm = clocked(alarm, now)
    assert (alarm.escalated, alarm.escalated_most, alarm.due_at) == (2, 2, None)
    alarm = replace(alarm, **change(alarm, Wish("claim", 1, "li"), 1_070.0, LIMITS))
    assert (alarm.escalated, alarm.escalated_most, alarm.due_at) == (0, 2, 1_130.0), "its owner has it alone"
    with pytest.raises(AlarmTaken):
        change(alarm, Wish("claim", 2, "wang"), 1_080.0, LIMITS)
    late = clocked(alarm, 1_130.0)
    assert (late.escalated, late.due_at) == (2, None), "it had its time before"
    done = replace(alarm, **change(alarm, Wish("verify", 1, "li", result="real"), 1_090.0, LIMITS))
    assert (done.escalated, done.escalated_most) == (0, 2)


@pytest.mark.parametrize("state", ["claimed", "verified"])
def test_a_verdict_about_fewer_than_came_is_refused(state: str) -> None:
    alarm = an_alarm(state=state, owner_id=1, owner="li", folded=3)
    for verb in ("verify",) if state == "claimed" else ("verify", "close"):
        wish = Wish(verb, 1, "li", result="real", outcome="handled", folded=2)  # type: ignore[arg-type]
        with pytest.raises(AlarmRepeated) as refused:
            change(alarm, wish, 1_010.0, LIMITS)
        assert refused.value.facts == {"times": 4, "seen": 3}
        assert change(alarm, replace(wish, folded=3), 1_010.0, LIMITS)
        assert change(alarm, replace(wish, folded=None), 1_010.0, LIMITS)
