"""One body a codec: any octets give a value that can be written again, or the codec's named error. All else is a finding."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import cast

from fengsui.account_cipher import AesCbc
from fengsui.alarm_settings import AlarmHostsSection
from fengsui.bus import Bus
from fengsui.clock import SystemClock
from fengsui.features.alarms.batches import AlarmBatches
from fengsui.features.alarms.host_keys import HostKeys
from fengsui.features.alarms.hosts import AlarmHosts, Known
from fengsui.features.alarms.model import AlarmHost
from fengsui.features.alarms.opened import Limits, OpenAlarms
from fengsui.features.alarms.reception import Reception
from fengsui.features.alarms.silence_clocks import SilenceClocks
from fengsui.features.alarms.tables import alarms
from fengsui.features.alarms.waiting import WaitingAlarmHosts
from fengsui.features.audit import Audit
from fengsui.features.audit.checkpoints import Signer, checkpoint_of
from fengsui.features.neighbours.checkpoint_lines import last_of
from fengsui.features.neighbours.standing import receipt_in, standing_in, wanted_in
from fengsui.features.policy.errors import PackFault
from fengsui.features.policy.pack import read as read_pack
from fengsui.features.policy.signing import Envelope
from fengsui.features.recording import Calendar
from fengsui.store import Store
from fengsui.wire.cap.message import parse as parse_cap
from fengsui.wire.cap.message import write as write_cap
from fengsui.wire.dc09.answers import ack, duh
from fengsui.wire.dc09.content import opened
from fengsui.wire.dc09.envelope import MAX_BYTES
from fengsui.wire.dc09.envelope import Envelope as Dc09Envelope
from fengsui.wire.dc09.events import reports
from fengsui.wire.dc09.framing import Framer
from fengsui.wire.errors import WireError
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import OtherCommand, encode, parse
from fengsui.wire.gb28181.person_content import screen
from fengsui.wire.gb28181.ptz import PtzCommand
from fengsui.wire.gb28181.ptz_instructions import read as read_instruction
from fengsui.wire.gb28181.subscription import SubscriptionState
from fengsui.wire.gb28181.xml_text import decode, parse_xml
from fengsui.wire.gb_code import CodeForm, GbCode, form_of, is_gb_code, kind_of
from fengsui.wire.mansrtsp import MansrtspRequest, MansrtspResponse, NptRange
from fengsui.wire.media_format import MediaFormat
from fengsui.wire.sdp import SessionDescription, live_answer
from fengsui.wire.sip.dialogs import Dialog
from fengsui.wire.sip.digest import Challenge, Credentials
from fengsui.wire.sip.framing import StreamFramer
from fengsui.wire.sip.headers import CSeq, NameAddr, SipUri, expires_of, gb_date, parse_gb_date, response_to, tag_of, user_of
from fengsui.wire.sip.message import Headers, SipRequest, parse_message
from fengsui.wire.sip.transactions import cancellation, cancelled_by, key_of_response, replay_key


def sip_message(octets: bytes) -> None:
    """A datagram, and everything that the endpoint asks of its headers."""
    message = parse_message(octets)
    again = parse_message(message.to_bytes())
    assert type(again) is type(message)
    assert again.body == message.body
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
        with suppress(WireError):
            assert cancelled_by(cancellation(message), message)
        port = SipUri.parse(message.uri).port
        assert port is None or port <= 65535
    else:
        key_of_response(message)


DC09_KEY = AesCbc(bytes(range(16)))
AT = datetime(2026, 3, 2, 8, 20, tzinfo=UTC)


def dc09(octets: bytes) -> None:
    """A frame of an alarm host, with and without a key; its answers are frames again."""
    envelope = Dc09Envelope.read(octets)
    for key in (None, DC09_KEY):
        for answer in (ack(envelope, key, AT), duh(envelope)):
            assert Dc09Envelope.read(answer[1:-1]).sequence == envelope.sequence
        with suppress(WireError):
            reports(envelope.token, opened(envelope, key))


def alarm_reception(octets: bytes) -> None:
    """What a host of each kind may send, up to the door of the database: at most one answer to a frame, and that one is a frame."""
    reception, batches = _reception()
    for frame in Framer().feed(octets):
        answers: list[bytes | None] = []
        waiting = batches.waiting
        reception.take(frame, "192.0.2.1", "UDP", answers.append)
        assert len(answers) + batches.waiting - waiting <= 1
        for row in (row for one in batches._frames.values() for row in one.rows()):
            assert all(not isinstance(value, str) or value.isprintable() for value in row.values()), "a database holds it"
            assert all(
                len(str(row[name])) <= alarms.c[name].type.length for name in ("section", "number", "text", "code", "account")
            )
        assert all(Dc09Envelope.read(one[1:-1]).token in {"ACK", "NAK", "DUH"} for one in answers if one is not None)


LIMITS = Limits((30, 90, 600), (60, 180, 1800), (60, 300, 1800), (600, 900, 14_400))


def _reception() -> tuple[Reception, AlarmBatches]:
    """Of two hosts, one with a key; nothing of it is started."""
    store, bus, clock, section = cast("Store", None), Bus(), SystemClock(), AlarmHostsSection()
    waiting = WaitingAlarmHosts(store, bus, clock, section, "520102")
    hosts = AlarmHosts(store, clock, cast("Audit", None), HostKeys(bytes(32)), waiting, SilenceClocks(0, 0), clock, Calendar(UTC))
    for number, (account, cipher) in enumerate((("4321", None), ("12345A", DC09_KEY))):
        host = AlarmHost(number, "dc09", account, "", "520102", cipher is not None, 0.0, None, {})
        hosts._known[account] = Known(host, cipher, 0.0, 0.0)
    batches = AlarmBatches(store, bus, clock, OpenAlarms(LIMITS), section.max_pending)
    return Reception(section, clock, hosts, waiting, batches), batches


def dc09_stream(octets: bytes) -> None:
    """A connection in two parts: the same frames wherever it is cut."""
    cut = octets[0] % (len(octets) or 1) if octets else 0
    whole, parted = Framer(), Framer()
    found = parted.feed(octets[:cut]) + parted.feed(octets[cut:])
    assert len(octets) > MAX_BYTES or found == whole.feed(octets)


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


INVITE = SipRequest(
    "INVITE",
    "sip:34020000001320000001@192.0.2.9",
    Headers.of_lowered(
        [("from", "<sip:1@2>;tag=a"), ("to", "<sip:3@4>"), ("call-id", "c"), ("cseq", "7 INVITE"), ("contact", "<sip:1@192.0.2.1>")]
    ),
    b"",
)


def dialog(octets: bytes) -> None:
    """An answer to our INVITE, or a peer's request and what it sends after: ours within count up and stay of the dialog."""
    SubscriptionState.parse(octets.decode("latin-1"))
    with suppress(WireError):
        message = parse_message(octets)
        if isinstance(message, SipRequest):
            between = Dialog.as_callee(message, response_to(message, 200, source=("192.0.2.1", 5060), to_tag="t"))
            older = between.remote_number
            between.takes(message)
            assert between.remote_number >= older
        else:
            between = Dialog.as_caller(INVITE, message)
            assert not between.acknowledgement("v").body
        number = between.local_number
        for after in (1, 2):
            ours = parse_message(between.request("INFO", "SIP/2.0/UDP 192.0.2.1", body=b"x").to_bytes())
            assert CSeq.parse(ours.headers.get("cseq")).number == number + after
            assert ours.headers.get("call-id") == between.call_id.strip() and ours.body == b"x"


