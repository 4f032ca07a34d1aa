"""DC-09 by known frames, by its rules, and by anything at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.account_cipher import AesCbc
from fengsui.wire.dc09.answers import ack, duh, nak
from fengsui.wire.dc09.cipher import Cipher
from fengsui.wire.dc09.codes import Category, contact_id_meaning, sia_meaning
from fengsui.wire.dc09.content import Content, Unreadable, opened
from fengsui.wire.dc09.crc import crc16
from fengsui.wire.dc09.envelope import MAX_BYTES, Envelope, MalformedDc09, framed
from fengsui.wire.dc09.events import MOST, Change, Report, reports
from fengsui.wire.dc09.framing import Framer, frames_of
from fengsui.wire.dc09.sealing import sealed
from fengsui.wire.dc09.sending import Sender, request
from fengsui.wire.dc09.window import in_window
from fengsui.wire.errors import WireError
from tests.wire.dc09 import frames

NOW = datetime(2026, 3, 2, 8, 20, tzinfo=UTC)


def told(raw: bytes, key: Cipher | None = None) -> tuple[Envelope, Content, tuple[Report, ...]]:
    envelope = Envelope.read(raw)
    content = opened(envelope, key)
    return envelope, content, reports(envelope.token, content)


def only(raw: bytes, key: Cipher | None = None) -> Report:
    (report,) = told(raw, key)[2]
    return report


def test_the_checksum_is_that_of_the_book() -> None:
    assert crc16(b"123456789") == 0xBB3D and crc16(b"12345678") == 0x3C9D and crc16(b"") == 0


def test_a_fire_is_read_in_both_languages() -> None:
    envelope, content, (report,) = told(frames.FIRE)
    assert (envelope.sequence, envelope.receiver, envelope.line, envelope.account) == ("9876", "579BDF", "789ABC", "12345A")
    assert (report.code, report.number, report.change, report.meaning.category) == ("FA", "129", Change.NEW, Category.FIRE)
    assert content.sent_at is None and envelope.right_length
    other = only(frames.FIRE_CID)
    assert (other.code, other.area, other.number, other.meaning.category) == ("110", "", "129", Category.FIRE)


@pytest.mark.parametrize("raw", frames.ALL_IN_CLEAR)
def test_every_known_frame_is_taken(raw: bytes) -> None:
    envelope, content, _ = told(raw)
    assert envelope.right_length
    assert (content.sent_at is None) == (b"]_" not in raw)


def test_heartbeats_and_empty_events_report_nothing() -> None:
    for raw in (frames.HEARTBEAT, frames.HEARTBEAT_WITH_DATA, frames.EMPTY, frames.BEAT):
        assert told(raw)[2] == ()
    assert told(frames.BEAT_SEALED, frames.K1)[2] == ()
    assert told(frames.PADDED, frames.PADDED_KEY)[1].sent_at == datetime(2020, 7, 5, 18, 24, 52, tzinfo=UTC)


def test_what_panels_do_otherwise_is_understood() -> None:
    unparted = only(frames.UNPARTED)
    assert (unparted.area, unparted.code, unparted.number, unparted.text) == ("1", "BA", "503", "Volum.Taverna   Appartam.Giorno")
    block = only(frames.ASCII_BLOCK)
    assert (block.code, block.text) == ("RR", "test")
    closing = only(frames.REMOTE_CLOSING)
    assert (closing.code, closing.meaning.category) == ("CQ", Category.OPEN_CLOSE)


def test_a_restore_is_no_new_alarm() -> None:
    assert only(frames.RESTORED_CID).change is Change.RESTORED
    closing = only(frames.CLOSING_CID)
    assert (closing.meaning.category, closing.meaning.user, closing.number) == (Category.OPEN_CLOSE, True, "012")


def test_encrypted_frames_are_opened_with_their_key_alone() -> None:
    panic = only(frames.PANIC_SEALED, frames.K1)
    assert (panic.code, panic.area, panic.number, panic.meaning.category) == ("PA", "2", "009", Category.PANIC)
    duress = only(frames.DURESS_SEALED, frames.K2)
    assert (duress.code, duress.meaning.category, duress.meaning.user) == ("121", Category.PANIC, True)
    for key in (None, frames.K2, AesCbc(bytes(16))):
        with pytest.raises(Unreadable):
            opened(Envelope.read(frames.PANIC_SEALED), key)
    with pytest.raises(Unreadable):  # somebody who has not the key writes in clear
        opened(Envelope.read(frames.BURGLARY), frames.K1)


def test_several_codes_of_a_frame_are_several_reports() -> None:
    one = request(Sender("4321"), "SIA-DCS", 7, "#4321|Nid012/ri2/BA005/ri3/BA006^hall / west^|O?gate/BR1")
    assert [(one.code, one.text) for one in told(one[1:-1])[2]] == [("BA", ""), ("BA", "hall / west"), ("BR", "?gate")]
    one = request(Sender("4321"), "SIA-DCS", 7, "#4321|Nid012/ri2/BA005/ri3/BA006^hall / west^|OBR001")
    first, second, third = told(one[1:-1])[2]
    assert (first.area, first.number, first.modifiers) == ("2", "005", (("id", "012"), ("ri", "2")))
    assert (second.area, second.number, second.text) == ("3", "006", "hall / west")
    assert (third.old, third.area, third.change) == (True, "", Change.RESTORED)


def test_text_is_read_in_both_alphabets() -> None:
    for text, octets in (("磐江路", "磐江路".encode()), ("Tür", "Tür".encode("cp1252"))):
        body = b'"SIA-DCS"0001L0#4321[#4321|NBA1^' + octets + b"^]"
        assert only(framed(body)[1:-1]).text == text
    body = b'"SIA-DCS"0001L0#4321[#4321|NBA1][I' + "三号门".encode() + b"]"
    assert only(framed(body)[1:-1]).text == "三号门"


def test_place_and_link_of_a_frame_are_kept() -> None:
    _, content, _ = told(frames.WITH_PLACE)
    assert [content.extension(letter) for letter in "XYVA"] == ["121E28.4400", "31N13.8220", "HTTP://10.0.0.5/c/17", None]


def test_a_wrong_length_is_told_and_a_checksum_of_two_octets_read() -> None:
    body = frames.BURGLARY[8:]
    envelope = Envelope.read(b"%04X0060%s" % (crc16(body), body))
    assert not envelope.right_length
    assert Envelope.read(crc16(body).to_bytes(2, "big") + b"003C" + body) == Envelope.read(frames.BURGLARY)


def test_answers_are_those_of_the_book() -> None:
    envelope = Envelope.read(frames.BURGLARY)
    assert ack(envelope, None, NOW) == b"\n" + frames.ACK_TO_BURGLARY + b"\r"
    assert duh(envelope) == b"\n" + frames.DUH_TO_BURGLARY + b"\r"
    assert nak(datetime(2026, 3, 2, 8, 15, 31, tzinfo=UTC)) == b"\n" + frames.NAK_OWN + b"\r"
    assert Envelope.read(frames.NAK_SEEN).account is None
    sealed = Envelope.read(ack(Envelope.read(frames.PANIC_SEALED), frames.K1, NOW)[1:-1])
    assert (sealed.token, sealed.encrypted, sealed.sequence, sealed.account) == ("ACK", True, "0046", "4321")
    again = ack(Envelope.read(frames.PANIC_SEALED), frames.K1, NOW)
    assert again[1:-1].split(b"[")[1][:32] != sealed.content[:32], "the first block is one of chance: the IV is always zero"


@pytest.mark.parametrize(("seconds", "taken"), [(-41, False), (-40, True), (0, True), (20, True), (21, False)])
def test_the_window_of_encrypted_frames(seconds: int, taken: bool) -> None:
    assert in_window(NOW + timedelta(seconds=seconds), NOW) is taken


@pytest.mark.parametrize("text", ["DSC-43", "ACR-SF", "ACK"])
def test_other_tokens_are_no_matter_of_ours(text: str) -> None:
    with pytest.raises(Unreadable):
        told(framed(f'"{text}"0001L0#4321[x]'.encode())[1:-1])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        frames.BURGLARY.replace(b"E29B", b"E29C"),
        b"9618004D" + frames.FIRE[8:],
        framed(b'"SIA-DCS"1L0#4321[]')[1:-1],
        framed(b'"SIA-DCS"0001#4321[]')[1:-1],
        framed(b'"SIA-DCS"0001L0#43[]')[1:-1],
        b"\x00" * 20,
        framed(b'"SIA-DCS"0001L0#4321[' + b"x" * MAX_BYTES)[1:-1],
    ],
)
def test_what_is_no_frame_gets_no_answer(raw: bytes) -> None:
    with pytest.raises(MalformedDc09):
        Envelope.read(raw)


@pytest.mark.parametrize(
    ("token", "data", "wanted"),
    [
        *(("ADM-CID", data, [("", data.partition("]")[0])]) for data in ("no bracket", "#4321|5130 02 005]", "#4321|1130 02]")),
        *(("ADM-CID", data, []) for data in ("]x", "]_25:61:00,13-45-2026x", "#4321]", "#4321|]")),
        *(("SIA-DCS", data, [("", data.partition("]")[0])]) for data in ("#4321|Q", "#4321|Ahello]", "#4321|Nri1/ba005]")),
        ("SIA-DCS", "#4321|Nri1/idJOHN DOE/BA005]", [("BA", "")]),
        ("SIA-DCS", "#4321|Nph+8613900000000/HA001]", [("HA", "")]),
        ("SIA-DCS", "#4321|Nri1/BA005/x]", [("BA", "x")]),
        ("SIA-DCS", "#4321|NBA005] ", [("BA", "")]),
        ("SIA-DCS", "#4321|NBA005]_8:20:00,03-02-2026", [("BA", "")]),
    ],
)
def test_no_alarm_is_refused_for_the_form_of_its_data(token: str, data: str, wanted: list[tuple[str, str]]) -> None:
    envelope, content, found = told(framed(f'"{token}"0001L0#4321[{data}'.encode())[1:-1])
    assert envelope.account == "4321" and content.sent_at is None
    assert [(one.code, one.text) for one in found] == wanted
    assert all(one.meaning.known is (one.code != "") for one in found)


def test_an_encrypted_frame_has_to_show_that_its_key_is_right() -> None:
    for rest in ("#4321|NBA005]", "#4321|NBA005]_8:20:00,03-02-2026", "#4321|NBA005_08:20:00,03-02-2026"):
        with pytest.raises(Unreadable):
            told(framed(b'"*SIA-DCS"0001L0#4321[' + sealed(f"|{rest}", frames.K1))[1:-1], frames.K1)
    raw = framed(b'"*SIA-DCS"0001L0#4321[' + sealed("|#4321|NBA005] _08:20:00,03-02-2026 ", frames.K1))[1:-1]
    assert told(raw, frames.K1)[1].sent_at == NOW and only(raw, frames.K1).code == "BA"


def test_more_events_than_a_frame_can_hold_are_named_in_the_last() -> None:
    found = told(request(Sender("4321"), "SIA-DCS", 1, "#4321|N" + "/".join(f"BA{at}" for at in range(100)))[1:-1])[2]
    assert len(found) == MOST and [one.number for one in found[:-1]] == [str(at) for at in range(63)]
    assert found[-1].code == "" and found[-1].text.split() == [f"BA{at}" for at in range(63, 100)]


def test_a_time_that_there_is_not_is_none() -> None:
    assert told(framed(b'"NULL"0000L0#4321[]_25:61:00,13-45-2026')[1:-1])[1].sent_at is None


def test_codes_have_the_categories_of_the_tables() -> None:
    assert contact_id_meaning("113").category is Category.FIRE
    assert contact_id_meaning("146").category is Category.INTRUSION
    assert contact_id_meaning("341").category is Category.TAMPER
    assert contact_id_meaning("344").category is Category.COMMUNICATION
    assert contact_id_meaning("162").category is Category.GAS
    unknown = contact_id_meaning("199")
    assert (unknown.category, unknown.known) == (Category.INTRUSION, False)
    assert sia_meaning("HA").category is Category.PANIC
    assert sia_meaning("FT").category is Category.FAULT
    assert sia_meaning("WA").category is Category.TECHNICAL
    assert sia_meaning("EA").category is Category.INTRUSION
    assert not sia_meaning("BQ").known


def test_frames_come_out_of_a_stream_however_it_is_cut() -> None:
    stream = b"noise\r" + b"".join(b"\n" + raw + b"\r" for raw in frames.ALL_IN_CLEAR)
    for step in (1, 7, 64, len(stream)):
        framer = Framer()
        found = [frame for at in range(0, len(stream), step) for frame in framer.feed(stream[at : at + step])]
        assert found == list(frames.ALL_IN_CLEAR)
        assert framer.skipped == 6 and not framer.is_within


def test_a_frame_that_was_broken_off_costs_itself_alone() -> None:
    framer = Framer()
    assert framer.feed(b"\n" + frames.FIRE[:30] + b"\n" + frames.BURGLARY + b"\r") == [frames.BURGLARY]
    assert framer.feed(b"\n" + b"x" * (MAX_BYTES + 1)) == [] and not framer.is_within


def test_a_checksum_of_two_octets_may_look_like_a_quotation_mark() -> None:
    found = 0
    for sequence in range(2_000):
        body = f'"NULL"{sequence:04d}L0#4321[]'.encode()
        told = crc16(body).to_bytes(2, "big")
        found += b'"' in told
        assert Envelope.read(told + b"%04X" % len(body) + body).sequence == f"{sequence:04d}"
    assert found > 2


def test_a_checksum_of_two_octets_may_look_like_an_end() -> None:
    for octets in range(0x10000):
        if 0x0D in octets.to_bytes(2, "big") or 0x0A in octets.to_bytes(2, "big"):
            raw = octets.to_bytes(2, "big") + b'0013"NULL"0000L0#4321[]'
            assert Framer().feed(b"\n" + raw + b"\r") == [raw]


@given(st.binary(max_size=300))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    for raw in (octets, framed(octets)[1:-1], framed(b'"SIA-DCS"0001L0#4321[' + octets)[1:-1]):
        for key in (None, frames.K1):
            try:
                told(raw, key)
            except WireError:
                continue
    framer = Framer()
    framer.feed(octets)
    assert len(framer.feed(b"\n" + frames.BEAT + b"\r")) <= 2


names = st.text(st.sampled_from("0123456789ABCDEF"), min_size=3, max_size=16)
codes = st.sampled_from(["FA", "BA", "BR", "PA", "CL", "OP", "RP", "YC", "QQ"])


@given(names, codes, st.integers(1, 9999), st.sampled_from([None, frames.K1, frames.K2]), st.integers(0, 9999))
def test_what_is_sent_is_read_again(account: str, code: str, sequence: int, key: Cipher | None, zone: int) -> None:
    sender = Sender(account, line="1", receiver="2F", key=key)
    raw = request(sender, "SIA-DCS", sequence, f"#{account}|Nri1/{code}{zone:03d}", extended="[Sschool]", sent_at=NOW)
    (frame,) = Framer().feed(raw)
    envelope, content, (report,) = told(frame, key)
    assert (envelope.account, envelope.sequence, envelope.encrypted) == (account, f"{sequence:04d}", key is not None)
    assert (content.sent_at, content.extension("S")) == (NOW, "school")
    assert (report.code, report.area, report.number) == (code, "1", f"{zone:03d}")


@given(st.lists(st.sampled_from([b"\n", b"\r", b'"', *frames.ALL_IN_CLEAR]) | st.binary(max_size=12), max_size=5))
def test_a_datagram_is_taken_as_a_connection_is(parts: list[bytes]) -> None:
    octets = b"".join(parts)
    assert frames_of(octets) == Framer().feed(octets)
    assert frames_of(b"\n" + octets + b"\r") == Framer().feed(b"\n" + octets + b"\r")
