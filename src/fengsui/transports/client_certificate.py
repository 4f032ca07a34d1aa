"""Which devices a certificate names that a peer showed. Source: GB/T 28181-2022 E.1 (codes); GB 35114 (in the subject)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fengsui.wire.gb_code import is_gb_code


def codes_of(certificate: Mapping[str, Any] | None) -> frozenset[str]:
    """`certificate`: as `ssl.SSLSocket.getpeercert` gives it. Codes in its common name and its alternative names."""
    return frozenset(name for name in _names(certificate or {}) if is_gb_code(name))


def _names(certificate: Mapping[str, Any]) -> Iterator[str]:
    for part in certificate.get("subject", ()):
        yield from (str(value) for kind, value in part if kind == "commonName")
    for kind, value in certificate.get("subjectAltName", ()):
        if kind == "DNS":
            yield str(value)
        elif kind == "URI":
            yield str(value).partition(":")[2].partition("@")[0]
