"""Proves a log offline: every hash, every link, every signed checkpoint, and nothing missing. Reads files only, changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from fengsui.audit_settings import AUDIT_FLOOR_DAYS
from fengsui.features.audit.acts import Act
from fengsui.features.audit.checkpoints import DIGEST_BYTES, Checkpoint, checkpoint_of
from fengsui.features.audit.folder import checkpoint_files, segments
from fengsui.features.audit.model import NO_HASH, AuditRecord, record_of

UNPROVED = f'"{Act.LOG_UNPROVED.value}"'.encode()
REMOVED = f'"{Act.LOG_REMOVED.value}"'.encode()
READ_BYTES = 8 << 20
PAUSE = timedelta(days=2)
"""A log with a longer pause between two checkpoints does not show that it was kept meanwhile."""


class Fault(StrEnum):
    """What is wrong with the first bad record."""

    CHANGED = "changed"
    """Its bytes are not those that were hashed, or not those that were signed."""
    MISSING = "missing"
    """It is not where it should be: deleted, moved, cut off, or another one was put there."""
    UNSIGNED = "unsigned"
    """No valid checkpoint speaks for it, though one should."""
    FORGED = "forged"
    """The checkpoint that speaks for it is not signed by the key, or contradicts its copy."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fault` None: intact. `unsigned`: records after the last checkpoint, which only the node itself can prove, by its seal."""

    first: int
    last: int
    head: str
    checkpoints: int
    unsigned: int
    fault: Fault | None = None
    bad: int = 0
    """Sequence of the first bad record."""
    unproved: tuple[int, ...] = ()
    """Records that tell that something stood behind them which the node did not write, and was set aside."""

    @property
    def records(self) -> int:
        """How many were read and found good."""
        return self.last - self.first + 1


class _Found(Exception):
    def __init__(self, fault: Fault, bad: int) -> None:
        super().__init__(fault, bad)
        self.fault, self.bad = fault, bad


def verify(folder: Path, key: Ed25519PublicKey, copies: Iterable[Path] = ()) -> Verdict:
    """`copies`: folders to which the checkpoints were pushed; what they know counts as well. Raises OSError."""
    chain = _Chain()
    signed, fault = _signed(folder, key, copies)
    covers = {one.first: one for one in signed}
    known = segments(folder)
    if not known and not signed:
        return Verdict(1, 0, NO_HASH, 0, 0)
    first = known[0].first if known else 1
    found: _Found | None = None
    try:
        chain.begin(first, signed)
        for segment in known:
            chain.read_segment(segment.path, segment.first, covers)
        chain.end(signed)
    except _Found as bad:
        found = bad
    if fault is not None and (found is None or fault.bad < found.bad):
        found = fault
    if found is None and chain.sequence >= first and not signed:
        found = _Found(Fault.UNSIGNED, first)
    last_signed = signed[-1].last if signed else first - 1
    return Verdict(
        first=first,
        last=chain.sequence,
        head=chain.head.decode(),
        checkpoints=len(signed),
        unsigned=max(0, chain.sequence - last_signed),
        fault=found.fault if found is not None else None,
        bad=found.bad if found is not None else 0,
        unproved=tuple(chain.unproved),
    )


def _signed(folder: Path, key: Ed25519PublicKey, copies: Iterable[Path]) -> tuple[list[Checkpoint], _Found | None]:
    """Every good checkpoint by its records, and the first thing wrong with them."""
    by_first: dict[int, Checkpoint] = {}
    fault: _Found | None = None
    for place in (folder, *copies):
        expected = 1
        for line in _lines_of(checkpoint_files(place)):
            found = checkpoint_of(line, key)
            wrong = found is None or found.first != expected
            if found is not None and not wrong:
                wrong = by_first.setdefault(found.first, found).head != found.head
            if wrong:
                kind = Fault.UNSIGNED if found is not None and found.first > expected else Fault.FORGED
                if fault is None or expected < fault.bad:
                    fault = _Found(kind, expected)
                if found is not None:
                    by_first.setdefault(found.first, found)
            if found is not None:
                expected = found.last + 1
    return [by_first[first] for first in sorted(by_first)], fault


def _lines_of(paths: list[Path]) -> Iterator[bytes]:
    """A last line without its end was never finished, and counts for nothing in the newest file."""
    for number, path in enumerate(paths):
        lines = path.read_bytes().split(b"\n")
        rest = lines.pop()
        yield from lines
        if rest and number < len(paths) - 1:
            yield rest


