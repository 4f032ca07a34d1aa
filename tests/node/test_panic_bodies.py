"""Whatever is sent as a press is answered: taken as it is said, or refused with a reason; never an error of the node."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.alarms import LONGEST_TEXT, PANIC_PROTOCOL
from fengsui.features.panic_links.endpoints import read_press
from fengsui.features.panic_links.model import MOST_ADDRESSES, PanicLink, PanicMalformed, Strangers, call_of
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.panic import link, press
from tests.node.test_alarms import on_disk

GATE = PanicLink(1, "0f" * 6, "东门", "张某", "110", "520102", "", 106.7, 26.5, "0" * 64, True, 0.0)
degrees = st.floats(-90, 90, allow_nan=False)
said = st.fixed_dictionaries(
    {"key": st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=64)},
    optional={
        "pressed_at": st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()),
        "text": st.text(max_size=100),
        "trial": st.booleans(),
        "accuracy_m": st.floats(0, 1e7, allow_nan=False),
    },
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["key", "pressed_at", "longitude", "text"]), inner),
    max_leaves=8,
)


@given(said, st.none() | st.tuples(degrees, degrees))
def test_what_the_page_says_becomes_an_alarm_that_fits_its_table(body: dict[str, Any], where: tuple[float, float] | None) -> None:
    if where is not None:
        body |= {"longitude": where[0], "latitude": where[1]}
    try:
        found = read_press(json.dumps(body).encode())
    except PanicMalformed:  # a time zone with seconds, which RFC 3339 has not
        assert "pressed_at" in body or any(0xD800 <= ord(one) < 0xE000 for one in body.get("text", ""))
        return
    call = call_of(GATE, found, now=1.8e9)
    assert (call.source, call.site, call.who, call.area, call.protocol) == (GATE.number, "东门", "张某", "520102", PANIC_PROTOCOL)
    assert call.longitude is not None and call.latitude is not None, "where the phone is, or the place"
    assert len(call.text) <= LONGEST_TEXT and call.trial is body.get("trial", False)
    assert call.at is None or 1.8e9 - 31 * 86_400 < call.at < 1.8e9 + 2 * 86_400


@given(st.binary(max_size=200) | anything.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_refused_and_nothing_of_it_repeated(raw: bytes) -> None:
    try:
        found = read_press(raw)
    except PanicMalformed as error:
        assert len(error.text_en) < 1_000
    else:
        assert 8 <= len(found.key) <= 64


@given(st.lists(st.integers(0, 3 * MOST_ADDRESSES), max_size=50))
def test_addresses_are_forgotten_before_there_are_too_many(some: list[int]) -> None:
    strangers = Strangers()
    for number in some:
        strangers.take(str(number), 0.0)
    assert len(strangers) == len(set(some))
    for number in range(MOST_ADDRESSES):
        strangers.take(f"flood {number}", 1.0)
    assert len(strangers) == MOST_ADDRESSES


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"null", 422),
        (b"[]", 422),
        (b"\xff\xfe", 422),
        (b'{"key": "short"}', 422),
        (b'{"key": "press-001", "longitude": 1}', 422),
        (b'{"key": "press-001", "longitude": 1e999, "latitude": 0}', 422),
        (b'{"key": "press-001", "longitude": NaN, "latitude": NaN}', 422),
        (b'{"key": "press-001", "pressed_at": "yesterday"}', 422),
        (b'{"key": "press-001", "more": 1}', 422),
        (b'{"key": "press-001", "text": "\\ud800"}', 422),
        (b"[" * 4_000, 422),
        (b'{"key": "press-001", "text": "' + b"x" * 5_000 + b'"}', 413),
    ],
)
async def test_a_press_that_cannot_be_read_is_refused_with_the_reason(tmp_path: Any, body: bytes, status: int) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        await refused(node, body, status)


async def refused(node: RunningNode, body: bytes, status: int) -> None:
    _, token = await link(node)
    answer = await press(node, token, body)
    assert (answer.status_code, answer.json()["code"].partition(".")[0]) == (status, "panic"), answer.text
    assert on_disk(node) == 0
    odd = await press(node, token, {"text": "a\x00b\u202ec", "pressed_at": "0001-01-01T00:00:00+14:00"})
    assert odd.status_code == 201, odd.text
