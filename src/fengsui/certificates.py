"""The node's certificate for HTTPS, the media port and SIP over TLS: of the node's own CA, or given. Source: RFC 5280, RFC 6125.

Own: CA and server certificate lie in `tls` of the data folder, their keys among the secrets. The server certificate is made anew
before it ends and when the node gets another name or address; who trusts the CA sees no difference.
"""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
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
from prometheus_client import Gauge

from fengsui.clock import Clock
from fengsui.errors import NodeFault
from fengsui.settings import HttpSection, Secrets

log = structlog.get_logger(__name__)
CA_KEY, SERVER_KEY = "tls-ca-key", "tls-server-key"
CA_LIFE, SERVER_LIFE = timedelta(days=3652), timedelta(days=365)
RENEW_BEFORE = timedelta(days=30)
"""Before the end of the server certificate it is made anew; a given one is warned about."""
SKEW = timedelta(days=1)
"""Peers whose clock is slow must not find a certificate of tomorrow."""
DAYS_LEFT = Gauge("fengsui_certificate_days_left", "Until the certificate ends", ["certificate"])


class CertificateUnusable(NodeFault):
    """The certificate or its key cannot be used."""

    code = "tls.certificate"
    zh = "证书不可用:{zh}"
    en = "The certificate cannot be used: {en}"
    remedy_zh = "{do_zh}"
    remedy_en = "{do_en}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A chain with its key, leaf first."""

    chain: Path
    key: Path
    chain_pem: str
    key_pem: str
    leaf: x509.Certificate

    @property
    def names(self) -> frozenset[str]:
        """DNS names and addresses it is for."""
        return names_of(self.leaf)

    def days_left(self, now: datetime) -> float:
        """Until it ends; negative afterwards."""
        return (self.leaf.not_valid_after_utc - now) / timedelta(days=1)


def names_of(leaf: x509.Certificate) -> frozenset[str]:
    """The subject's alternative names as text."""
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    names = found.get_values_for_type(x509.DNSName)
    return frozenset((*names, *map(str, found.get_values_for_type(x509.IPAddress))))


def fingerprint_of(pem: str) -> str:
    """SHA-256 of the first certificate, in pairs of digits, as browsers show it."""
    octets = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    return hashlib.sha256(octets).digest().hex(":").upper()


def read_certificate(chain: Path, key: Path, now: datetime) -> Certificate:
    """A given certificate that can be used now. Raises CertificateUnusable with the remedy."""
    chain_pem, key_pem = _read(chain), _read(key)
    if key.stat().st_mode & 0o007:
        raise _open_to_all(key)
    try:
        leaf = x509.load_pem_x509_certificate(chain_pem.encode())
    except ValueError as error:
        raise CertificateUnusable(
            zh=f"{chain} 不是 PEM 格式的证书",
            en=f"{chain} is no certificate in PEM",
            do_zh="请给出 PEM 格式的完整证书链,服务器证书在最前",
            do_en="Give the whole chain in PEM, the server's certificate first",
        ) from error
    try:
        private = load_pem_private_key(key_pem.encode(), None)
    except TypeError as error:
        raise CertificateUnusable(
            zh=f"私钥 {key} 带有口令",
            en=f"the key {key} has a passphrase",
            do_zh=f"给出无口令的私钥:openssl pkey -in {key} -out 新文件",
            do_en=f"Give one without: openssl pkey -in {key} -out NEWFILE",
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateUnusable(
            zh=f"{key} 不是可用的 PEM 私钥",
            en=f"{key} is no usable private key in PEM",
            do_zh="请给出该证书的 PEM 私钥",
            do_en="Give the certificate's private key in PEM",
        ) from error
    whole = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*whole) != leaf.public_key().public_bytes(*whole):
        raise CertificateUnusable(
            zh=f"私钥 {key} 与证书 {chain} 不匹配",
            en=f"the key {key} does not belong to the certificate {chain}",
            do_zh="请成对给出同一次申请的证书和私钥,服务器证书须在链的最前",
            do_en="Give certificate and key of one request; the server's certificate stands first in the chain",
        )
    _refuse_outdated(chain, leaf, now)
    return Certificate(chain, key, chain_pem, key_pem, leaf)


def _refuse_outdated(chain: Path, leaf: x509.Certificate, now: datetime) -> None:
    ends, begins = leaf.not_valid_after_utc, leaf.not_valid_before_utc
    if now > ends:
        raise CertificateUnusable(
            zh=f"{chain} 已于 {ends:%Y-%m-%d} 过期",
            en=f"{chain} ended on {ends:%Y-%m-%d}",
            do_zh="请换上新证书(同一文件名即可),或删去 [http] certificate、key 改用节点自己的 CA",
            do_en="Put a new one in its place, or remove [http] certificate and key to use the node's own CA",
        )
    if now < begins:
        raise CertificateUnusable(
            zh=f"{chain} 自 {begins:%Y-%m-%d %H:%M} UTC 起才有效",
            en=f"{chain} is valid only from {begins:%Y-%m-%d %H:%M} UTC",
            do_zh="请核对本机时钟,或换上现在有效的证书",
            do_en="See whether this machine's clock is right, or give a certificate that is valid now",
        )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CertificateUnusable(
            zh=f"{path} 无法读取:{error}",
            en=f"{path} cannot be read: {error}",
            do_zh="检查 [http] certificate、key 的路径,并让运行本程序的用户可以读取",
            do_en="See whether the paths in [http] certificate and key are right and the user who runs this may read them",
        ) from error


