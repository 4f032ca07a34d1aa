"""Footage of which the disk was lost: heads and tables come back from the bucket, the pictures where somebody reads them.

A file is made under another name, its note beside it, and only then it is what it was: a stop in between leaves what the next
try, or the node, finishes. Everything here blocks.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import Final

from fengsui.features.second_tier.model import RESTORED, RESTORING, Away, Kept, kept_of, note_of
from fengsui.features.second_tier.tier import CLOSED, END, Tier
from fengsui.whole_files import write_whole

AT_ONCE: Final = 16
HEAD: Final = 1 << 16
"""What comes before the first fragment is a kilobyte."""
LONGEST_TABLE: Final = 32 << 20
MARK: Final = "fengsui-footage"
"""In a footage folder's root; without it the folder is taken for one that is not mounted."""


@dataclass(slots=True)
class Restored:
    """`there`: files that were there already; `failed`: objects with why."""

    files: int = 0
    bytes: int = 0
    there: int = 0
    other: int = 0
    """Objects that are no footage file's."""
    failed: list[tuple[str, str]] = field(default_factory=list)


class Restoring:
    """Into `folder`, of what is in none of `folders`."""

    def __init__(self, tier: Tier, folder: Path, folders: Sequence[Path]) -> None:
        self._tier = tier
        self._folder = folder
        self._folders = folders
        self._lock = Lock()
        self.told = Restored()
        self._begun: set[Path] = set()

    def count(self) -> int:
        """Objects in the bucket. Raises OSError."""
        return sum(1 for _ in self._tier.objects())

    def run(self, step: Callable[[], None]) -> Restored:
        """Everything; `step` is called from threads once for each object. Raises OSError: the bucket does not say what it has, or
        the folder takes nothing.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        if not (self._folder / MARK).exists():
            write_whole(self._folder / MARK, b"1\n")
        with ThreadPoolExecutor(AT_ONCE) as threads:
            objects = iter(self._tier.objects())
            while some := list(islice(objects, 64 * AT_ONCE)):
                for _ in threads.map(self._one, some):
                    step()
        if self.told.files:
            said = f"files {self.told.files}; bytes {self.told.bytes}; failed {len(self.told.failed)}"
            write_whole(self._folder / RESTORED, said.encode())
        return self.told

    def _one(self, found: tuple[str, int, float]) -> None:
        key, size, moved_at = found
        kept = kept_of(key)
        if kept is None or kept.size != size:
            with self._lock:
                self.told.other += 1
            return
        try:
            made = self._made(key, kept, moved_at)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EROFS, errno.EACCES):
                raise
            with self._lock:
                self.told.failed.append((key, str(error)))
            return
        with self._lock:
            self.told.there += not made
            self.told.files += made
            self.told.bytes += size if made else 0

    def _made(self, key: str, kept: Kept, moved_at: float) -> bool:
        """False: it is there. Raises OSError."""
        end = self._end(key, kept)
        head = _head(self._tier.read(key, 0, min(HEAD, kept.size)))
        with self._lock:  # two objects may be of one name, in what were two folders
            path = self._free(kept, key)
            if path is None:
                return False
            self._begun.add(path)
            coming = path.with_name(path.name + RESTORING)
            path.parent.mkdir(parents=True, exist_ok=True)
            coming.touch(0o600)
        with coming.open("r+b") as file:
            file.truncate(kept.size)
            os.pwrite(file.fileno(), head, 0)
            os.pwrite(file.fileno(), end, kept.size - len(end))
            os.fsync(file.fileno())
        write_whole(note_of(path), Away(self._tier.place, key, kept.size, "", moved_at).written())
        coming.rename(path)
        return True

    def _free(self, kept: Kept, key: str) -> Path | None:
        """Where it belongs; None: it is there."""
        for below in names_of(kept.path):
            there = [folder / below for folder in self._folders if (folder / below).exists()]
            if any(self._is(path, key, kept) for path in there):
                return None
            path = self._folder / below
            if path in self._begun:
                continue  # another object of this name, just now
            if not there and not path.with_name(path.name + RESTORING).exists():
                return path
            note = note_of(path)
            if not there and (not note.exists() or self._tier.key_in(note) == key):
                return path  # a try of before was cut off
        raise OSError(f"{kept.path}: too many files of one name")

    def _is(self, path: Path, key: str, kept: Kept) -> bool:
        """Whether this file is the one that the object was made of."""
        note = note_of(path)
        if note.exists():
            return self._tier.key_in(note) == key
        return path.stat().st_size == kept.size

    def _end(self, key: str, kept: Kept) -> bytes:
        end = self._tier.read(key, max(0, kept.size - END), kept.size)
        table = int.from_bytes(end[-8:-4], "big")
        if not end.endswith(CLOSED) or not 8 < table <= min(kept.size, LONGEST_TABLE):
            raise OSError("it does not end with a table")
        return end[-table:] if table <= len(end) else self._tier.read(key, kept.size - table, kept.size)


def names_of(path: PurePosixPath) -> Iterator[PurePosixPath]:
    """Its own name, and those that another file of the same begin gets."""
    yield path
    for number in count(2):
        if number > 9_999:
            return
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")


def _head(octets: bytes) -> bytes:
    """The boxes that a file begins with. Raises OSError."""
    at = 0
    for wanted in (b"ftyp", b"moov"):
        if octets[at + 4 : at + 8] != wanted:
            raise OSError("it does not begin with a head")
        at += int.from_bytes(octets[at : at + 4], "big")
    if at > len(octets):
        raise OSError("its head is longer than any")
    return octets[:at]
