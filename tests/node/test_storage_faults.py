"""What the node says, and keeps to, when it cannot store: nothing is acknowledged that is not on disk, and it goes on by itself."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from fengsui.errors import PortTaken, StorageFault
from fengsui.store import Store, engine
from fengsui.wire.gb28181.catalog import CatalogueQuery
from fengsui.wire.gb28181.manscdp import Manscdp
from tests.commands import fengsui
from tests.node.conftest import powered, running_node, settings_for, simulated_camera, until
from tests.ports import free_port

HOLD_PORT = """import socket, sys
held = [socket.socket(socket.AF_INET, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)]
for one in held:
    one.bind(("127.0.0.1", int(sys.argv[1])))
held[0].listen()
print("up", flush=True)
sys.stdin.read()
"""


def write_config(folder: Path, text: str = "") -> tuple[Path, dict[str, int]]:
    """Settings on free ports, with more text at the end."""
    ports = {name: free_port() for name in ("sip", "rtp", "http", "media", "webrtc", "alarms")}
    path = folder / "fengsui.toml"
    path.write_text(
        f'[signalling]\nhost = "127.0.0.1"\nport = {ports["sip"]}\n[media]\nrtp_host = "127.0.0.1"\nrtp_port = {ports["rtp"]}\n'
        f'http_host = "127.0.0.1"\nhttp_port = {ports["media"]}\nwebrtc_port = {ports["webrtc"]}\n'
        f"[alarm_hosts]\nport = {ports['alarms']}\n"
        f'[http]\nhost = "127.0.0.1"\ntls = false\nport = {ports["http"]}\n{text}',
        encoding="utf-8",
    )
    return path, ports


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """Eight megabytes that belong to the test alone."""
    folder = Path(tempfile.mkdtemp(prefix="fengsui-disk-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True, check=False).returncode:
        folder.rmdir()
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        # A thread of the node may still be closing its last file: the disk is gone for us, and for it once it has.
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


def fill(folder: Path) -> Path:
    """Takes all the room there is."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return ballast


async def test_on_a_full_disk_no_device_is_told_that_it_is_registered(tmp_path: Path) -> None:
    with small_disk() as disk:
        async with running_node(disk, settings_for(f"sqlite:///{disk / 'node.db'}")) as node:
            ballast = fill(disk)
            camera = simulated_camera(node.registrar)
            async with powered(camera):
                refused = 'fengsui_registrations_total{outcome="not stored"}'

                async def told() -> bool:
                    text = (await node.client.get(f"http://127.0.0.1:{node.node.settings.http.port}/metrics")).text
                    lines = [line for line in text.splitlines() if line.startswith(refused)]
                    return bool(lines) and float(lines[0].split()[-1]) >= 1

                await until(told, seconds=60, what="registrations are not stored")
                assert not camera.registered.is_set(), "what is not on disk is not acknowledged"
                answer = await node.client.post("/devices", json={"code": "52010200001320000099"})
                assert answer.status_code == 503 and "磁盘" in answer.json()["remedy_zh"], answer.text
                ready = f"http://127.0.0.1:{node.node.settings.http.port}/readyz"
                found = await node.client.get(ready)
                assert (found.status_code, found.json()) == (503, {"status": "database"})
                ballast.unlink()
                await until(lambda: camera.registered.is_set(), seconds=60, what="it registers as soon as there is room")
                assert (await node.client.get(ready)).json() == {"status": "ready"}

                async def listed() -> bool:
                    return camera.identity.code in [one["code"] for one in (await node.get("/cameras"))["items"]]

                await until(listed, seconds=60, what="and its camera is listed")


async def test_a_camera_that_registered_in_time_is_listed_once_there_is_room_again(tmp_path: Path) -> None:
    """Its registration is on disk, its catalogue comes when nothing can be stored any more."""
    with small_disk() as disk:
        async with running_node(disk, settings_for(f"sqlite:///{disk / 'node.db'}")) as node:
            camera = simulated_camera(node.registrar)
            asked = asyncio.Event()
            answers_to = camera._answers_to

            def once_asked(body: Manscdp) -> list[Manscdp]:
                """The disk is full before the first answer leaves."""
                if not asked.is_set() and isinstance(body, CatalogueQuery):
                    ballast.append(fill(disk))
                    asked.set()
                return answers_to(body)

            ballast: list[Path] = []
            camera._answers_to = once_asked  # type: ignore[method-assign]
            async with powered(camera):
                await asyncio.wait_for(asked.wait(), 60)
                ready = f"http://127.0.0.1:{node.node.settings.http.port}/readyz"

                async def told() -> bool:
                    return (await node.client.get(ready)).json() == {"status": "database"}

                await until(told, seconds=60, what="the catalogue cannot be stored")
                assert (await node.get("/cameras"))["items"] == []
                ballast[0].unlink()

                async def listed() -> bool:
                    return camera.identity.code in [one["code"] for one in (await node.get("/cameras"))["items"]]

                await until(listed, seconds=90, what="its camera is listed by itself")