class _Chain:
    """Goes along the records. `sequence`, `head`: of the last good one."""

    def __init__(self) -> None:
        self.sequence = 0
        self.head = NO_HASH.encode()
        self.unproved: list[int] = []
        self._removals: list[AuditRecord] = []
        self._first = 1
        self._covering: Checkpoint | None = None
        self._hashes: list[bytes] = []
        """Of the records since the covering checkpoint's first; of little use when none covers them."""

    def begin(self, first: int, signed: list[Checkpoint]) -> None:
        """A log whose oldest files were removed begins with what the checkpoint before says."""
        self._first = first
        self.sequence = first - 1
        if first == 1:
            return
        before = next((one for one in signed if one.last == first - 1), None)
        if before is None:
            raise _Found(Fault.MISSING, 1)
        self.head = before.head.encode()

    def read_segment(self, path: Path, first: int, covers: dict[int, Checkpoint]) -> None:
        """Raises _Found."""
        if first != self.sequence + 1:
            self._fail(Fault.MISSING, self.sequence + 1)
        rest = b""
        with path.open("rb") as stream:
            while block := stream.read(READ_BYTES):
                lines = (rest + block).split(b"\n")
                rest = lines.pop()
                self._read(lines, covers)
                parts = (block, lines[0] if lines else b"", rest)
                if any(REMOVED in part or UNPROVED in part for part in parts):
                    self._note(lines)
        if rest:
            self._fail(Fault.CHANGED, self.sequence + 1)

    def _read(self, lines: list[bytes], covers: dict[int, Checkpoint]) -> None:
        """The busy loop: one hash and one comparison a record; nothing is decoded."""
        sha256, head, sequence = hashlib.sha256, self.head, self.sequence
        covering, hashes = self._covering, self._hashes
        until = covering.last if covering is not None else 0
        for line in lines:
            following = sequence + 1
            if sequence >= until:
                covering = covers.get(following)
                until = covering.last if covering is not None else 0
                hashes.clear()
            own = sha256(line[65:]).hexdigest().encode()
            if not line.startswith(b'%b ["%b",%d,' % (own, head, following)):
                self._keep(sequence, head, covering)
                self._fail(Fault.MISSING if line.startswith(own + b" ") else Fault.CHANGED, following)
            sequence, head = following, own
            hashes.append(own)
            if sequence == until:
                self._keep(sequence, head, covering)
                self._compare()
        self._keep(sequence, head, covering)

    def _keep(self, sequence: int, head: bytes, covering: Checkpoint | None) -> None:
        self.sequence, self.head, self._covering = sequence, head, covering

    def _compare(self) -> None:
        """Raises _Found for the first record whose digest is not the one that was signed."""
        if self._covering is None:
            return
        wanted, width = self._covering.digest_bytes.hex().encode(), 2 * DIGEST_BYTES
        if wanted.startswith(b"".join([own[:width] for own in self._hashes])):
            return
        for number, own in enumerate(self._hashes):
            if not wanted.startswith(own[:width], number * width):
                self.sequence = self._covering.first + number - 1
                raise _Found(Fault.CHANGED, self.sequence + 1)

    def _fail(self, fault: Fault, bad: int) -> None:
        """What was signed may show an earlier one: a chain computed anew up to here."""
        self._compare()
        raise _Found(fault, bad)

    def _note(self, lines: list[bytes]) -> None:
        for line in lines:
            if REMOVED in line or UNPROVED in line:
                record = record_of(line)
                if record.act == Act.LOG_REMOVED and record.range.startswith("1-"):
                    self._removals.append(record)
                elif record.act == Act.LOG_UNPROVED:
                    self.unproved.append(record.sequence)

    def end(self, signed: list[Checkpoint]) -> None:
        """Raises _Found when the log ends before its last checkpoint, or its beginning is missing and no signed record says why."""
        self._compare()
        if signed and signed[-1].last > self.sequence:
            raise _Found(Fault.MISSING, self.sequence + 1)
        if self._first == 1:
            return
        gone = next(one for one in signed if one.last == self._first - 1)  # `begin` has found it
        told = [one for one in self._removals if one.sequence <= signed[-1].last and _old_enough(gone, one, signed)]
        removed_to = max((int(one.range[2:]) for one in told), default=0)
        if removed_to < self._first - 1:
            raise _Found(Fault.MISSING, removed_to + 1)


def kept_for(times: Iterable[str]) -> timedelta:
    """How long a log was kept for certain: `times` are those of its checkpoints in their order, and the end.

    A longer pause counts for nothing: nobody can say whether time passed, or the clock was set forward. Raises ValueError.
    """
    steps = (later - before for before, later in pairwise(map(datetime.fromisoformat, times)))
    return sum((step for step in steps if abs(step) <= PAUSE), timedelta())


def _old_enough(gone: Checkpoint, removal: AuditRecord, signed: list[Checkpoint]) -> bool:
    """Whether what was signed by `gone` had been kept for the least time that any node keeps its log."""
    between = [one.at for one in signed if gone.last <= one.last < removal.sequence]
    try:
        return kept_for([*between, removal.at]) >= timedelta(days=AUDIT_FLOOR_DAYS)
    except (TypeError, ValueError):
        return False
