"""Reads the end of a log when it is opened: where the chain stands, what is unsigned yet, and what stands there that is no record.

A record that a checkpoint speaks for is taken as it is: the verifier names a changed one. Behind the last checkpoint only a record
with the node's seal counts, for anybody who may write to the folder can compute a chain.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from fengsui.features.audit.acts import Act
from fengsui.features.audit.checkpoints import DIGEST_BYTES, Checkpoint, Signer, checkpoint_of
from fengsui.features.audit.folder import Segment, checkpoint_files, segments
from fengsui.features.audit.model import NO_HASH, AuditRecord, is_sealed, record_of

NOT_BEFORE = re.compile(r"not before (\S+)")


@dataclass(frozen=True, slots=True)
class Odd:
    """Octets behind the record `after` that are no record of this node: a torn write, or lines that somebody added."""

    segment: Segment
    at: int
    octets: bytes
    after: int


@dataclass(slots=True)
class End:
    """Where a log ends. `damage`: what is wrong with records that were signed or sealed, empty when nothing is."""

    sequence: int = 0
    head: str = NO_HASH
    segment: Segment | None = None
    size: int = 0
    """Octets of the segment up to the last record."""
    odd: list[Odd] = field(default_factory=list)
    damage: str = ""
    signed_to: int = 0
    signed_head: str = NO_HASH
    before: str = NO_HASH
    """Hash of the last checkpoint's line."""
    digests: bytearray = field(default_factory=bytearray)
    """Of the records after `signed_to`."""
    last_act: str = ""
    last_at: str = ""
    """The time of the last record."""
    latest: str = ""
    """The latest time in the files that were read, as records have it; empty without any."""

    @property
    def unclean(self) -> str:
        """Why this is not the end that a stopping node leaves; empty: it is."""
        if self.sequence > self.signed_to:
            return f"records {self.signed_to + 1} to {self.sequence} carry the node's seal and no checkpoint spoke for them"
        if self.sequence and self.last_act != Act.NODE_STOP:
            return f"the last record {self.sequence} is {self.last_act or 'not readable'}, not {Act.NODE_STOP.value}"
        return ""


def end_of(folder: Path, signer: Signer) -> End:
    """Raises OSError."""
    end = End()
    last = _last_checkpoint(folder, signer.public)
    if last is not None:
        checkpoint, line = last
        end.signed_to, end.signed_head, end.before = checkpoint.last, checkpoint.head, hashlib.sha256(line).hexdigest()
    known = segments(folder)
    begin = max((at for at, one in enumerate(known) if one.first <= max(1, end.signed_to)), default=0)
    if known:
        end.sequence = known[begin].first - 1
    for segment in known[begin:]:
        _read(segment, end, signer.seal_key)
    if last is not None and last[0].last > end.sequence:
        end.damage = f"records {end.sequence + 1} to {last[0].last} were signed and are gone"
        end.sequence, end.head = last[0].last, last[0].head
        end.digests.clear()
    end.digests += bytes(DIGEST_BYTES * (end.sequence - end.signed_to) - len(end.digests))
    return end


def latest_in(record: AuditRecord) -> str:
    """When it was written, or the later time that it names: a node that started with its clock set back says how late it was."""
    named = NOT_BEFORE.search(record.detail) if record.act == Act.CLOCK_SET else None
    return record.at if named is None else max(record.at, named[1])


def latest_time(folder: Path) -> datetime | None:
    """The latest time that the newest file of a log speaks of; None without one. Raises OSError."""
    latest = ""
    for segment in segments(folder)[-1:]:
        for line in segment.path.read_bytes().splitlines():
            with suppress(ValueError):
                latest = max(latest, latest_in(record_of(line)))
    return datetime.fromisoformat(latest) if latest else None


def _last_checkpoint(folder: Path, key: Ed25519PublicKey) -> tuple[Checkpoint, bytes] | None:
    for path in reversed(checkpoint_files(folder)):
        for line in reversed(path.read_bytes().split(b"\n")[:-1]):
            found = checkpoint_of(line, key)
            if found is not None:
                return found, line
    return None


def _read(segment: Segment, end: End, seal_key: bytes) -> None:
    octets = segment.path.read_bytes()
    at, bad_at, good_to = 0, -1, 0
    while at < len(octets):
        stop = octets.find(b"\n", at)
        line = octets[at : stop if stop >= 0 else len(octets)]
        record = _record(line, end, seal_key) if stop >= 0 else None
        if record is None:
            bad_at = at if bad_at < 0 else bad_at
            at = stop + 1 if stop >= 0 else len(octets)
            continue
        fits = record.sequence == end.sequence + 1 and (record.previous == end.head or end.head == NO_HASH)
        if bad_at >= 0 or not fits:
            end.damage = end.damage or f"{segment.path.name} at record {end.sequence + 1}"
        bad_at = -1
        missing = record.sequence - max(end.sequence, end.signed_to) - 1
        end.digests += bytes(DIGEST_BYTES * max(0, missing))
        end.sequence, end.head, end.last_act = record.sequence, line[:64].decode(), record.act
        end.last_at = record.at
        end.latest = max(end.latest, latest_in(record))
        if record.sequence > end.signed_to:
            end.digests += bytes.fromhex(end.head[: 2 * DIGEST_BYTES])
        elif record.sequence == end.signed_to and end.head != end.signed_head:
            end.damage = end.damage or f"{segment.path.name}: record {record.sequence} is not the one that was signed"
        at = good_to = stop + 1
    if bad_at >= 0:
        end.odd.append(Odd(segment, bad_at, octets[bad_at:], end.sequence))
    if good_to or not octets:
        end.segment, end.size = segment, good_to


def _record(line: bytes, end: End, seal_key: bytes) -> AuditRecord | None:
    """The record of a whole line; None when it is none, or one that neither a checkpoint nor a seal speaks for."""
    if line[:64] != hashlib.sha256(line[65:]).hexdigest().encode():
        return None
    try:
        record = record_of(line)
    except ValueError:
        return None
    known = record.sequence <= end.signed_to or is_sealed(line, seal_key)
    return record if known and record.sequence > end.sequence else None
