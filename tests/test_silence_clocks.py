"""When an alarm host counts as silent, and which have one alarm together."""

from __future__ import annotations

import random

from fengsui.features.alarms.model import AlarmHost
from fengsui.features.alarms.silence_clocks import Gathering, SilenceClocks


def host(id: int, area: str = "520102") -> AlarmHost:
    return AlarmHost(id, "dc09", f"{id:X}", "", area, False, 0.0, None, {})


def test_a_host_is_silent_when_its_interval_and_the_grace_are_over() -> None:
    clocks = SilenceClocks(0, 0.25)
    clocks.follow("A", 60, 100.0)
    assert clocks.run_out(174.9, lambda _: 100.0) == []
    assert clocks.run_out(175.0, lambda _: 100.0) == ["A"]
    assert clocks.run_out(1_000.0, lambda _: 100.0) == [], "once"


def test_whatever_is_heard_sets_the_clock_on() -> None:
    clocks = SilenceClocks(0, 0.25)
    clocks.follow("A", 60, 0.0)
    assert clocks.run_out(76.0, lambda _: 70.0) == []
    assert clocks.run_out(144.9, lambda _: 70.0) == []
    assert clocks.run_out(145.0, lambda _: 70.0) == ["A"]


def test_a_host_without_an_interval_has_the_nodes_and_0_lets_it_be_silent() -> None:
    clocks = SilenceClocks(10, 0)
    clocks.follow("A", None, 0.0)
    clocks.follow("B", 0, 0.0)
    assert (clocks.interval_s(None), clocks.interval_s(0), clocks.interval_s(7)) == (10, None, 7)
    assert clocks.run_out(1e9, lambda _: 0.0) == ["A"]
    assert SilenceClocks(0, 0).interval_s(None) is None


def test_who_is_gone_or_followed_anew_has_one_clock() -> None:
    clocks = SilenceClocks(10, 0)
    clocks.follow("A", 5, 0.0)
    clocks.follow("A", 50, 0.0)
    clocks.follow("B", 5, 0.0)
    clocks.leave("B")
    assert clocks.run_out(49.0, lambda _: 0.0) == []
    assert clocks.run_out(50.0, lambda _: 0.0) == ["A"]


def test_each_of_many_is_found_exactly_once_at_its_time() -> None:
    chance, clocks = random.Random(6), SilenceClocks(60, 0.25)
    heard = {f"{at:X}": chance.uniform(0, 60) for at in range(2_000)}
    for account in heard:
        clocks.follow(account, None, 0.0)
    found: dict[str, int] = {}
    for now_s in range(200):
        for account in clocks.run_out(float(now_s), heard.__getitem__):
            assert account not in found
            found[account] = now_s
    assert all(0 <= found[account] - (at_s + 75) < 1 for account, at_s in heard.items())


def test_few_have_an_alarm_each_and_many_one_by_area() -> None:
    gathering = Gathering(3, 60)
    few = gathering.sort([host(1), host(2)], 0.0)
    assert ([one.id for one in few.alone], few.together) == ([1, 2], {})
    many = gathering.sort([host(1), host(2), host(3), host(4, "520103")], 0.0)
    assert [one.id for one in many.together["520102"]] == [1, 2, 3] and [one.id for one in many.alone] == [4]
    assert not many.joining


def test_those_that_were_told_alone_a_moment_before_count_and_later_ones_join() -> None:
    gathering = Gathering(3, 60)
    gathering.note({"520102": [10, 11]}, (), 0.0)
    assert gathering.sort([host(3)], 61.0).together == {}, "too long ago"
    assert list(gathering.sort([host(3)], 60.0).together) == ["520102"] and gathering.alone("520102", 60.0) == [10, 11]
    gathering.note({}, ["520102"], 60.0)
    assert gathering.alone("520102", 60.0) == []
    joined = gathering.sort([host(4)], 119.0)
    assert list(joined.together) == ["520102"] and joined.joining == {"520102"}
    assert [one.id for one in gathering.sort([host(5)], 121.0).alone] == [5]
