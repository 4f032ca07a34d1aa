"""A body signed by a secret that both sides know: HMAC-SHA-256 over the time and the octets as they are sent.

`X-Fengsui-Timestamp` is the time of sending in whole seconds since 1970, `X-Fengsui-Signature` is `v1=` and the digest in hex;
what is signed is the time as it is written, a full stop, and the body. The time is part of it, so that a body that was overheard is
worth nothing when it is old. Pure.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

TIMESTAMP_HEADER: Final = "X-Fengsui-Timestamp"
SIGNATURE_HEADER: Final = "X-Fengsui-Signature"
SCHEME: Final = "v1="
LONGEST_TIMESTAMP: Final = 12


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """As it is sent."""
    return SCHEME + hmac.digest(secret, timestamp.encode("utf-8", "surrogatepass") + b"." + body, hashlib.sha256).hex()


def is_signed(secret: bytes, timestamp: str, body: bytes, said: str) -> bool:
    """Whether it was signed by this secret; takes as long for any wrong signature."""
    return hmac.compare_digest(signature(secret, timestamp, body).encode(), said.encode("utf-8", "surrogatepass"))


def time_of(timestamp: str) -> int | None:
    """Seconds since 1970; None where it is no such time."""
    fits = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= LONGEST_TIMESTAMP
    return int(timestamp) if fits else None
