"""Coded pictures from files: Annex B with an access unit delimiter before each picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

FOOTAGE_FOLDER = Path(__file__).parent / "footage"

H264_DELIMITER, H265_DELIMITER = b"\x00\x00\x00\x01\x09", b"\x00\x00\x00\x01\x46\x01"
H264_KEY_NAL, H265_KEY_NALS = 5, range(16, 24)
START_CODE = re.compile(b"\x00\x00\x01(.)", re.DOTALL)
B_PICTURE = 2
"""`primary_pic_type` of an H.264 access unit delimiter: there are B slices (ITU-T H.264 table 7-5)."""
FILE_NAME = re.compile(r"\.(?P<fps>[0-9.]+)fps\.(?P<codec>h264|h265)$")


class UnusableFootage(Exception):
    """The file is not a clip that a simulated camera can send."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One coded picture (access unit) in Annex B."""

    annex_b: bytes
    key: bool
    shown_after: int = 0
    """Picture times from being sent to being shown: 0 without B pictures."""


class PictureSource(Protocol):
    """What one stream of a simulated camera shows."""

    @property
    def codec(self) -> str:
        """`h264` or `h265`."""
        ...

    @property
    def fps(self) -> Fraction:
        """Pictures a second."""
        ...

    def next_picture(self) -> Picture | None:
        """The next picture to send; None at the end of what is recorded."""
        ...

    def ask_key_frame(self) -> None:
        """The next picture is to be a key frame."""
        ...


@dataclass(frozen=True, slots=True)
class Clip:
    """A file's pictures, held once whatever the number of cameras that send it."""

    codec: str
    fps: Fraction
    pictures: tuple[Picture, ...]

    @classmethod
    def load(cls, path: Path) -> Clip:
        """Reads `<name>.<fps>fps.<h264|h265>`. Raises UnusableFootage."""
        name = FILE_NAME.search(path.name)
        if name is None:
            raise UnusableFootage(f"{path.name}: call it <name>.<fps>fps.h264 or .h265, so that its frame rate is known")
        codec = name["codec"]
        delimiter = H264_DELIMITER if codec == "h264" else H265_DELIMITER
        units = [delimiter + unit for unit in path.read_bytes().split(delimiter)[1:]]
        if not units:
            raise UnusableFootage(f"{path.name}: no access unit delimiter (encode with aud=1)")
        kinds = [unit[len(delimiter)] >> 5 for unit in units] if codec == "h264" else []
        delays = shown_after([kind == B_PICTURE for kind in kinds] or [False] * len(units))
        pictures = tuple(Picture(unit, _is_key(codec, unit), delay) for unit, delay in zip(units, delays, strict=True))
        if not pictures[0].key:
            raise UnusableFootage(f"{path.name}: the first picture is no key frame")
        return cls(codec, Fraction(name["fps"]), pictures)


def shown_after(is_b: Sequence[bool]) -> list[int]:
    """For pictures in sending order, the time from being sent to being shown. B pictures refer to the two pictures around them
    and are sent after both, so whatever they are shown before waits for them; with none in the clip nothing waits.
    """
    if not any(is_b):
        return [0] * len(is_b)
    delays = [0 if one else 1 for one in is_b]
    reference = 0
    for at, one in enumerate(is_b):
        if one:
            delays[reference] += 1
        else:
            reference = at
    return delays


def _is_key(codec: str, annex_b: bytes) -> bool:
    for found in START_CODE.finditer(annex_b):
        header = found[1][0]
        if codec == "h264" and header & 0x1F == H264_KEY_NAL:
            return True
        if codec == "h265" and header >> 1 & 0x3F in H265_KEY_NALS:
            return True
        if (codec == "h264" and header & 0x1F == 1) or (codec == "h265" and header >> 1 & 0x3F < 10):
            return False
    return False


def without_sets(codec: str, annex_b: bytes) -> bytes:
    """A picture without its parameter sets."""
    parts = re.split(b"(?=\x00\x00\x00\x01)|(?=(?<!\x00)\x00\x00\x01)", annex_b)
    return b"".join(part for part in parts if not _is_set(codec, part))


def _is_set(codec: str, unit: bytes) -> bool:
    found = START_CODE.match(unit.removeprefix(b"\x00"))
    if found is None:
        return False
    header = found[1][0]
    return header & 0x1F in (7, 8) if codec == "h264" else header >> 1 & 0x3F in (32, 33, 34)


class LoopingClip:
    """Shows a clip again and again; a wanted key frame is the clip's next one, at once."""

    def __init__(self, clip: Clip, start: int = 0) -> None:
        """`start`: index of the picture to begin near; the first one sent is a key frame."""
        self._clip = clip
        self._index = start % len(clip.pictures)
        self._key_wanted = True

    @property
    def codec(self) -> str:
        """`h264` or `h265`."""
        return self._clip.codec

    @property
    def fps(self) -> Fraction:
        """Pictures a second."""
        return self._clip.fps

    def next_picture(self) -> Picture:
        """The next picture; skips to a key frame when one was asked for."""
        pictures = self._clip.pictures
        while self._key_wanted and not pictures[self._index].key:
            self._index = (self._index + 1) % len(pictures)
        self._key_wanted = False
        picture = pictures[self._index]
        self._index = (self._index + 1) % len(pictures)
        return picture

    def ask_key_frame(self) -> None:
        """The next picture is to be a key frame."""
        self._key_wanted = True
