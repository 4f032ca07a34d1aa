"""Frames out of a stream of octets: half of one may come, or several, with anything between them."""

from __future__ import annotations

from typing import Final

from fengsui.wire.dc09.envelope import CR, LF, MAX_BYTES

_HEADS: Final = (7, 9)
"""Where the quotation mark stands behind LF: with the checksum as two octets or as four digits."""
_SHORTEST: Final = min(_HEADS) + 1


def frames_of(datagram: bytes) -> list[bytes]:
    """What a `Framer` finds in it. One that is a frame and nothing else, as nearly all are, is not gone through octet by octet."""
    if datagram.startswith(LF) and datagram.rfind(LF) == 0 and datagram.find(CR, _SHORTEST) == len(datagram) - 1:
        return [datagram[1:-1]]
    return Framer().feed(datagram)


class Framer:
    """Of one TCP connection."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self.skipped = 0
        """Octets that belong to no frame."""

    @property
    def is_within(self) -> bool:
        """A frame has begun and not ended: a receiver gives it some seconds."""
        return bool(self._octets)

    def feed(self, octets: bytes) -> list[bytes]:
        """What stands between LF and CR, for each frame that is whole now. No more than a frame is kept."""
        self._octets += octets
        found = []
        while frame := self._next():
            found.append(frame)
        if len(self._octets) > MAX_BYTES:
            self.skipped += len(self._octets)
            self._octets.clear()
        return found

    def _next(self) -> bytes | None:
        begins = self._octets.find(LF)
        if begins < 0:
            self._skip(len(self._octets))
            return None
        self._skip(begins)
        ends = self._octets.find(CR, _SHORTEST)  # a checksum of two octets may hold one
        if ends < 0:
            return None
        last = self._octets.rfind(LF, 0, ends)
        if last > 0 and any(self._octets[last + head : ends].startswith(b'"') for head in _HEADS):
            self._skip(last)  # the one before was broken off
            ends -= last
        frame = bytes(self._octets[1:ends])
        del self._octets[: ends + 1]
        return frame

    def _skip(self, count: int) -> None:
        self.skipped += count
        del self._octets[:count]
