"""Round trips and whatever comes: PTZ meanings, playback control, session descriptions, `f=`, codes, dates, digest, framing."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.wire.errors import MalformedMansrtsp, MalformedPtz, MalformedSdp, MalformedSip, WireError
from fengsui.wire.gb28181 import ptz
from fengsui.wire.gb28181 import ptz_instructions as meanings
from fengsui.wire.gb28181.ptz import PtzCommand
from fengsui.wire.gb28181.xml_text import decode, element, parse_xml
from fengsui.wire.gb_code import CodeForm, CodeKind, GbCode, form_of, kind_of
from fengsui.wire.mansrtsp import MansrtspRequest, MansrtspResponse, NptRange
from fengsui.wire.media_format import MediaFormat
from fengsui.wire.sdp import MediaLine, SessionDescription, audio_description, history_offer
from fengsui.wire.sip.digest import Challenge, Credentials
from fengsui.wire.sip.framing import StreamFramer
from fengsui.wire.sip.headers import BEIJING, gb_date, parse_gb_date
from fengsui.wire.sip.message import Headers, SipRequest, SipResponse, parse_message

CODE = "34020000001320000001"
byte = st.integers(0, 255)
# ── PTZ ──────────────────────────────────────────────────────────────

SHEET = {
    "A50F01840103003D": meanings.CruiseOrder(meanings.CruiseAction.ADD_POINT, 1, 3),
    "A50F01850103003E": meanings.CruiseOrder(meanings.CruiseAction.DELETE_POINT, 1, 3),
    "A50F01850100003B": meanings.CruiseOrder(meanings.CruiseAction.DELETE_POINT, 1, 0),
    "A50F01860123106F": meanings.CruiseOrder(meanings.CruiseAction.SPEED, 1, 0x123),
    "A50F0187012C1079": meanings.CruiseOrder(meanings.CruiseAction.DWELL_S, 1, 300),
    "A50F01880100003E": meanings.CruiseOrder(meanings.CruiseAction.START, 1),
    "A50F01890100003F": meanings.ScanOrder(meanings.ScanAction.START, 1),
    "A50F018901010040": meanings.ScanOrder(meanings.ScanAction.LEFT_BORDER, 1),
    "A50F018901020041": meanings.ScanOrder(meanings.ScanAction.RIGHT_BORDER, 1),
    "A50F018A01231073": meanings.ScanOrder(meanings.ScanAction.SPEED, 1, 0x123),
    "A50F018C01000042": meanings.Auxiliary(ptz.WIPER, True),
    "A50F018D01000043": meanings.Auxiliary(ptz.WIPER, False),
    "A50F0140000000F5": meanings.LensMotion(),
    "A50F01426400005B": meanings.LensMotion(focus=-100),
    "A50F014800640061": meanings.LensMotion(iris=-100),
    "A50F012964646006": meanings.Motion(100, 100, -6),
    "A50F0100000000B5": meanings.Motion(),
    "A50F01820003003A": meanings.PresetOrder(meanings.PresetAction.GO, 3),
}
instruction = st.one_of(
    st.builds(meanings.Motion, st.integers(-255, 255), st.integers(-255, 255), st.integers(-15, 15)),
    st.builds(meanings.LensMotion, st.integers(-255, 255), st.integers(-255, 255)),
    st.builds(meanings.PresetOrder, st.sampled_from(meanings.PresetAction), st.integers(1, 255)),
    st.builds(meanings.CruiseOrder, st.just(meanings.CruiseAction.ADD_POINT), byte, st.integers(1, 255)),
    st.builds(meanings.CruiseOrder, st.just(meanings.CruiseAction.DELETE_POINT), byte, byte),
    st.builds(
        meanings.CruiseOrder,
        st.sampled_from((meanings.CruiseAction.SPEED, meanings.CruiseAction.DWELL_S)),
        byte,
        st.integers(0, 0xFFF),
    ),
    st.builds(meanings.CruiseOrder, st.just(meanings.CruiseAction.START), byte),
    st.builds(meanings.ScanOrder, st.sampled_from(tuple(meanings.ScanAction)[:3]), byte),
    st.builds(meanings.ScanOrder, st.just(meanings.ScanAction.SPEED), byte, st.integers(0, 0xFFF)),
    st.builds(meanings.Auxiliary, byte, st.booleans()),
)


@pytest.mark.parametrize(("text", "meaning"), SHEET.items())
def test_the_sheets_vectors_mean_what_they_say(text: str, meaning: meanings.Instruction) -> None:
    assert meanings.read(PtzCommand.parse(text)) == meaning
    assert meaning.command().to_text() == text


@given(instruction)
def test_every_instruction_survives_its_bytes(meaning: meanings.Instruction) -> None:
    assert meanings.read(PtzCommand.parse(meaning.command().to_text())) == meaning


@given(byte, byte, byte, st.integers(0, 15))
def test_any_command_has_a_meaning_that_holds_or_none(code: int, first: int, second: int, third: int) -> None:
    meaning = meanings.read(PtzCommand.parse(PtzCommand(code, first, second, third).to_text()))
    if meaning is not None:
        assert meanings.read(meaning.command()) == meaning


@given(st.integers(-9, 5000))
def test_values_out_of_range_are_refused_where_they_are_made(value: int) -> None:
    for order in (
        meanings.CruiseOrder(meanings.CruiseAction.SPEED, 1, value),
        meanings.ScanOrder(meanings.ScanAction.SPEED, 1, value),
        meanings.PresetOrder(meanings.PresetAction.SET, value),
        meanings.Auxiliary(value, True),
    ):
        with suppress(MalformedPtz):
            assert meanings.read(PtzCommand.parse(order.command().to_text())) == order


# ── playback control ─────────────────────────────────────────────────

seconds = st.floats(0, 86_400).map(lambda value: round(value, 3))
span = st.builds(NptRange, st.none() | seconds, st.none() | seconds)
speed = st.sampled_from((0.25, 0.5, 1.0, 2.0, 4.0, -1.0, -2.5))
plain = st.text("abcdefgh OK", max_size=12).map(str.strip)
cseq = st.integers(0, 10**9)


@given(span)
def test_a_range_survives_the_wire(one: NptRange) -> None:
    assert NptRange.parse(one.to_text()) == one


@given(
    st.builds(MansrtspRequest, st.sampled_from(("PLAY", "PAUSE", "TEARDOWN")), cseq, span.map(NptRange.to_text), st.none() | speed),
    st.sampled_from(("RTSP/1.0", "MANSRTSP/1.0")),
)
def test_playback_control_survives_the_wire_with_both_start_lines(request: MansrtspRequest, version: str) -> None:
    assert MansrtspRequest.parse(request.to_bytes(version)) == request


@given(
    st.builds(
        MansrtspResponse,
        *(st.integers(100, 699), plain, cseq, span.map(NptRange.to_text), st.none() | speed),
        *(st.none() | st.integers(0, 0xFFFF), st.none() | st.integers(0, 0xFFFFFFFF)),
    ),
    st.sampled_from(("RTSP/1.0", "MANSRTSP/1.0")),
)
def test_its_answer_survives_the_wire(response: MansrtspResponse, version: str) -> None:
    assert MansrtspResponse.parse(response.to_bytes(version)) == response


def test_a_real_answer_with_a_sequence_beyond_sixteen_bits_is_read() -> None:
    answer = MansrtspResponse.parse(
        b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nRange: npt=600-120\r\nScale: -1\r\nRTP-Info: seq=9810092;rtptime=3119600838\r\n\r\n"
    )
    assert (answer.first_sequence, answer.first_timestamp, answer.scale) == (9810092 & 0xFFFF, 3119600838, -1.0)
    assert NptRange.parse(answer.range_npt) == NptRange(600.0, 120.0)


@pytest.mark.parametrize("scale", ["nan", "inf", "0", "x", "1e99"])
def test_a_scale_that_is_no_speed_is_refused(scale: str) -> None:
    with pytest.raises(MalformedMansrtsp):
        MansrtspRequest.parse(f"PLAY RTSP/1.0\r\nCSeq: 1\r\nScale: {scale}\r\n\r\n".encode())


# ── SDP ──────────────────────────────────────────────────────────────

address = st.sampled_from(("192.0.2.20", "2001:db8::7"))
payload = st.integers(0, 127)
media = st.builds(
    MediaLine,
    st.sampled_from(("video", "audio")),
    st.integers(0, 65535),
    st.sampled_from(("RTP/AVP", "TCP/RTP/AVP")),
    st.lists(payload, max_size=3).map(tuple),
    st.lists(st.tuples(payload, st.sampled_from(("PS/90000", "H264/90000", "PCMA/8000"))), max_size=3).map(tuple),
    st.sampled_from(("", "recvonly", "sendonly", "sendrecv")),
    st.sampled_from(("", "active", "passive")),
    st.just("") | address,
    st.sampled_from(((), ("streamnumber:1",), ("downloadspeed:4", "filesize:123"))),
)
description = st.builds(
    SessionDescription,
    owner=st.just(CODE),
    address=address,
    name=st.sampled_from(("Play", "Playback", "Download", "Talk")),
    media=st.lists(media, min_size=1, max_size=3).map(tuple),
    uri=st.sampled_from(("", f"{CODE}:0")),
    start_unix=st.integers(0, 2**33),
    stop_unix=st.integers(0, 2**33),
    ssrc=st.sampled_from(("", "0200000001")),
    media_format=st.sampled_from(("", "v/2/6/25/1/4096a/1/8/1")),
)


@given(description)
def test_every_description_survives_the_wire(one: SessionDescription) -> None:
    read = SessionDescription.parse(one.to_bytes())
    same = tuple(
        MediaLine(
            line.kind, line.port, line.protocol, line.payloads, line.rtpmaps, line.direction, line.setup,
            "" if line.address == one.address else line.address, line.attributes,
        )
        for line in one.media
    )  # fmt: skip
    assert read.media == same
    assert SessionDescription.parse(read.to_bytes()) == read
    assert (read.owner, read.name, read.uri, read.start_unix, read.stop_unix, read.ssrc, read.media_format) == (
        one.owner, one.name, one.uri, one.start_unix, one.stop_unix, one.ssrc, one.media_format,
    )  # fmt: skip


def test_history_download_and_talk_say_what_they_ask_for() -> None:
    asked = history_offer(
        owner=CODE, channel=CODE, address="192.0.2.20", port=30002, ssrc=1200000001, start_unix=1714528800,
        stop_unix=1714532400, download_speed=4,
    )  # fmt: skip
    read = SessionDescription.parse(asked.to_bytes())
    assert (read.name, read.uri, read.start_unix, read.ssrc) == ("Download", f"{CODE}:0", 1714528800, "1200000001")
    assert read.video is not None
    assert read.video.download_speed == 4
    talk = SessionDescription.parse(
        audio_description(owner=CODE, address="192.0.2.20", port=30010, ssrc=7, direction="sendrecv").to_bytes()
    )
    assert talk.audio is not None
    assert (talk.name, talk.audio.direction, talk.format.audio_codec) == ("Talk", "sendrecv", "1")


@pytest.mark.parametrize(
    ("attribute", "number"),
    [("streamnumber:1", 1), ("streamprofile:0", 0), ("streamMode:SUB", 1), ("streamMode:MAIN", 0), ("stream:1", 1), ("x:1", None)],
)
def test_a_stream_is_chosen_by_any_makers_name(attribute: str, number: int | None) -> None:
    text = f"v=0\r\nm=video 1 RTP/AVP 96\r\na={attribute}\r\n"
    assert SessionDescription.parse(text.encode()).media[0].stream_number == number


@pytest.mark.parametrize(("text", "size"), [("filesize:77", 77), ("fileszie:77", 77), ("filesize:-1", None), ("filesize:", None)])
def test_the_size_of_a_download_is_read_as_devices_write_it(text: str, size: int | None) -> None:
    assert SessionDescription.parse(f"v=0\r\nm=video 1 RTP/AVP 96\r\na={text}\r\n".encode()).media[0].file_bytes == size


def test_odd_descriptions_of_devices_are_read() -> None:
    odd = (
        b"v=0\no=x\ns=Play\nt=0\na=setup:passive\na=sendonly\nm=video 30000 TCP/RTP/AVP 96\n"
        b"a=rtpmap:96 HIKVISION/90000\ny= 0100000001 \nf=\n"
    )
    read = SessionDescription.parse(odd)
    assert read.video is not None
    assert (read.video.setup, read.video.direction, read.ssrc, read.video.private_payload) == (
        "passive", "sendonly", "0100000001", True,
    )  # fmt: skip


def test_a_description_of_very_many_lines_is_refused() -> None:
    with pytest.raises(MalformedSdp):
        SessionDescription.parse(b"v=0\r\n" + b"m=video 1 RTP/AVP 96\r\n" * 17)


short = st.text("0123456789x", max_size=6)


@given(st.builds(MediaFormat, *[short] * 8))
def test_a_media_format_survives_the_wire(one: MediaFormat) -> None:
    assert MediaFormat.parse(one.to_text()) == one


@given(st.text(max_size=60))
def test_any_text_is_a_media_format(text: str) -> None:
    read = MediaFormat.parse(text)
    assert MediaFormat.parse(read.to_text()) == MediaFormat.parse(MediaFormat.parse(read.to_text()).to_text())


def test_the_sheets_media_formats_are_read() -> None:
    assert MediaFormat.parse("v/2/6/25/1/4096a///") == MediaFormat("2", "6", "25", "1", "4096")
    assert MediaFormat.parse("v/////a/1/8/1") == MediaFormat(audio_codec="1", audio_rate="8", sampling="1")


# ── codes and dates ──────────────────────────────────────────────────


@given(st.text("0123456789", min_size=20, max_size=20))
def test_a_code_survives_the_wire(digits: str) -> None:
    assert str(GbCode.parse(digits)) == digits
    assert form_of(digits) is CodeForm.STANDARD


@pytest.mark.parametrize(
    ("code", "form", "flagged"),
    [
        (CODE, CodeForm.STANDARD, False),
        ("520102", CodeForm.AREA, False),
        ("3402000000", CodeForm.CENTRE, True),
        ("340200000000000101", CodeForm.EIGHTEEN, True),
        ("CAM-7", CodeForm.ODD, True),
        ("٣٤", CodeForm.ODD, True),
        ("1" * 19, CodeForm.ODD, True),
        ("", CodeForm.EMPTY, True),
    ],
)
def test_every_id_has_a_form_and_odd_ones_are_flagged(code: str, form: CodeForm, flagged: bool) -> None:
    assert form_of(code) is form
    assert form_of(code).flagged is flagged


def test_codes_of_the_older_rule_say_their_kind_at_the_end() -> None:
    kinds = {"01": CodeKind.RECORDER, "20": CodeKind.PLATFORM, "42": CodeKind.ALARM_POINT, "00": CodeKind.OTHER}
    assert {end: kind_of("3402000000000001" + end) for end in kinds} == kinds


moments = st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=BEIJING)
)


@given(moments)
def test_dates_survive_the_wire(moment: datetime) -> None:
    assert parse_gb_date(gb_date(moment)) == moment


@pytest.mark.parametrize(
    "text",
    ["2024-05-01T10:02:03", "2024-05-01 10:02:03", "2024-05-01T10:02:03Z", "2024/5/1 10:02:03.000", "2024-05-01T10:02:03+08:00"],
)
def test_dates_are_beijings_however_a_firmware_writes_them(text: str) -> None:
    assert parse_gb_date(text) == datetime(2024, 5, 1, 10, 2, 3, tzinfo=BEIJING)


@given(st.text(max_size=30) | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"))
def test_any_text_is_a_date_or_a_named_error(text: str) -> None:
    with suppress(MalformedSip):
        parse_gb_date(text)


# ── digest ───────────────────────────────────────────────────────────

quoted = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters='"\\'), max_size=16)
present = quoted.filter(bool)


@given(
    st.sampled_from(("MD5", "SHA-256")),
    st.sampled_from(("", "auth")),
    quoted,
    present,
    present,
    quoted,
    present,
    st.integers(1, 0xFFFFFFFF),
)
def test_who_knows_the_password_is_believed_with_every_algorithm(
    algorithm: str, qop: str, realm: str, nonce: str, user: str, password: str, cnonce: str, count: int
) -> None:
    challenge = Challenge.parse(Challenge(realm, nonce, algorithm, False, qop).to_text())
    assert (challenge.realm, challenge.nonce, challenge.algorithm, challenge.qop) == (realm, nonce, algorithm, qop)
    answer = challenge.answer(username=user, password=password, method="REGISTER", uri="sip:1@2", cnonce=cnonce, count=count)
    read = Credentials.parse(answer.to_text())
    assert read == answer
    assert read.verify(password, "REGISTER")
    assert not read.verify(password + "x", "REGISTER")
    assert not read.verify(password, "INVITE")


def test_the_vectors_of_rfc_7616_and_rfc_2617() -> None:
    for algorithm, response in (
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ):
        challenge = Challenge("http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", algorithm, qop="auth")
        answer = challenge.answer(
            username="Mufasa", password="Circle of Life", method="GET", uri="/dir/index.html",
            cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        )  # fmt: skip
        assert answer.response == response


# ── XML and framing ──────────────────────────────────────────────────


@given(st.text(max_size=60))
def test_any_text_can_be_written_and_read_without_what_xml_cannot_carry(text: str) -> None:
    root = parse_xml(f"<a>{element('b', text)}</a>".encode("utf-8", "replace"), "utf-8")
    written = root.findtext("b") or ""
    kept = text.encode("utf-8", "replace").decode()
    carried = [sign for sign in kept if sign in "\t\n\r" or (ord(sign) >= 0x20 and sign not in "\ufffe\uffff")]
    assert [sign for sign in written if sign not in "\r\n"] == [sign for sign in carried if sign not in "\r\n"]


@given(st.text(st.characters(codec="gb18030"), max_size=40), st.sampled_from(("GB2312", "gbk", "GB18030", "UTF-8", "utf8")))
def test_a_rightly_declared_text_is_decoded_as_it_is(text: str, charset: str) -> None:
    real = "utf-8" if charset.lower().startswith("utf") else "gb18030"
    octets = f'<?xml version="1.0" encoding="{charset}"?>'.encode() + text.encode(real)
    assert decode(octets, "utf-8" if real == "utf-8" else "gb18030") == text


header = st.tuples(
    st.sampled_from(("Call-ID", "X-Any", "Via")), st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)
)
message = st.one_of(
    st.builds(
        SipRequest, st.just("MESSAGE"), st.just("sip:1@2"), st.lists(header, max_size=3).map(Headers), st.binary(max_size=40)
    ),
    st.builds(SipResponse, st.integers(100, 699), st.just("OK"), st.lists(header, max_size=3).map(Headers), st.binary(max_size=40)),
)


@given(st.lists(message, min_size=1, max_size=4), st.lists(st.integers(1, 60), min_size=1, max_size=30))
def test_a_stream_gives_the_same_messages_however_it_is_cut(messages: list[SipRequest | SipResponse], sizes: list[int]) -> None:
    wanted = [one.to_bytes() for one in messages]
    stream, framer, found, at, turn = b"".join(wanted), StreamFramer(), [], 0, 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        framer.push(stream[at : at + size])
        at, turn = at + size, turn + 1
        while (one := framer.pull()) is not None:
            found.append(one)
    assert found == wanted
    assert framer.waiting_bytes == 0
    assert [parse_message(one).body for one in found] == [one.body for one in messages]


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_stream_is_messages_or_a_named_error(octets: bytes, size: int) -> None:
    framer = StreamFramer()
    with suppress(WireError):
        for at in range(0, len(octets), size):
            framer.push(octets[at : at + size])
            while framer.pull() is not None:
                pass
