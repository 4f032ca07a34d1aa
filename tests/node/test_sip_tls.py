"""SIP over TLS: devices register and are asked; foreign peers by openssl; certificates of clients; handshakes that never end."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from fengsui.settings import NodeSettings
from fengsui.simulators.identity import Registrar
from fengsui.wire.gb28181.device_facts import SimpleQuery
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_abuse import register
from tests.node.test_audit import records
from tests.node.test_live import open_live, read_pictures
from tests.ports import free_port

CODE = f"{SERVER[:10]}1320000001"


def with_sip_tls(**signalling: object) -> NodeSettings:
    """Plain HTTP, SIP over TLS beside UDP and TCP."""
    return settings_for(tls_port=free_port(), **signalling)


def registrar(node: RunningNode, trusting: Path, certificate: Path | None = None) -> Registrar:
    """Where devices register by TLS; `certificate`: with its key, which they show."""
    context = ssl.create_default_context(cafile=trusting)
    if certificate is not None:
        context.load_cert_chain(certificate)
    return Registrar("127.0.0.1", node.node.settings.signalling.tls_port, SERVER, SERVER[:10], "node-password", context)


@contextlib.asynccontextmanager
async def tls_node(folder: Path, settings: NodeSettings) -> AsyncIterator[tuple[RunningNode, Path]]:
    """A node and the CA to trust."""
    async with running_node(folder, settings) as node:
        yield node, folder / "tls" / "ca.pem"


async def test_a_camera_registers_by_tls_is_asked_and_plays(tmp_path: Path) -> None:
    async with tls_node(tmp_path, with_sip_tls()) as (node, ca):
        camera = simulated_camera(registrar(node, ca), transport="TLS")
        async with powered(camera):
            await until(lambda: camera.registered.is_set(), what="the camera is registered")
            device = await node.get(f"/devices/{CODE}")
            assert (device["status"], device["transport"]) == ("online", "TLS")
            signalling = node.node.signalling
            answer = await signalling.query(node.node.devices.get(CODE), SimpleQuery("DeviceInfo", signalling.next_sn(), CODE))
            assert type(answer).__name__ == "DeviceInfo"
            pictures = await read_pictures(await open_live(node, CODE), 5)
            assert len(pictures) >= 5
            trace = (await node.get(f"/devices/{CODE}/trace"))["items"]
            sent = [one["text"] for one in trace if one["direction"] == "out" and one["summary"].startswith("INVITE")]  # type: ignore[index, attr-defined]
            port = node.node.settings.signalling.tls_port
            assert "SIP/2.0/TLS 127.0.0.1" in sent[0] and f":{port};transport=tls>" in sent[0], sent[0]
            text = (await node.client.get(f"http://127.0.0.1:{node.node.settings.http.port}/metrics")).text
            assert 'fengsui_sip_messages_total{direction="in",transport="TLS"}' in text


async def test_a_camera_that_does_not_trust_the_node_stays_away(tmp_path: Path) -> None:
    async with tls_node(tmp_path, with_sip_tls()) as (node, _):
        camera = simulated_camera(
            registrar(node, Path(ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt")), transport="TLS"
        )
        async with powered(camera):

            async def refused() -> bool:
                text = (await node.client.get(f"http://127.0.0.1:{node.node.settings.http.port}/metrics")).text
                return 'fengsui_tls_refused_total{port="sip",why="handshake"}' in text

            await until(refused, what="the handshake failed")
        assert not camera.registered.is_set()


def by_openssl(port: int, ca: Path, octets: bytes, *options: str) -> str:
    """What the node answers to these octets, by a peer that is not ours."""
    command = ["openssl", "s_client", "-quiet", "-verify_quiet", "-connect", f"127.0.0.1:{port}", "-CAfile", str(ca)]
    with subprocess.Popen(
        [*command, "-verify_return_error", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as peer:
        assert peer.stdin is not None and peer.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            peer.stdin.write(octets)
            peer.stdin.flush()
        answer = b""
        while not answer.endswith(b"\r\n\r\n") and (line := peer.stdout.readline()):
            answer += line
        peer.kill()
    return answer.decode()


async def test_a_foreign_peer_is_challenged_by_the_same_rules(tmp_path: Path) -> None:
    async with tls_node(tmp_path, with_sip_tls()) as (node, ca):
        port = node.node.settings.signalling.tls_port
        asked = register(1, CODE).replace(b"SIP/2.0/UDP", b"SIP/2.0/TLS")
        answer = await asyncio.to_thread(by_openssl, port, ca, asked)
        assert answer.startswith("SIP/2.0 401") and "WWW-Authenticate: Digest" in answer and "SIP/2.0/TLS 127.0.0.1" in answer
        in_pieces = await asyncio.to_thread(by_openssl, port, ca, asked.replace(b"sip:", b"sips:"), "-tls1_2")
        assert in_pieces.startswith("SIP/2.0 401")


async def test_tshark_finds_tls_and_no_sip_in_the_clear(tmp_path: Path) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    async with tls_node(tmp_path, with_sip_tls()) as (node, ca):
        port, file = node.node.settings.signalling.tls_port, tmp_path / "wire.pcap"
        capture = await asyncio.create_subprocess_exec(
            "tshark", "-q", "-i", "lo", "-f", f"tcp port {port}", "-w", str(file), stderr=asyncio.subprocess.PIPE
        )
        assert capture.stderr is not None
        while b"Capturing" not in (line := await capture.stderr.readline()):
            if not line:
                pytest.skip("this user may not capture")

        async def captures() -> bool:
            _, writer = await asyncio.open_connection("127.0.0.1", port)  # it says that it captures before it does
            writer.close()
            return file.exists() and file.stat().st_size > 1_000

        await until(captures, what="packets are in the file")
        before = file.stat().st_size
        camera = simulated_camera(registrar(node, ca), transport="TLS")
        async with powered(camera):
            await until(lambda: camera.registered.is_set(), what="the camera is registered")
            await until(lambda: file.stat().st_size > before + 4_000, what="the camera's packets are in the file")
        capture.terminate()
        await capture.wait()
        seen = await asyncio.to_thread(
            subprocess.run,
            ["tshark", "-r", str(file), "-d", f"tcp.port=={port},tls", "-T", "fields", "-e", "tls.handshake.type"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "1" in seen.stdout.split() and "2" in seen.stdout.split(), "a hello each way"
        octets = await asyncio.to_thread(file.read_bytes)
        assert b"REGISTER" not in octets and CODE.encode() not in octets and b"Digest" not in octets


def client_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A CA of the operator and a certificate with key for `name` in one file."""
    now = datetime.datetime.now(datetime.UTC)

    def certificate(
        subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, by: ec.EllipticCurvePrivateKey, *, ca: bool
    ) -> bytes:
        names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (subject, issuer)]
        return (
            x509.CertificateBuilder()
            .subject_name(names[0])
            .issuer_name(names[1])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .sign(by, hashes.SHA256())
            .public_bytes(Encoding.PEM)
        )

    authority, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca, both = folder / "clients.pem", folder / "camera.pem"
    ca.write_bytes(certificate("clients", authority, "clients", authority, ca=True))
    key = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    both.write_bytes(certificate(name, own, "clients", authority, ca=False) + key)
    return ca, both


