"""A signed extract: some records with the proof that they stand in the log. A text file of lines.

`H <JSON>`: what it is; `R <line of the log>`; `C <checkpoint line>`: each that speaks for one of the records; at the end
`S <signature> fengsui-audit-extract-1 <SHA-256 of every octet before this line>`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from fengsui.features.audit.checkpoints import DIGEST_BYTES, Checkpoint, Signer, body_of, checkpoint_of
from fengsui.features.audit.folder import checkpoint_files
from fengsui.features.audit.model import record_of
from fengsui.features.audit.verification import Fault

KIND = "fengsui-audit-extract-1"


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, by whom, and how much there is."""

    kind: str = KIND
    node: str
    made_at: str
    made_by: str
    asked: dict[str, Any]
    records: int


@dataclass(frozen=True, slots=True)
class ExtractVerdict:
    """`fault` None: signed and every record proved. `bad`: sequence of the first bad record, 0 when the whole file is bad."""

    records: int
    node: str
    fault: Fault | None = None
    bad: int = 0


def make_extract(folder: Path, signer: Signer, header: Header, lines: list[tuple[int, bytes]]) -> bytes:
    """`lines`: sequence and line with its end, in order; a checkpoint speaks for each already. Raises OSError."""
    parts = [b"H " + msgspec.json.encode(header) + b"\n", *(b"R " + line for _, line in lines)]
    parts += [b"C " + line + b"\n" for line in _covering(folder, signer.public, [sequence for sequence, _ in lines])]
    octets = b"".join(parts)
    return octets + b"S " + signer.signed(f"{KIND} {hashlib.sha256(octets).hexdigest()}".encode()) + b"\n"


def _covering(folder: Path, key: Ed25519PublicKey, sequences: list[int]) -> Iterable[bytes]:
    """The checkpoints of ordered sequences."""
    at = 0
    for path in checkpoint_files(folder):
        if at == len(sequences):
            return
        for line in path.read_bytes().split(b"\n")[:-1]:
            found = checkpoint_of(line, key)
            if found is None:
                continue
            wanted = False
            while at < len(sequences) and sequences[at] <= found.last:
                wanted = wanted or sequences[at] >= found.first
                at += 1
            if wanted:
                yield line


def verify_extract(path: Path, key: Ed25519PublicKey) -> ExtractVerdict:
    """Raises OSError."""
    octets = path.read_bytes()
    cut = octets.rfind(b"\nS ") + 1
    body = body_of(octets[cut + 2 :].rstrip(b"\n"), key) if cut else None
    sealed = body == f"{KIND} {hashlib.sha256(octets[:cut]).hexdigest()}".encode()
    records: list[bytes] = []
    covers: list[Checkpoint] = []
    node = ""
    for line in octets[:cut].split(b"\n")[:-1]:
        tag, rest = line[:2], line[2:]
        if tag == b"R ":
            records.append(rest)
        elif tag == b"C ":
            found = checkpoint_of(rest, key)
            if found is not None:
                covers.append(found)
                node = found.node
    before, at = 0, 0
    for line in records:
        made = hashlib.sha256(line[65:])
        try:
            sequence = record_of(line).sequence
        except ValueError:
            return ExtractVerdict(len(records), node, Fault.CHANGED, before + 1)
        if line[:64] != made.hexdigest().encode():
            return ExtractVerdict(len(records), node, Fault.CHANGED, sequence)
        if sequence <= before:
            return ExtractVerdict(len(records), node, Fault.MISSING, sequence)
        while at < len(covers) and covers[at].last < sequence:
            at += 1
        if at == len(covers) or covers[at].first > sequence:
            return ExtractVerdict(len(records), node, Fault.UNSIGNED, sequence)
        place = DIGEST_BYTES * (sequence - covers[at].first)
        if covers[at].digest_bytes[place : place + DIGEST_BYTES] != made.digest()[:DIGEST_BYTES]:
            return ExtractVerdict(len(records), node, Fault.CHANGED, sequence)
        before = sequence
    return ExtractVerdict(len(records), node, None if sealed else Fault.FORGED, 0)
