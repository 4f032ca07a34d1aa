"""Whatever desks do with an alarm: it ends with an outcome, is one person's, and says when it waits too long."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fengsui.errors import OperatorFault
from fengsui.features.alarm_work.model import IN_WORK, OUTCOMES, REASONS, AlarmClosed, AlarmTaken, NotWork, Wish, change, overdue
from fengsui.features.alarms import Alarm, Limits

LONG_S = 3_600.0
LIMITS = Limits((30, 90, 600), (60, 180, 1_800), (60, 300, 1_800), (600, 900, 14_400))


def an_alarm(**facts: Any) -> Alarm:
    """An open one."""
    empty = {one: None for one in Alarm.__dataclass_fields__}
    open_one = {"id": 1, "priority": 1, "first_at": 1_000.0, "state": "open", "version": 0, "escalated": 0, "due_at": 1_030.0}
    return Alarm(**{**empty, "owner": "", "note": "", "result": "", "reason": "", "outcome": "", "folded": 0, **open_one, **facts})


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
