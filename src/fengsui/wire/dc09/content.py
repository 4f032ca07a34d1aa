"""What stands behind the first bracket of a frame: data, extended data and time, encrypted or not (ANSI/SIA DC-09)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from fengsui.wire.dc09.cipher import Cipher
from fengsui.wire.dc09.envelope import TOKENS, Envelope
from fengsui.wire.errors import WireError

TIME: Final = "%H:%M:%S,%m-%d-%Y"
_EXTENSIONS: Final = re.compile(rb"(?: *\[[^\]]*\])+")
_TAIL: Final = re.compile(rb"_(\d\d:\d\d:\d\d,\d\d-\d\d-\d{4})")
_EXTENDED: Final = re.compile(r"\[([A-Za-z])([^\]]*)\]")


class Unreadable(WireError):
    """A frame that came well and cannot be handled: another token, no key or a wrong one. The host is told so (`duh`)."""

    code = "dc09.unreadable"


class Content(NamedTuple):
    """In clear. `extended`: letter and text of each extended data in order."""

    data: str
    extended: tuple[tuple[str, str], ...] = ()
    sent_at: datetime | None = None
    """UTC, by the host's clock; None: not sent, or no time that there is."""

    def extension(self, letter: str) -> str | None:
        """The first with this letter."""
        return next((text for one, text in self.extended if one == letter), None)


def opened(envelope: Envelope, key: Cipher | None) -> Content:
    """Decrypted with the account's key where need be. Raises Unreadable.

    An account that has a key is heard encrypted alone: whoever sends in clear for it need not be its host. What is encrypted shows
    by its bracket and its time that the key is right; in clear neither is a reason to refuse what a host has to say.
    """
    if envelope.token not in TOKENS:
        raise Unreadable(f"{envelope.token} is not taken here")
    if envelope.encrypted != (key is not None):
        raise Unreadable("encrypted, and there is no key" if envelope.encrypted else "in clear, and the account has a key")
    octets = envelope.content if key is None else _decrypted(envelope.content, key)
    data, _, rest = octets.partition(b"]")
    if not rest and key is None:
        return Content(text_of(data))
    behind = _EXTENSIONS.match(rest)
    extended, tail = (b"", rest) if behind is None else (behind[0], rest[behind.end() :])
    time = _TAIL.search(tail)
    sent_at = None if time is None else _time(time[1].decode("ascii"))
    if key is not None and sent_at is None:
        raise Unreadable("the key is another, or its time is none")
    return Content(text_of(data), tuple(_EXTENDED.findall(text_of(extended))), sent_at)


def text_of(octets: bytes) -> str:
    """UTF-8 (2026), else Windows-1252 (2013)."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")


def _decrypted(content: bytes, key: Cipher) -> bytes:
    """Without the padding, which comes first and ends with `|`, or with the `]` of empty data."""
    try:
        octets = bytes.fromhex(content.decode("ascii"))
    except ValueError:
        raise Unreadable("what is encrypted is not hexadecimal digits") from None
    if not octets or len(octets) % 16:
        raise Unreadable("what is encrypted is no whole number of blocks")
    clear = key.decrypt(octets)
    bar, bracket = clear.find(b"|"), clear.find(b"]")
    return clear[bar + 1 :] if 0 <= bar < bracket else clear[max(bracket, 0) :]


def _time(text: str) -> datetime | None:
    try:  # by hand: strptime takes as long as all the rest
        hour, minute, second, month, day = (int(text[at : at + 2]) for at in (0, 3, 6, 9, 12))
        return datetime(int(text[15:]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
