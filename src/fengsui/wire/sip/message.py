"""SIP messages as values; headers are text until someone asks for their meaning. Sources: RFC 3261 §7, GB/T 28181-2022 §6."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from fengsui.wire.errors import MalformedSip

MAX_HEAD_BYTES: Final = 64 * 1024
MAX_LINE_BYTES: Final = 8 * 1024
MAX_BODY_BYTES: Final = 8 * 1024 * 1024
SIP_VERSION: Final = "SIP/2.0"
_TOKEN: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]{1,64}")
"""RFC 3261 §25.1, bounded."""
_CONTROL: Final = re.compile(r"(?<!\\)[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")
"""Octets that a line of a head may hold only behind a backslash, in a quoted string or comment (RFC 3261 §25.1)."""

_COMPACT: Final = {
    "i": "call-id", "m": "contact", "e": "content-encoding", "l": "content-length", "c": "content-type",
    "f": "from", "s": "subject", "k": "supported", "t": "to", "v": "via", "o": "event", "u": "allow-events",
}  # fmt: skip
_CANONICAL: Final = {
    "call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate", "x-gb-ver": "X-GB-Ver",
    "max-forwards": "Max-Forwards", "content-length": "Content-Length", "content-type": "Content-Type",
}  # fmt: skip


@lru_cache(maxsize=256)
def _written(name: str) -> str:
    return _CANONICAL.get(name) or name.title()


class Headers:
    """Header lines in order; names compare without case, compact names are expanded. Values are latin-1 text, unparsed."""

    __slots__ = ("_lines",)

    def __init__(self, lines: Iterable[tuple[str, str]] = ()) -> None:
        lowered = ((name.lower(), value) for name, value in lines)
        self._lines: list[tuple[str, str]] = [(_COMPACT.get(name, name), value) for name, value in lowered]

    @classmethod
    def of_lowered(cls, lines: list[tuple[str, str]]) -> Headers:
        """Takes over `lines`, whose names are already lower case and expanded (the parser's way in)."""
        made = cls.__new__(cls)
        made._lines = lines
        return made

    def get(self, name: str, default: str = "") -> str:
        """The first value of `name`, or `default`."""
        wanted = name.lower()
        for found, value in self._lines:
            if found == wanted:
                return value
        return default

    def get_all(self, name: str) -> list[str]:
        """Every value of `name` in order, one entry a line."""
        wanted = name.lower()
        return [value for found, value in self._lines if found == wanted]

    def __contains__(self, name: str) -> bool:
        wanted = name.lower()
        return any(found == wanted for found, _ in self._lines)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._lines == other._lines

    def __repr__(self) -> str:
        return f"Headers({self._lines!r})"

    def with_header(self, name: str, value: str) -> Headers:
        """A copy in which `name` has exactly this value (added at the end when absent)."""
        wanted = name.lower()
        replaced = [(found, value if found == wanted else old) for found, old in self._lines]
        if wanted not in self:
            replaced.append((wanted, value))
        return Headers.of_lowered(replaced)

    def added(self, name: str, value: str) -> Headers:
        """A copy with one more line at the end."""
        return Headers.of_lowered([*self._lines, (name.lower(), value)])

    def to_text(self) -> str:
        """The lines as written on the wire, without Content-Length."""
        return "".join(f"{_written(name)}: {value}\r\n" for name, value in self._lines if name != "content-length")


@dataclass(frozen=True, slots=True)
class SipRequest:
    """`uri` is the Request-URI as sent. `body` is the exact octets."""

    method: str
    uri: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def to_bytes(self) -> bytes:
        """The message with a right Content-Length."""
        head = f"{self.method} {self.uri} {SIP_VERSION}\r\n{self.headers.to_text()}Content-Length: {len(self.body)}\r\n\r\n"
        return head.encode("latin-1", "replace") + self.body


@dataclass(frozen=True, slots=True)
class SipResponse:
    """`status` 100 to 699."""

    status: int
    reason: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def to_bytes(self) -> bytes:
        """The message with a right Content-Length."""
        head = f"{SIP_VERSION} {self.status} {self.reason}\r\n{self.headers.to_text()}Content-Length: {len(self.body)}\r\n\r\n"
        return head.encode("latin-1", "replace") + self.body


SipMessage = SipRequest | SipResponse


def parse_message(octets: bytes) -> SipMessage:
    """One whole message, as one datagram or as cut out by StreamFramer. Raises MalformedSip.

    Where we leave RFC 3261 (sheet of tolerances, GB/T 28181 field practice): a Content-Length that is absent, too large or
    zero although octets of a Content-Type follow gives way to the datagram's own length; a shorter one cuts. LF alone ends a
    line. NULs at the end of a line are a device's padding and cut off; any other control octet in
    the head is refused, but for one that is quoted.
    """
    octets = octets.lstrip(b"\r\n")
    end = octets.find(b"\r\n\r\n")
    body_at = end + 4
    if end < 0:
        end = octets.find(b"\n\n")
        body_at = end + 2
        if end < 0:
            end = body_at = len(octets)
    if end > MAX_HEAD_BYTES:
        raise MalformedSip(f"head of {end} bytes; at most {MAX_HEAD_BYTES} are read")
    head = octets[:end].decode("latin-1")
    lines = head.split("\n") if _CONTROL.search(head) is None else _without_padding(head)
    headers = _header_lines(lines)
    body = octets[body_at:]
    declared = _declared_length(headers)
    if declared is not None and declared < len(body) and (declared or not any(name == "content-type" for name, _ in headers)):
        body = body[:declared]
    if len(body) > MAX_BODY_BYTES:
        raise MalformedSip(f"body of {len(body)} bytes; at most {MAX_BODY_BYTES} are read")
    return _with_start_line(lines[0].rstrip("\r"), Headers.of_lowered(headers), body)


def _without_padding(head: str) -> list[str]:
    lines = [line.rstrip("\r").rstrip("\0") for line in head.split("\n")]
    for line in lines:
        if (found := _CONTROL.search(line)) is not None:
            raise MalformedSip(f"control octet {found[0]!r} in line {line[:60]!r}")
    return lines


def _with_start_line(start: str, headers: Headers, body: bytes) -> SipMessage:
    parts = start.split(" ", 2)
    if len(parts) < 2:
        raise MalformedSip(f"start line {start[:80]!r} has no three parts")
    if parts[0].upper() == SIP_VERSION:
        if len(parts[1]) != 3 or not (parts[1].isascii() and parts[1].isdigit()) or not 100 <= int(parts[1]) <= 699:
            raise MalformedSip(f"status {parts[1][:20]!r} is not 100 to 699")
        return SipResponse(int(parts[1]), parts[2] if len(parts) > 2 else "", headers, body)
    if len(parts) != 3 or parts[2].strip().upper() != SIP_VERSION:
        raise MalformedSip(f"start line {start[:80]!r} does not end in {SIP_VERSION}")
    method, uri = parts[0], parts[1]
    if _TOKEN.fullmatch(method) is None or not uri:
        raise MalformedSip(f"method {method[:40]!r} is not a token")
    return SipRequest(method.upper(), uri, headers, body)


def _header_lines(lines: list[str]) -> list[tuple[str, str]]:
    headers: list[tuple[str, str]] = []
    for line in lines[1:]:
        if line.endswith("\r"):
            line = line[:-1]
        if not line:
            continue
        if len(line) > MAX_LINE_BYTES:
            raise MalformedSip(f"header line of {len(line)} bytes; at most {MAX_LINE_BYTES} are read")
        if line[0] in " \t":
            if not headers:
                raise MalformedSip("the first header line is a continuation")
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise MalformedSip(f"header line {line[:60]!r} has no colon")
        name = name.strip().lower()
        headers.append((_COMPACT.get(name, name), value.strip()))
    return headers


def _declared_length(headers: list[tuple[str, str]]) -> int | None:
    for name, value in headers:
        if name == "content-length":
            if not (value.isascii() and value.isdigit()) or len(value) > 10:
                raise MalformedSip(f"Content-Length {value[:20]!r} is not a number")
            return int(value)
    return None
