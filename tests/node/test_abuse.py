"""Floods, guesses, half-open connections and strangers: registered devices go on undisturbed, memory and logs stay bounded."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from fengsui.wire.gb28181.device_facts import SimpleQuery
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live_failures import open_files, resident_bytes
from tests.node.test_metrics import scraped, total

REGISTER = (
    "REGISTER sip:{server}@{domain} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK{number}\r\n"
    "From: <sip:{code}@{domain}>;tag=a\r\nTo: <sip:{code}@{domain}>\r\nCall-ID: c{number}\r\nCSeq: 1 REGISTER\r\n"
    "Contact: <sip:{code}@127.0.0.1:5060>\r\n{extra}Max-Forwards: 70\r\nExpires: 3600\r\nUser-Agent: stranger\r\n"
    "Content-Length: 0\r\n\r\n"
)
GUESS = 'Authorization: Digest username="{code}",realm="{domain}",nonce="1.0",uri="sip:x",response="{response}",algorithm=MD5\r\n'


def register(number: int, code: str, extra: str = "") -> bytes:
    """A REGISTER of this code."""
    domain = SERVER[:10]
    return REGISTER.format(server=SERVER, domain=domain, number=number, code=code, extra=extra).encode()


@contextlib.asynccontextmanager
async def undisturbed(node: RunningNode) -> AsyncIterator[None]:
    """A camera by UDP and one by TCP: online before and after, and they answer what they are asked."""
    cameras = [simulated_camera(node.registrar, number, transport=transport) for number, transport in ((1, "UDP"), (2, "TCP"))]

    async def answers(code: str) -> bool:
        device = node.node.devices.get(code)
        found = await node.node.signalling.query(device, SimpleQuery("DeviceInfo", node.node.signalling.next_sn(), code))
        return type(found).__name__ == "DeviceInfo"

    async with powered(*cameras):
        for camera in cameras:
            await until(lambda camera=camera: camera.registered.is_set(), what="the cameras are registered")
        yield
        for camera in cameras:
            assert (await node.get(f"/devices/{camera.identity.code}"))["status"] == "online"
            assert await answers(camera.identity.code)
            assert camera.registered.is_set()


def attacker(node: RunningNode, address: str = "127.0.0.9") -> socket.socket:
    """A UDP socket of another host."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind((address, 0))
    opened.connect(("127.0.0.1", node.node.settings.signalling.port))
    return opened


async def test_a_register_flood_from_one_address_is_cut_at_its_rate(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(max_requests_per_address_per_s=50)) as node, undisturbed(node):
        with attacker(node) as flood:
            flood.setblocking(False)
            answered = 0
            for number in range(20_000):
                with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
                    flood.send(register(number, f"{SERVER[:10]}1320{number % 1000:06d}"))
                if number % 500 == 0:
                    await asyncio.sleep(0)
            await asyncio.sleep(0.5)
            with contextlib.suppress(BlockingIOError):
                while flood.recv(2048):
                    answered += 1
            assert 0 < answered < 2_000, "strangers are answered at the rate of the settings"


async def test_a_storm_of_digest_guesses_opens_nothing(node: RunningNode) -> None:
    victim = f"{SERVER[:10]}1320000001"
    async with undisturbed(node):
        with attacker(node) as guesser:
            for number in range(2_000):
                guess = GUESS.format(code=victim, domain=SERVER[:10], response=f"{random.getrandbits(128):032x}")
                guesser.send(register(number, victim, guess))
                if number % 100 == 0:
                    await asyncio.sleep(0.01)
            device = await node.get(f"/devices/{victim}")
            assert str(device["address"]).startswith("127.0.0.1:"), "the guesser did not take the binding over"


