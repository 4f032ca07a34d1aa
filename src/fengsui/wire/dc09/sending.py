"""Frames as a host sends them: for simulated hosts and tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fengsui.wire.dc09.cipher import Cipher
from fengsui.wire.dc09.content import TIME
from fengsui.wire.dc09.envelope import framed
from fengsui.wire.dc09.sealing import sealed


@dataclass(frozen=True, slots=True)
class Sender:
    """The account of a host and how it writes itself."""

    account: str
    line: str = "0"
    receiver: str | None = None
    key: Cipher | None = None


def request(
    sender: Sender, token: str, sequence: int, data: str = "", *, extended: str = "", sent_at: datetime | None = None
) -> bytes:
    """One frame. `data` such as `#4321|Nri2/BA005`; `extended` with its brackets; an encrypted one needs its time (UTC)."""
    star = "" if sender.key is None else "*"
    receiver = "" if sender.receiver is None else f"R{sender.receiver}"
    head = f'"{star}{token}"{sequence:04d}{receiver}L{sender.line}#{sender.account}['
    rest = f"{data}]{extended}" + ("" if sent_at is None else f"_{sent_at:{TIME}}")
    if sender.key is None:
        return framed((head + rest).encode("utf-8"))
    if sent_at is None:
        raise ValueError("an encrypted frame tells its time")
    return framed(head.encode("ascii") + sealed(f"|{rest}" if data else rest, sender.key))
