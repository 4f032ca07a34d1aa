"""What a device says about where it is: a place and a time, or why none."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.dispatch.datum import from_gcj02, to_gcj02
from fengsui.features.dispatch.fixes import OLDEST_S, Fix, Unfit, fix_of
from fengsui.wire.gb28181.position import Position
from fengsui.wire.sip.headers import BEIJING

PAIRS = (
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
)
NOW = datetime(2026, 12, 1, 8, tzinfo=BEIJING).timestamp()
AT_SEVEN, AT_HALF_PAST_SEVEN = "2026-12-01T07:00:00", "2026-12-01T07:30:00.250"


def fix(time: str = "", reported: str = "") -> Fix | Unfit:
    return fix_of(Position("1", time, 106.7, 26.5), reported, NOW, is_gcj02=False)


def test_the_positions_own_time_counts_before_that_of_the_report() -> None:
    assert fix(AT_HALF_PAST_SEVEN, AT_SEVEN) == (106.7, 26.5, NOW - 1_799.75)
    assert fix("", AT_SEVEN) == (106.7, 26.5, NOW - OLDEST_S)
    assert fix("2026-12-01T06:59:59") is Unfit.OLD


def test_what_has_no_time_or_one_of_the_future_was_measured_now() -> None:
    assert fix() == fix("now") == fix("2026-12-01T09:00:00") == (106.7, 26.5, NOW)


@given(st.none() | st.floats(), st.none() | st.floats(), st.text(max_size=30), st.booleans())
def test_any_position_is_a_place_on_earth_or_a_named_reason(x: float | None, y: float | None, time: str, is_gcj02: bool) -> None:
    found = fix_of(Position("1", time, x, y), "", NOW, is_gcj02=is_gcj02)
    if isinstance(found, Fix):
        assert abs(found.longitude) <= 180 and abs(found.latitude) <= 90 and found.at <= NOW
        assert (x, y) != (0, 0)


def test_published_pairs_of_both_datums() -> None:
    for wgs, gcj in PAIRS:
        x, y = to_gcj02(*wgs)
        assert abs(x - gcj[0]) < 1e-6 and abs(y - gcj[1]) < 1e-6


@given(st.floats(73, 135), st.floats(4, 53))
def test_the_way_back_meets(x: float, y: float) -> None:
    back = from_gcj02(*to_gcj02(x, y))
    assert abs(back[0] - x) < 1e-7 and abs(back[1] - y) < 1e-7
