"""AES as alarm hosts use it (ANSI/SIA DC-09)."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from fengsui.wire.dc09.cipher import BLOCK

KEY_BYTES: Final = (16, 24, 32)


class AesCbc:
    """One account's key. The IV is zero in each message, as the standard has it: who sends puts chance before the data."""

    def __init__(self, key: bytes) -> None:
        """Raises ValueError unless the key has 16, 24 or 32 octets."""
        if len(key) not in KEY_BYTES:
            raise ValueError("the key of an account has 16, 24 or 32 octets")
        self._cipher = Cipher(AES(key), CBC(bytes(BLOCK)))

    def encrypt(self, clear: bytes) -> bytes:
        """As many octets, a whole number of blocks."""
        context = self._cipher.encryptor()
        return context.update(clear) + context.finalize()

    def decrypt(self, octets: bytes) -> bytes:
        """As many octets, a whole number of blocks."""
        context = self._cipher.decryptor()
        return context.update(octets) + context.finalize()
