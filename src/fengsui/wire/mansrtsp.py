"""Playback control in INFO. Source: GB/T 28181-2022 annex B; field practice of its answers."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from fengsui.wire.errors import MalformedMansrtsp

CONTENT_TYPE: Final = "Application/MANSRTSP"
METHODS: Final = ("PLAY", "PAUSE", "TEARDOWN")
VERSIONS: Final = ("RTSP/1.0", "MANSRTSP/1.0")
"""Since 2014, and in 2011; both are read."""
MAX_BYTES: Final = 8 * 1024
_SEQUENCE: Final = re.compile(r"seq\s*=\s*(\d{1,19})", re.IGNORECASE)
_RTP_TIME: Final = re.compile(r"rtptime\s*=\s*(\d{1,19})", re.IGNORECASE)
_SECONDS: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)|now", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(\d{1,5}):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)")


@dataclass(frozen=True, slots=True)
class NptRange:
    """Seconds from the start of the recording asked for. `start_s` None: now; `end_s` None: to the end.

    Backwards (a negative Scale) the end is the smaller one.
    """

    start_s: float | None
    end_s: float | None = None

    @classmethod
    def parse(cls, text: str) -> NptRange:
        """`now-`, `100-`, `600-120`, `0:01:40-`. Raises MalformedMansrtsp."""
        start, _, end = text.strip().partition("-")
        return cls(_seconds(start), _seconds(end) if end.strip() else None)

    def to_text(self) -> str:
        """Without the unit."""
        end = "" if self.end_s is None else _plain(self.end_s)
        return f"{'now' if self.start_s is None else _plain(self.start_s)}-{end}"


def _seconds(text: str) -> float | None:
    text = text.strip()
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])
    if _SECONDS.fullmatch(text) is None:
        raise MalformedMansrtsp(f"{text[:20]!r} is no time of a range")
    return None if text.lower() == "now" else float(text)


def _plain(number: float) -> str:
    """A decimal without exponent, as short as can be."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class MansrtspRequest:
    """`range_npt` such as `now-` or `100-` (see NptRange); `scale` such as 2.0, negative backwards. Either may be absent.

    Resume is PLAY with `now-` and no scale; a seek has no scale, a change of speed no range.
    """

    method: str
    cseq: int
    range_npt: str = ""
    scale: float | None = None
    pause_time: str = ""
    range_smpte: str = ""

    @property
    def span(self) -> NptRange | None:
        """The range, None without one. Raises MalformedMansrtsp for one that cannot be read."""
        return NptRange.parse(self.range_npt) if self.range_npt else None

    @classmethod
    def parse(cls, octets: bytes) -> MansrtspRequest:
        """Takes both `RTSP/1.0` and the 2011 edition's `MANSRTSP/1.0`. Raises MalformedMansrtsp."""
        start, headers = _lines(octets)
        method = start.split(" ")[0].upper()
        if method not in METHODS:
            raise MalformedMansrtsp(f"{start[:40]!r} is none of {', '.join(METHODS)}")
        npt, smpte = _ranges(headers)
        return cls(method, _cseq(headers), npt, _scale(headers), headers.get("pausetime", ""), smpte)

    def to_bytes(self, version: str = VERSIONS[0]) -> bytes:
        """CRLF lines with an empty one at the end."""
        lines = [f"{self.method} {version}", f"CSeq: {self.cseq}"]
        if self.scale is not None:
            lines.append(f"Scale: {_scale_text(self.scale)}")
        lines += _range_lines(self.range_npt, self.range_smpte)
        if self.pause_time:
            lines.append(f"PauseTime: {self.pause_time}")
        return _octets(lines)