def digest(octets: bytes) -> None:
    """Both headers."""
    text = octets.decode("latin-1")
    with suppress(WireError):
        challenge = Challenge.parse("Digest " + text)
        answer = challenge.answer(username="u", password="p", method="REGISTER", uri="sip:1@2", cnonce="c")
        assert answer.verify("p", "REGISTER")
    with suppress(WireError):
        credentials = Credentials.parse("Digest " + text)
        credentials.verify("p", "REGISTER")
        if not set('"\\') & set("".join((credentials.username, credentials.realm, credentials.nonce, credentials.response))):
            Credentials.parse(credentials.to_text())


def session_description(octets: bytes) -> None:
    """An offer or answer, written and read again."""
    found = SessionDescription.parse(octets)
    for line in found.media:
        assert 0 <= line.port <= 65535
        assert line.stream_number is None or 0 <= line.stream_number <= 99
        assert line.file_bytes is None or line.file_bytes >= 0
        assert line.download_speed is None or line.download_speed > 0
    once = SessionDescription.parse(found.to_bytes())
    assert SessionDescription.parse(once.to_bytes()) == once
    assert found.format == once.format
    live_answer(found, owner="1", address="192.0.2.1", port=9)


def playback_control(octets: bytes) -> None:
    """MANSRTSP requests and answers."""
    with suppress(WireError):
        request = MansrtspRequest.parse(octets)
        assert request.scale is None or 0 < abs(request.scale) <= 1024
        once = MansrtspRequest.parse(request.to_bytes())
        assert MansrtspRequest.parse(once.to_bytes()) == once
        with suppress(WireError):
            span = request.span
            assert span is None or NptRange.parse(span.to_text()) is not None
    with suppress(WireError):
        answer = MansrtspResponse.parse(octets)
        assert answer.first_sequence is None or answer.first_sequence <= 0xFFFF
        answered = MansrtspResponse.parse(answer.to_bytes())
        assert MansrtspResponse.parse(answered.to_bytes()) == answered


