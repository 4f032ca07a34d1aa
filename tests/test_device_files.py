"""Whatever a device answers about its recordings, a list comes of it: in order, and honest about what is missing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.live.device_files import DeviceFile, Listing, joined, parts_of, query_of
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import Manscdp, OtherCommand, encode, parse
from fengsui.wire.gb28181.records import RecordAnswer, RecordItem
from fengsui.wire.gb28181.xml_text import Fields, parse_xml

CHANNEL, SINCE, UNTIL = "52010200001320000001", 1_714_528_800.0, 1_714_532_400.0
"""Beijing 2024-05-01 10:00 to 11:00."""
odd = ["", "2024-05-01T10:20:00Z", "2024-05-01 10:30:00.500", "2024-13-01T00:00:00", "0000-00-00T00:00:00", "9999-12-31T23:59:59"]
usual = [f"2024-05-01T{hour:02}:{minute:02}:00" for hour in (9, 10, 11) for minute in range(0, 60, 5)]
octets = st.binary(max_size=20).map(lambda said: said.decode("latin-1"))
times = st.one_of(st.sampled_from(usual), st.sampled_from(odd), octets)
items = st.builds(RecordItem, st.just(CHANNEL), start=times, end=times, kind=st.sampled_from(["time", "ALARM", "", "other"]))
totals = st.one_of(st.none(), st.integers(-5, 50))
answers = st.builds(RecordAnswer, st.just(1), st.just(CHANNEL), total=totals, items=st.lists(items, max_size=5).map(tuple))
broken = st.just(OtherCommand("Response", "RecordInfo", 1, CHANNEL, Fields(parse_xml(b"<Response/>"))))


@given(st.lists(st.one_of(answers, broken), max_size=12))
def test_no_answer_breaks_the_list(said: list[Manscdp]) -> None:
    listing = Listing(SINCE, UNTIL)
    for one in said:
        listing.add(one)
    found = joined([listing])
    assert list(found.files) == sorted(found.files)
    assert all(SINCE <= one.since < one.until <= UNTIL for one in found.files)
    assert len(set(found.files)) == len(found.files) and found.unreadable <= found.came
    of_records = [one for one in said if isinstance(one, RecordAnswer)]
    assert found.came == sum(len(one.items) for one in of_records)
    if found.whole:
        assert len(of_records) == len(said) and found.came >= max(one.total or 0 for one in of_records)


@given(answers, st.sampled_from(Edition))
def test_an_answer_is_read_from_the_wire_as_it_was_written(answer: RecordAnswer, edition: Edition) -> None:
    try:
        octets = encode(answer, edition=edition)
    except ValueError:
        return  # a text that XML cannot hold
    listing = Listing(SINCE, UNTIL)
    listing.add(parse(octets))
    assert listing.came == len(answer.items)


def test_a_list_that_comes_in_disorder_twice_and_over_the_borders_is_put_right() -> None:
    said = ["10:50:00 11:30:00", "09:00:00 10:10:00", "10:20:00 10:40:00", "10:20:00 10:40:00", "10:45:00 10:44:00"]
    listing = Listing(SINCE, UNTIL)
    for one in said:
        start, end = (f"2024-05-01T{time}" for time in one.split())
        listing.add(RecordAnswer(1, CHANNEL, total=5, items=(RecordItem(CHANNEL, start=start, end=end),)))
    found = joined([listing])
    assert [(one.since - SINCE, one.until - SINCE) for one in found.files] == [(0, 600), (1200, 2400), (3000, 3600)]
    assert (found.told, found.came, found.unreadable, found.whole) == (5, 5, 1, True)


def test_a_long_time_is_asked_for_in_parts_and_what_they_cut_is_one_again() -> None:
    parts = list(parts_of(SINCE, SINCE + 2.5 * 86_400))
    assert [until - since for since, until in parts] == [86_400, 86_400, 43_200]
    asked = query_of(7, CHANNEL, SINCE + 0.4, UNTIL - 0.4)
    assert (asked.start, asked.end, asked.kind) == ("2024-05-01T10:00:00", "2024-05-01T11:00:00", "all")
    listings = [Listing(since, until, told=1, came=1) for since, until in parts]
    for listing in listings:
        listing.files.add(DeviceFile(listing.since, listing.until, "time"))
    assert joined(listings).files == (DeviceFile(SINCE, SINCE + 2.5 * 86_400, "time"),)
    listings[1].told = None
    assert not joined(listings).whole
