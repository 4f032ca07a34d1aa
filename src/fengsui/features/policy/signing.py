"""The signature of a pack, and whom this node trusts. Pure, but for reading the folder of keys."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, load_pem_public_key

from fengsui.features.policy.errors import MalformedPack, UnknownPublisher, WrongSignature
from fengsui.features.policy.pack import MAX_BYTES, Pack, read

HEAD: Final = b"fengsui-policy-1"
SUFFIX: Final = ".fengsui-policy"
FOLDER: Final = "trusted-publishers"
"""In the data folder: the public keys of publishers whom this node trusts, one PEM file each."""
PACKS: Final = Path(__file__).parent / "packs"
DEMO_PACK, DEMO_PUBLISHER = PACKS / f"CN-base{SUFFIX}", PACKS / "demo-publisher.pem"
MAX_FILE: Final = MAX_BYTES + 256
Publishers = Mapping[str, Ed25519PublicKey]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A file taken apart; nothing is proved yet."""

    key: str
    signature: bytes
    document: bytes

    @classmethod
    def parse(cls, octets: bytes) -> Envelope:
        """Raises MalformedPack."""
        line, newline, document = octets.partition(b"\n")
        words = line.rstrip(b"\r").split(b" ")
        if not newline or len(octets) > MAX_FILE or len(words) != 3 or words[0] != HEAD:
            raise MalformedPack(what=f"the first line is not `{HEAD.decode()} KEY SIGNATURE`")
        try:
            key, signature = words[1].decode("ascii"), bytes.fromhex(words[2].decode("ascii"))
        except ValueError as error:
            raise MalformedPack(what="the signature is not hexadecimal") from error
        if len(signature) != 64 or len(key) != 16 or not set(key) <= set("0123456789abcdef"):
            raise MalformedPack(what="key or signature has not its length")
        return cls(key, signature, document)

    def to_bytes(self) -> bytes:
        """The file."""
        return b" ".join((HEAD, self.key.encode(), self.signature.hex().encode())) + b"\n" + self.document


@dataclass(frozen=True, slots=True)
class SignedPack:
    """A pack whose publisher is known and whose signature fits."""

    pack: Pack
    key: str
    octets: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.octets).hexdigest()


def key_id(key: Ed25519PublicKey) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the raw public key."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def sign(document: bytes, key: Ed25519PrivateKey) -> bytes:
    """The signed file. Raises MalformedPack and what else `pack.read` raises: only a good document is signed."""
    read(document)
    return Envelope(key_id(key.public_key()), key.sign(HEAD + b"\n" + document), document).to_bytes()


def verify(octets: bytes, trusted: Publishers) -> SignedPack:
    """Raises MalformedPack, UnknownPublisher, WrongSignature, and what else `pack.read` raises."""
    envelope = Envelope.parse(octets)
    key = trusted.get(envelope.key)
    if key is None:
        raise UnknownPublisher(key=envelope.key)
    try:
        key.verify(envelope.signature, HEAD + b"\n" + envelope.document)
    except InvalidSignature as error:
        raise WrongSignature() from error
    return SignedPack(read(envelope.document), envelope.key, octets)


def public_key(pem: bytes) -> Ed25519PublicKey:
    """Raises ValueError."""
    key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 public key")
    return key


def private_key(pem: bytes) -> Ed25519PrivateKey:
    """Raises ValueError, TypeError when it needs a password."""
    key = load_pem_private_key(pem, None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("not an Ed25519 private key")
    return key


def trusted_in(folder: Path) -> dict[str, Ed25519PublicKey]:
    """The `*.pem` of a folder; what is no key is passed over. Raises OSError."""
    found: dict[str, Ed25519PublicKey] = {}
    for path in sorted(folder.glob("*.pem")) if folder.is_dir() else ():
        try:
            key = public_key(path.read_bytes())
        except ValueError:
            continue
        found[key_id(key)] = key
    return found
