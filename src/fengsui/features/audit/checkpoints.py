"""Signed checkpoints. Pure, but for the key's own arithmetic.

A line is `<signature> <body>\\n`: the Ed25519 signature of the body's bytes in 128 hexadecimal digits; the body is a JSON array
in the order of the fields of `Checkpoint`. `digests` holds the first 16 bytes of the hash of every record from `first` to `last`,
in Base64: so the verifier can name the record that was changed even when somebody computed the whole chain anew, and a single
record can be proved without the others.
"""

from __future__ import annotations

import base64
import hashlib
import re

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

DIGEST_BYTES = 16
_SIGNATURE = re.compile(rb"[0-9a-f]{128} ")
KIND = "fengsui-checkpoint-1"


class Checkpoint(msgspec.Struct, frozen=True, array_like=True):
    """Speaks for the records `first` to `last`. `head`: the hash of `last`; `before`: the hash of the checkpoint line before."""

    kind: str
    node: str
    at: str
    first: int
    last: int
    head: str
    before: str
    digests: str

    @property
    def digest_bytes(self) -> bytes:
        """16 bytes a record."""
        return base64.b64decode(self.digests)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Checkpoint).decode


class Signer:
    """The node's checkpoint key."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key()
        self.seal_key = hashlib.blake2b(key=seed, person=b"audit-records").digest()
        """For the seal of each record."""

    def line_of(self, checkpoint: Checkpoint) -> bytes:
        """The signed line, with its end."""
        return self.signed(_encode(checkpoint)) + b"\n"

    def signed(self, body: bytes) -> bytes:
        """Signature, blank, body."""
        return self._key.sign(body).hex().encode() + b" " + body

    @property
    def public_pem(self) -> bytes:
        """What is handed to auditors."""
        return self.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def fingerprint(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the raw public key, in fours."""
        return fingerprint(self.public)


def fingerprint(key: Ed25519PublicKey) -> str:
    """To compare two keys by eye."""
    digits = hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))


def public_key(pem: bytes) -> Ed25519PublicKey:
    """Raises ValueError."""
    key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 public key")
    return key


def body_of(line: bytes, key: Ed25519PublicKey) -> bytes | None:
    """The body of a signed line; None when the signature is not the key's, or is written in any other way than we write it."""
    if _SIGNATURE.match(line) is None:
        return None
    try:
        key.verify(bytes.fromhex(line[:128].decode("ascii")), line[129:])
    except (InvalidSignature, ValueError):
        return None
    return line[129:]


def checkpoint_of(line: bytes, key: Ed25519PublicKey) -> Checkpoint | None:
    """None when it is not signed by the key or is no checkpoint."""
    body = body_of(line, key)
    if body is None:
        return None
    try:
        found = _decode(body)
        octets = found.digest_bytes
    except (msgspec.MsgspecError, ValueError):
        return None
    fits = found.kind == KIND and len(octets) == DIGEST_BYTES * (found.last - found.first + 1) and found.last >= found.first
    return found if fits else None
