"""What two nodes tell each other about a copy of the log. Pure, but for the key's own arithmetic.

The node that writes the log says every half minute where it stands, signed with its checkpoint key: so the node that keeps the copy
hears of a log that was cut although nothing new comes. It puts in what the receipt before asked for (`nonce`): an old statement
that somebody plays again counts for nothing, whatever the clocks say. The receipt is not signed: whoever forges one deceives the
writer about its copy at most, and the keeper notices that nothing comes.
"""

from __future__ import annotations

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from fengsui.features.audit import Signer, body_of
from fengsui.features.neighbours.findings import Finding
from fengsui.node_bus import Channel

STANDING, RECEIPT = "fengsui-audit-standing-1", "fengsui-audit-receipt-1"
SHORT_BYTES = 8 << 10
"""No statement and no receipt is longer."""
LINE_BYTES = 512 << 10
"""No checkpoint is longer: an ordinary one of 1,000 records has 22 kB."""
DAY_S = 86_400.0
CHANNEL = Channel("FENGSUI-AUDIT-CHECKPOINTS", "fengsui.audit.checkpoints.*", keep_s=30 * DAY_S, keep_bytes=4 << 30)


def checkpoints_of(writer: str) -> str:
    """The subject of a node's checkpoints."""
    return f"fengsui.audit.checkpoints.{writer}"


def standing_of(writer: str, keeper: str) -> str:
    """Where a node says where its log stands, and asks (empty body) or is told how far the copy is."""
    return f"fengsui.audit.standing.{writer}.{keeper}"


def copy_of(writer: str, keeper: str) -> str:
    """Where a node asks for what is kept of it."""
    return f"fengsui.audit.copy.{writer}.{keeper}"


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """The log of `node` is signed up to record `last`, by the checkpoint line with the hash `line`."""

    kind: str
    node: str
    keeper: str
    nonce: str
    at: str
    last: int
    line: str


class Receipt(msgspec.Struct, frozen=True):
    """`keeper` holds the checkpoints of `node` up to record `last`, whose line has the hash `line`. `findings`: that are open."""

    kind: str
    keeper: str
    node: str
    nonce: str
    last: int
    line: str
    findings: list[Finding]


class Wanted(msgspec.Struct, frozen=True):
    """The checkpoints after record `after`, as many as fit into an answer."""

    after: int


_encode = msgspec.json.Encoder().encode
_standing = msgspec.json.Decoder(Standing).decode
_receipt = msgspec.json.Decoder(Receipt).decode
_wanted = msgspec.json.Decoder(Wanted).decode


def signed(signer: Signer, standing: Standing) -> bytes:
    """The message."""
    return signer.signed(_encode(standing))


def standing_in(message: bytes, key: Ed25519PublicKey) -> Standing | None:
    """None when it is not signed by the key or is no statement."""
    body = body_of(message, key) if len(message) <= SHORT_BYTES else None
    if body is None:
        return None
    try:
        found = _standing(body)
    except (msgspec.MsgspecError, ValueError):
        return None
    return found if found.kind == STANDING else None


def receipt_bytes(receipt: Receipt) -> bytes:
    """The message."""
    return _encode(receipt)


def receipt_in(message: bytes, *, keeper: str, node: str) -> Receipt | None:
    """None when it is no receipt of this copy."""
    if len(message) > SHORT_BYTES:
        return None
    try:
        found = _receipt(message)
    except (msgspec.MsgspecError, ValueError):
        return None
    return found if (found.kind, found.keeper, found.node) == (RECEIPT, keeper, node) and found.last >= 0 else None


def wanted_bytes(after: int) -> bytes:
    """The message."""
    return _encode(Wanted(after))


def wanted_in(message: bytes) -> int | None:
    """After which record; None when it is no such question."""
    if len(message) > SHORT_BYTES:
        return None
    try:
        after = _wanted(message).after
    except (msgspec.MsgspecError, ValueError):
        return None
    return after if after >= 0 else None