def _open_to_all(key: Path) -> CertificateUnusable:
    return CertificateUnusable(
        zh=f"私钥 {key} 可被本机所有用户访问",
        en=f"the key {key} is open to every user of this machine",
        do_zh=f"执行 chmod o= {key};它可能已泄露,请考虑更换",
        do_en=f"Run chmod o= {key}; it may have leaked: think of a new one",
    )


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


class Certificates:
    """The certificate in force. `names`: what the node is reached by, asked again at each look."""

    def __init__(
        self, settings: HttpSection, data: Path, secrets: Secrets, code: str, clock: Clock, names: Callable[[], Iterable[str]]
    ) -> None:
        self._settings = settings
        self._own = OwnAuthority(data, secrets, code)
        self._clock = clock
        self._names = names
        self._current: Certificate | None = None
        self._stamp: tuple[float, ...] = ()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._followers: list[Callable[[Certificate], None]] = []

    @property
    def given(self) -> bool:
        """By the operator, not by our own CA."""
        return bool(self._settings.certificate)

    @property
    def current(self) -> Certificate:
        """After `load`."""
        assert self._current is not None
        return self._current

    def context(self, client_ca: str = "") -> ssl.SSLContext:
        """For new connections of Python's servers; `client_ca`: a file that vouches for clients, who then must show a certificate.

        Raises CertificateUnusable.
        """
        found = self._contexts.get(client_ca)
        if found is None:
            found = self._contexts[client_ca] = server_context(self.current, client_ca)
        return found

    def ca_pem(self) -> str:
        """The own CA's certificate; empty when a certificate is given."""
        return "" if self.given else self._own.ca_path.read_text(encoding="ascii")

    def follow(self, act: Callable[[Certificate], None]) -> None:
        """`act` is called now and with each later certificate."""
        self._followers.append(act)
        act(self.current)

    def load(self) -> None:
        """Reads or makes it. Raises CertificateUnusable, OSError."""
        now = self._clock.now()
        if self.given:
            chain, key = Path(self._settings.certificate), Path(self._settings.key)
            found = read_certificate(chain, key, now)
        else:
            found = self._own.certificate(self._names(), now)
        self._stamp = _stamp(found)
        if self._current is None or found.chain_pem != self._current.chain_pem or found.key_pem != self._current.key_pem:
            renewed = {client_ca: server_context(found, client_ca) for client_ca in ("", *self._contexts)}
            self._contexts, self._current = renewed, found
            for act in self._followers:
                act(found)
        DAYS_LEFT.labels("server").set_function(lambda: self.current.days_left(self._clock.now()))
        if not self.given:
            authority = x509.load_pem_x509_certificate(self.ca_pem().encode())
            ends = authority.not_valid_after_utc
            DAYS_LEFT.labels("ca").set_function(lambda: (ends - self._clock.now()) / timedelta(days=1))

    def look(self) -> None:
        """Takes a changed or renewed certificate into force; one that cannot be used leaves the present one. Never raises."""
        try:
            if not self.given or _stamp(self.current) != self._stamp:
                before = self.current
                self.load()
                if self.current is not before:
                    log.info("new certificate in force", ends=self.current.leaf.not_valid_after_utc.isoformat())
        except (CertificateUnusable, OSError) as error:
            log.warning("the new certificate cannot be used; the present one stays", what=str(error))
        left = self.current.days_left(self._clock.now())
        if self.given and left < RENEW_BEFORE / timedelta(days=1):
            log.warning("the certificate ends soon", days=round(left, 1), remedy="put a new one in its place")


def _stamp(certificate: Certificate) -> tuple[float, ...]:
    """Changes with the files; empty while they cannot be seen."""
    try:
        facts = (certificate.chain.stat(), certificate.key.stat())
    except OSError:
        return ()
    return tuple(float(part) for one in facts for part in (one.st_mtime_ns, one.st_ino, one.st_size))


def server_context(certificate: Certificate, client_ca: str = "") -> ssl.SSLContext:
    """TLS 1.2 and 1.3 with this certificate. Raises CertificateUnusable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate.chain, certificate.key)
    except (ssl.SSLError, OSError) as error:
        raise CertificateUnusable(
            zh=str(error), en=str(error), do_zh="请检查证书链是否完整", do_en="See whether the chain is whole"
        ) from error
    if client_ca:
        try:
            context.load_verify_locations(client_ca)
        except (ssl.SSLError, OSError) as error:
            raise CertificateUnusable(
                zh=f"{client_ca} 无法用作客户端 CA:{error}",
                en=f"{client_ca} cannot vouch for clients: {error}",
                do_zh="检查 [signalling] tls_client_ca,应为 PEM 格式的 CA 证书",
                do_en="See to [signalling] tls_client_ca: certificates of CAs in PEM",
            ) from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context
