"""What can be marked, and with which words: any given time and text is one bookmark, or a named error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.bookmarks.model import (
    AHEAD,
    LONGEST,
    MOST_TEXT,
    Span,
    UnusableBookmark,
    UnusableWords,
    micros_of,
    moment_of,
    words_of,
)

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES)


@given(TIMES)
def test_a_moment_is_kept_to_the_microsecond_in_whatever_zone_it_is_said(at: datetime) -> None:
    assert moment_of(micros_of(at)) == at


@given(TIMES, st.none() | TIMES)
def test_any_times_are_a_span_or_a_named_error(since: datetime, until: datetime | None) -> None:
    end = since if until is None else until
    fits = since <= end <= NOW + AHEAD and end - since <= LONGEST
    try:
        span = Span.marked(since, until, NOW)
    except UnusableBookmark:
        assert not fits
        return
    assert fits and (moment_of(span.since_us), moment_of(span.until_us)) == (since, end)
    assert span.footage.since <= span.footage.until and span.text


@given(st.text(max_size=600))
def test_any_text_is_words_that_are_seen_or_a_named_error(text: str) -> None:
    try:
        words = words_of(text)
    except UnusableWords:
        seen = [one for one in text if one.isprintable() and not one.isspace()]
        assert not seen or len(text) > MOST_TEXT
        return
    assert 1 <= len(words) <= MOST_TEXT and words == words.strip()
    assert all(one.isprintable() or one == "\n" for one in words)
    assert words_of(words) == words, "what is kept is kept as it is when it comes again"
    words.encode()


def test_what_is_looked_through_is_bounded() -> None:
    assert Span.asked(NOW - timedelta(days=31), NOW).until_us == micros_of(NOW)
    for since, until in ((NOW, NOW), (NOW, NOW - timedelta(seconds=1)), (NOW - timedelta(days=32), NOW)):
        with pytest.raises(UnusableBookmark):
            Span.asked(since, until)
