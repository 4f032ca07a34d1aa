"""Which pieces are fetched, how fast, and when again: pure."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.filling.model import (
    FIRST_AGAIN_S,
    LEAST_S,
    MOST_AGAIN_S,
    MOST_ATTEMPTS,
    PIECE_S,
    Fill,
    Span,
    again_at,
    is_covered,
    missing_in,
    pieces_of,
    rest_s,
    speed_for,
)

SECONDS = st.integers(0, 20_000).map(float)
SPANS = st.lists(st.tuples(SECONDS, st.integers(1, 4_000)).map(lambda one: Span(one[0], one[0] + one[1])), max_size=6)


@given(SECONDS, st.integers(1, 20_000), SPANS)
def test_what_is_missing_is_no_footage_and_all_of_the_rest(since: float, lasting: int, footage: list[Span]) -> None:
    until = since + lasting
    missing = missing_in(since, until, sorted(footage))
    assert missing == sorted(missing)
    for second in range(int(since), int(until)):
        at = second + 0.5
        there = any(one.since <= at < one.until for one in footage)
        told = any(one.since <= at < one.until for one in missing)
        assert not (there and told)
        if not there and not told:  # a rest that is not worth a call
            left = max((one.until for one in footage if one.until <= at), default=since)
            right = min((one.since for one in footage if one.since > at), default=until)
            assert min(right, until) - max(left, since) < LEAST_S


@given(SPANS, SPANS)
def test_pieces_lie_in_a_gap_and_in_one_file_ascend_and_are_fetched_once(gaps: list[Span], files: list[Span]) -> None:
    apart = missing_in(0, 30_000, sorted(gaps))
    pieces = list(pieces_of(apart, files))
    for piece in pieces:
        assert LEAST_S <= piece.until - piece.since <= PIECE_S + LEAST_S
        assert any(one.since <= piece.since and piece.until <= one.until for one in apart)
        assert any(one.since <= piece.since and piece.until <= one.until for one in files)
    for before, after in pairwise(pieces):
        assert before.until <= after.since


def test_it_is_tried_again_later_and_later_for_longer_than_a_day() -> None:
    times = [again_at(0, attempts) for attempts in range(1, MOST_ATTEMPTS)]
    assert times[0] == FIRST_AGAIN_S and times == sorted(times) and max(times) <= MOST_AGAIN_S
    assert sum(times) > 86_400


def test_a_gap_that_is_partly_filled_is_no_new_one() -> None:
    fill = Fill("c", "c/main", 100, 500)
    assert is_covered(Span(100, 500), [fill]) and is_covered(Span(300.5, 500.5), [fill])
    assert not is_covered(Span(100, 900), [fill]) and not is_covered(Span(100, 200), [])


@given(st.text(max_size=12), st.floats(1, 1e8), st.floats(1, 1e9))
def test_a_speed_is_one_that_was_announced_and_within_the_bound(announced: str, rate: float, bound: float) -> None:
    speed = speed_for(announced, rate, bound)
    assert speed == 1 or (str(speed) in announced and speed * rate <= bound)


def test_speeds_and_rests_as_they_are() -> None:
    assert [speed_for("1/2/4", 500_000, bound) for bound in (400_000, 1_000_000, 9_000_000)] == [1, 2, 4]
    assert speed_for("", 500_000, 9_000_000) == 1 and speed_for("8/x/４", 1, 100) == 8
    assert rest_s(10_000, 4.0, 1_000.0) == 6.0 and rest_s(10_000, 40.0, 1_000.0) == 0.0
