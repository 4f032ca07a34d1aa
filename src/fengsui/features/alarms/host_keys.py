"""Keys of accounts: sealed in the database by a key that never leaves the node's key folder, told to nobody."""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12


class KeyUnreadable(Exception):
    """Another node's database, or a row put under another account."""


class HostKeys:
    """`key`: 32 octets of the node's own. `of`: whose keys they are; one of another kind does not open in their place."""

    def __init__(self, key: bytes, of: str = "dc09") -> None:
        self._seal = AESGCM(key)
        self._of = of

    def sealed(self, account: str, key: bytes) -> str:
        """For the database."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return (nonce + self._seal.encrypt(nonce, key, f"{self._of}:{account}".encode())).hex()

    def opened(self, account: str, sealed: str) -> bytes:
        """Raises KeyUnreadable."""
        try:
            octets = bytes.fromhex(sealed)
            return self._seal.decrypt(octets[:NONCE_BYTES], octets[NONCE_BYTES:], f"{self._of}:{account}".encode())
        except (InvalidTag, ValueError) as error:
            raise KeyUnreadable() from error
