"""When hosts are to be armed and what is said of one that is not: beside a second model that goes from minute to minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.alarms.armed import Armed, State
from fengsui.features.alarms.arming import Lapse, follows_arming, lapse_of
from fengsui.features.alarms.model import AlarmHost, AlarmPoint, Arming
from fengsui.features.alarms.schedules import Schedules
from fengsui.features.recording import Calendar, Hours, minutes_of
from fengsui.wire.dc09.content import Content
from fengsui.wire.dc09.events import reports

CHINA = timezone(timedelta(hours=8))
HOLIDAY, WORKED = date(2026, 10, 1), date(2026, 10, 10)
CALENDAR = Calendar(CHINA, {HOLIDAY}, {WORKED})
EVERY_NIGHT = Hours(tuple(range(1, 9)), minutes_of("22:00"), minutes_of("06:00"))
MONDAY = datetime(2026, 9, 14, tzinfo=CHINA)


def kind_of(day: date) -> int:
    """As the calendar of the test has it."""
    return 8 if day == HOLIDAY else 5 if day == WORKED else day.isoweekday()


def due_at(hours: list[Hours], minute: datetime) -> bool:
    """By spans of minutes, each counted from the midnight of its own day."""
    for back in (0, 1):
        midnight = minute.replace(hour=0, minute=0) - timedelta(days=back)
        at = (minute - midnight).total_seconds() / 60
        for one in hours:
            end = one.end if one.begin < one.end else one.end + 1_440
            if kind_of(midnight.date()) in one.days and one.begin <= at < end:
                return True
    return False


def said_at(due: dict[int, bool], grace: int, since: int, now: int) -> str | None:
    """All of it by lists of minutes."""
    if since > now or not due[now]:
        return None
    if all(due[one] for one in range(since - grace, max(since + grace, now) + 1)):
        return "OPEN"
    return "LATE" if since <= now - grace and all(due[one] for one in range(now - grace, now + 1)) else None


HOURS = st.builds(
    lambda days, begin, end: Hours(tuple(sorted(days)), begin * 15, end * 15),
    st.sets(st.integers(1, 8), min_size=1, max_size=8),
    st.integers(0, 95),
    st.integers(0, 96),
)


@given(st.lists(HOURS, min_size=1, max_size=3), st.integers(0, 60), st.integers(0, 20), st.integers(-900, 900), st.integers(0, 900))
def test_what_is_said_is_what_a_second_model_says(hours: list[Hours], grace: int, day: int, opened: int, later: int) -> None:
    noon = datetime(2026, 9, 25, 12, tzinfo=CHINA) + timedelta(days=day)  # over the holiday and the Saturday that is worked
    minutes = range(-2_000, 2_000)
    due = {one: due_at(hours, noon + timedelta(minutes=one)) for one in minutes if -1_000 <= one <= 1_960}
    since, now = noon.timestamp() + 60 * opened, noon.timestamp() + 60 * (opened + later)
    assert lapse_of(CALENDAR, Arming(tuple(hours), grace), since, now) == said_at(due, grace, opened, opened + later)


@pytest.mark.parametrize(
    ("opened", "now", "said"),
    [
        ("08:00", "22:14", None),
        ("08:00", "22:15", "LATE"),
        ("08:00", "21:59", None),
        ("22:05", "22:19", None),  # closed late, and opened again
        ("22:05", "22:20", "LATE"),
        ("23:00", "23:00", "OPEN"),
        ("21:50", "22:14", None),
    ],
)
def test_a_host_is_late_after_its_grace_and_opened_too_early_at_once(opened: str, now: str, said: Lapse | None) -> None:
    at = [(MONDAY + timedelta(minutes=minutes_of(one))).timestamp() for one in (opened, now)]
    assert lapse_of(CALENDAR, Arming((EVERY_NIGHT,), 15), *at) == said


def test_over_midnight_the_night_is_one_and_somewhat_early_is_not_too_early() -> None:
    plan, night = Arming((EVERY_NIGHT,), 15), MONDAY + timedelta(days=1)
    assert lapse_of(CALENDAR, plan, MONDAY.timestamp() + 8 * 3600, (night + timedelta(hours=2)).timestamp()) == "LATE"
    early = (night + timedelta(hours=5, minutes=50)).timestamp()
    assert lapse_of(CALENDAR, plan, early, early + 300) is None
    too_early = (night + timedelta(hours=5, minutes=40)).timestamp()
    assert lapse_of(CALENDAR, plan, too_early, too_early) == "OPEN"
    assert lapse_of(CALENDAR, plan, too_early, (night + timedelta(hours=22, minutes=20)).timestamp()) == "LATE", "it stayed open"


def test_when_the_clocks_change_the_grace_is_as_long_as_ever() -> None:
    berlin = Calendar(ZoneInfo("Europe/Berlin"))
    plan = Arming((Hours((7,), minutes_of("02:30"), minutes_of("08:00")),), 15)
    back = datetime(2026, 10, 25, tzinfo=UTC)  # 02:30 comes twice, at 00:30 and 01:30 UTC
    opened = (back - timedelta(hours=5)).timestamp()
    said = {one: lapse_of(berlin, plan, opened, (back + timedelta(minutes=one)).timestamp()) for one in range(0, 130)}
    assert [one for one in said if said[one]] == [*range(45, 60), *range(105, 130)], (
        "it is to be armed twice: by the clock on the wall"
    )
    forth = datetime(2026, 3, 29, tzinfo=UTC)  # 02:30 does not come: from 03:00 on, 01:00 UTC
    opened = (forth - timedelta(hours=5)).timestamp()
    late = [one for one in range(0, 90) if lapse_of(berlin, plan, opened, (forth + timedelta(minutes=one)).timestamp())]
    assert late == list(range(75, 90))


def point(kind: str = "detector") -> AlarmPoint:
    return AlarmPoint(1, 1, "5", "金库门", kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("token", "data", "follows"),
    [
        *(("ADM-CID", f"#4321|1{code} 01 005", True) for code in ("130", "131", "132", "134", "136", "146")),
        *(("ADM-CID", f"#4321|1{code} 01 005", False) for code in ("100", "110", "120", "121", "122", "133", "137", "139", "144")),
        *(("ADM-CID", f"#4321|1{code} 01 005", False) for code in ("151", "155", "301", "350", "383", "423", "1AA", "199")),
        *(
            ("SIA-DCS", f"#4321|Nri1/{code}005", code == "BA")
            for code in ("BA", "BV", "BM", "PA", "HA", "FA", "TA", "UA", "GA", "ZZ")
        ),
        ("SIA-DCS", "#4321|what is that", False),
    ],
)
def test_only_burglary_waits_for_being_armed(token: str, data: str, follows: bool) -> None:
    (report,) = reports(token, Content(data))
    assert follows_arming(report, point()) is follows
    assert not follows_arming(report, point("button")), "a button is pressed by somebody"


def test_what_a_host_told_wins_over_what_was_to_be() -> None:
    host = AlarmHost(1, "dc09", "4321", "", "520102", False, 0.0, None, {"5": point()}, Arming((EVERY_NIGHT,)))
    (burglary,) = reports("SIA-DCS", Content("#4321|Nri1/BA005"))
    (opening,) = reports("SIA-DCS", Content("#4321|Nri1/OP001"))
    (closing,) = reports("SIA-DCS", Content("#4321|Nri1/CL001"))
    night, noon = MONDAY.timestamp() - 3600, MONDAY.timestamp() + 12 * 3600
    kept = Schedules(CALENDAR)
    rings = [kept.rings(host, host.points["5"], burglary, at) for at in (night, noon)]
    assert rings == [True, False]
    kept.hear(host, closing, noon)
    assert kept.rings(host, host.points["5"], burglary, noon)
    kept.hear(host, opening, night)
    assert not kept.rings(host, host.points["5"], burglary, night)
    nobody_said = AlarmHost(1, "dc09", "4321", "", "520102", False, 0.0, None, {"5": point()})
    assert kept.rings(nobody_said, point(), burglary, noon), "as ever where nobody said when"


def test_a_host_is_armed_where_all_of_it_is_and_open_since_the_first_part_was() -> None:
    armed = Armed()
    assert armed.whole("4321") is None
    armed.set("4321", "01", armed=True, at=1.0)
    armed.set("4321", "2", armed=False, at=2.0)
    armed.set("4321", "3", armed=False, at=3.0)
    armed.set("4321", "2", armed=False, at=4.0)
    assert armed.whole("4321") == State(False, 2.0) and (armed.of("4321", "1"), armed.of("4321", "9")) == (True, None)
    armed.set("4321", "", armed=True, at=5.0)
    assert armed.whole("4321") == State(True, 5.0) and armed.of("4321", "2")
    kept = armed.copy()
    armed.set("4321", "", armed=False, at=6.0)
    assert kept.of("4321", "") is True


def test_a_frame_that_comes_again_says_nothing_new() -> None:
    kept, opening, burglary = Schedules(CALENDAR), *(reports("SIA-DCS", Content(f"#4321|Nri1/{one}")) for one in ("OP001", "BA005"))
    assert not kept.is_new("4321", "burglary", burglary)
    heard = [kept.is_new("4321", key, opening) for key in ("closed", "opened", "closed", "opened", "other", "closed")]
    assert heard == [True, True, False, False, True, True]
