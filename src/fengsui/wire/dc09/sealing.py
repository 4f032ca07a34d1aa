"""Padding and encrypting what we send ourselves (ANSI/SIA DC-09)."""

from __future__ import annotations

import secrets
import string
from typing import Final

from fengsui.wire.dc09.cipher import BLOCK, Cipher

_PAD: Final = string.ascii_letters + string.digits


def sealed(rest: str, key: Cipher) -> bytes:
    """`rest`: what follows the padding, from `|` or `]` on. Sixteen octets of chance or more come first: the IV is always zero."""
    octets = rest.encode("utf-8")
    count = BLOCK + -len(octets) % BLOCK
    pad = "".join(secrets.choice(_PAD) for _ in range(count))
    return key.encrypt(pad.encode("ascii") + octets).hex().upper().encode("ascii")
