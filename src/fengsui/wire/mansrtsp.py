"""Playback control in INFO. Source: GB/T 28181-2022 annex B."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fengsui.wire.errors import MalformedMansrtsp

METHODS: Final = ("PLAY", "PAUSE", "TEARDOWN")


@dataclass(frozen=True, slots=True)
class MansrtspRequest:
    """`range_npt` such as `now-` or `100-`: seconds from the start asked for; `scale` such as 2.0. Either may be absent."""

    method: str
    cseq: int
    range_npt: str = ""
    scale: float | None = None
    pause_time: str = ""

    @classmethod
    def parse(cls, octets: bytes) -> MansrtspRequest:
        """Takes both `RTSP/1.0` and the 2011 edition's `MANSRTSP/1.0`. Raises MalformedMansrtsp."""
        start, headers = _lines(octets)
        method = start.split(" ")[0].upper()
        if method not in METHODS:
            raise MalformedMansrtsp(f"{start[:40]!r} is none of {', '.join(METHODS)}")
        span = headers.get("range", "")
        scale = headers.get("scale")
        try:
            factor = None if scale is None else float(scale)
        except ValueError as error:
            raise MalformedMansrtsp(f"Scale {scale!r} is not a number") from error
        return cls(
            method,
            _cseq(headers),
            span.partition("=")[2].strip() if span.lower().startswith("npt") else "",
            factor,
            headers.get("pausetime", ""),
        )

    def to_bytes(self) -> bytes:
        """CRLF lines with an empty one at the end."""
        lines = [f"{self.method} RTSP/1.0", f"CSeq: {self.cseq}"]
        if self.scale is not None:
            lines.append(f"Scale: {self.scale}")
        if self.range_npt:
            lines.append(f"Range: npt={self.range_npt}")
        if self.pause_time:
            lines.append(f"PauseTime: {self.pause_time}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii", "replace")


@dataclass(frozen=True, slots=True)
class MansrtspResponse:
    """The answer inside the 200 to INFO; a status of 4xx or 5xx is a failure whatever SIP says."""

    status: int
    reason: str
    cseq: int

    @classmethod
    def parse(cls, octets: bytes) -> MansrtspResponse:
        """Raises MalformedMansrtsp."""
        start, headers = _lines(octets)
        parts = start.split(" ", 2)
        if len(parts) < 2 or len(parts[1]) != 3 or not (parts[1].isascii() and parts[1].isdigit()):
            raise MalformedMansrtsp(f"{start[:40]!r} has no status")
        return cls(int(parts[1]), parts[2] if len(parts) > 2 else "", _cseq(headers))

    def to_bytes(self) -> bytes:
        """CRLF lines with an empty one at the end."""
        return f"RTSP/1.0 {self.status} {self.reason}\r\nCSeq: {self.cseq}\r\n\r\n".encode("ascii", "replace")


def _lines(octets: bytes) -> tuple[str, dict[str, str]]:
    lines = octets.decode("latin-1").replace("\r", "\n").split("\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:]) if value}
    return lines[0].strip(), headers


def _cseq(headers: dict[str, str]) -> int:
    text = headers.get("cseq", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 10:
        raise MalformedMansrtsp(f"CSeq {text[:20]!r} is not a number")
    return int(text)
