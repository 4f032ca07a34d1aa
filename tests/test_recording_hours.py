"""Schedules of recording: by the clock on the wall, over midnight, over the change of the clocks, on holidays and worked days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.recording.calendar import DAY_MIN, HOLIDAY, Calendar, Hours, minutes_of, text_of

CHINA = timezone(timedelta(hours=8))
NATIONAL_DAY, WORKED_SATURDAY = date(2026, 10, 1), date(2026, 10, 10)
CALENDAR = Calendar(CHINA, {NATIONAL_DAY}, {WORKED_SATURDAY})
SCHOOL = Hours((1, 2, 3, 4, 5), minutes_of("07:00"), minutes_of("18:00"))
NIGHTS = Hours((5, HOLIDAY), minutes_of("22:00"), minutes_of("06:00"))


def within(*hours: Hours, at: datetime, calendar: Calendar = CALENDAR) -> bool:
    return calendar.moment(at.timestamp()).within(hours)


def test_hours_hold_on_their_days_from_the_minute_to_the_minute() -> None:
    monday = datetime(2026, 9, 14, tzinfo=CHINA)
    assert not within(SCHOOL, at=monday.replace(hour=6, minute=59, second=59))
    assert within(SCHOOL, at=monday.replace(hour=7))
    assert within(SCHOOL, at=monday.replace(hour=17, minute=59, second=59))
    assert not within(SCHOOL, at=monday.replace(hour=18))
    assert not within(SCHOOL, at=monday.replace(hour=12) - timedelta(days=1)), "Sunday"


def test_holidays_and_worked_weekends_are_other_days_than_the_week_says() -> None:
    thursday = datetime(2026, 10, 1, 12, tzinfo=CHINA)
    assert not within(SCHOOL, at=thursday)
    assert within(SCHOOL, at=thursday - timedelta(days=7))
    assert within(SCHOOL, at=datetime(2026, 10, 10, 12, tzinfo=CHINA)), "a Saturday that is worked"
    assert within(NIGHTS, at=thursday.replace(hour=23))
    assert within(NIGHTS, at=thursday.replace(hour=3) + timedelta(days=1)), "the night that began on the holiday"
    assert not within(NIGHTS, at=thursday.replace(hour=3)), "the night before it began on a Wednesday"


def test_an_hour_that_comes_twice_is_recorded_twice_and_one_that_is_left_out_not_at_all() -> None:
    berlin = Calendar(ZoneInfo("Europe/Berlin"))
    small_hours = Hours((7,), minutes_of("02:00"), minutes_of("03:00"))
    back, forth = datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC)
    minutes = [within(small_hours, at=back + timedelta(minutes=one), calendar=berlin) for one in range(180)]
    assert sum(minutes) == 120
    assert not any(within(small_hours, at=forth + timedelta(minutes=one), calendar=berlin) for one in range(180))


@given(st.integers(0, DAY_MIN - 1), st.integers(0, DAY_MIN), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_what_holds_every_day_holds_as_long_as_it_says(begin: int, end: int, day: datetime) -> None:
    every = Hours(tuple(range(1, 9)), begin, end)
    start = day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=CHINA)
    minutes = sum(within(every, at=start + timedelta(minutes=one)) for one in range(0, DAY_MIN, 10))
    expected = (end - begin) % DAY_MIN or DAY_MIN
    assert abs(minutes * 10 - expected) <= 10
    assert (minutes_of(text_of(begin)), minutes_of(text_of(end))) == (begin, end)