@dataclass(frozen=True, slots=True)
class MansrtspResponse:
    """The answer inside the 200 to INFO; a status of 4xx or 5xx is a failure whatever SIP says.

    `scale`: the real one where the asked one is not to be had. `first_sequence` (of 16 bits), `first_timestamp` (of 32):
    the first RTP packet of the new position, whose offset `range_npt` says.
    """

    status: int
    reason: str
    cseq: int
    range_npt: str = ""
    scale: float | None = None
    first_sequence: int | None = None
    first_timestamp: int | None = None

    @property
    def accepted(self) -> bool:
        """Whether it was done."""
        return self.status < 300

    @classmethod
    def parse(cls, octets: bytes) -> MansrtspResponse:
        """Sequence numbers beyond 16 bits, which real devices send, are cut to them. Raises MalformedMansrtsp."""
        start, headers = _lines(octets)
        parts = start.split(None, 2)
        if len(parts) < 2 or parts[0].upper() not in VERSIONS:
            raise MalformedMansrtsp(f"{start[:40]!r} is no status line")
        if len(parts[1]) != 3 or not (parts[1].isascii() and parts[1].isdigit()) or not 100 <= int(parts[1]) <= 699:
            raise MalformedMansrtsp(f"{start[:40]!r} has no status")
        first = headers.get("rtp-info", "")
        sequence, timestamp = _SEQUENCE.search(first), _RTP_TIME.search(first)
        return cls(
            int(parts[1]),
            parts[2] if len(parts) > 2 else "",
            _cseq(headers),
            _ranges(headers)[0],
            _scale(headers),
            int(sequence[1]) & 0xFFFF if sequence else None,
            int(timestamp[1]) & 0xFFFFFFFF if timestamp else None,
        )

    def to_bytes(self, version: str = VERSIONS[0]) -> bytes:
        """CRLF lines with an empty one at the end."""
        lines = [f"{version} {self.status} {self.reason}".rstrip(), f"CSeq: {self.cseq}"]
        if self.scale is not None:
            lines.append(f"Scale: {_scale_text(self.scale)}")
        lines += _range_lines(self.range_npt, "")
        first = [f"seq={self.first_sequence}"] if self.first_sequence is not None else []
        if self.first_timestamp is not None:
            first.append(f"rtptime={self.first_timestamp}")
        if first:
            lines.append(f"RTP-Info: {';'.join(first)}")
        return _octets(lines)


def _lines(octets: bytes) -> tuple[str, dict[str, str]]:
    if len(octets) > MAX_BYTES:
        raise MalformedMansrtsp(f"{len(octets)} bytes; at most {MAX_BYTES} are read")
    lines = octets.decode("latin-1").replace("\r", "\n").strip("\n").split("\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:]) if value}
    return lines[0].strip(), headers


def _octets(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _ranges(headers: dict[str, str]) -> tuple[str, str]:
    """The `npt` range and the `smpte` one; a range without a unit is npt's."""
    unit, equals, value = headers.get("range", "").partition("=")
    if not equals:
        return unit.strip(), ""
    name = unit.strip().lower()
    return (value.strip(), "") if name == "npt" else ("", value.strip()) if name.startswith("smpte") else ("", "")


def _range_lines(npt: str, smpte: str) -> list[str]:
    return [f"Range: npt={npt}"] if npt else [f"Range: smpte={smpte}"] if smpte else []


def _scale(headers: dict[str, str]) -> float | None:
    text = headers.get("scale")
    if text is None:
        return None
    try:
        factor = float(text)
    except ValueError as error:
        raise MalformedMansrtsp(f"Scale {text[:20]!r} is not a number") from error
    if not math.isfinite(factor) or not 0 < abs(factor) <= 1024:
        raise MalformedMansrtsp(f"Scale {text[:20]!r} is no speed")
    return factor


def _scale_text(factor: float) -> str:
    """With one decimal at least: some devices want it."""
    text = _plain(factor)
    return text if "." in text else f"{text}.0"


def _cseq(headers: dict[str, str]) -> int:
    text = headers.get("cseq", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 10:
        raise MalformedMansrtsp(f"CSeq {text[:20]!r} is not a number")
    return int(text)
