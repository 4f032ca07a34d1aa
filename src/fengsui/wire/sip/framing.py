"""Cuts a TCP byte stream into SIP messages by Content-Length. Source: RFC 3261 §18.3."""

from __future__ import annotations

import re
from typing import Final

from fengsui.wire.errors import MalformedSip
from fengsui.wire.sip.message import MAX_BODY_BYTES, MAX_HEAD_BYTES

_LENGTH: Final = re.compile(rb"(?:^|\n)(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?(?:\n|$)", re.IGNORECASE)


class StreamFramer:
    """Push bytes in any chunking, pull whole messages. CRLF between messages is padding (keep-alive) and is dropped."""

    def __init__(self, *, max_head_bytes: int = MAX_HEAD_BYTES, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._buffer = bytearray()
        self._max_head_bytes = max_head_bytes
        self.max_body_bytes = max_body_bytes
        """May be raised for messages to come."""
        self._searched = 0

    @property
    def waiting_bytes(self) -> int:
        """Bytes of a message that is not complete yet."""
        return len(self._buffer)

    def push(self, octets: bytes) -> None:
        """Takes the next bytes of the connection."""
        self._buffer += octets

    def pull(self) -> bytes | None:
        """The next whole message, None until more arrives. Raises MalformedSip when the stream cannot be followed: close it."""
        padding = 0
        while padding < len(self._buffer) and self._buffer[padding] in b"\r\n\x00":
            padding += 1
        if padding:
            del self._buffer[:padding]
            self._searched = 0
        end = self._buffer.find(b"\r\n\r\n", max(0, self._searched - 3))
        if end < 0:
            self._searched = len(self._buffer)
            if len(self._buffer) > self._max_head_bytes:
                raise MalformedSip(f"no end of the headers within {self._max_head_bytes} bytes")
            return None
        self._searched = end
        if end > self._max_head_bytes:
            raise MalformedSip(f"head of {end} bytes; at most {self._max_head_bytes} are read")
        found = _LENGTH.search(bytes(self._buffer[:end]))
        if found is None:
            raise MalformedSip("a message on TCP without Content-Length cannot be followed (RFC 3261 §18.3)")
        length = int(found[1])
        if length > self.max_body_bytes:
            raise MalformedSip(f"body of {length} bytes; at most {self.max_body_bytes} are read")
        whole = end + 4 + length
        if len(self._buffer) < whole:
            return None
        message = bytes(self._buffer[:whole])
        del self._buffer[:whole]
        self._searched = 0
        return message
