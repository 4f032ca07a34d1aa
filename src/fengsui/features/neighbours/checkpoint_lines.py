"""Finds checkpoints by record in a folder of them, without reading what lies before: logs of years have a million."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

import msgspec

from fengsui.features.audit import Checkpoint, checkpoint_files

_decode = msgspec.json.Decoder(Checkpoint).decode


def lines_after(folder: Path, record: int) -> Iterator[bytes]:
    """Lines that say to speak for records after `record`, in order; signatures are not looked at. Raises OSError."""
    files = checkpoint_files(folder)
    begin = max((at for at, path in enumerate(files) if int(path.stem) <= record + 1), default=0)
    for path in files[begin:]:
        yield from _lines_of(path, record)


def lines_of(folder: Path) -> Iterator[bytes]:
    """Every whole line, in order, whatever it says. Raises OSError."""
    for path in checkpoint_files(folder):
        yield from path.read_bytes().split(b"\n")[:-1]


def last_of(line: bytes) -> int:
    """The last record that a line says to speak for; -1 when it is no checkpoint."""
    try:
        return _decode(line[129:]).last
    except (msgspec.MsgspecError, ValueError):
        return -1


def _lines_of(path: Path, record: int) -> Iterator[bytes]:
    with path.open("rb") as stream:
        if not path.stat().st_size:
            return
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as octets:
            at = _begin(octets, record)
            while (stop := octets.find(b"\n", at)) >= 0:
                line = octets[at:stop]
                at = stop + 1
                if last_of(line) > record:
                    yield line


def _begin(octets: mmap.mmap, record: int) -> int:
    """Where the first line for records after `record` begins; the beginning of the file when a line in it cannot be read."""
    low, high = 0, octets.rfind(b"\n") + 1
    while low < high:
        middle = (low + high) // 2
        start = octets.rfind(b"\n", 0, middle) + 1
        stop = octets.find(b"\n", middle)
        last = last_of(octets[start:stop])
        if last < 0:
            return 0
        if last > record:
            high = start
        else:
            low = stop + 1
    return low
