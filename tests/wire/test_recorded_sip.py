"""SIP of real programs and devices, and the torture messages of RFC 4475, as fixtures. Origins: tests/fixtures/origin.toml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fengsui.wire.errors import WireError
from fengsui.wire.gb28181.catalog import CatalogueAnswer, CatalogueItem
from fengsui.wire.gb28181.device_facts import DeviceInfo
from fengsui.wire.gb28181.manscdp import Keepalive, parse
from fengsui.wire.sdp import SessionDescription
from fengsui.wire.sip.digest import Challenge, Credentials
from fengsui.wire.sip.framing import StreamFramer
from fengsui.wire.sip.headers import CSeq, NameAddr, branch_of, response_to, tag_of, user_of
from fengsui.wire.sip.message import SipMessage, SipRequest, SipResponse, parse_message

FIXTURES = Path(__file__).parent.parent / "fixtures"
RECORDED = FIXTURES / "gb28181"
DATAGRAMS = sorted(RECORDED.rglob("*.sip"))
STREAMS = sorted(RECORDED.rglob("*.stream"))


def message(name: str) -> SipMessage:
    return parse_message((RECORDED / name).read_bytes())


def framed(stream: bytes, cut: int) -> Iterator[bytes]:
    """The messages of `stream` pushed in two parts. Recording stopped amid one: what waits then is less than a message."""
    framer = StreamFramer()
    for part in (stream[:cut], stream[cut:]):
        framer.push(part)
        while (one := framer.pull()) is not None:
            yield one


@pytest.mark.parametrize("path", DATAGRAMS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_recorded_message_is_read_and_written_again(path: Path) -> None:
    found = parse_message(path.read_bytes())
    CSeq.parse(found.headers.get("cseq"))
    NameAddr.parse(found.headers.get("from"))
    assert found.headers.get("call-id")
    again = parse_message(found.to_bytes())
    assert type(again) is type(found)
    assert again.body == found.body
    kept = [line for line in found.headers if line[0] != "content-length"]
    assert [line for line in again.headers if line[0] != "content-length"] == kept


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_recorded_connections_are_cut_into_the_same_messages_at_every_byte(path: Path) -> None:
    stream = path.read_bytes()
    wanted = list(framed(stream, 0))
    assert len(wanted) == 8
    assert len(stream) - sum(map(len, wanted)) == (0 if path.stem == "to-platform" else 526)
    for cut in range(len(stream)):
        assert list(framed(stream, cut)) == wanted, f"cut at {cut}"
    for one in wanted:
        parse_message(one)


def test_a_device_that_registers_with_digest_is_answered_as_recorded() -> None:
    challenge = Challenge.parse(message("device-a/02-401.sip").headers.get("www-authenticate"))
    register = message("device-a/03-register.sip")
    credentials = Credentials.parse(register.headers.get("authorization"))
    assert (credentials.nonce, credentials.realm, credentials.algorithm) == (challenge.nonce, challenge.realm, "MD5")
    assert isinstance(register, SipRequest)
    assert user_of(register.uri) == "", "it registers at the bare domain"
    assert user_of(register.headers.get("contact")) == "34020000001320000002"


def test_what_that_device_tells_unasked_is_read() -> None:
    code = "34020000001320000002"
    assert parse(message("device-a/05-message.sip").body) == Keepalive(1, code)
    assert parse(message("device-a/06-message.sip").body) == DeviceInfo(1, code, "OK", "Superdock", "StrawberryInno", "test", "1.0")
    item = CatalogueItem(code, "ch1", "StrawberryInno", "v1", status="ON")
    assert parse(message("device-a/08-message.sip").body) == CatalogueAnswer(1, code, 1, (item,))


def test_a_device_that_makes_up_its_nonce_never_answers_the_challenge() -> None:
    for challenged, tried in (("02-401", "01-register"), ("04-401", "03-register"), ("02-401", "03-register")):
        nonce = Challenge.parse(message(f"device-b/{challenged}.sip").headers.get("www-authenticate")).nonce
        assert Credentials.parse(message(f"device-b/{tried}.sip").headers.get("authorization")).nonce != nonce


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_tcp_device_with_the_faults_of_the_capture_is_understood(codec: str) -> None:
    sent = [parse_message(one) for one in framed((RECORDED / f"srs-bench-{codec}/to-platform.stream").read_bytes(), 0)]
    accepted = next(one for one in sent if isinstance(one, SipResponse) and one.status == 200)
    assert (accepted.body, tag_of(accepted.headers.get("to"))) == (b"", ""), "no SDP, no tag"
    beats = [one for one in sent if isinstance(one, SipRequest) and one.method == "MESSAGE"]
    vias = [one.headers.get("via").count("SIP/2.0/TCP") for one in beats]
    assert vias == sorted(vias) and len(set(vias)) == len(vias) > 1, "every keep-alive grows the list"
    for beat in beats:
        assert isinstance(parse(beat.body), Keepalive)
        assert branch_of(beat.headers) == branch_of(sent[0].headers), "the first of the list is that of its REGISTER"
        answer = response_to(beat, 200, source=("192.0.2.7", 4000), to_tag="t")
        first, _, rest = answer.headers.get("via").partition(",")
        assert first.endswith(";rport=4000;received=192.0.2.7")
        assert rest == beat.headers.get("via").partition(",")[2]


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_the_offer_of_that_platform_has_a_tcp_line_without_setup(codec: str) -> None:
    asked = [parse_message(one) for one in framed((RECORDED / f"srs-bench-{codec}/to-device.stream").read_bytes(), 0)]
    invite = next(one for one in asked if isinstance(one, SipRequest) and one.method == "INVITE")
    offer = SessionDescription.parse(invite.body)
    assert offer.video is not None
    assert (offer.video.over_tcp, offer.video.setup, offer.video.port, len(offer.ssrc)) == (True, "", 9000, 10)


def test_a_datagram_wins_over_a_content_length_that_is_too_large_but_a_stream_waits_for_the_rest() -> None:
    octets = (RECORDED / "uvp/invite-realplay.sip").read_bytes()
    found = parse_message(octets)
    assert int(found.headers.get("content-length")) == 207 > len(found.body)
    assert SessionDescription.parse(found.body).ssrc == "0100000001"
    framer = StreamFramer()
    framer.push(octets.replace(b"\n", b"\r\n"))
    assert framer.pull() is None


# RFC 4475: §3.1.1 are valid, of the others these cannot be read as messages at all.
VALID = (
    "wsinv", "intmeth", "esc01", "escnull", "esc02", "lwsdisp", "longreq", "dblreq", "semiuri", "transports", "mpart01",
    "unreason", "noreason",
)  # fmt: skip
UNREADABLE = ("badvers", "bigcode", "lwsruri", "lwsstart", "ncl")


@pytest.mark.parametrize("name", VALID)
def test_the_valid_torture_messages_are_accepted(name: str) -> None:
    found = parse_message((FIXTURES / "sip" / "rfc4475" / f"{name}.dat").read_bytes())
    CSeq.parse(found.headers.get("cseq"))


def test_octets_behind_a_whole_message_without_a_body_are_not_its_body() -> None:
    assert parse_message((FIXTURES / "sip" / "rfc4475" / "dblreq.dat").read_bytes()).body == b""


@pytest.mark.parametrize("name", UNREADABLE)
def test_the_unreadable_torture_messages_are_named_errors(name: str) -> None:
    with pytest.raises(WireError):
        parse_message((FIXTURES / "sip" / "rfc4475" / f"{name}.dat").read_bytes())


@pytest.mark.parametrize("name", ["scalar02", "scalarlg"])
def test_numbers_beyond_their_field_are_named_errors(name: str) -> None:
    found = parse_message((FIXTURES / "sip" / "rfc4475" / f"{name}.dat").read_bytes())
    with pytest.raises(WireError):
        CSeq.parse(found.headers.get("cseq"))
