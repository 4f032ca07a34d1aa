"""SIP messages, framing and digest: recorded messages, torture messages, and whatever bytes come."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.wire.errors import MalformedSip, WireError
from fengsui.wire.sip.digest import Challenge, Credentials
from fengsui.wire.sip.framing import StreamFramer
from fengsui.wire.sip.headers import CSeq, NameAddr, SipUri, expires_of, response_to, tag_of, user_of
from fengsui.wire.sip.message import Headers, SipRequest, SipResponse, parse_message

FIXTURES = Path(__file__).parent.parent / "fixtures"
TORTURE = sorted((FIXTURES / "sip" / "rfc4475").glob("*.dat"))
token = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12).filter(lambda name: name != "content-length")
value = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=40)


@given(st.lists(st.tuples(token, value), max_size=8), st.binary(max_size=200))
def test_what_is_written_is_read_again(lines: list[tuple[str, str]], body: bytes) -> None:
    request = SipRequest("MESSAGE", "sip:1@2", Headers(lines), body)
    found = parse_message(request.to_bytes())
    assert isinstance(found, SipRequest)
    kept = [(name, value) for name, value in found.headers if name != "content-length"]
    assert kept == [(name, value) for name, value in request.headers if name != "content-length"]
    assert found.body == body


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_message_or_a_named_error(octets: bytes) -> None:
    with suppress(WireError):
        parse_message(octets)


@given(st.binary(max_size=300), st.integers(0, 300))
def test_any_change_to_a_real_message_is_a_message_or_a_named_error(noise: bytes, at: int) -> None:
    octets = (FIXTURES / "gb28181" / "GbRegisterRequest.sip").read_bytes()
    with suppress(WireError):
        message = parse_message(octets[:at] + noise + octets[at + len(noise) :])
        with suppress(WireError):
            CSeq.parse(message.headers.get("cseq"))
            NameAddr.parse(message.headers.get("from"))
        user_of(message.headers.get("from"))
        expires_of(message.headers)


@pytest.mark.parametrize("path", TORTURE, ids=lambda path: path.stem)
def test_torture_messages_never_crash_the_parser(path: Path) -> None:
    octets = path.read_bytes()
    with suppress(WireError):
        message = parse_message(octets)
        with suppress(WireError):
            CSeq.parse(message.headers.get("cseq"))
    framer = StreamFramer()
    framer.push(octets)
    with suppress(WireError):
        while framer.pull() is not None:
            pass


def test_a_real_cameras_register_is_read() -> None:
    request = parse_message((FIXTURES / "gb28181" / "GbRegisterRequest.sip").read_bytes())
    assert isinstance(request, SipRequest)
    assert request.method == "REGISTER"
    assert user_of(request.headers.get("from")) == "34020000001320000001"
    assert expires_of(request.headers) == 3600
    assert SipUri.parse(request.uri) == SipUri("34020000002000000001", "3402000000")


def test_a_stream_is_cut_into_its_messages_at_every_split() -> None:
    first = SipRequest("MESSAGE", "sip:1@2", Headers([("Call-ID", "a")]), b"body one").to_bytes()
    second = SipResponse(200, "OK", Headers([("Call-ID", "b")])).to_bytes()
    stream = b"\r\n\r\n" + first + b"\r\n" + second
    for cut in range(len(stream)):
        framer, found = StreamFramer(), []
        for part in (stream[:cut], stream[cut:]):
            framer.push(part)
            while (message := framer.pull()) is not None:
                found.append(message)
        assert found == [first, second], f"cut at {cut}"


def test_a_stream_without_content_length_cannot_be_followed() -> None:
    framer = StreamFramer()
    framer.push(b"MESSAGE sip:1@2 SIP/2.0\r\nCall-ID: a\r\n\r\nbody")
    with pytest.raises(MalformedSip):
        framer.pull()


def test_a_stream_that_never_ends_its_headers_is_given_up() -> None:
    framer = StreamFramer(max_head_bytes=1000)
    framer.push(b"x" * 1001)
    with pytest.raises(MalformedSip):
        framer.pull()


@pytest.mark.parametrize(
    ("qop", "cnonce", "wanted"),
    [("", "", "8529f102be620b87882b9b172f8b7e05"), ("auth", "0a4f113b", "56f8cd2734949480f16e202194c64f04")],
)
def test_the_sheets_digest_vectors(qop: str, cnonce: str, wanted: str) -> None:
    challenge = Challenge("3402000000", "7c1d5a90e3b24f68", qop=qop)
    credentials = challenge.answer(
        username="34020000001180000001",
        password="example-secret",
        method="REGISTER",
        uri="sip:34020000002000000001@3402000000",
        cnonce=cnonce,
    )
    assert credentials.response == wanted
    sent = Credentials.parse(credentials.to_text())
    assert sent == credentials
    assert sent.verify("example-secret", "REGISTER")
    assert not sent.verify("another", "REGISTER")


@given(st.text(max_size=300))
def test_any_text_is_credentials_or_a_named_error(text: str) -> None:
    with suppress(WireError):
        Credentials.parse("Digest " + text)
    with suppress(WireError):
        Challenge.parse("Digest " + text)


def test_an_answer_says_where_the_request_came_from() -> None:
    via = "SIP/2.0/UDP 10.0.0.9:5060;rport;branch=z9hG4bK1"
    request = SipRequest("REGISTER", "sip:1@2", Headers([("Via", via), ("From", "<sip:1@2>;tag=a"), ("To", "<sip:1@2>")]))
    answer = response_to(request, 401, source=("192.0.2.7", 40000), to_tag="t")
    assert answer.headers.get("via") == "SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK1;rport=40000;received=192.0.2.7"
    assert tag_of(answer.headers.get("to")) == "t"
