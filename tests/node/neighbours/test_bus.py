"""The connection to the bus between nodes: what would give the password away, or cannot be trusted, is refused and told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fengsui.audit_settings import BusSection
from fengsui.errors import WrongSettings
from fengsui.transports.nats_bus import NatsBus
from tests.nats_server import NatsServer, make_certificates, writer
from tests.node.conftest import until
from tests.node.neighbours.two_nodes import COUNTY


async def test_a_server_without_tls_never_hears_the_password(tmp_path: Path) -> None:
    heard = bytearray()
    came = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer_: asyncio.StreamWriter) -> None:
        writer_.write(b'INFO {"server_id":"x","version":"2.15.0","max_payload":1048576,"headers":true,"auth_required":true}\r\n')
        heard.extend(await reader.read(4096))
        came.set()
        writer_.close()

    stranger = await asyncio.start_server(listen, "127.0.0.1", 0)
    key_file = tmp_path / "key"
    key_file.write_text("node\nthe-password\n")
    key_file.chmod(0o600)
    ca = make_certificates(tmp_path)
    section = BusSection(servers=[f"tls://127.0.0.1:{stranger.sockets[0].getsockname()[1]}"], ca=str(ca), key_file=str(key_file))
    bus = NatsBus(section, COUNTY)
    await bus.start()
    try:
        async with asyncio.timeout(40):
            await came.wait()
        await until(lambda: "TLS" in bus.state.what, what="it is told why")
    finally:
        await bus.stop()
        stranger.close()
    assert b"CONNECT" not in heard and b"the-password" not in heard


async def test_a_foreign_certificate_a_wrong_password_and_an_open_key_file_are_told(tmp_path: Path, server: NatsServer) -> None:
    section = server.section(writer(COUNTY))
    other_ca = make_certificates_in(tmp_path / "other")
    key_file = tmp_path / "wrong"
    key_file.write_text("node\nwrong-password\n")
    key_file.chmod(0o600)
    for changed, word in (
        (section.model_copy(update={"ca": str(other_ca)}), "CERTIFICATE"),
        (section.model_copy(update={"key_file": str(key_file)}), "uthorization"),
    ):
        bus = NatsBus(changed, COUNTY)
        await bus.start()
        await until(lambda: word in bus.state.what, what=word)  # noqa: B023
        assert not bus.state.connected and "wrong-password" not in bus.state.what
        await bus.stop()
    key_file.chmod(0o644)
    with pytest.raises(WrongSettings, match="open to other users"):
        await NatsBus(section.model_copy(update={"key_file": str(key_file)}), COUNTY).start()
    with pytest.raises(WrongSettings, match=r"bus\.ca"):
        await NatsBus(section.model_copy(update={"ca": str(tmp_path / "none")}), COUNTY).start()


def make_certificates_in(folder: Path) -> Path:
    """A CA that signed nothing of ours."""
    folder.mkdir()
    return make_certificates(folder)
