"""HTTPS by the node's own CA or a given certificate: console, API and media port; what cannot be used is a sentence."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from fengsui.certificates import Certificates, OwnAuthority, fingerprint_of, read_certificate
from fengsui.clock import ManualClock
from fengsui.settings import HttpSection, NodeSettings, Secrets
from tests.commands import fengsui
from tests.node.conftest import powered, running_node, settings_for, simulated_camera, until
from tests.node.test_storage_faults import write_config

NAMES = ("127.0.0.1", "localhost")


def with_tls(**http: object) -> NodeSettings:
    """Free loopback ports under TLS."""
    plain = settings_for().model_dump()
    plain["http"].update(tls=True, **http)
    return NodeSettings.model_validate(plain)


def made_certificate(
    folder: Path, *, ends_in_days: float = 300, begins_in_days: float = -2, passphrase: bytes = b"", name: str = "given"
) -> tuple[Path, Path]:
    """A self-signed certificate for loopback and its key, as an operator would give them."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "given")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=begins_in_days))
        .not_valid_after(now + datetime.timedelta(days=ends_in_days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / f"{name}.pem", folder / f"{name}.key"
    chain.write_bytes(made.public_bytes(Encoding.PEM))
    seal: Any = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, seal))
    secret.chmod(0o600)
    return chain, secret


async def test_console_and_pictures_come_by_tls_that_the_nodes_ca_vouches_for(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_tls()) as node:
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            await until(lambda: camera.registered.is_set(), what="the camera is registered")
            code = next(iter(camera.channels))

            async def known() -> bool:
                return (await node.client.get(f"/cameras/{code}")).status_code == 200

            await until(known, what="the camera is known")
            opened = (await node.client.post(f"/cameras/{code}/live", json={})).json()
            assert opened["ws_fmp4"].startswith("wss://127.0.0.1:") and opened["hls"].startswith("https://127.0.0.1:")
            progressive = opened["ws_fmp4"].replace("wss://", "https://").replace("/ws/", "/fmp4/")
            async with node.client.stream("GET", progressive) as body:
                assert body.status_code == 200
                octets = b""
                async for chunk in body.aiter_bytes():
                    octets += chunk
                    if octets.count(b"moof") > 5:
                        break
            assert octets[4:8] == b"ftyp"
            playlist = await node.client.get(opened["hls"])
            assert playlist.status_code == 200 and "#EXTM3U" in playlist.text
            assert (await node.client.get(f"/cameras/{code}/picture")).content[:2] == b"\xff\xd8"
        authority = await node.client.get(f"https://127.0.0.1:{node.node.settings.http.port}/ca.pem")
        assert authority.text == (tmp_path / "tls" / "ca.pem").read_text()


async def test_the_keys_lie_in_the_data_folder_for_the_owner_alone(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_tls()):
        kept = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()}
    assert kept["tls-ca-key"] == kept["tls-server-key"] == 0o600
    assert set(kept.values()) == {0o600}


@pytest.mark.parametrize("port", ["http", "media"])
async def test_plain_http_on_the_tls_port_is_sent_on_or_told(tmp_path: Path, port: str) -> None:
    settings = with_tls()
    number = settings.http.port if port == "http" else settings.media.http_port
    async with running_node(tmp_path, settings), httpx.AsyncClient() as plain:
        page = await plain.get(f"http://127.0.0.1:{number}/devices?q=1")
        post = await plain.post(f"http://127.0.0.1:{number}/api/v1/session", json={"name": "x"})
        if port == "http":
            assert (page.status_code, page.headers["location"]) == (308, f"https://127.0.0.1:{number}/devices?q=1")
        else:
            assert page.status_code == 400
        assert "HTTPS" in page.text and post.status_code == 400 and "HTTPS" in post.text


