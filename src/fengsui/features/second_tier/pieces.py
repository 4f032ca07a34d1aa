"""Whether what the bucket gives back is what was sent there: a hash of each piece of a file, kept beside it on the disk.

Fragments carry a checksum, which finds what broke by chance; whoever alters an object can make it fit.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

PIECE_BYTES: Final = 256 << 10
HASHES: Final = ".hashes"
"""The end of the name of what lies beside a file: SHA-256 of its pieces, one after the other."""
HASH_BYTES: Final = 32


def hashes_of(path: Path) -> Path:
    """What lies beside a footage file that has moved."""
    return path.with_name(path.name + HASHES)


def aligned(start: int, end: int, size: int, piece: int) -> tuple[int, int]:
    """The least run of whole pieces of a file of `size` bytes around these. Without pieces (0) the same bytes."""
    if not piece:
        return start, end
    return start // piece * piece, min(size, -(-end // piece) * piece)


class Hashing:
    """Of a file that is read from its begin to its end."""

    def __init__(self) -> None:
        self._done = bytearray()
        self._open = hashlib.sha256()
        self._bytes = 0

    def take(self, octets: bytes) -> None:
        """What comes next."""
        left = memoryview(octets)
        while left:
            some = left[: PIECE_BYTES - self._bytes]
            self._open.update(some)
            self._bytes += len(some)
            if self._bytes == PIECE_BYTES:
                self._close()
            left = left[len(some) :]

    def told(self) -> bytes:
        """Nothing more comes."""
        if self._bytes:
            self._close()
        return bytes(self._done)

    def _close(self) -> None:
        self._done += self._open.digest()
        self._open, self._bytes = hashlib.sha256(), 0


def read_hashes(path: Path, first: int, last: int, piece: int) -> list[bytes]:
    """Of the pieces of a file between two borders of pieces; as many as there are. Raises OSError."""
    begin, count = first // piece, -(-last // piece) - first // piece
    with hashes_of(path).open("rb") as file:
        found = os.pread(file.fileno(), count * HASH_BYTES, begin * HASH_BYTES)
    return [found[at : at + HASH_BYTES] for at in range(0, len(found), HASH_BYTES)]


def unlike(octets: bytes, hashes: Iterable[bytes], piece: int) -> set[int]:
    """Which pieces are not what their hash says: the first is 0. One without a hash is none."""
    known = list(hashes)
    view = memoryview(octets)
    found = set[int]()
    for at in range(-(-len(octets) // piece)):
        if at >= len(known) or hashlib.sha256(view[at * piece : (at + 1) * piece]).digest() != known[at]:
            found.add(at)
    return found
