"""The life of an incident, without a node: no time stamp is written over, and nothing closes without an outcome."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.errors import OperatorFault
from fengsui.features.incidents.errors import IncidentTaken, NotNow, OtherDeskFirst, UnitsOut, UnusableOutcome
from fengsui.features.incidents.model import (
    NEXT,
    OVER,
    REACHED,
    Incident,
    Line,
    LineKind,
    Outcome,
    Step,
    Wanted,
    check_version,
    closed,
    followed,
    merged,
    moved,
    noted,
    number_of,
    refuted,
    remind_at,
    reopened,
    taken,
    unmerged,
)
from fengsui.features.incidents.words import Cause, Disposition, IncidentKind, IncidentState

WANTED = Wanted(IncidentKind.INTRUSION, "520102", "南明银行", 106.7, 26.5, "柜台玻璃破碎", 2, (7,))
Act = Callable[[Incident, float], Incident]


def opened(*, is_program: bool = False) -> Incident:
    return replace(WANTED.incident(1, "wang", 100.0, is_program=is_program), id=5, number="IN20261129-0001")


def other() -> Incident:
    return replace(opened(), id=6)


ACTS: dict[str, Act] = {
    "note": noted,
    "take": lambda one, at: taken(one, 2, "li", "they are away", at),
    "verify": lambda one, at: moved(one, Step.VERIFY, at),
    "confirm": lambda one, at: moved(one, Step.CONFIRM, at),
    "control": lambda one, at: moved(one, Step.CONTROL, at),
    "archive": lambda one, at: moved(one, Step.ARCHIVE, at),
    "refute": lambda one, at: refuted(one, Cause.WEATHER, at),
    "handled": lambda one, at: closed(one, Outcome(Disposition.HANDLED), at),
    "false": lambda one, at: closed(one, Outcome(Disposition.FALSE_ALARM, (), Cause.ANIMAL), at),
    "merge": lambda one, at: merged(one, other(), at),
    "unmerge": unmerged,
    "reopen": lambda one, at: reopened(one, 1, "wang", at),
    "sent": lambda one, at: followed(one, IncidentState.DISPATCHED, 1, at),
    "under way": lambda one, at: followed(one, IncidentState.EN_ROUTE, 2, at),
    "there": lambda one, at: followed(one, IncidentState.ON_SCENE, 1, at),
    "gone": lambda one, at: followed(one, IncidentState.ON_SCENE, 0, at),
    "refused": lambda one, at: followed(one, None, 0, at),
}


@given(st.lists(st.sampled_from(sorted(ACTS)), max_size=40), st.booleans())
def test_no_time_is_written_over_and_nothing_closes_without_an_outcome(acts: list[str], program: bool) -> None:
    one = opened(is_program=program)
    for at, act in enumerate(acts, 101):
        before = one
        try:
            one = ACTS[act](before, float(at))
        except OperatorFault:
            assert one is before
            continue
        assert one.version == before.version + 1 and one.last_at == at
        assert one.stamps.items() >= before.stamps.items()
        assert one.stamps[one.state] <= at and one.stamps[one.desk] <= at
        assert all(when in (at, before.stamps.get(state)) for state, when in one.stamps.items())
        if one.desk in (IncidentState.CLOSED, IncidentState.ARCHIVED):
            assert one.outcome is not None and one.out == 0
            assert before.desk is not IncidentState.NEW, "somebody took it"
        else:
            assert one.outcome is None
        if one.outcome is not None and one.outcome.main is Disposition.FALSE_ALARM:
            assert one.outcome.cause is not None
        assert (one.desk is IncidentState.MERGED) == (one.into == 6) == (one.before is not None)
        assert one.desk in OVER or one.is_open


@given(st.sampled_from(IncidentState), st.sampled_from(Step))
def test_a_step_that_stands_in_no_table_is_refused(desk: IncidentState, step: Step) -> None:
    one = replace(opened(), desk=desk)
    if (desk, step) in NEXT:
        assert moved(one, step, 200.0).desk is NEXT[desk, step]
    else:
        with pytest.raises(NotNow):
            moved(one, step, 200.0)


@given(st.sampled_from(IncidentState), st.sampled_from([None, *REACHED]))
def test_units_lead_the_state_until_the_desk_says_more(desk: IncidentState, reached: IncidentState | None) -> None:
    one = replace(opened(), desk=desk, reached=reached)
    early = desk in (IncidentState.NEW, IncidentState.TAKEN, IncidentState.VERIFYING, IncidentState.VERIFIED)
    assert one.state is (reached if reached is not None and early else desk)


@given(st.sampled_from(Disposition), st.lists(st.sampled_from(Disposition), max_size=4), st.sampled_from([None, *Cause]))
def test_a_false_alarm_alone_has_a_cause(main: Disposition, also: list[Disposition], cause: Cause | None) -> None:
    with suppress(UnusableOutcome):
        made = Outcome(main, tuple(also), cause)
        assert (Disposition.FALSE_ALARM in (made.main, *made.also)) == (made.cause is not None)
        assert len({made.main, *made.also}) == 1 + len(also)


def test_what_is_over_only_goes_on_by_being_reopened() -> None:
    done = closed(opened(), Outcome(Disposition.HANDLED), 110.0)
    for name in ("take", "verify", "confirm", "control", "refute", "handled", "merge", "there"):
        with pytest.raises(NotNow):
            ACTS[name](done, 111.0)
    again = reopened(done, 9, "zhao", 120.0)
    assert (again.desk, again.outcome, again.owner, again.since) == (IncidentState.TAKEN, None, "zhao", 120.0)
    assert again.stamps[IncidentState.CLOSED] == 110.0
    assert closed(again, Outcome(Disposition.TEST), 130.0).stamps[IncidentState.CLOSED] == 110.0, "the first time stays"
    with pytest.raises(NotNow):
        reopened(moved(done, Step.ARCHIVE, 111.0), 9, "zhao", 112.0)


def test_what_was_found_false_ends_as_such() -> None:
    false = refuted(opened(), Cause.EQUIPMENT, 110.0)
    assert false.cause is Cause.EQUIPMENT
    with pytest.raises(UnusableOutcome):
        closed(false, Outcome(Disposition.HANDLED), 111.0)
    assert closed(false, Outcome(Disposition.FALSE_ALARM, (), Cause.EQUIPMENT), 111.0).state is IncidentState.CLOSED
    assert moved(false, Step.CONFIRM, 111.0).cause is None


def test_units_that_are_out_keep_it_open() -> None:
    busy = followed(opened(), IncidentState.ON_SCENE, 1, 110.0)
    with pytest.raises(UnitsOut):
        closed(busy, Outcome(Disposition.HANDLED), 111.0)
    with pytest.raises(UnitsOut):
        merged(busy, other(), 111.0)
    assert (
        closed(followed(busy, IncidentState.ON_SCENE, 0, 111.0), Outcome(Disposition.HANDLED), 112.0).state is IncidentState.CLOSED
    )


def test_merging_is_undone_and_goes_into_nothing_that_is_over() -> None:
    verified = moved(opened(), Step.CONFIRM, 101.0)
    part = merged(verified, other(), 102.0)
    assert (part.state, part.into, part.is_open) == (IncidentState.MERGED, 6, False)
    assert unmerged(part, 103.0).desk is IncidentState.VERIFIED
    with pytest.raises(NotNow):
        merged(verified, verified, 102.0)
    with pytest.raises(NotNow):
        merged(verified, replace(other(), desk=IncidentState.CLOSED), 102.0)
    with pytest.raises(NotNow):
        unmerged(verified, 104.0)


def test_whoever_takes_it_from_somebody_says_why() -> None:
    with pytest.raises(IncidentTaken):
        taken(opened(), 2, "li", "", 101.0)
    assert taken(opened(), 2, "li", "wang is away", 101.0).owner == "li"
    waits = opened(is_program=True)
    assert (waits.state, waits.owner) == (IncidentState.NEW, "")
    assert taken(waits, 2, "li", "", 101.0).state is IncidentState.TAKEN


def test_a_desk_that_saw_another_version_is_refused() -> None:
    check_version(opened(), None)
    check_version(opened(), 1)
    with pytest.raises(OtherDeskFirst):
        check_version(opened(), 2)


def test_reminders_come_by_priority_while_it_is_open() -> None:
    assert [remind_at(replace(opened(), priority=priority)) for priority in (1, 2, 3, 4)] == [700.0, 1000.0, 14500.0, None]
    assert remind_at(closed(opened(), Outcome(Disposition.HANDLED), 101.0)) is None


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_digest_of_a_line_is_of_all_it_says(one: str, two: str) -> None:
    first, second = (Line(LineKind.NOTE, 1.0, 1, "wang", None, IncidentState.TAKEN, text) for text in (one, two))
    assert (first.digest == second.digest) == (one == two)
    assert first.digest in first.said


def test_orders_are_told_apart_and_numbers_read_by_people() -> None:
    assert WANTED.digest == replace(WANTED).digest != replace(WANTED, priority=1).digest
    assert len(WANTED.digest) == hashlib.sha256().digest_size * 2
    assert (number_of("20261129", 7), number_of("20261129", 12345)) == ("IN20261129-0007", "IN20261129-12345")
