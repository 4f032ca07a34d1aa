"""Spans, waits and rising numbers."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import pairwise
from statistics import quantiles
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.alarm_figures.actions import task_waits
from fengsui.features.alarm_figures.model import SLOT_S, Place, deceptive, period_of, ranked, rising, waits_of
from fengsui.features.dispatch import Task, TaskState

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def test_a_day_has_24_hours_and_longer_spans_local_days() -> None:
    now = datetime(2026, 11, 30, 0, 17, tzinfo=SHANGHAI)
    day, week, month = (period_of(span, now) for span in ("day", "week", "month"))
    assert len(day.edges) == 24 and day.edges[-1] == datetime(2026, 11, 30, tzinfo=SHANGHAI).timestamp()
    assert len(week.edges) == 7 and week.since == datetime(2026, 11, 24, tzinfo=SHANGHAI).timestamp()
    assert len(month.edges) == 30 and month.until == now.timestamp()
    assert day.until - day.since == day.since - day.before
    assert all(edge % SLOT_S == 0 for period in (day, week, month) for edge in period.edges)


def test_the_day_on_which_clocks_are_set_is_25_hours_long() -> None:
    edges = period_of("week", datetime(2026, 10, 28, 12, tzinfo=BERLIN)).edges
    assert sorted(later - edge for edge, later in pairwise(edges)) == [86_400] * 5 + [90_000]


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=200))
def test_ranks_are_those_of_the_waits_themselves(waits: list[int]) -> None:
    counted, ordered = Counter(waits), sorted(waits)
    for share in (0.5, 0.9, 1.0):
        found = ranked(counted, share)
        assert sum(one <= found for one in ordered) >= share * len(ordered)
        assert sum(one < found for one in ordered) < share * len(ordered)
    told = waits_of("seen", 1, counted, 30)
    assert told is not None and told.within == sum(one <= 30 for one in waits) / len(waits)
    assert told.median_s <= told.late_s
    if len(ordered) > 1:
        assert told.median_s <= quantiles(ordered, n=2, method="inclusive")[0]


def test_nobody_waited_is_no_figure() -> None:
    assert waits_of("seen", 1, {}, 30) is None


def test_a_number_rises_where_it_is_clearly_above_what_is_usual() -> None:
    steep, busy, quiet, few = (
        Place(1, (9, 1, 0, 1, 0), 0, 0),
        Place(2, (40, 38, 41, 37, 44), 3, 30),
        Place(3, (3, 0, 0, 0, 0), 0, 3),
        Place(4, (2, 0, 0, 0, 0), 0, 2),
    )
    assert [one.last for one in rising([busy, quiet, steep, few], 10)] == [1, 3]
    assert [one.last for one in rising([busy, quiet, steep, few], 1)] == [1]
    assert [one.last for one in deceptive([few, steep, quiet, busy], 2)] == [2, 3]


def test_the_first_task_of_an_incident_is_what_it_waited_for() -> None:
    def task(id: int, incident: int, sent: float, **stamps: float) -> Task:
        return Task(id, incident, 1, "", False, 2, TaskState.SENT, {"sent": sent, **stamps}, "", "", "", "", {})

    tasks = [task(2, 7, 1_090, accepted=1_100, arrived=1_300), task(1, 7, 1_060.9), task(3, 8, 2_000)]
    found = task_waits(tasks, {7: 1_000.0})
    assert found == {("assigned", 2): {60: 1}, ("accepted", 2): {10: 1}, ("arrived", 2): {210: 1}}
