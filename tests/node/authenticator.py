"""A security key in software: makes keys and answers challenges as WebAuthn level 2 says (sections 6.1, 6.3, 8.7)."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, NEW_KEY = 0x01, 0x04, 0x40


class SecurityKey:
    """One key pair for one site. `origin` as browsers write it; the host is the site's id."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._host = origin.partition("://")[2].partition(":")[0]
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = secrets.token_bytes(16)
        self._count = 0

    def _data(self, flags: int, key: bytes = b"") -> bytes:
        self._count += 1
        return hashlib.sha256(self._host.encode()).digest() + bytes([flags]) + self._count.to_bytes(4, "big") + key

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self._origin}).encode()

    def _answer(self, client: bytes, **response: bytes) -> dict[str, Any]:
        told = {name: bytes_to_base64url(value) for name, value in {"clientDataJSON": client, **response}.items()}
        name = bytes_to_base64url(self._id)
        return {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": told}

    def made(self, options: dict[str, Any]) -> dict[str, Any]:
        """As `navigator.credentials.create` answers."""
        point = self._key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        held = bytes(16) + len(self._id).to_bytes(2, "big") + self._id + cose
        data = self._data(PRESENT | VERIFIED | NEW_KEY, held)
        return self._answer(
            self._client("webauthn.create", options),
            attestationObject=cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}),
        )

    def proof(self, options: dict[str, Any], *, verified: bool = True) -> dict[str, Any]:
        """As `navigator.credentials.get` answers; not `verified`: somebody touched it who is not its owner."""
        data, client = self._data(PRESENT | (VERIFIED if verified else 0)), self._client("webauthn.get", options)
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(client, authenticatorData=data, signature=signature)
