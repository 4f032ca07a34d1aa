"""What came in a day, minute by minute: rates by desk, floods, points that report too often; it forgets, and has a bound."""

from __future__ import annotations

import pytest

from fengsui.features.alarm_work import load_model
from fengsui.features.alarm_work.load_model import DAY_MINUTES, SPANS, Load
from fengsui.features.alarms import Arrived

NOW = 100_000


def came(minute: int, number: str = "1", *, times: int = 1, shown: int | None = None, last: int = 1) -> Arrived:
    return Arrived(minute, "520102", "", 7, "", number, times, times if shown is None else shown, last)


def everywhere(_: str, __: str) -> bool:
    return True


def test_a_flood_begins_above_ten_and_lasts_until_there_are_fewer_than_five() -> None:
    load = Load()
    for ago, count in ((55, 10), (45, 11), (35, 5), (25, 4), (15, 10), (5, 12)):
        load.add([came(NOW - ago, times=count)], NOW)
    rates = load.rates(everywhere, NOW, 60, 1)
    assert (rates.alarms, rates.peak, rates.now, rates.spans) == (52, 12, 12, 6)
    assert (rates.flooded, rates.in_flood) == (3, True), "10 is none yet; 11, the 5 after it, and the last"
    two = load.rates(everywhere, NOW, 60, 2)
    assert (two.flooded, two.in_flood) == (0, False), "two desks bear twice as many"
    assert load.rates(lambda area, _: area == "520103", NOW, 60, 1).alarms == 0, "of another area"


def test_folded_ones_reach_nobody_and_count_for_their_point() -> None:
    load = Load()
    load.add([came(NOW, "5", times=40, shown=1, last=40)], NOW)
    load.add([came(NOW, "5", times=2, shown=0, last=42), came(NOW, "6", last=43), came(NOW - 3, "6", times=2, last=9)], NOW)
    assert load.rates(everywhere, NOW, 60, 1).alarms == 4
    for span in SPANS:
        often = load.frequent(everywhere, span, 5)
        assert [(one.point.number, one.times, one.chattered, one.last) for one in often] == [("5", 42, 1, 42), ("6", 3, 0, 43)]
        assert [one.point.number for one in load.chattering(everywhere, span, 5)] == ["5"], "three in one minute"
        assert [one.point.number for one in load.frequent(everywhere, span, 1)] == ["5"]
        assert load.frequent(lambda area, _: area == "520103", span, 5) == []
    load.add([], NOW + 58)  # the earlier ones of the second are an hour old
    assert [(one.point.number, one.times) for one in load.frequent(everywhere, 60, 5)] == [("5", 42)]
    load.add([], NOW + 60)
    assert load.frequent(everywhere, 60, 5) == load.chattering(everywhere, 60, 5) == []
    assert len(load.frequent(everywhere, DAY_MINUTES, 5)) == 2
    load.add([], NOW + DAY_MINUTES)
    assert load.frequent(everywhere, DAY_MINUTES, 5) == load.chattering(everywhere, DAY_MINUTES, 5) == []


def test_what_is_older_than_a_day_is_forgotten() -> None:
    load = Load()
    load.add([came(NOW - DAY_MINUTES, times=9), came(NOW - DAY_MINUTES + 1, times=3), came(NOW + 9, times=5)], NOW)
    assert load.rates(everywhere, NOW, DAY_MINUTES, 1).alarms == 3, "nor is there one of the future"
    load.add([came(NOW + 1, times=2)], NOW + 1)
    assert load.rates(everywhere, NOW + 1, DAY_MINUTES, 1).alarms == 2
    assert load.rates(everywhere, NOW + 1, 60, 1).spans == 6


def test_many_points_are_told_apart_for_as_long_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_model, "MOST_KEPT", 100)
    load = Load()
    for ago in (9, 5, 0):
        load.add([came(NOW - ago, str(number), times=2) for number in range(60)], NOW)
    assert load.rates(everywhere, NOW, 60, 1).alarms == 360, "all are counted"
    assert load.points_since == NOW - 4
    assert {one.times for one in load.frequent(everywhere, 60, 100)} == {2}
