"""The node's own CA. Source: RFC 5280, RFC 6125.

CA and server certificate lie in `tls` of the data folder, their keys among the secrets. The server certificate is made anew before
it ends and when the node gets another name or address; who trusts the CA sees no difference.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fengsui.certificates.files import Certificate
from fengsui.settings import Secrets

log = structlog.get_logger(__name__)
CA_KEY, SERVER_KEY = "tls-ca-key", "tls-server-key"
CA_LIFE, SERVER_LIFE = timedelta(days=3652), timedelta(days=365)
RENEW_BEFORE = timedelta(days=30)
"""Before the end of the server certificate it is made anew; a given one is warned about."""
SKEW = timedelta(days=1)
"""Peers whose clock is slow must not find a certificate of tomorrow."""


class OwnAuthority:
    """The node's own CA and the server certificate it signs. `code`: the node's, for its name."""

    def __init__(self, data: Path, secrets: Secrets, code: str) -> None:
        self._folder = data / "tls"
        self._secrets = secrets
        self._code = code

    @property
    def ca_path(self) -> Path:
        """The certificate that workstations trust."""
        return self._folder / "ca.pem"

    def stored(self) -> Certificate | None:
        """The server certificate as it lies there; None when it must be made."""
        chain, key = self._folder / "server.pem", self._secrets.path(SERVER_KEY)
        try:
            pem, key_pem = chain.read_text(encoding="ascii"), key.read_text(encoding="ascii")
            leaf = x509.load_pem_x509_certificate(pem.encode())
            private = load_pem_private_key(key_pem.encode(), None)
        except (OSError, ValueError):
            return None
        same = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if same != leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo):
            return None  # the power went between the two files
        return Certificate(chain, key, pem, key_pem, leaf)

    def certificate(self, names: Iterable[str], now: datetime) -> Certificate:
        """One for all `names` that is good for a month at least. Raises OSError."""
        wanted = frozenset(names)
        found = self.stored()
        authority, authority_key = self._authority(now)
        if found is not None and wanted <= found.names and found.leaf.issuer == authority.subject and self._lasts(found.leaf, now):
            return found
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Fengsui {self._code}")]))
            .issuer_name(authority.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - SKEW)
            .not_valid_after(min(now + SERVER_LIFE, authority.not_valid_after_utc))
            .add_extension(x509.SubjectAlternativeName([_general(name) for name in sorted(wanted)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
            .sign(authority_key, hashes.SHA256())
        )
        self._secrets.keep(SERVER_KEY, _pem_of(key))
        self._write(self._folder / "server.pem", leaf)
        log.info("server certificate made", ends=leaf.not_valid_after_utc.isoformat(), names=sorted(wanted))
        made = self.stored()
        assert made is not None  # both files were just written
        return made

    @staticmethod
    def _lasts(leaf: x509.Certificate, now: datetime) -> bool:
        return leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc - RENEW_BEFORE

    def _authority(self, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        try:
            pem = self.ca_path.read_bytes()
            kept = load_pem_private_key(self._secrets.path(CA_KEY).read_bytes(), None)
            found = x509.load_pem_x509_certificate(pem)
            if isinstance(kept, ec.EllipticCurvePrivateKey) and now < found.not_valid_after_utc - RENEW_BEFORE:
                return found, kept
        except (OSError, ValueError):
            pass  # none yet
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Fengsui"),
                x509.NameAttribute(NameOID.COMMON_NAME, f"Fengsui CA {self._code} {x509.random_serial_number():x}"[:60]),
            ]
        )
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - SKEW)
            .not_valid_after(now + CA_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        self._secrets.keep(CA_KEY, _pem_of(key))
        self._write(self.ca_path, made)
        log.info("CA made; workstations must trust it", ends=made.not_valid_after_utc.isoformat())
        return made, key

    @staticmethod
    def _write(path: Path, certificate: x509.Certificate) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_suffix(".new")
        written.write_bytes(certificate.public_bytes(Encoding.PEM))
        written.replace(path)


def _pem_of(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
