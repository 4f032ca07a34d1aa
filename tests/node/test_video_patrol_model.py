"""When rounds of a video patrol are due, and what counts as looked at. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from fengsui.features.live.deliveries import Deliveries
from fengsui.features.video_patrols.errors import UnusablePatrol, UnusableSnapshot
from fengsui.features.video_patrols.model import Outcome, Plan, Round, RoundState, Sitting, Stop, StopResult, next_stop
from fengsui.features.video_patrols.plans import Wanted
from fengsui.features.video_patrols.snapshots import MOST_OCTETS, size_of_jpeg
from fengsui.media import EventKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
STOPS = (Stop("52010200001320000001", "积水", 10), Stop("52010200001320000002", "大门", 20))


def plan(*times: str, weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)) -> Plan:
    return Plan(1, 1, 1, "夜巡", STOPS, times, weekdays, 1800, 1, "duty", 0.0)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()


def test_rounds_are_due_at_their_times_of_the_nodes_day() -> None:
    night = plan("22:00", "01:30")
    found = night.dues(at("2026-11-27T21:00"), at("2026-11-28T22:00"), SHANGHAI)
    assert found == [at("2026-11-27T22:00"), at("2026-11-28T01:30"), at("2026-11-28T22:00")]
    assert night.dues(at("2026-11-27T22:00"), at("2026-11-27T23:00"), SHANGHAI) == [], "what was due before is not due again"
    assert plan().dues(0.0, at("2026-11-28T22:00"), SHANGHAI) == [], "by hand"


def test_days_of_the_week_are_kept() -> None:
    friday = plan("08:00", weekdays=(5,))
    assert friday.dues(at("2026-11-23T00:00"), at("2026-11-30T00:00"), SHANGHAI) == [at("2026-11-27T08:00")]


@pytest.mark.parametrize("times", [("24:00",), ("08:00", "08:00"), ("8:00",)])
def test_a_time_is_one_of_the_clock_and_stands_once(times: tuple[str, ...]) -> None:
    with pytest.raises(UnusablePatrol):
        Wanted("夜巡", STOPS, times, (1,), 600).check()


def test_a_plan_leaves_time_enough_for_its_stops() -> None:
    with pytest.raises(UnusablePatrol):
        Wanted("夜巡", (Stop("52010200001320000001", "积水", 600), *STOPS), (), (), 600).check()
    with pytest.raises(UnusablePatrol):
        Wanted("夜巡", STOPS, ("08:00",), (), 600).check()


def test_what_counts_is_the_least_of_player_node_and_clock() -> None:
    sitting = Sitting("s", 4.0, now_s=100.0)
    assert sitting.watched_s(50.0, 30.0, now_s=103.0) == 7.0, "never more than has gone by"
    assert sitting.watched_s(50.0, 5.0, now_s=150.0) == 9.0, "nor than the node delivered"
    assert sitting.watched_s(8.0, 60.0, now_s=200.0) == 12.0, "nor than the picture played"
    assert sitting.watched_s(0.0, 60.0, now_s=210.0) == 12.0, "and it never goes back"


def test_the_next_stop_is_the_first_without_an_outcome() -> None:
    done, still = StopResult(1, "a", outcome=Outcome.CONFIRMED), StopResult(2, "b")
    assert (next_stop([done, still]), next_stop([done])) == (2, 0)


def test_in_time_is_done_before_its_time_is_over() -> None:
    late = Round(1, 1, 1, 1, 100.0, 200.0, False, RoundState.DONE, ended_at=201.0)
    assert not late.in_time


class Joined:
    """As the engine tells it."""

    def __init__(self, kind: EventKind, session: str) -> None:
        self.kind, self.session = kind, session


def test_a_picture_is_delivered_while_somebody_reads_it_and_it_moves() -> None:
    told, frames = Deliveries(), {"s": 10}

    def look(now_s: float) -> float:
        told.look({"s": None}, frames.get, now_s)
        return told.delivered_s("s")

    told.follow("s", 0.0)
    assert [look(1.0), look(2.0)] == [0.0, 0.0], "nobody reads"
    told.take(Joined(EventKind.READER_JOINED, "s"))  # type: ignore[arg-type]
    frames["s"] = 20
    assert look(3.0) == 1.0
    assert look(4.0) == 1.0, "it stands still"
    frames["s"] = 30
    assert look(60.0) == 4.0, "a pause of the node proves nothing"
    told.take(Joined(EventKind.READER_LEFT, "s"))  # type: ignore[arg-type]
    frames["s"] = 40
    assert look(61.0) == 4.0
    told.look({}, frames.get, 62.0)
    assert told.delivered_s("s") == 0.0, "it has ended"


def jpeg(width: int, height: int) -> bytes:
    """Its first segments, and its end."""
    app = b"\xff\xe0\x00\x04\x00\x00"
    frame = b"\xff\xc0\x00\x0b\x08" + height.to_bytes(2) + width.to_bytes(2) + b"\x01\x01\x11\x00"
    return b"\xff\xd8" + app + frame + b"\xff\xd9"


def test_a_snapshot_is_a_whole_jpeg_within_bounds() -> None:
    assert size_of_jpeg(jpeg(1280, 720)) == (1280, 720)
    wrong = (b"", b"GIF89a", jpeg(1280, 720)[:-2], jpeg(9000, 720), jpeg(1280, 4), b"\xff\xd8\xff\xd9", bytes(MOST_OCTETS + 1))
    for octets in wrong:
        with pytest.raises(UnusableSnapshot):
            size_of_jpeg(octets)
