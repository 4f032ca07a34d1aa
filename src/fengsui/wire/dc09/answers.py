"""What a receiver says (ANSI/SIA DC-09). An ACK takes the event over: it is sent when the event is on disk."""

from __future__ import annotations

from datetime import datetime

from fengsui.wire.dc09.cipher import Cipher
from fengsui.wire.dc09.content import TIME
from fengsui.wire.dc09.envelope import Envelope, framed
from fengsui.wire.dc09.sealing import sealed


def ack(envelope: Envelope, key: Cipher | None, now: datetime) -> bytes:
    """Encrypted with the account's key if the frame was; `now` is UTC."""
    if not envelope.encrypted or key is None:
        return framed(f"{envelope.head('ACK')}]".encode("ascii"))
    head = envelope.head("ACK", encrypted=True).encode("ascii")
    return framed(head + sealed(f"]_{now:{TIME}}", key))


def nak(now: datetime) -> bytes:
    """To an encrypted frame of another time: the host sets its clock by this one (UTC) and sends it again."""
    return framed(f'"NAK"0000R0L0A0[]_{now:{TIME}}'.encode("ascii"))


def duh(envelope: Envelope) -> bytes:
    """It came well and cannot be handled."""
    return framed(f"{envelope.head('DUH')}]".encode("ascii"))
