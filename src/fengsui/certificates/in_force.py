"""The certificate in force: given by the operator, or of the node's own CA; renewed while the node runs."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import structlog
from cryptography import x509
from prometheus_client import Gauge

from fengsui.certificates.files import Certificate, CertificateUnusable, read_certificate
from fengsui.certificates.own_authority import RENEW_BEFORE, OwnAuthority
from fengsui.clock import Clock
from fengsui.settings import HttpSection, Secrets

log = structlog.get_logger(__name__)
DAYS_LEFT = Gauge("fengsui_certificate_days_left", "Until the certificate ends", ["certificate"])


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