@pytest.mark.parametrize(("named", "comes_in"), [(CODE, True), ("lobby camera", True), (f"{SERVER[:10]}1320000002", False)])
async def test_a_clients_certificate_is_asked_for_and_binds_it_to_its_code(tmp_path: Path, named: str, comes_in: bool) -> None:
    clients, both = client_certificate(tmp_path, named)
    async with tls_node(tmp_path / "data", with_sip_tls(tls_client_ca=str(clients))) as (node, ca):
        port = node.node.settings.signalling.tls_port
        asked = register(1, CODE).replace(b"SIP/2.0/UDP", b"SIP/2.0/TLS")
        assert await asyncio.to_thread(by_openssl, port, ca, asked) == "", "without a certificate nobody is heard"
        camera = simulated_camera(registrar(node, ca, both), transport="TLS")
        async with powered(camera):
            if comes_in:
                await until(lambda: camera.registered.is_set(), what="the camera is registered")
            else:
                answer = await asyncio.to_thread(by_openssl, port, ca, asked, "-cert", str(both), "-key", str(both))
                assert answer.startswith("SIP/2.0 403")
                await until(
                    lambda: any(one.act == "platform.refused" for one in records(node)), what="the forged name is on record"
                )
                assert not camera.registered.is_set()


async def test_handshakes_that_never_end_take_no_places_from_devices(tmp_path: Path) -> None:
    settings = with_sip_tls(max_connections=50, max_connections_per_address=20)
    async with tls_node(tmp_path, settings) as (node, ca):
        with contextlib.ExitStack() as swarm:
            for number in range(300):
                half = swarm.enter_context(socket.socket())
                half.bind((f"127.0.0.{40 + number % 3}", 0))
                half.connect(("127.0.0.1", settings.signalling.tls_port))
                if number % 2:
                    half.send(b"\x16\x03\x01\x00")
            camera = simulated_camera(registrar(node, ca), transport="TLS")
            async with powered(camera):
                await until(lambda: camera.registered.is_set(), what="the camera is registered")


async def test_connections_above_the_limit_of_an_address_are_refused_under_tls_as_well(tmp_path: Path) -> None:
    settings = with_sip_tls(max_connections_per_address=5)
    async with tls_node(tmp_path, settings) as (node, ca):
        context = ssl.create_default_context(cafile=ca)
        async with contextlib.AsyncExitStack() as stack:
            ended = 0
            for _ in range(8):
                reader, writer = await asyncio.open_connection("127.0.0.1", settings.signalling.tls_port, ssl=context)
                stack.callback(writer.close)
                with contextlib.suppress(TimeoutError, ConnectionError):
                    async with asyncio.timeout(0.5):
                        ended += await reader.read(1) == b""
            text = (await node.client.get(f"http://127.0.0.1:{node.node.settings.http.port}/metrics")).text
            assert "fengsui_sip_connections 5.0" in text


async def test_the_port_is_closed_where_it_is_not_set_and_told_where_it_is_taken(tmp_path: Path) -> None:
    assert settings_for().signalling.tls_port == 0
    async with running_node(tmp_path, settings_for()) as node:
        assert node.node.signalling.endpoint._door is None
