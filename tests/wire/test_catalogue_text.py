"""A catalogue read without a tree says what its tree says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem, CatalogueNotification, CatalogueText, read_items
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import Manscdp, encode, parse
from fengsui.wire.gb28181.xml_text import Fields, parse_xml

CODE = "34020000001320000001"
words = st.text(st.characters(codec="gb18030", exclude_categories=["C", "Z"]), max_size=20)
items = st.builds(
    CatalogueItem,
    st.from_regex(r"[0-9]{6,20}", fullmatch=True),
    words,
    words,
    words,
    civil_code=st.sampled_from(["", "520102"]),
    parental=st.integers(0, 65535),
    parents=st.lists(st.from_regex(r"[0-9]{20}", fullmatch=True), max_size=2).map(tuple),
    status=st.sampled_from(["", "ON", "OFF"]),
    longitude=st.just(106.5),
    latitude=st.just(26.5),
    business_group=st.sampled_from(["", "34020000002150000001"]),
    ptz_type=st.integers(0, 5),
    **{name: st.just("") for name in ("owner", "address", "resolution", "event")},
    stream_numbers=st.just(()),
    register_way=st.just(1),
    secrecy=st.just(0),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(items, max_size=5).map(tuple), st.booleans(), st.sampled_from([Edition.V2016, Edition.V2022]))
def test_both_ways_read_the_same(listed: tuple[CatalogueItem, ...], told: bool, edition: Edition) -> None:
    message: Manscdp = (CatalogueNotification if told else CatalogueAnswer)(7, CODE, 9, listed)
    octets = encode(message, edition=edition)
    assert parse(octets).items == read_items(Fields(parse_xml(octets)))  # type: ignore[union-attr]
    as_text = parse(octets, as_text=True)
    if isinstance(as_text, CatalogueText):
        assert as_text.read() == parse(octets)
        assert as_text.is_notification == told
    else:
        assert not listed or b"&" in octets, "what is plain is not read the long way"


HEAD = f"<Response><CmdType>Catalog</CmdType><SN>1</SN><DeviceID>{CODE}</DeviceID><SumNum>1</SumNum><DeviceList Num='1'>".replace(
    "'", '"'
)


@pytest.mark.parametrize(
    "inside",
    [
        f"<Item><DeviceID>{CODE}</DeviceID><Name/><Status>ON</Status></Item>",
        f"<Item><DeviceID>{CODE}</DeviceID><Name a='1'>门</Name></Item>",
        f"<Item><DeviceID>{CODE}</DeviceID><Info><PTZType>1</PTZType><Deep><A>1</A></Deep></Info></Item>",
        f"<Item><DeviceID>{CODE}</DeviceID><name>first</name><Name>second</Name></Item>",
        f"<Item>\n<DeviceID> {CODE} </DeviceID>\n</Item>\n",
        f"<Item><DeviceID>{CODE}</DeviceID><!-- x --></Item>",
        "<Item><Name>no id</Name></Item>",
    ],
    ids=["empty element", "attribute", "deeper", "twice", "blanks", "comment", "no id"],
)
def test_odd_items_are_read_as_their_tree_says(inside: str) -> None:
    octets = f"{HEAD}{inside}</DeviceList></Response>".encode()
    found = parse(octets, as_text=True)
    read = found.read() if isinstance(found, CatalogueText) else found
    assert isinstance(read, CatalogueAnswer)
    assert read.items == read_items(Fields(parse_xml(octets)))
