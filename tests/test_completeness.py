"""Seconds due and missing: by the plan with its calendar, by the node's day, and each gap with what is known of its cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta, timezone
from math import inf
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.clock import SystemClock
from fengsui.features.completeness.actions import Completeness, Known
from fengsui.features.completeness.model import (
    COUNTS_S,
    Day,
    DueHours,
    Reason,
    Span,
    day_of,
    days_between,
    facts_of,
    gaps_of,
    has_leapt,
    parts_of,
    without,
)
from fengsui.features.recording.calendar import Calendar, Hours, minutes_of
from fengsui.features.recording.model import Period, Piece, Plan

CHINA = timezone(timedelta(hours=8))
BERLIN = ZoneInfo("Europe/Berlin")
SCHOOL = Hours((1, 2, 3, 4, 5), minutes_of("07:00"), minutes_of("18:00"))
NIGHTS = Hours((1, 2, 3, 4, 5, 6, 7, 8), minutes_of("22:00"), minutes_of("06:00"))
MONDAY = day_of(CHINA, date(2026, 9, 14))


def plan(mode: str = "always", *hours: Hours, since: float = 0.0, stream: str = "main") -> Plan:
    return Plan("cam", mode, stream, since, "somebody", hours)  # type: ignore[arg-type]


def due(
    *pieces: Piece, calendar: Calendar | None = None, day: object = MONDAY, until: float = inf, periods: Sequence[Period] = ()
) -> float:
    found = DueHours(calendar or Calendar(CHINA)).of(pieces, day, until, periods)  # type: ignore[arg-type]
    return sum(one.until - one.since for spans in found.values() for one in spans)


def test_a_day_is_as_long_as_the_clocks_make_it() -> None:
    autumn, spring = day_of(BERLIN, date(2026, 10, 25)), day_of(BERLIN, date(2026, 3, 29))
    assert (autumn.until - autumn.since, spring.until - spring.since) == (25 * 3600, 23 * 3600)
    assert [day.name for day in days_between(CHINA, MONDAY.since - 1, MONDAY.until + 1)] == [
        "2026-09-13",
        "2026-09-14",
        "2026-09-15",
    ]
    assert due(Piece(plan(), inf), calendar=Calendar(BERLIN), day=autumn) == 25 * 3600
    small_hours = Hours((7,), minutes_of("02:00"), minutes_of("03:00"))
    assert due(Piece(plan("schedule", small_hours), inf), calendar=Calendar(BERLIN), day=autumn) == 2 * 3600
    assert due(Piece(plan("schedule", small_hours), inf), calendar=Calendar(BERLIN), day=spring) == 0


def test_due_is_what_the_plan_said_while_it_held() -> None:
    noon = MONDAY.since + 12 * 3600
    assert due(Piece(plan("schedule", SCHOOL), inf)) == 11 * 3600
    assert due(Piece(plan("schedule", SCHOOL, since=noon), inf)) == 6 * 3600, "not before it was set"
    assert due(Piece(plan("schedule", SCHOOL), noon), Piece(plan(since=noon), inf)) == 5 * 3600 + 12 * 3600
    assert due(Piece(plan("schedule", SCHOOL), inf), until=noon) == 5 * 3600, "not what is to come"
    assert due(Piece(plan("schedule", NIGHTS), inf)) == 8 * 3600
    holiday = Calendar(CHINA, frozenset({date(2026, 9, 14)}))
    assert due(Piece(plan("schedule", SCHOOL), inf), calendar=holiday) == 0
    taken_out = Calendar(CHINA, past={date(2026, 9, 14): holiday.kind(date(2026, 9, 14))})
    assert due(Piece(plan("schedule", SCHOOL), inf), calendar=taken_out) == 0, "it was one when it was recorded"
    assert due(Piece(plan(), noon), Piece(plan(since=noon, stream="sub"), inf)) == 24 * 3600, "each stream for its time"


def test_on_event_only_what_happened_is_due_each_moment_once_and_by_the_stream_that_was_to_be_recorded() -> None:
    noon = MONDAY.since + 12 * 3600
    happened = [
        Period("cam", "main", "alarm", noon, noon - 10, noon + 30),
        Period("cam", "main", "person", noon + 35, noon + 25, noon + 65),  # its time before lies within the one before
        Period("cam", "main", "alarm", MONDAY.until - 5, MONDAY.until - 15, MONDAY.until + 25),  # over midnight
        Period("cam", "sub", "alarm", noon + 600, noon + 590, noon + 630),
    ]
    on_event = Piece(plan("event"), inf)
    assert due(on_event) == 0, "nothing happened"
    assert due(on_event, periods=happened) == 75 + 15
    assert due(on_event, periods=happened, until=noon) == 10, "not what is to come"
    assert due(Piece(plan("event", since=noon), inf), periods=happened) == 65 + 15, "not before the plan was set"
    assert due(Piece(plan("event"), noon), Piece(plan(since=noon), inf), periods=happened) == 10 + 12 * 3600
    assert due(Piece(plan("always"), noon), Piece(plan("event", since=noon), inf), periods=happened) == 12 * 3600 + 65 + 15


def test_each_part_of_a_gap_has_the_cause_that_was_seen_then_and_what_nobody_saw_is_unknown() -> None:
    whole = [Span(0.0, 10_000.0)]
    recorded = [Span(0.0, 1_000.0), Span(1_025.0, 2_000.0), Span(6_000.0, 7_000.0), Span(8_000.0, 10_000.0)]
    seen = [Reason("node", 3_000.0, 4_000.0), Reason("device", 1_990.0, 3_500.0), Reason("disk", 7_005.0, 8_100.0)]
    first, second = gaps_of(whole, recorded, seen)
    assert [(part.cause, part.since, part.until) for part in first.parts] == [
        ("device", 2_000.0, 3_000.0),
        ("node", 3_000.0, 4_000.0),
        ("unknown", 4_000.0, 6_000.0),
    ], "the surest first, and nothing is guessed"
    assert [(part.cause, part.since, part.until) for part in second.parts] == [("disk", 7_000.0, 8_000.0)], "a sliver is no unknown"
    facts = facts_of("2026-09-14", {"cam/main": whole}, [first, second])
    assert (facts.due_s, facts.gaps, facts.missing_s) == (10_000.0, 2, 5_000.0)
    assert facts.missing == {"device": 1_000.0, "node": 1_000.0, "unknown": 2_000.0, "disk": 1_000.0}

    day, filled = Day("2026-09-14", 0.0, 10_000.0), [Span(500.0, 600.0), Span(3_400.0, 3_600.0)]
    before, after = parts_of(day, 3_500.0, {"cam/main": whole}, [first, second], filled)
    assert (before.due_s, after.due_s) == (3_500.0, 6_500.0)
    assert (before.missing, before.gaps) == ({"device": 1_000.0, "node": 500.0}, 1), "a gap over the move counts in both"
    assert (after.missing, after.gaps) == ({"node": 500.0, "unknown": 2_000.0, "disk": 1_000.0}, 2)
    assert (before.filled_s, after.filled_s) == (200.0, 100.0)


DAY_S = 86_400.0
LIVED = [Span(0.0, 20 * DAY_S), Span(20 * DAY_S + 60, 30 * DAY_S)]


def test_a_gap_over_midnight_is_as_long_as_it_is_and_each_day_has_its_part() -> None:
    tuesday = day_of(CHINA, date(2026, 9, 15))
    calendar, midnight = Calendar(CHINA), MONDAY.until
    kept = [(int((MONDAY.since - 60) * 1e6), int((midnight - 25) * 1e6)), (int((midnight + 25) * 1e6), int(tuesday.until * 1e6))]
    engine = SimpleNamespace(
        footage_counters=lambda: SimpleNamespace(looking=False),
        footage=lambda _, since, until: [(max(one, since), min(end, until)) for one, end in kept],
        fetched_footage=lambda *_: [],
    )
    nothing: Any = None
    rooms: Any = engine
    completeness = Completeness(nothing, SystemClock(), nothing, nothing, rooms, calendar)
    always = Known([Piece(plan(), inf)], [], [], [Reason("line", midnight - 30, midnight + 30)], [])
    told = {day.name: gaps for day, _, gaps, _ in completeness._gaps(always, [MONDAY, tuesday], tuesday.until + 100)}
    assert {name: [(one.since, one.until) for one in gaps] for name, gaps in told.items()} == {
        "2026-09-14": [(midnight - 25, midnight)],
        "2026-09-15": [(midnight, midnight + 25)],
    }
    assert [part.cause for gaps in told.values() for one in gaps for part in one.parts] == ["line", "line"]
    alone = {day.name: gaps for day, _, gaps, _ in completeness._gaps(always, [tuesday], tuesday.until + 100)}
    assert alone == {"2026-09-15": told["2026-09-15"]}, "also where only one of both days is reckoned"
    evening = plan("schedule", Hours((1,), minutes_of("07:00"), minutes_of("24:00")))
    by_hours = Known([Piece(evening, inf)], [], [], [], [])
    assert not [gaps for _, _, gaps, _ in completeness._gaps(by_hours, [MONDAY, tuesday], tuesday.until + 100) if gaps], (
        "what was not due is no part of it"
    )


def test_a_clock_that_leapt_is_believed_once_the_node_has_lived_long_behind_the_leap() -> None:
    now = 30 * DAY_S + 60
    assert not has_leapt([Span(now, now)], now), "the first start of all"
    assert not has_leapt([*LIVED, Span(now, now)], now)
    weekend = now + 2.5 * DAY_S
    assert not has_leapt([*LIVED, Span(weekend, weekend)], weekend)
    ahead = now + 100 * DAY_S
    assert has_leapt([*LIVED, Span(ahead, ahead)], ahead), "set forward, or switched off: nobody can say"
    again = [*LIVED, Span(ahead, ahead + 60), Span(ahead + 90, ahead + 120)]
    assert has_leapt(again, ahead + 120), "nor by starting once more"
    assert not has_leapt([*LIVED, Span(ahead, ahead + 8 * DAY_S)], ahead + 8 * DAY_S), "it has been on the wall for a week"
    assert not has_leapt([*LIVED, Span(now, now + 60), Span(ahead, ahead + 60)], now + 60), "it was ahead, and is not any more"


SPANS = st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 400)).map(lambda one: Span(one[0], one[0] + one[1])), max_size=20)
REASONS = st.lists(
    st.builds(
        lambda cause, span: Reason(cause, *span),
        st.sampled_from(["device", "node", "disk", "line"]),
        SPANS.filter(bool).map(lambda some: some[0]),
    ),
    max_size=8,
)


@given(SPANS, REASONS)
def test_gaps_are_exactly_what_is_due_and_not_there_and_their_parts_leave_nothing_out(
    recorded: list[Span], reasons: list[Reason]
) -> None:
    whole = [Span(0, 3_000), Span(3_500, 5_000)]
    there = {second for one in recorded for second in range(int(one.since), int(one.until))}
    missing = [second for one in whole for second in range(int(one.since), int(one.until)) if second not in there]
    left = without(whole, recorded)
    assert sorted(second for one in left for second in range(int(one.since), int(one.until))) == missing
    for gap in gaps_of(whole, recorded, reasons):
        assert gap.until - gap.since > COUNTS_S
        assert gap.parts[0].since == gap.since and gap.parts[-1].until == gap.until
        assert all(one.until == other.since for one, other in zip(gap.parts, gap.parts[1:], strict=False))
    counted = sum(gap.until - gap.since for gap in gaps_of(whole, recorded, reasons))
    assert counted == sum(one.until - one.since for one in left if one.until - one.since > COUNTS_S)


@pytest.mark.timeout(20)
def test_a_day_of_a_camera_that_flaps_is_searched_at_once() -> None:
    due = [Span(3.0 * at, 3.0 * at + 2) for at in range(60_000)]
    recorded = [Span(3.0 * at - 1, 3.0 * at + 1) for at in range(60_000)]
    assert without(due, reversed(recorded)) == [Span(3.0 * at + 1, 3.0 * at + 2) for at in range(60_000)]
