"""One body a codec: any octets give a value that can be written again, or the codec's named error. All else is a finding."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from fengsui.wire.errors import WireError
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import OtherCommand, encode, parse
from fengsui.wire.gb28181.ptz import PtzCommand
from fengsui.wire.gb28181.xml_text import decode, parse_xml
from fengsui.wire.gb_code import GbCode, kind_of
from fengsui.wire.mansrtsp import MansrtspRequest, MansrtspResponse
from fengsui.wire.sdp import SessionDescription
from fengsui.wire.sip.digest import Challenge, Credentials
from fengsui.wire.sip.framing import StreamFramer
from fengsui.wire.sip.headers import CSeq, NameAddr, SipUri, expires_of, response_to, tag_of, user_of
from fengsui.wire.sip.message import SipRequest, parse_message
from fengsui.wire.sip.transactions import key_of_response, replay_key


def sip_message(octets: bytes) -> None:
    """A datagram, and everything that the endpoint asks of its headers."""
    message = parse_message(octets)
    parse_message(message.to_bytes())
    headers = message.headers
    user_of(headers.get("from"))
    tag_of(headers.get("to"))
    expires_of(headers)
    for read in (lambda: CSeq.parse(headers.get("cseq")), lambda: NameAddr.parse(headers.get("from"))):
        with suppress(WireError):
            read()
    if isinstance(message, SipRequest):
        replay_key(message, "192.0.2.1", 5060)
        response_to(message, 200, source=("192.0.2.1", 5060), to_tag="t").to_bytes()
        SipUri.parse(message.uri)
    else:
        key_of_response(message)


def sip_stream(octets: bytes) -> None:
    """A TCP connection in two parts: the same messages wherever it is cut."""
    cut = octets[0] % (len(octets) or 1) if octets else 0
    whole, parted = StreamFramer(), StreamFramer()
    found: list[list[bytes]] = [[], []]
    for framer, parts, messages in ((whole, [octets], found[0]), (parted, [octets[:cut], octets[cut:]], found[1])):
        with suppress(WireError):
            for part in parts:
                framer.push(part)
                while (message := framer.pull()) is not None:
                    messages.append(message)
    assert found[0] == found[1]


def digest(octets: bytes) -> None:
    """Both headers."""
    text = octets.decode("latin-1")
    for read in (Credentials.parse, Challenge.parse):
        with suppress(WireError):
            read("Digest " + text)


def session_description(octets: bytes) -> None:
    """An offer or answer, written and read again."""
    found = SessionDescription.parse(octets)
    SessionDescription.parse(found.to_bytes())


def playback_control(octets: bytes) -> None:
    """MANSRTSP requests and answers."""
    for read in (MansrtspRequest.parse, MansrtspResponse.parse):
        with suppress(WireError):
            read(read(octets).to_bytes())


def manscdp(octets: bytes) -> None:
    """A body of any edition; what was read is written and read to the same in the newest."""
    found = parse(octets)
    if not isinstance(found, OtherCommand):
        again = parse(encode(found, edition=Edition.V2022))
        assert type(again) is type(found)
    encode(found, edition=Edition.V2014)


def xml_text(octets: bytes) -> None:
    """Charsets and repair."""
    decode(octets)
    parse_xml(octets)


def ptz_command(octets: bytes) -> None:
    """Sixteen digits."""
    found = PtzCommand.parse(octets.decode("latin-1"))
    assert PtzCommand.parse(found.to_text()) == found


def gb_code(octets: bytes) -> None:
    """Twenty digits."""
    text = octets.decode("latin-1")
    kind_of(text)
    assert GbCode.parse(text).digits == text


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        sip_message, sip_stream, digest, session_description, playback_control, manscdp, xml_text, ptz_command, gb_code
    )
}  # fmt: skip


def take(target: str, octets: bytes) -> None:
    """The body of one run: the codec's own errors are what it promises."""
    with suppress(WireError):
        TARGETS[target](octets)