async def test_readiness_comes_back_by_itself_where_nothing_else_is_written(tmp_path: Path) -> None:
    with small_disk() as disk:
        store = await Store.open(f"sqlite:///{disk / 'node.db'}")
        ballast = fill(disk)
        with pytest.raises(StorageFault):
            async with store.transaction() as tx:
                await tx.execute(text("CREATE TABLE ballast AS SELECT randomblob(4000000) AS much"))
        assert not await store.writable()
        ballast.unlink()
        assert await store.writable()
        await store.close()


async def test_a_locked_database_is_told_and_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_MS", 500)
    (tmp_path / "other").mkdir()
    config, _ = write_config(tmp_path / "other")
    async with running_node(tmp_path, settings_for()) as node:
        other = sqlite3.connect(tmp_path / "node.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            checking = asyncio.to_thread(fengsui, "check", "--config", str(config), "--data", str(tmp_path))
            adding = node.client.post("/devices", json={"code": "52010200001320000099"}, timeout=60)
            answer, checked = await asyncio.gather(adding, checking)
            assert answer.status_code == 503, answer.text
            assert "另一程序正占用数据库文件" in answer.json()["remedy_zh"] and "close it" in answer.json()["remedy_en"]
            assert checked.returncode == 1 and "另一程序正占用数据库文件" in "".join(checked.stdout.split()), checked.stdout
            assert not camera.registered.is_set()
            ready = f"http://127.0.0.1:{node.node.settings.http.port}/readyz"
            assert (await node.client.get(ready, timeout=60)).json() == {"status": "database"}
            other.execute("COMMIT")
            await until(lambda: camera.registered.is_set(), seconds=60, what="it registers when the database is free")
            assert (await node.client.get(ready)).json() == {"status": "ready"}
            assert (await node.client.post("/devices", json={"code": "52010200001320000099"})).status_code == 201
        other.close()


async def test_a_database_that_is_locked_at_the_start_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_MS", 300)
    other = sqlite3.connect(tmp_path / "node.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageFault) as fault:
        await Store.open(f"sqlite:///{tmp_path / 'node.db'}")
    assert "占用" in str(fault.value.facts["remedy_zh"]) and "holds" in str(fault.value.facts["remedy_en"])
    other.close()


def test_a_full_disk_at_the_start_is_a_sentence(tmp_path: Path) -> None:
    config, _ = write_config(tmp_path)
    with small_disk() as disk:
        fill(disk)
        found = fengsui("run", "--config", str(config), "--data", str(disk / "data"))
        assert found.returncode == 1 and "Traceback" not in found.stdout + found.stderr, found.stdout + found.stderr
        assert "→" in found.stdout and "No space left on device" in found.stdout, found.stdout
        ballast = (disk / "ballast").stat().st_size
        os.truncate(disk / "ballast", ballast - 200_000)  # room for its keys, not for its tables
        found = fengsui("run", "--config", str(config), "--data", str(disk / "data"))
        assert found.returncode == 1 and "Traceback" not in found.stdout + found.stderr, found.stdout + found.stderr
        assert "→ 磁盘已满,请清理空间" in found.stdout or "No space left on device" in found.stdout, found.stdout


@pytest.mark.parametrize("name", ["sip", "http", "rtp", "media", "webrtc"])
def test_a_taken_port_is_a_sentence_with_a_remedy(tmp_path: Path, name: str) -> None:
    config, ports = write_config(tmp_path)
    blocker = subprocess.Popen([sys.executable, "-c", HOLD_PORT, str(ports[name])], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert blocker.stdout is not None
        assert blocker.stdout.readline() == b"up\n"
        found = fengsui("run", "--config", str(config), "--data", str(tmp_path / "data"))
        assert found.returncode == 1
        assert "Traceback" not in found.stdout + found.stderr, found.stdout + found.stderr
        said = "".join(found.stdout.split())
        assert f"端口{ports[name]}" in said and "→停止占用该端口的程序,或在配置文件中改用其他端口" in said, said
        checked = fengsui("check", "--config", str(config), "--data", str(tmp_path / "data"))
        assert checked.returncode == 1 and f"{ports[name]}" in checked.stdout
    finally:
        blocker.communicate()


@pytest.mark.parametrize(("name", "setting"), [("sip", "host"), ("rtp", "rtp_host"), ("media", "http_host"), ("http", "host")])
def test_an_address_of_another_machine_is_a_sentence(tmp_path: Path, name: str, setting: str) -> None:
    config, ports = write_config(tmp_path)
    section = {"sip": "[signalling]", "http": "[http]"}.get(name, "[media]")
    before, found, after = config.read_text().partition(section)
    config.write_text(before + found + after.replace(f'{setting} = "127.0.0.1"', f'{setting} = "192.0.2.77"', 1))
    said = fengsui("run", "--config", str(config), "--data", str(tmp_path / "data"))
    assert said.returncode == 1 and "Traceback" not in said.stdout + said.stderr, said.stdout + said.stderr
    told = "".join(said.stdout.split())
    assert f"端口{ports[name]}" in told and "无法打开" in told and "→核对配置中的监听地址" in told, told


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[signalling]\nport = 5060\nadmision = 'x'\n", ("line 3", "admision")),
        ("[media]\nrtp_port = 70000\n", ("line 2", "rtp_port")),
        ("[media\n", ("line 1",)),
        ("[node]\ncode = '123'\n", ("line 2", "20 digits")),
    ],
    ids=["misspelt", "out of range", "no TOML", "wrong code"],
)
def test_a_wrong_file_names_the_line_and_nothing_starts(tmp_path: Path, text: str, wanted: tuple[str, ...]) -> None:
    path = tmp_path / "fengsui.toml"
    path.write_text(text, encoding="utf-8")
    for command in ("run", "check"):
        found = fengsui(command, "--config", str(path), "--data", str(tmp_path / "data"))
        assert found.returncode == 1 and "Traceback" not in found.stderr
        assert all(word in found.stdout for word in wanted), found.stdout
        assert "→ 请改正" in found.stdout and "→ Mend" in found.stdout, found.stdout
    assert not (tmp_path / "data" / "node.db").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    config, _ = write_config(tmp_path)
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    found = fengsui("run", "--config", str(config), "--data", str(folder / "data"))
    assert found.returncode == 1 and "Traceback" not in found.stderr


@pytest.mark.postgres
async def test_an_expired_certificate_of_postgresql_is_a_sentence(tmp_path: Path) -> None:
    """A server whose certificate ended yesterday, asked with `sslmode=verify-full`."""
    key, certificate = expired_certificate(tmp_path)
    with _tls_postgresql(key, certificate) as url, pytest.raises(StorageFault) as fault:
        await Store.open(f"{url}?sslmode=verify-full&sslrootcert={certificate}")
    assert "证书" in str(fault.value.facts["remedy_zh"]) and "certificate" in str(fault.value.facts["remedy_en"])


def expired_certificate(folder: Path) -> tuple[Path, Path]:
    """Key and self-signed certificate of localhost that ended yesterday."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now - timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(secret, hashes.SHA256())
    )
    key, certificate = folder / "server.key", folder / "server.crt"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key.write_bytes(secret.private_bytes(*form))
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return key, certificate


@contextlib.contextmanager
def _tls_postgresql(key: Path, certificate: Path) -> Iterator[str]:
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
    data = Path(tempfile.mkdtemp(prefix="fengsui-postgresql-tls-"))
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    user = "postgres"
    for source in (key, certificate):
        shutil.copy(source, data / source.name)
    if prefix:
        for path in (data, data / key.name, data / certificate.name):
            shutil.chown(path, "postgres")
    (data / key.name).chmod(0o600)
    port, base = free_port(), data / "db"
    subprocess.run([*prefix, binaries / "initdb", "-D", base, "-A", "trust", "-U", user], check=True, capture_output=True)
    options = (
        f"-p {port} -h 127.0.0.1 -k {data} -c ssl=on -c ssl_cert_file={data / certificate.name} -c ssl_key_file={data / key.name}"
    )
    control = [*prefix, binaries / "pg_ctl", "-D", base]
    subprocess.run([*control, "-o", options, "-w", "-l", data / "log", "start"], check=True, stdout=subprocess.DEVNULL)
    try:
        yield f"postgresql://{user}@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(data, ignore_errors=True)


def test_the_faults_have_stable_codes() -> None:
    assert (StorageFault.code, PortTaken.code) == ("store.unavailable", "node.port_in_use")