async def test_openssl_trusts_the_chain_and_finds_no_old_protocol(tmp_path: Path) -> None:
    settings = with_tls()
    async with running_node(tmp_path, settings):
        for number in (settings.http.port, settings.media.http_port):
            target = ["openssl", "s_client", "-connect", f"127.0.0.1:{number}", "-CAfile", str(tmp_path / "tls" / "ca.pem")]
            strict = ["-verify_return_error", "-verify_ip", "127.0.0.1"]

            async def spoken(*options: str, target: list[str] = target) -> subprocess.CompletedProcess[str]:
                return await asyncio.to_thread(
                    subprocess.run, [*target, *options], input="", capture_output=True, text=True, check=False, timeout=20
                )

            for version in ("-tls1_2", "-tls1_3"):
                found = await spoken(version, *strict)
                assert found.returncode == 0 and "Verify return code: 0" in found.stdout, found.stdout + found.stderr
            assert (await spoken("-tls1_1", "-cipher", "ALL:@SECLEVEL=0")).returncode != 0


async def test_a_swarm_of_handshakes_that_never_end_leaves_room(tmp_path: Path) -> None:
    settings = with_tls()
    async with running_node(tmp_path, settings) as node:
        with contextlib.ExitStack() as swarm:
            for number in range(300):
                opened = swarm.enter_context(socket.socket())
                opened.bind((f"127.0.0.{30 + number % 2}", 0))
                opened.connect(("127.0.0.1", settings.http.port if number % 3 else settings.media.http_port))
                if number % 2:
                    opened.send(b"\x16\x03\x01\x02\x00\x01")
            assert (await node.client.get("/node")).status_code == 200
            metrics = await node.client.get(f"https://127.0.0.1:{settings.http.port}/metrics")
            assert 'fengsui_tls_refused_total{port="https",why="too_many"}' in metrics.text
            assert 'fengsui_certificate_days_left{certificate="server"}' in metrics.text


def test_the_own_certificate_is_renewed_before_it_ends_and_for_a_new_name(tmp_path: Path) -> None:
    clock, names = ManualClock(), list(NAMES)
    certificates = Certificates(HttpSection(), tmp_path, Secrets(tmp_path), "5201", clock, lambda: names)
    certificates.load()
    first, authority = certificates.current, certificates.ca_pem()
    certificates.look()
    assert certificates.current is first
    clock.advance(336 * 86_400)
    certificates.look()
    second = certificates.current
    assert second.leaf.serial_number != first.leaf.serial_number and second.days_left(clock.now()) > 360
    names.append("10.1.0.5")
    certificates.look()
    assert "10.1.0.5" in certificates.current.names and certificates.ca_pem() == authority, "workstations go on trusting"
    clock.advance(10 * 366 * 86_400)
    certificates.look()
    assert certificates.ca_pem() != authority and certificates.current.days_left(clock.now()) > 300


def test_power_lost_between_key_and_certificate_is_mended(tmp_path: Path) -> None:
    clock, secrets = ManualClock(), Secrets(tmp_path)
    own = OwnAuthority(tmp_path, secrets, "5201")
    before = own.certificate(NAMES, clock.now())
    other = ec.generate_private_key(ec.SECP256R1())
    secrets.keep("tls-server-key", other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
    assert own.stored() is None
    after = own.certificate(NAMES, clock.now())
    assert after.leaf.serial_number != before.leaf.serial_number


async def test_a_given_certificate_is_taken_and_its_successor_without_a_restart(tmp_path: Path) -> None:
    chain, key = made_certificate(tmp_path)
    settings = with_tls(certificate=str(chain), key=str(key))
    async with running_node(tmp_path / "data", settings) as node:
        ports = (settings.http.port, settings.media.http_port)
        shown = [await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port)) for port in ports]
        assert shown == [chain.read_text()] * 2
        assert (await node.client.get(f"https://127.0.0.1:{settings.http.port}/ca.pem")).status_code == 404
        bad_chain, bad_key = made_certificate(tmp_path, name="bad", ends_in_days=-1)
        good = chain.read_text()
        chain.write_bytes(bad_chain.read_bytes())
        key.write_bytes(bad_key.read_bytes())
        assert node.node.certificates is not None
        node.node.certificates.look()
        assert await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", ports[0])) == good, "an ended one is not taken"
        made_certificate(tmp_path)
        node.node.certificates.look()
        shown = [await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port)) for port in ports]
        assert shown == [chain.read_text()] * 2 and shown[0] != good


