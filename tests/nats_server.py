"""A real NATS server with JetStream, TLS and an account that lets each node speak for itself alone."""

from __future__ import annotations

import ipaddress
import json
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from fengsui.audit_settings import BusSection
from tests.ports import free_port

STREAM = "FENGSUI-AUDIT-CHECKPOINTS"
PROGRAM = shutil.which("nats-server") or str(Path(sys.executable).parent / "nats-server")


@dataclass(frozen=True)
class Account:
    """One node's name and password at the server, with the subjects it may use."""

    name: str
    publish: list[str] = field(default_factory=lambda: [">"])
    subscribe: list[str] = field(default_factory=lambda: [">"])

    @property
    def password(self) -> str:
        return f"secret-of-{self.name}"


def writer(code: str) -> Account:
    """A node that pushes its own checkpoints: as the guide says."""
    own = [f"fengsui.audit.checkpoints.{code}", f"fengsui.audit.standing.{code}.*", f"fengsui.audit.copy.{code}.*"]
    newest = f"$JS.API.DIRECT.GET.{STREAM}.fengsui.audit.checkpoints.{code}"
    return Account(f"node-{code}", [*own, newest], [f"_INBOX.{code}.>"])


def keeper(code: str) -> Account:
    """A node that keeps the checkpoints of others: as the guide says."""
    stream = [f"$JS.API.STREAM.CREATE.{STREAM}", f"$JS.API.CONSUMER.CREATE.{STREAM}.*.fengsui.audit.checkpoints.*"]
    follow = [f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.*", f"$JS.ACK.{STREAM}.>"]
    answers = [f"fengsui.audit.standing.*.{code}", f"fengsui.audit.copy.*.{code}"]
    return Account(f"node-{code}", [*stream, *follow], [f"_INBOX.{code}.>", *answers])


class NatsServer:
    """Can be stopped and started again; what is in its streams stays."""

    def __init__(self, folder: Path, accounts: list[Account]) -> None:
        self.folder = folder
        self.port = free_port()
        self.accounts = accounts
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.ca = make_certificates(folder)
        self._configure()

    def _configure(self) -> None:
        users = [
            {
                "user": one.name,
                "password": one.password,
                "permissions": {"publish": {"allow": one.publish}, "subscribe": {"allow": one.subscribe}, "allow_responses": True},
            }
            for one in self.accounts
        ]
        facts = {
            "listen": f"127.0.0.1:{self.port}",
            "jetstream": {"store_dir": str(self.folder / "store"), "max_file_store": 8 << 30},
            "tls": {"cert_file": str(self.folder / "server.pem"), "key_file": str(self.folder / "server.key")},
            "accounts": {"FENGSUI": {"jetstream": "enabled", "users": users}},
        }
        (self.folder / "server.conf").write_text(json.dumps(facts))

    def start(self) -> None:
        """Returns when it answers."""
        with (self.folder / "log").open("ab") as told:
            command = [PROGRAM, "-c", str(self.folder / "server.conf")]
            self._process = subprocess.Popen(command, stdout=told, stderr=told)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2):
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        pytest.fail(f"the NATS server does not start: {(self.folder / 'log').read_text()}")

    def stop(self, *, kill: bool = False) -> None:
        """`kill`: without a chance to tidy up."""
        if self._process is not None:
            if kill:
                self._process.kill()
            else:
                self._process.terminate()
            self._process.wait()
            self._process = None

    def trust(self) -> ssl.SSLContext:
        """For clients that trust its CA."""
        return ssl.create_default_context(cafile=self.ca)

    def section(self, account: Account) -> BusSection:
        """How a node reaches it by that account."""
        key_file = self.folder / f"{account.name}.key"
        key_file.write_text(f"{account.name}\n{account.password}\n")
        key_file.chmod(0o600)
        return BusSection(servers=[f"tls://127.0.0.1:{self.port}"], ca=str(self.ca), key_file=str(key_file))


@contextmanager
def nats_server(folder: Path, *accounts: Account) -> Iterator[NatsServer]:
    """A running server."""
    server = NatsServer(folder, list(accounts))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def make_certificates(folder: Path) -> Path:
    """A CA and a certificate for 127.0.0.1; the path of the CA's."""
    now = datetime.now(UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name, name = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in ("bus CA", "bus"))

    def certificate(subject: x509.Name, public: ec.EllipticCurvePublicKey, *, is_ca: bool) -> bytes:
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        )
        return made.sign(ca_key, hashes.SHA256()).public_bytes(Encoding.PEM)

    (folder / "ca.pem").write_bytes(certificate(ca_name, ca_key.public_key(), is_ca=True))
    (folder / "server.pem").write_bytes(certificate(name, key.public_key(), is_ca=False))
    (folder / "server.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "server.key").chmod(0o600)
    return folder / "ca.pem"
