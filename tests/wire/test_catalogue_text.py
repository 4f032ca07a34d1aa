"""A catalogue read without a tree says what its tree says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.wire.gb28181 import catalog
from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem, CatalogueNotification, CatalogueText, read_items
from fengsui.wire.gb28181.catalog_details import DETAILS, NOTHING_SAID, Detail, ItemDetails
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import Manscdp, encode, parse
from fengsui.wire.gb28181.xml_text import Fields, parse_xml

CODE = "34020000001320000001"
words = st.text(st.characters(codec="gb18030", exclude_categories=["C", "Z"]), max_size=20)
codes = st.integers(1, 3)
angles = st.none() | st.floats(0.25, 360).map(lambda number: round(number, 3))
times = st.sampled_from(["", "2026-02-03T04:05:06"])
KINDS: dict[str, st.SearchStrategy[Any]] = {"str": words, "int | None": st.none() | codes, "float | None": angles}
OF_ITS_OWN: dict[str, st.SearchStrategy[Any]] = {
    "safety_way": st.sampled_from([None, 0, 2, 3, 4]),
    "certificate_valid": st.sampled_from([None, 0, 1]),
    "secrecy": st.sampled_from([0, 1]),
    "room": st.sampled_from([None, 1, 2]),
    "register_way": st.integers(1, 4),
    "certificate_end": times,
    "installed_at": times,
    "security_level": st.sampled_from(["", "A", "B", "C"]),
    "ip_address": st.sampled_from(["", "192.0.2.64", "2001:db8::1"]),
    "port": st.none() | st.integers(1, 65_535),
    "imaging": st.lists(st.sampled_from([1, 2, 3, 9]), max_size=3).map(tuple),
    "capture_position": st.sampled_from(["", "0170100"]),
    "grassroots": st.sampled_from(["", "001002"]),
    "mac": st.sampled_from(["", "00-1B-44-11-3A-B7"]),
    "functions": st.lists(st.sampled_from(["01", "05", "99"]), max_size=3).map(tuple),
    "unreadable": st.just(()),
}
"""What is neither any text nor one of the codes 1 to 3."""
details = st.builds(
    ItemDetails,
    **{name: OF_ITS_OWN.get(name, KINDS.get(kind.__forward_arg__)) for name, kind in ItemDetails.__annotations__.items()},
)
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
    address=st.just(""),
    event=st.just(""),
    stream_numbers=st.just(()),
    details=details,
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


@settings(max_examples=150, deadline=None)
@given(items, st.sampled_from([Edition.V2011, Edition.V2016, Edition.V2022]))
def test_whatever_an_item_says_survives_the_wire(item: CatalogueItem, edition: Edition) -> None:
    absent = {one.attribute: getattr(NOTHING_SAID, one.attribute) for one in DETAILS if not one.since <= edition <= one.until}
    wanted = item._replace(details=item.details._replace(**absent))
    found = parse(encode(CatalogueAnswer(7, CODE, 1, (item,)), edition=edition))
    assert isinstance(found, CatalogueAnswer)
    assert found.items == (wanted,)


def test_each_detail_has_its_place_in_the_editions_that_have_it() -> None:
    assert tuple(one.attribute for one in DETAILS) == ItemDetails._fields[:-1]
    for edition, (outer, inner) in ((Edition.V2016, catalog._ORDER_2016), (Edition.V2022, catalog._ORDER_2022)):
        for one in DETAILS:
            known = one.since <= edition <= one.until
            assert ((one.element in outer) is (known and not one.within)) and ((one.element in inner) is (known and one.within))
        assert "Password" not in (*outer, *inner)


def read_item(inside: str) -> CatalogueItem:
    """By both ways."""
    octets = f"{HEAD}<Item><DeviceID>{CODE}</DeviceID>{inside}</Item></DeviceList></Response>".encode()
    found = parse(octets)
    assert isinstance(found, CatalogueAnswer)
    assert found.items == read_items(Fields(parse_xml(octets)))
    return found.items[0]


@pytest.mark.parametrize(
    ("element", "said", "wanted"),
    [
        ("RoomType", "2", 2),
        ("RoomType", "0", None),
        ("SupplyLightType", "02", 2),
        ("Port", "0", None),
        ("Port", "5060", 5060),
        ("MAC", "001b.4411.3ab7", None),
        ("MAC", "00:1b:44:11:3a:b7", "00-1B-44-11-3A-B7"),
        ("MAC", "001B44113AB7", "00-1B-44-11-3A-B7"),
        ("InstallTime", "2024-5-1", "2024-05-01T00:00:00"),
        ("InstallTime", "2024-05-01 08:09:10.000", "2024-05-01T08:09:10"),
        ("EndTime", "0", ""),
        ("FunctionType", "1/2,99", ("01", "02", "99")),
        ("PhotoelectricImagingType", "0", ()),
        ("PhotoelectricImagingType", "1/2", (1, 2)),
        ("MaxViewDistance", "0", None),
        ("MaxViewDistance", "150.5", 150.5),
        ("Owner", "长" * 300, "长" * 256),
    ],
)
def test_a_detail_is_read_as_makers_write_it(element: str, said: str, wanted: object) -> None:
    detail = next(one for one in DETAILS if one.element == element)
    if wanted is None and element == "MAC":
        assert read_item(f"<Info><{element}>{said}</{element}></Info>").details.unreadable == ("MAC",)
        return
    for inside in (f"<{element}>{said}</{element}>", f"<Info><{element.lower()}> {said} </{element.lower()}></Info>"):
        if "Info" in inside and not detail.within:
            continue
        read = read_item(inside).details
        assert getattr(read, detail.attribute) == (getattr(NOTHING_SAID, detail.attribute) if wanted is None else wanted)
        assert read.unreadable == ()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(DETAILS), st.text(max_size=30) | words), max_size=8), st.booleans())
def test_no_odd_value_costs_an_item_and_each_is_named(said: list[tuple[Detail, str]], within: bool) -> None:
    texts = {one.element.lower(): text.strip() for one, text in said}
    item = (
        CatalogueItem.of_texts({"deviceid": CODE}, texts) if within else CatalogueItem.of_texts(*[{"deviceid": CODE, **texts}] * 2)
    )
    assert item.device_id == CODE
    for one in DETAILS:
        if one.element in item.details.unreadable:
            assert getattr(item.details, one.attribute) == getattr(NOTHING_SAID, one.attribute)
            assert texts[one.element.lower()]


def test_an_items_password_goes_no_further() -> None:
    inside = "<Name>门</Name><Password>hunter2</Password><password>hunter3</password><Status>ON</Status>"
    octets = f"{HEAD}<Item><DeviceID>{CODE}</DeviceID>{inside}</Item></DeviceList></Response>".encode()
    as_text = parse(octets, as_text=True)
    assert isinstance(as_text, CatalogueText), "it is not read the long way for that"
    assert "hunter" not in repr(as_text) and "hunter" not in repr(as_text.read())
    plain = parse(octets.replace(b"<Password>hunter2</Password><password>hunter3</password>", b""), as_text=True)
    assert as_text == plain, "nor does another password make another item"
    for written in (encode(as_text, edition=edition) for edition in (Edition.V2016, Edition.V2022)):
        assert b"assword" not in written


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
