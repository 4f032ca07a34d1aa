"""Reads the end of a log when it is opened: where the chain stands, what is unsigned yet, and whether the end is torn."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from fengsui.features.audit.checkpoints import DIGEST_BYTES, Checkpoint, checkpoint_of
from fengsui.features.audit.folder import Segment, checkpoint_files, segments
from fengsui.features.audit.model import NO_HASH, record_of


@dataclass(slots=True)
class End:
    """Where a log ends. `torn`: unfinished octets behind the last record; `damage`: what else is wrong, empty when nothing is."""

    sequence: int = 0
    head: str = NO_HASH
    segment: Segment | None = None
    size: int = 0
    """Octets of the segment up to the last record."""
    torn: bytes = b""
    damage: str = ""
    signed_to: int = 0
    before: str = NO_HASH
    """Hash of the last checkpoint's line."""
    digests: bytearray = field(default_factory=bytearray)
    """Of the records after `signed_to`."""


def end_of(folder: Path, key: Ed25519PublicKey) -> End:
    """Raises OSError."""
    end = End()
    last = _last_checkpoint(folder, key)
    if last is not None:
        checkpoint, line = last
        end.signed_to, end.before = checkpoint.last, hashlib.sha256(line).hexdigest()
    known = segments(folder)
    begin = max((at for at, one in enumerate(known) if one.first <= end.signed_to + 1), default=0)
    if known:
        end.sequence = known[begin].first - 1
    for segment in known[begin:]:
        _read(segment, end)
    if last is not None and last[0].last > end.sequence:
        end.damage = f"records {end.sequence + 1} to {last[0].last} were signed and are gone"
        end.sequence, end.head = last[0].last, last[0].head
        end.digests.clear()
    end.digests += bytes(DIGEST_BYTES * (end.sequence - end.signed_to) - len(end.digests))
    return end


def _last_checkpoint(folder: Path, key: Ed25519PublicKey) -> tuple[Checkpoint, bytes] | None:
    for path in reversed(checkpoint_files(folder)):
        for line in reversed(path.read_bytes().split(b"\n")[:-1]):
            found = checkpoint_of(line, key)
            if found is not None:
                return found, line
    return None


def _read(segment: Segment, end: End) -> None:
    octets = segment.path.read_bytes()
    end.segment, at = segment, 0
    bad_at = -1
    while at < len(octets):
        stop = octets.find(b"\n", at)
        line = octets[at : stop if stop >= 0 else len(octets)]
        made = hashlib.sha256(line[65:])
        if stop >= 0 and line[:64] == made.hexdigest().encode():
            try:
                record = record_of(line)
            except ValueError:
                record = None
            if record is not None and record.sequence > end.sequence:
                fits = record.sequence == end.sequence + 1 and (record.previous == end.head or end.head == NO_HASH)
                if bad_at >= 0 or not fits:
                    end.damage = end.damage or f"{segment.path.name} at record {end.sequence + 1}"
                bad_at = -1
                missing = record.sequence - max(end.sequence, end.signed_to) - 1
                end.digests += bytes(DIGEST_BYTES * max(0, missing))
                end.sequence, end.head = record.sequence, line[:64].decode()
                if record.sequence > end.signed_to:
                    end.digests += made.digest()[:DIGEST_BYTES]
                at = end.size = stop + 1
                continue
        bad_at = at if bad_at < 0 else bad_at
        at = stop + 1 if stop >= 0 else len(octets)
    end.torn = octets[bad_at:] if bad_at >= 0 else b""
    if bad_at < 0:
        end.size = len(octets)
    elif bad_at == 0:
        end.size = 0