def manscdp(octets: bytes) -> None:
    """A body of any edition; what was read is written and read to the same in the newest."""
    found = parse(octets)
    if not isinstance(found, OtherCommand):
        written = encode(found, edition=Edition.V2022)
        # A few octets are Chinese in GB18030 and in UTF-8: the guess that serves wrongly declared bodies is not asked here.
        again = parse(written, charset="GB18030")
        assert type(again) is type(found)
        assert encode(again, edition=Edition.V2022) == written
    encode(found, edition=Edition.V2014)


def person_content(octets: bytes) -> None:
    """What is looked for in every body before anybody reads it; in what is left of one nothing is found any more."""
    found = screen(octets)
    if found is not None and found.kept is not None:
        again = screen(found.kept)
        assert again is None or again.kept is None


def xml_text(octets: bytes) -> None:
    """Charsets and repair."""
    decode(octets)
    parse_xml(octets)


def ptz_command(octets: bytes) -> None:
    """Sixteen digits; or four bytes, so that the checksum is no wall to the meanings."""
    found = PtzCommand(*octets[:3], octets[3] & 0x0F) if len(octets) == 4 else PtzCommand.parse(octets.decode("latin-1"))
    assert PtzCommand.parse(found.to_text()) == found
    meaning = read_instruction(found)
    assert meaning is None or read_instruction(meaning.command()) == meaning


def gb_code(octets: bytes) -> None:
    """Twenty digits."""
    text = octets.decode("latin-1")
    kind_of(text)
    assert (form_of(text) is CodeForm.STANDARD) == is_gb_code(text)
    assert GbCode.parse(text).digits == text


def date(octets: bytes) -> None:
    """`Date` and the times of bodies."""
    moment = parse_gb_date(octets.decode("latin-1"))
    assert parse_gb_date(gb_date(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def media_format(octets: bytes) -> None:
    """The `f=` line; what was read once says the same ever after."""
    once = MediaFormat.parse(MediaFormat.parse(octets.decode("latin-1")).to_text())
    assert MediaFormat.parse(once.to_text()) == once


def policy_pack(octets: bytes) -> None:
    """The file of a policy pack: its envelope, and the document as it is and behind one."""
    with suppress(PackFault):
        envelope = Envelope.parse(octets)
        assert Envelope.parse(envelope.to_bytes()) == envelope
        octets = envelope.document
    pack = read_pack(octets)
    assert all(one.floor_days <= (one.ceiling_days or 0) for one in pack.retention.values())


AUDIT_SIGNER = Signer(bytes(32))


def audit_message(octets: bytes) -> None:
    """What another node sends about its audit log: never raises, whoever signed it."""
    for message in (octets, AUDIT_SIGNER.signed(octets)):
        checkpoint_of(message, AUDIT_SIGNER.public)
        standing_in(message, AUDIT_SIGNER.public)
        last_of(message)
    receipt_in(octets, keeper="1", node="2")
    wanted_in(octets)


def cap_message(octets: bytes) -> None:
    """A CAP message, written again, is read as the same again."""
    again = write_cap(parse_cap(octets))
    assert write_cap(parse_cap(again)) == again


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        sip_message, sip_stream, dialog, digest, session_description, playback_control, manscdp, person_content, xml_text,
        ptz_command, dc09, dc09_stream, alarm_reception, cap_message,
        gb_code, date, media_format, policy_pack, audit_message,
    )
}  # fmt: skip


def take(target: str, octets: bytes) -> None:
    """The body of one run: the codec's own errors are what it promises."""
    with suppress(WireError, PackFault):
        TARGETS[target](octets)
