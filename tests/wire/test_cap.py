"""CAP 1.2: what others write is read, what is wrong has a name, what we write is by the schema and read as the same again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.wire.cap.message import Area, CapMessage, Circle, Info, Reference, parse, write
from fengsui.wire.cap.words import Category, Certainty, MessageType, ResponseType, Scope, Severity, Status, Urgency
from fengsui.wire.errors import MalformedCap
from tests.wire.cap_messages import CAP_ALERT

ORDER = [
    *("identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction", "addresses", "code", "note"),
    *("references", "incidents", "info"),
]
INFO_ORDER = [
    *("language", "category", "event", "responseType", "urgency", "severity", "certainty", "audience", "eventCode", "effective"),
    *(
        "onset",
        "expires",
        "senderName",
        "headline",
        "description",
        "instruction",
        "web",
        "contact",
        "parameter",
        "resource",
        "area",
    ),
]
AREA_ORDER = ["areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling"]


def test_a_message_of_others_is_read() -> None:
    found = parse(CAP_ALERT)
    (info,) = found.infos
    assert found.own == Reference("alarm@city.example", "city-2026-000418", datetime(2026, 3, 2, 0, 16, 40, tzinfo=UTC))
    assert (found.status, found.kind, found.scope) == (Status.ACTUAL, MessageType.ALERT, Scope.RESTRICTED)
    assert (info.categories, info.severity, info.parameters) == ((Category.FIRE,), Severity.SEVERE, (("alarmId", "A-77120"),))
    assert info.areas == (Area("East tunnel", circles=(Circle(26.578, 106.713, 0.8),)),)
    assert info.areas[0].middle == (26.578, 106.713)


def test_other_encodings_and_the_order_of_elements_do_not_matter() -> None:
    assert parse(CAP_ALERT.decode().replace("UTF-8", "UTF-16").encode("utf-16")) == parse(CAP_ALERT)
    moved = CAP_ALERT.replace(b"<sender>alarm@city.example</sender>", b"").replace(
        b"<info>", b"<sender> alarm@city.example </sender><code>x</code><info>"
    )
    assert parse(moved) == parse(CAP_ALERT)


ENTITY = b'<!DOCTYPE alert [<!ENTITY a "b">]>'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<alert", ENTITY + b"<alert"),
        (b"<alert", b'<!DOCTYPE alert SYSTEM "file:///etc/passwd"><alert'),
        (b"city-2026-000418", b"a b"),
        (b"city-2026-000418", b"&undefined;"),
        (b"2026-03-02T08:16:40+08:00</sent>", b"yesterday</sent>"),
        (b"2026-03-02T08:16:40+08:00</sent>", b"2026-02-30T08:16:40+08:00</sent>"),
        (b"2026-03-02T08:16:40+08:00</sent>", b"0001-01-01T00:00:00+14:00</sent>"),
        (b">Actual<", b">Real<"),
        (b">Alert<", b">Update<"),
        (b"<restriction>fire and police desks</restriction>", b""),
        (b"<category>Fire</category>", b""),
        (b">Severe<", b">Bad<"),
        (b"26.578,106.713 0.8", b"126.578,106.713 0.8"),
        (b"26.578,106.713 0.8", b"nan,106.713 0.8"),
        (b"<circle>26.578,106.713 0.8</circle>", b"<polygon>1,1 2,2 1,1</polygon>"),
        (b"<circle>26.578,106.713 0.8</circle>", b"<polygon>1,1 2,2 3,3 4,4</polygon>"),
        (b"cap:1.2", b"cap:9"),
        (b"</alert>", b""),
        (b"<info>", b"<a><b><c><d><e><f><g><h><i/></h></g></f></e></d></c></b></a><info>"),
        (b"<info>", b"<a/>" * 6_000 + b"<info>"),
    ],
)
def test_what_is_wrong_is_named(old: bytes, new: bytes) -> None:
    assert CAP_ALERT.count(old) >= 1
    with pytest.raises(MalformedCap):
        parse(CAP_ALERT.replace(old, new, 1))


LETTER = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"], exclude_characters="\ufffe\uffff")
TEXT = st.text(LETTER, max_size=30)
SAID = TEXT.filter(lambda one: one.strip() == one and one != "")
NAME = st.from_regex(r"[A-Za-z0-9.@:_-]{1,40}", fullmatch=True)
ZONE = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SENT = st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1), timezones=ZONE).map(lambda at: at.replace(microsecond=0))
REFERENCE = st.builds(Reference, NAME, NAME, SENT)
DEGREES = st.integers(-89_000_000, 89_000_000).map(lambda one: one / 1e6)
POSITION = st.tuples(DEGREES, DEGREES)
POLYGON = st.lists(POSITION, min_size=3, max_size=6).map(lambda some: (*some, some[0]))
CIRCLE = st.builds(Circle, DEGREES, DEGREES, st.integers(0, 40_000_000).map(lambda one: one / 1e3))
AREA = st.builds(Area, SAID, st.lists(POLYGON, max_size=2).map(tuple), st.lists(CIRCLE, max_size=2).map(tuple))
INFO = st.builds(
    Info,
    st.lists(st.sampled_from(Category), min_size=1, max_size=3).map(tuple),
    SAID,
    st.sampled_from(Urgency),
    st.sampled_from(Severity),
    st.sampled_from(Certainty),
    st.sampled_from(["zh-CN", "en-US"]),
    st.lists(st.sampled_from(ResponseType), max_size=2).map(tuple),
    TEXT,
    TEXT,
    TEXT,
    st.lists(st.tuples(SAID, TEXT), max_size=2).map(tuple),
    st.lists(AREA, max_size=2).map(tuple),
)
MESSAGE = st.builds(
    CapMessage,
    REFERENCE,
    st.sampled_from(Status),
    st.sampled_from(MessageType),
    st.sampled_from(Scope),
    st.lists(INFO, max_size=2).map(tuple),
    st.lists(REFERENCE, min_size=1, max_size=3).map(tuple),
    SAID,
    SAID,
    TEXT,
)


def by_the_schema(octets: bytes) -> None:
    """What the schema says of order, and §3.3.2 of times."""
    root = ET.fromstring(octets)
    names = [one.tag.partition("}")[2] for one in root]
    assert names == sorted(names, key=ORDER.index)
    for needed in ("identifier", "sender", "sent", "status", "msgType", "scope"):
        assert names.count(needed) == 1
    for info in root.iter("{*}info"):
        inner = [one.tag.partition("}")[2] for one in info]
        assert inner == sorted(inner, key=INFO_ORDER.index)
        for needed in ("event", "urgency", "severity", "certainty"):
            assert inner.count(needed) == 1
    for area in root.iter("{*}area"):
        inner = [one.tag.partition("}")[2] for one in area]
        assert inner == sorted(inner, key=AREA_ORDER.index) and inner.count("areaDesc") == 1
    sent = root.findtext("{*}sent") or ""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", sent)


@given(MESSAGE)
def test_what_is_written_is_by_the_schema_and_read_as_the_same(message: CapMessage) -> None:
    written = write(message)
    by_the_schema(written)
    assert parse(written) == message


@given(st.binary(max_size=200))
def test_any_octets_are_a_message_or_a_named_error(octets: bytes) -> None:
    for one in (octets, CAP_ALERT[: len(octets) * 5] + octets + CAP_ALERT[len(octets) * 5 :]):
        try:
            parse(one)
        except MalformedCap:
            continue
