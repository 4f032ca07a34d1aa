"""The engine's reader of usual frames says what the reader in Python says, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.features.alarms.model import body_key
from fengsui.features.alarms.reception import _told, _told_plainly
from fengsui.media import read_alarm_frame
from fengsui.wire.dc09.answers import ack
from fengsui.wire.dc09.content import opened
from fengsui.wire.dc09.envelope import Envelope, framed
from fengsui.wire.dc09.sending import Sender, request
from tests.wire.dc09 import frames

AT = datetime(2026, 3, 2, 8, 20, tzinfo=UTC)
DIGITS = "0123456789abcdefABCDEF"
SIGNS = st.sampled_from(
    [*'"[]#|_^/\\*,:-0123456789aAfFLRN \n\r\x00\x7f', "é", "SIA-DCS", "ADM-CID", "NULL", "ACK", "L0#1234[", "_08:20:00,03-02-2026"]
)
printable = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\]'), max_size=40)


def compared(raw: bytes) -> bool:
    """Whether the engine reads it."""
    read = read_alarm_frame(raw)
    if read is None:
        return False
    envelope = Envelope.read(raw)
    content = opened(envelope, None)
    account = (envelope.account or "").upper()
    key = body_key(account, envelope.token, envelope.sequence, content)
    sent_s = None if content.sent_at is None else content.sent_at.timestamp()
    assert read == (envelope.token, envelope.sequence, account, content.data, sent_s, key, ack(envelope, None, AT))
    assert content.extended == ()
    assert _told_plainly(read[0], account, content.data) == _told(envelope.token, content)
    return True


@given(
    st.text(DIGITS, min_size=3, max_size=16),
    st.text(DIGITS, max_size=6),
    st.none() | st.text(DIGITS, min_size=1, max_size=6),
    st.sampled_from(["SIA-DCS", "ADM-CID", "NULL"]),
    st.integers(0, 9999),
    printable,
    st.booleans(),
    st.none() | st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)),
)
def test_a_usual_frame_is_read_as_by_the_reference(
    account: str, line: str, receiver: str | None, token: str, sequence: int, data: str, named: bool, sent_at: datetime | None
) -> None:
    sender = Sender(account, line, receiver)
    data = f"#{account}|{data}" if named else data
    assert compared(request(sender, token, sequence, data, sent_at=sent_at)[1:-1])


@given(st.sampled_from(frames.ALL_IN_CLEAR), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 3), SIGNS), max_size=4))
def test_what_is_otherwise_is_read_as_by_the_reference_or_left_to_it(raw: bytes, edits: list[tuple[int, int, str]]) -> None:
    text = raw[raw.index(b'"') : raw.rindex(b"\r") if raw.endswith(b"\r") else None].decode("latin-1")
    for at, over, sign in edits:
        text = text[:at] + sign + text[at + over :]
    compared(framed(text.encode())[1:-1])


@given(st.binary(max_size=120))
def test_any_octets_are_left_or_right(octets: bytes) -> None:
    compared(octets)
    compared(framed(octets)[1:-1])


@pytest.mark.parametrize("zone", ["001", "900"])
def test_what_hosts_say_is_read_once_for_all_of_them(zone: str) -> None:
    first, second = (_told_plainly("SIA-DCS", account, f"#{account}|Nri1/BA{zone}") for account in ("A0001", "A0002"))
    assert first is second and first[0][0].number == zone
