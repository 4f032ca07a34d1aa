"""Where a device's playback is: as it was ordered, and only as long as pictures come."""

from __future__ import annotations

from math import inf

from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from fengsui.features.live.playhead import GROUP_S, OBEYS_S, SILENT_S, SLOW, STALL_S, Playhead, Shown

SINCE, UNTIL = 1_000.0, 1_600.0


def looked(head: Playhead, from_s: float, to_s: float, frames_a_second: float) -> None:
    """Once a second, with pictures between."""
    for now in range(int(from_s) + 1, int(to_s) + 1):
        head.look(head.frames + int(frames_a_second), float(now))


def test_it_passes_with_the_clock_at_the_speed_that_was_ordered() -> None:
    head = Playhead(SINCE, UNTIL, 0.0)
    looked(head, 0, 10, 10)
    assert head.time(10) == 1_010
    head.order(10, speed=4)
    looked(head, 10, 20, 40)
    assert head.time(20) == 1_050
    head.order(20, paused=True)
    looked(head, 20, 90, 0)
    assert (head.time(90), head.is_silent(90)) == (1_050, False), "who was told to pause is not silent"
    head.order(90)
    looked(head, 90, 95, 40)
    assert head.time(95) == 1_070, "at the speed it had"
    head.order(95, at=1_300)
    assert head.time(100) == 1_320
    looked(head, 95, 400, 40)
    assert head.time(400) == UNTIL and head.is_near_end(400)


def test_it_stands_while_no_picture_comes_and_goes_on_from_there() -> None:
    head = Playhead(SINCE, UNTIL, 0.0)
    looked(head, 0, 10, 10)
    looked(head, 10, 20, 0)
    assert head.time(20) == 1_010, "when the last picture came"
    assert STALL_S < 10 < SILENT_S and not head.is_silent(20)
    looked(head, 20, 25, 10)
    assert head.time(25) == 1_014
    looked(head, 25, 41, 0)
    assert head.is_silent(41)


def test_a_device_that_only_says_that_it_pauses_is_found_out() -> None:
    head = Playhead(SINCE, UNTIL, 0.0)
    looked(head, 0, 5, 10)
    head.order(5, paused=True)
    head.look(head.frames + 3, 5 + OBEYS_S - 0.5)
    assert head.paused and not head.deaf, "what was under way"
    looked(head, 7, 10, 10)
    assert head.deaf and not head.paused and head.time(10) > 1_005


def test_what_plays_on_beyond_its_end_is_found_out_whatever_it_was_told() -> None:
    head = Playhead(SINCE, SINCE + 20, 0.0)
    looked(head, 0, 10, 10)
    left_s = 20 + GROUP_S - 10 * SLOW
    assert head.beyond_in(10) == approx(left_s / SLOW), "it began at the key frame before, and may be a little slow"
    head.order(10, speed=2)
    assert head.beyond_in(10) == approx(left_s / SLOW), "it may have said yes, and play as it did"
    head.order(10, speed=2, said=True)
    assert head.beyond_in(10) == approx(left_s / SLOW / 2)
    head.order(10, paused=True)
    assert head.beyond_in(10) == inf
    looked(head, 10, 13, 10)
    assert head.deaf and head.beyond_in(13) == approx(left_s / SLOW / 2 - 3), "nor was it paused while it only said so"
    head.order(16, paused=True)
    head.order(16)
    looked(head, 16, 19, 10)
    assert head.time(19) == SINCE + 20 and head.beyond_in(19) == 0, "no pause begins the end anew"


def test_what_was_shown_is_told_in_pieces() -> None:
    head = Playhead(SINCE, UNTIL, 0.0)
    looked(head, 0, 10, 10)
    assert head.take_shown(10) == Shown(1_000, 1_010, 1.0, 100)
    assert head.take_shown(10) is None
    looked(head, 10, 12, 10)
    assert head.take_shown(12) == Shown(1_010, 1_012, 1.0, 20)
    head.order(12, at=1_500, speed=2)
    looked(head, 12, 15, 20)
    assert head.take_shown(15) == Shown(1_500, 1_506, 2.0, 60)


orders = st.tuples(
    st.floats(0, 5), st.integers(0, 50), st.sampled_from(["pause", "go", "seek", "speed", "look"]), st.floats(0.25, 8)
)


@given(st.lists(orders, max_size=30))
def test_it_never_leaves_the_period_whatever_is_ordered(said: list[tuple[float, int, str, float]]) -> None:
    head, now = Playhead(SINCE, UNTIL, 0.0), 0.0
    for passed, frames, what, number in said:
        now += passed
        head.look(head.frames + frames, now)
        if what == "seek":
            head.order(now, at=SINCE + number * 100)
        elif what != "look":
            head.order(now, speed=number if what == "speed" else None, paused=what == "pause")
        assert SINCE <= head.time(now) <= UNTIL
        shown = head.take_shown(now)
        assert shown is None or SINCE <= shown.since <= UNTIL