def spoilt(tmp_path: Path, what: str) -> tuple[Path, Path]:
    """A pair of files that cannot be used, and why."""
    match what:
        case "expired":
            return made_certificate(tmp_path, ends_in_days=-1, begins_in_days=-30)
        case "not yet":
            return made_certificate(tmp_path, begins_in_days=2)
        case "mismatched":
            return made_certificate(tmp_path)[0], made_certificate(tmp_path, name="other")[1]
        case "passphrase":
            return made_certificate(tmp_path, passphrase=b"secret")
        case "missing":
            return made_certificate(tmp_path)[0], tmp_path / "nowhere.key"
    chain, key = made_certificate(tmp_path)
    match what:
        case "no certificate":
            chain.write_text("hello")
        case "no key":
            key.write_text("hello")
        case "open to all":
            key.chmod(0o644)
    return chain, key


@pytest.mark.parametrize(
    ("what", "wanted"),
    [
        ("expired", "过期"),
        ("not yet", "有效"),
        ("mismatched", "不匹配"),
        ("passphrase", "openssl pkey"),
        ("missing", "无法读取"),
        ("no certificate", "PEM"),
        ("no key", "PEM"),
        ("open to all", "chmod o="),
    ],
)
def test_a_certificate_that_cannot_be_used_is_a_sentence_with_a_remedy(tmp_path: Path, what: str, wanted: str) -> None:
    chain, key = spoilt(tmp_path, what)
    config, _ = write_config(tmp_path, f'certificate = "{chain}"\nkey = "{key}"\n')
    config.write_text(config.read_text().replace("tls = false\n", ""))
    for command in ("run", "check"):
        found = fengsui(command, "--config", str(config), "--data", str(tmp_path / "data"))
        assert found.returncode == 1 and "Traceback" not in found.stderr, found.stderr
        assert wanted in found.stdout and "→" in found.stdout, found.stdout


def test_check_tells_until_when_and_warns_of_the_end(tmp_path: Path) -> None:
    chain, key = made_certificate(tmp_path, ends_in_days=12.5)
    config, _ = write_config(tmp_path, f'certificate = "{chain}"\nkey = "{key}"\nnames = ["node.example"]\n')
    config.write_text(config.read_text().replace("tls = false\n", ""))
    found = fengsui("check", "--config", str(config), "--data", str(tmp_path / "data"))
    assert found.returncode == 0 and "in 12 days" in found.stdout and "node.example" in found.stdout, found.stdout
    assert read_certificate(chain, key, datetime.datetime.now(datetime.UTC)).names == {"127.0.0.1"}


async def test_check_tells_of_the_own_certificate_and_prints_the_cas_fingerprint(tmp_path: Path) -> None:
    config, _ = write_config(tmp_path)
    config.write_text(config.read_text().replace("tls = false\n", ""))
    assert "first start" in fengsui("check", "--config", str(config), "--data", str(tmp_path / "data")).stdout
    async with running_node(tmp_path / "data", NodeSettings.load(config)) as node:
        assert node.node.certificates is not None
        printed = fingerprint_of(node.node.certificates.ca_pem())
        found = await asyncio.to_thread(fengsui, "check", "--config", str(config), "--data", str(tmp_path / "data"))
    flat = "".join(found.stdout.split())  # a terminal's lines break where the folder's name makes them
    assert found.returncode == 0 and printed in flat and "anoderunsherealready" in flat, found.stdout
    shown = await asyncio.to_thread(
        subprocess.run,
        ["openssl", "x509", "-in", str(tmp_path / "data" / "tls" / "ca.pem"), "-noout", "-fingerprint", "-sha256"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed in shown.stdout


def test_half_a_pair_in_the_settings_is_refused_with_its_line(tmp_path: Path) -> None:
    config, _ = write_config(tmp_path, 'certificate = "/x.pem"\n')
    found = fengsui("check", "--config", str(config), "--data", str(tmp_path / "data"))
    said = " ".join(found.stdout.split())  # a terminal's lines break where the folder's name makes them
    assert found.returncode == 1 and "give both or none" in said