async def test_ten_thousand_unknown_devices_wait_within_bounds(tmp_path: Path) -> None:
    settings = settings_for(admission="waiting-list", max_requests_per_address_per_s=5_000)
    hosts, each = 20, 500
    async with running_node(tmp_path, settings) as node:
        for number in (1, 2):
            code = f"{SERVER[:10]}1320{number:06d}"
            assert (await node.client.post("/devices", json={"code": code})).status_code == 201
        async with undisturbed(node):
            before = resident_bytes()
            with contextlib.ExitStack() as opened:
                strangers = [opened.enter_context(attacker(node, f"127.0.0.{100 + host}")) for host in range(hosts)]
                for number in range(each):
                    for host, stranger in enumerate(strangers):
                        stranger.send(register(number, f"{SERVER[:10]}1320{500_000 + host * each + number:06d}"))
                    await asyncio.sleep(0.004)
                    if number % 100 == 0:
                        assert len(node.node.devices.waiting.all()) <= settings.signalling.max_waiting_devices
                found = len(node.node.devices.waiting.all())
            assert found > hosts * each * 0.9, "whoever was heard stands in the list"
            assert len((await node.get("/waiting-devices"))["items"]) == found  # type: ignore[arg-type]
            assert resident_bytes() < before + 80_000_000


async def test_a_swarm_of_half_open_connections_leaves_room_for_devices(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(max_connections_per_address=64, max_connections=200)) as node:
        sip, rtp = node.node.settings.signalling.port, node.node.settings.media.rtp_port
        async with undisturbed(node):
            swarm: list[socket.socket] = []
            try:
                for number in range(400):
                    opened = socket.socket()
                    opened.setblocking(False)
                    opened.bind((f"127.0.0.{20 + number % 2}", 0))
                    with contextlib.suppress(BlockingIOError):
                        opened.connect(("127.0.0.1", sip if number % 4 else rtp))
                    swarm.append(opened)
                    if number % 20 == 0:
                        await asyncio.sleep(0.01)
                for opened in swarm[::7]:
                    with contextlib.suppress(OSError):
                        opened.send(b"REGISTER sip:x SIP/2.0\r\nVia:")

                async def bounded() -> bool:
                    text = (await node.client.get(f"http://127.0.0.1:{node.node.settings.http.port}/metrics")).text
                    return "fengsui_sip_refused_connections_total" in text and "fengsui_sip_connections 1" in text

                await until(bounded, what="connections are counted, and refused above the limit")
            finally:
                for opened in swarm:
                    opened.close()


async def test_any_bytes_on_every_port_disturb_nobody(node: RunningNode) -> None:
    settings, chance = node.node.settings, random.Random(28181)
    files = open_files()
    async with undisturbed(node):
        ports = (settings.signalling.port, settings.media.rtp_port, settings.media.webrtc_port)
        with attacker(node) as noise:
            for number in range(3_000):
                octets = chance.randbytes(chance.choice((0, 1, 12, 40, 400, 1400)))
                head = chance.choice(
                    (b"", b"REGISTER sip:1@2 SIP/2.0\r\n", b"SIP/2.0 200 OK\r\n", b"\x80\x60", b"\x00\x01\x00\x00")
                )
                noise.connect(("127.0.0.1", chance.choice(ports)))
                with contextlib.suppress(ConnectionRefusedError):
                    noise.send(head + octets)
                if number % 200 == 0:
                    await asyncio.sleep(0.005)
        for port in (settings.signalling.port, settings.media.rtp_port, settings.media.http_port, settings.http.port):
            for _ in range(20):
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.write(chance.choice((b"", b"GET /", b"REGISTER ", b"$\x00")) + chance.randbytes(3_000))
                    writer.close()
                    with contextlib.suppress(OSError):
                        await writer.wait_closed()
    await until(lambda: open_files() < files + 40, seconds=60, what="the connections are closed again")


async def test_hostile_xml_from_a_registered_device_is_answered_and_dropped(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        await until(lambda: camera.registered.is_set(), what="the camera is registered")
        bomb = (
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
            + b"".join(
                f'<!ENTITY a{level} "&a{level - 1 if level > 1 else ""};&a{level - 1 if level > 1 else ""};">'.encode()
                for level in range(1, 30)
            )
            + b"]><Notify><CmdType>&a29;</CmdType></Notify>"
        )
        external = b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><Notify><CmdType>Alarm</CmdType></Notify>'
        counted = total(await scraped(node), "fengsui_unreadable_bodies_total")
        bodies = (bomb, external, b"<Notify>" * 5_000, b"\xff" * 4_000)
        for body in bodies:
            assert (await camera.send_octets(body)).status == 200, "a device that is refused sends the same for ever"
        assert total(await scraped(node), "fengsui_unreadable_bodies_total") == counted + len(bodies)
        assert (await node.get(f"/devices/{camera.identity.code}"))["status"] == "online"
