"""What a host's silence is worth while the node heard nobody."""

from __future__ import annotations

from fengsui.features.alarms.outages import MOST, Outage, Outages, Steps


def test_time_in_which_nobody_was_heard_does_not_count_and_overlaps_count_once() -> None:
    outages = Outages([Outage(100, 200)])
    outages.add(300, 400)
    outages.add(150, 250)
    assert list(outages) == [Outage(100, 250), Outage(300, 400)]
    assert outages.listened_s(0, 500) == 250
    assert outages.listened_s(200, 500) == 150
    assert outages.listened_s(420, 500) == 80
    outages.add(90, 600)
    assert list(outages) == [Outage(90, 600)]


def test_a_clock_that_was_set_back_makes_nobody_silent() -> None:
    outages = Outages()
    outages.add(1_000, 400)
    assert list(outages) == [] and outages.listened_s(1_000, 400) == 0
    outages.add(900, 1_000)  # of before it was set
    assert outages.listened_s(300, 400) == 100


def test_the_longest_are_kept_and_in_order() -> None:
    outages = Outages()
    for at in range(1, 2 * MOST + 1):
        outages.add(at * 1_000, at * 1_000 + at)
    kept = list(outages)
    assert len(kept) == MOST and kept == sorted(kept) and kept[0].from_at == (MOST + 1) * 1_000


def test_a_wall_clock_that_leaps_is_told_from_time_that_passes() -> None:
    steps = Steps(1_000.0, 10.0)
    assert steps.leap_s(1_001.0, 11.0) == 0
    assert steps.leap_s(90_002.0, 12.0) == 89_000
    assert steps.leap_s(90_003.0, 13.0) == 0
    assert steps.leap_s(1_003.0, 14.0) == 0, "set back"
