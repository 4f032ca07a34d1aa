"""The signed right of minutes to read one source; the engine verifies it (docs/design/seams.md)."""

from __future__ import annotations

import base64
import hashlib
import hmac


def media_ticket(key: bytes, *, source: str, session: str, expires_unix: int, address: str) -> str:
    """`address`: the workstation it is for, empty for anybody who has it; `expires_unix`: seconds of `SteadyTime`."""
    payload = _base64(f"{source}|{session}|{expires_unix}|{address}".encode())
    return f"{payload}.{_base64(hmac.digest(key, payload.encode(), hashlib.sha256))}"


def _base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
