"""The key of an account, at work."""

from __future__ import annotations

from typing import Final, Protocol

BLOCK: Final = 16


class Cipher(Protocol):
    """AES of 128, 192 or 256 bits by CBC, the IV of each message all zero (ANSI/SIA DC-09). Both take whole blocks of 16 octets."""

    def encrypt(self, clear: bytes) -> bytes:
        """As many octets."""

    def decrypt(self, octets: bytes) -> bytes:
        """As many octets; of another key they are noise."""
