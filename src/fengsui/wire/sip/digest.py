"""Digest authentication of REGISTER. Sources: RFC 2617 §3.2, RFC 8760 (SHA-256), GB/T 28181-2022 §8.1 and field practice."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fengsui.wire.errors import MalformedDigest

_PARAMETER: Final = re.compile(r'([A-Za-z][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_HASHES: Final[Mapping[str, Callable[[bytes], Any]]] = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def _hash(algorithm: str, text: str) -> str:
    digest: str = _HASHES[algorithm](text.encode("utf-8", "surrogateescape")).hexdigest()
    return digest


def _parameters(text: str) -> dict[str, str]:
    scheme, _, rest = text.strip().partition(" ")
    if scheme.lower() != "digest":
        raise MalformedDigest(f"scheme {scheme[:20]!r} is not Digest")
    return {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}


def _algorithm(parameters: Mapping[str, str]) -> str:
    algorithm = parameters.get("algorithm", "MD5").upper()
    if algorithm not in _HASHES:
        raise MalformedDigest(f"algorithm {algorithm[:20]!r} is neither MD5 nor SHA-256")
    return algorithm


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a WWW-Authenticate header says. No `qop` is the most compatible offer."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    stale: bool = False
    qop: str = ""

    @classmethod
    def parse(cls, text: str) -> Challenge:
        """Raises MalformedDigest."""
        found = _parameters(text)
        if not found.get("nonce"):
            raise MalformedDigest("the challenge has no nonce")
        offered = [part.strip() for part in found.get("qop", "").split(",")]
        return cls(
            found.get("realm", ""),
            found["nonce"],
            _algorithm(found),
            found.get("stale", "").lower() == "true",
            "auth" if "auth" in offered else "",
        )

    def to_text(self) -> str:
        """The header value."""
        stale = ",stale=true" if self.stale else ""
        qop = f',qop="{self.qop}"' if self.qop else ""
        return f'Digest realm="{self.realm}",nonce="{self.nonce}",algorithm={self.algorithm}{qop}{stale}'

    def answer(self, *, username: str, password: str, method: str, uri: str, cnonce: str = "", count: int = 1) -> Credentials:
        """Credentials for this challenge; `cnonce` is needed when it offers qop."""
        ha1 = _hash(self.algorithm, f"{username}:{self.realm}:{password}")
        qop = self.qop if cnonce else ""
        unsigned = Credentials(
            username, self.realm, self.nonce, uri, "", self.algorithm, qop, f"{count:08x}" if qop else "", cnonce if qop else ""
        )
        return Credentials(
            username,
            self.realm,
            self.nonce,
            uri,
            unsigned.expected(ha1, method),
            self.algorithm,
            unsigned.qop,
            unsigned.nc,
            unsigned.cnonce,
        )


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an Authorization header says, each value as sent."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = "MD5"
    qop: str = ""
    nc: str = ""
    cnonce: str = ""

    @classmethod
    def parse(cls, text: str) -> Credentials:
        """Raises MalformedDigest."""
        found = _parameters(text)
        for needed in ("username", "nonce", "response"):
            if needed not in found:
                raise MalformedDigest(f"the credentials have no {needed}")
        return cls(
            found["username"],
            found.get("realm", ""),
            found["nonce"],
            found.get("uri", ""),
            found["response"],
            _algorithm(found),
            found.get("qop", ""),
            found.get("nc", ""),
            found.get("cnonce", ""),
        )

    def expected(self, ha1: str, method: str) -> str:
        """The response that the holder of `ha1` would send."""
        ha2 = _hash(self.algorithm, f"{method}:{self.uri}")
        middle = f"{self.nonce}:{self.nc}:{self.cnonce}:{self.qop}" if self.qop else self.nonce
        return _hash(self.algorithm, f"{ha1}:{middle}:{ha2}")

    def verify(self, password: str, method: str) -> bool:
        """Whether the sender knows `password`; hashes realm, user and uri as sent, compares in constant time."""
        ha1 = _hash(self.algorithm, f"{self.username}:{self.realm}:{password}")
        return hmac.compare_digest(self.expected(ha1, method).encode(), self.response.lower().encode("utf-8", "replace"))

    def to_text(self) -> str:
        """The header value."""
        text = (
            f'Digest username="{self.username}",realm="{self.realm}",nonce="{self.nonce}",uri="{self.uri}",'
            f'response="{self.response}",algorithm={self.algorithm}'
        )
        return f'{text},qop={self.qop},nc={self.nc},cnonce="{self.cnonce}"' if self.qop else text
