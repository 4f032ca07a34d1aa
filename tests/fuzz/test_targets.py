"""The fuzz bodies over recorded messages, over each of them cut and changed, and over whatever bytes come."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.features.neighbours.findings import Finding
from fengsui.features.neighbours.standing import RECEIPT, STANDING, Receipt, Standing, receipt_bytes, signed, wanted_bytes
from fengsui.features.policy.signing import DEMO_PACK, Envelope
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import encode
from tests.fuzz.targets import TARGETS, take
from tests.node.test_held_chain import SIGNER, point
from tests.wire.cap_messages import CAP_ALERT
from tests.wire.dc09.frames import ALL_IN_CLEAR, PANIC_SEALED
from tests.wire.test_gb28181 import MESSAGES
from tests.wire.test_manscdp import CONTROLS

FIXTURES = Path(__file__).parent.parent / "fixtures"
CORPUS = [path.read_bytes() for path in sorted(FIXTURES.rglob("*")) if path.suffix in (".sip", ".dat", ".stream")]
CORPUS += [encode(message, edition=edition) for message in (*MESSAGES, *CONTROLS) for edition in (Edition.V2016, Edition.V2022)]
CORPUS += [
    b'username="34020000001320000001",realm="3402000000",nonce="n",uri="sip:1@2",response="8529f102be620b87882b9b172f8b7e05"',
    b"PLAY RTSP/1.0\r\nCSeq: 2\r\nScale: -2.0\r\nRange: npt=100-\r\n\r\n",
    b"RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n",
    b"A50F018100030039",
    b"34020000001320000001",
    b"340200000000000101",
    b"\x86\x01\x23\x01",
    b"2024-05-01 10:02:03.123Z",
    b"v/2/6/25/1/4096a/1/8/1",
    b"v=0\no=1 0 0 IN IP4 192.0.2.1\ns=Download\nu=1:0\nt=1 2\nm=audio 9 TCP/RTP/AVP 8\na=filesize:7\ny=1\nf=v/1a/1\n",
    *(frame for raw in (*ALL_IN_CLEAR, PANIC_SEALED) for frame in (raw, b"\n" + raw + b"\r")),
    CAP_ALERT,
    DEMO_PACK.read_bytes(),
    point(1, 3),
    point(1, 3)[129:],
    signed(SIGNER, Standing(STANDING, "1", "2", "n", "2026-11-26T08:00:00Z", 3, "0" * 64)),
    receipt_bytes(Receipt(RECEIPT, "1", "2", "n", 3, "0" * 64, [Finding.FORKED])),
    wanted_bytes(3),
    Envelope.parse(DEMO_PACK.read_bytes()).document,
    *(path.read_bytes() for path in sorted((Path(__file__).parent / "found_once").glob("*"))),
]


@pytest.mark.parametrize("target", TARGETS)
def test_recorded_messages_cut_and_changed(target: str) -> None:
    for octets in CORPUS:
        take(target, octets)
        for at in range(0, len(octets), max(1, len(octets) // 40)):
            take(target, octets[:at])
            take(target, octets[:at] + b"\xff\x00<" + octets[at + 3 :])


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=150, deadline=None)
@given(octets=st.binary(max_size=1500))
def test_whatever_bytes_come(target: str, octets: bytes) -> None:
    take(target, octets)
