"""The checkpoints of another node, kept here: appended when they continue what is there, and never written again.

The folder looks like a log's own with respect to checkpoints (`<first record>.checkpoints`, `public-key.pem`), so that
`fengsui audit verify LOG --copy FOLDER` takes it as it is. Called from one thread at a time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fengsui.features.audit import DIGITS, KEY_FILE, NO_HASH, Checkpoint, checkpoint_files, checkpoint_of, public_key
from fengsui.features.neighbours.checkpoint_lines import lines_after, lines_of
from fengsui.features.neighbours.standing import LINE_BYTES

FILE_BYTES = 8 << 20
REFUSED_FILE, REFUSED_BYTES = "refused.lines", 4 << 20


class Taken(StrEnum):
    """What became of a message that claims to be a checkpoint of the neighbour."""

    KEPT = "kept"
    KNOWN = "known"
    """It is here already: it came twice."""
    AHEAD = "ahead"
    """Earlier ones are missing; the neighbour sends them when it sees the receipt."""
    FORMER = "former"
    """Signed by a key that was pinned before this one: it waited on the bus while the key was changed."""
    FORGED = "forged"
    """Not signed by the key that is pinned, or no checkpoint at all."""
    FOREIGN = "foreign"
    """Signed by the key, but about another node."""
    FORKED = "forked"
    """Another one for records that a kept one speaks for already."""
    REWRITTEN = "rewritten"
    """Continues a chain in which an earlier checkpoint is another one."""


class ChainDamaged(OSError):
    """What is kept here was changed on this machine: nothing is added to it."""


def line_hash(line: bytes) -> str:
    """As the next checkpoint names it."""
    return hashlib.sha256(line).hexdigest()


class HeldChain:
    """`last`: the record up to which checkpoints are kept, whose line has the hash `line`."""

    def __init__(self, folder: Path, node: str, key: Ed25519PublicKey, file_bytes: int = FILE_BYTES) -> None:
        self.folder = folder
        self.last = 0
        self.line = NO_HASH
        self.at = ""
        """When the last one was signed, by the neighbour's clock."""
        self._node = node
        self._key = key
        self._former: list[Ed25519PublicKey] = []
        self._file_bytes = file_bytes
        self._file: Path | None = None
        self._size = 0

    def open(self) -> bool:
        """Finds the end and cuts off what a crash left half written. Whether the chain is new here. Raises OSError."""
        new = not self.folder.exists()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (self.folder / KEY_FILE).exists():
            (self.folder / KEY_FILE).write_bytes(self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        others = (path for path in self.folder.parent.glob(f"*/{KEY_FILE}") if path.parent != self.folder)
        self._former = [public_key(path.read_bytes()) for path in others]
        self.last, self.line, self.at, self._file, self._size = 0, NO_HASH, "", None, 0
        for path in reversed(checkpoint_files(self.folder)):
            octets = path.read_bytes()
            whole = octets.rfind(b"\n") + 1
            if whole < len(octets):
                os.truncate(path, whole)
            if not whole:
                path.unlink()
                continue
            line = octets[octets.rfind(b"\n", 0, whole - 1) + 1 : whole - 1]
            found = checkpoint_of(line, self._key)
            if found is None:
                raise ChainDamaged(f"{path}: the last checkpoint kept there is not valid any more")
            self._file, self._size = path, whole
            self._stand_at(found, line)
            break
        return new

    def _stand_at(self, found: Checkpoint, line: bytes) -> None:
        self.last, self.line, self.at = found.last, line_hash(line), found.at

    def take(self, lines: Sequence[bytes]) -> list[Taken]:
        """Each of them looked at in turn; those kept are on disk when this returns. Raises OSError: then none was kept."""
        before = self.last, self.line, self.at
        results: list[Taken] = []
        fresh: list[bytes] = []
        refused: list[bytes] = []
        first = 0
        for line in lines:
            found, taken = self._judge(line, fresh)
            results.append(taken)
            if taken is Taken.KEPT and found is not None:
                first = first or found.first
                fresh.append(line)
                self._stand_at(found, line)
            elif taken not in (Taken.KNOWN, Taken.AHEAD, Taken.FORMER):
                refused.append(line)
        try:
            if refused:
                self._keep_refused(refused)
            if fresh:
                self._append(first, b"".join(line + b"\n" for line in fresh))
        except OSError:
            self.last, self.line, self.at = before
            raise
        return results

    def _judge(self, line: bytes, fresh: Sequence[bytes]) -> tuple[Checkpoint | None, Taken]:
        found = checkpoint_of(line, self._key) if len(line) <= LINE_BYTES and b"\n" not in line else None
        if found is None:
            former = any(checkpoint_of(line, key) is not None for key in self._former) if len(line) <= LINE_BYTES else False
            return None, Taken.FORMER if former else Taken.FORGED
        if found.node != self._node:
            return found, Taken.FOREIGN
        if found.first <= self.last:
            return found, Taken.KNOWN if line in fresh or self._holds(found.first, line) else Taken.FORKED
        if found.first > self.last + 1:
            return found, Taken.AHEAD
        return found, Taken.KEPT if found.before == self.line else Taken.REWRITTEN

    def _holds(self, first: int, line: bytes) -> bool:
        return next(lines_after(self.folder, first - 1), None) == line

    def _append(self, first: int, octets: bytes) -> None:
        path = self._file
        if path is None or self._size >= self._file_bytes:
            path = self.folder / f"{first:0{DIGITS}d}.checkpoints"
        size = self._size if path == self._file else 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_size != size:  # a write that failed left something behind what counts
                os.ftruncate(descriptor, size)
            rest, at = memoryview(octets), size
            while rest:
                written = os.pwrite(descriptor, rest, at)
                rest, at = rest[written:], at + written
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if size == 0:
            _sync_folder(self.folder)
        self._file, self._size = path, size + len(octets)

    def _keep_refused(self, lines: Sequence[bytes]) -> None:
        """As evidence, up to a bound: whoever sends nonsense cannot fill the disk."""
        path = self.folder / REFUSED_FILE
        size = path.stat().st_size if path.exists() else 0
        octets = b"".join(line.replace(b"\n", b"\\n") + b"\n" for line in lines)
        if size + len(octets) <= REFUSED_BYTES:
            with path.open("ab") as stream:
                stream.write(octets)

    def octets(self) -> bytes:
        """Everything that is kept, as one file of checkpoints. Raises OSError."""
        return b"".join(path.read_bytes() for path in checkpoint_files(self.folder))


@dataclass(frozen=True, slots=True)
class HeldVerdict:
    """`bad`: the first record of the first checkpoint that is not as it was taken; 0: all are."""

    checkpoints: int
    last: int
    bad: int = 0


def verify_held(folder: Path, node: str, key: Ed25519PublicKey) -> HeldVerdict:
    """Every signature and every link of what is kept. Raises OSError."""
    checkpoints, last, line_before = 0, 0, NO_HASH
    for line in lines_of(folder):
        found = checkpoint_of(line, key)
        if found is None or found.node != node or found.first != last + 1 or found.before != line_before:
            return HeldVerdict(checkpoints, last, last + 1)
        checkpoints, last, line_before = checkpoints + 1, found.last, line_hash(line)
    return HeldVerdict(checkpoints, last)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
