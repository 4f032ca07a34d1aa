"""Floods, guesses, half-open connections and strangers: registered devices go on undisturbed, memory and logs stay bounded."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

from fengsui.settings import NodeSettings
from fengsui.wire.gb28181.device_facts import SimpleQuery
from fengsui.wire.sip.digest import Challenge
from fengsui.wire.sip.message import SipResponse, parse_message
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live import open_live, read_pictures
from tests.node.test_live_failures import open_files, resident_bytes
from tests.node.test_metrics import more, scraped

REGISTER = (
    "REGISTER sip:{server}@{domain} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK{number}\r\n"
    "From: <sip:{code}@{domain}>;tag=a\r\nTo: <sip:{code}@{domain}>\r\nCall-ID: c{number}\r\nCSeq: 1 REGISTER\r\n"
    "Contact: <sip:{code}@127.0.0.1:5060>\r\n{extra}Max-Forwards: 70\r\nExpires: 3600\r\nUser-Agent: stranger\r\n"
    "Content-Length: 0\r\n\r\n"
)

REGISTRATIONS = "fengsui_registrations_total"


def register(number: int, code: str, extra: str = "") -> bytes:
    """A REGISTER of this code."""
    domain = SERVER[:10]
    return REGISTER.format(server=SERVER, domain=domain, number=number, code=code, extra=extra).encode()


@contextlib.asynccontextmanager
async def undisturbed(node: RunningNode) -> AsyncIterator[None]:
    """A camera by UDP and one by TCP: online before and after, and they answer all the while what they are asked."""
    cameras = [simulated_camera(node.registrar, number, transport=transport) for number, transport in ((1, "UDP"), (2, "TCP"))]

    async def answers(code: str) -> bool:
        device = node.node.devices.get(code)
        found = await node.node.signalling.query(device, SimpleQuery("DeviceInfo", node.node.signalling.next_sn(), code))
        return type(found).__name__ == "DeviceInfo"

    async with powered(*cameras):
        for camera in cameras:
            await until(lambda camera=camera: camera.registered.is_set(), what="the cameras are registered")
        answered: Counter[str] = Counter()

        async def ask_on(code: str) -> None:
            while True:
                assert await answers(code), f"{code} is not heard in the storm"
                answered[code] += 1
                await asyncio.sleep(0.05)  # not a storm of ours

        asking = [asyncio.create_task(ask_on(camera.identity.code)) for camera in cameras]
        try:
            yield
            for task in asking:
                if task.done():
                    task.result()
            await until(lambda: len(answered) == len(cameras), what="each camera answered while the storm went on")
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
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


def answers_to(stranger: socket.socket) -> list[SipResponse]:
    """What came back so far."""
    found = []
    with contextlib.suppress(BlockingIOError):
        while octets := stranger.recv(4_096):
            answer = parse_message(octets)
            assert isinstance(answer, SipResponse)
            found.append(answer)
    return found


async def test_a_storm_of_digest_guesses_opens_nothing(node: RunningNode) -> None:
    """Each guess answers a challenge of ours, so that only the password is wrong; the owner registers anew in the middle of it."""
    victim = simulated_camera(node.registrar, 9)
    code, before = victim.identity.code, await scraped(node)
    limit = node.node.settings.signalling.wrong_passwords_limit
    async with undisturbed(node), powered(victim):
        await until(victim.registered.is_set, what="the camera is registered")
        with attacker(node) as guesser:
            guesser.setblocking(False)
            answers: list[SipResponse] = []
            for number in range(100):
                guesser.send(register(3 * number, code))
                answers += await until_some(guesser)
                for turn in (1, 2):
                    fresh = [one for one in answers if one.status == 401]
                    assert fresh, "the guesser was challenged"
                    challenge = Challenge.parse(fresh[-1].headers.get("www-authenticate"))
                    guess = challenge.answer(
                        username=code, password=f"guess-{number}-{turn}", method="REGISTER", uri=f"sip:{SERVER}@{SERVER[:10]}"
                    )
                    guesser.send(register(3 * number + turn, code, f"Authorization: {guess.to_text()}\r\n"))
                    answers += await until_some(guesser)
                if number == 50:
                    assert await victim._register(), "whoever is locked out, it is not the owner"
            challenge = Challenge.parse(fresh[-1].headers.get("www-authenticate"))
            right = challenge.answer(username=code, password="node-password", method="REGISTER", uri=f"sip:{SERVER}@{SERVER[:10]}")
            guesser.send(register(1_000, code, f"Authorization: {right.to_text()}\r\n"))
            assert [one.status for one in await until_some(guesser)] == [403], "locked out, even the right one opens nothing"
            statuses = Counter(one.status for one in answers)
            assert set(statuses) == {401, 403} and statuses[403] > 100
        now = await scraped(node)
        assert limit <= more(now, before, REGISTRATIONS, outcome="wrong password") < limit + 2, "so many were tried and no more"
        assert more(now, before, REGISTRATIONS, outcome="locked") > 150
        device = await node.get(f"/devices/{code}")
        assert device["status"] == "online" and str(device["address"]).startswith("127.0.0.1:") and device["conflict"] == ""


async def until_some(stranger: socket.socket) -> list[SipResponse]:
    """The answers, as soon as there are any."""
    found: list[SipResponse] = []

    def came() -> bool:
        found.extend(answers_to(stranger))
        return bool(found)

    deadline = asyncio.get_running_loop().time() + 20
    while not came():
        assert asyncio.get_running_loop().time() < deadline, "no answer"
        await asyncio.sleep(0.002)
    return found


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

                async def repeated() -> bool:
                    """A busy machine drops datagrams; devices send their REGISTER again until it is heard."""
                    heard = {one.code for one in node.node.devices.waiting.all()}
                    for host, stranger in enumerate(strangers):
                        for number in range(each):
                            code = f"{SERVER[:10]}1320{500_000 + host * each + number:06d}"
                            if code not in heard:
                                stranger.send(register(number, code))
                        await asyncio.sleep(0.05)
                    return len(heard) > hosts * each * 0.9

                await until(repeated, seconds=60, what="whoever was heard stands in the list")
                found = len(node.node.devices.waiting.all())
            assert len((await node.get("/waiting-devices"))["items"]) >= found  # type: ignore[arg-type]
            assert resident_bytes() < before + 80_000_000


BEGINNINGS = (b"", b"REGISTER sip:x SIP/2.0\r\nVia:", b"GET /api/v1/session HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"\x16\x03\x01", b"$")


async def test_a_swarm_of_half_open_connections_leaves_room_for_devices_operators_and_viewers(tmp_path: Path) -> None:
    """On every TCP port, from two addresses, more than either may have; registered devices, the API and pictures go on."""
    shares = {"max_connections_per_address": 40, "max_connections": 120}
    base = settings_for(**shares).model_dump()
    settings = NodeSettings.model_validate(
        {**base, "http": {**base["http"], **shares}, "media": {**base["media"], **shares, "max_waiting_connections_per_address": 8}}
    )
    async with running_node(tmp_path, settings) as node:
        ports = (settings.signalling.port, settings.media.rtp_port, settings.http.port, settings.media.http_port)
        before = await scraped(node)
        async with undisturbed(node):
            opened = await open_live(node, f"{SERVER[:10]}1320000002")
            with contextlib.ExitStack() as swarm:
                for number in range(800):
                    half = swarm.enter_context(socket.socket())
                    half.setblocking(False)
                    half.bind((f"127.0.0.{20 + number % 2}", 0))
                    with contextlib.suppress(BlockingIOError):
                        half.connect(("127.0.0.1", ports[number // 2 % 4]))
                    await asyncio.sleep(0.001)
                    with contextlib.suppress(OSError):
                        half.send(BEGINNINGS[number // 8 % len(BEGINNINGS)])

                async def refused() -> bool:
                    now = await scraped(node)
                    names = (f"{port}_refused_connections" for port in ("sip", "media", "http"))
                    return all(more(now, before, f"fengsui_{name}_total") > 0 for name in (*names, "media_refused_viewers"))

                await until(refused, what="what is above the limits is refused on every port")
                assert len(await read_pictures(opened, 5)) >= 5, "pictures go on"
                other = simulated_camera(node.registrar, 3, transport="TCP")
                async with powered(other):
                    await until(other.registered.is_set, what="another device comes in by TCP")


async def test_any_bytes_on_every_port_disturb_nobody(node: RunningNode) -> None:
    settings, chance = node.node.settings, random.Random(28181)
    files = open_files()
    async with undisturbed(node):
        alarms = settings.alarm_hosts.port
        ports = (settings.signalling.port, settings.media.rtp_port, settings.media.webrtc_port, alarms)
        with attacker(node) as noise:
            for number in range(3_000):
                octets = chance.randbytes(chance.choice((0, 1, 12, 40, 400, 1400)))
                head = chance.choice(
                    (b"", b"REGISTER sip:1@2 SIP/2.0\r\n", b"SIP/2.0 200 OK\r\n", b"\x80\x60", b"\x00\x01\x00\x00", b'\nE29B003C"')
                )
                noise.connect(("127.0.0.1", chance.choice(ports)))
                with contextlib.suppress(ConnectionRefusedError):
                    noise.send(head + octets)
                if number % 200 == 0:
                    await asyncio.sleep(0.005)
        for port in (settings.signalling.port, settings.media.rtp_port, settings.media.http_port, settings.http.port, alarms):
            for _ in range(20):
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.write(chance.choice((b"", b"GET /", b"REGISTER ", b"$\x00")) + chance.randbytes(3_000))
                    writer.close()
                    with contextlib.suppress(OSError):
                        await writer.wait_closed()
    await until(lambda: open_files() < files + 40, seconds=60, what="the connections are closed again")


def peak_bytes(*, anew: bool = False) -> int:
    """The most memory that this process had; `anew`: since now."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    line = next(one for one in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


async def test_hostile_xml_from_a_registered_device_is_answered_and_dropped(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar, transport="TCP")
    async with powered(camera):
        await until(lambda: camera.registered.is_set(), what="the camera is registered")
        entities = b"".join(f'<!ENTITY a{level} "&a{level - 1};&a{level - 1};">'.encode() for level in range(1, 31))
        bomb = (
            b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">'
            + entities
            + b"]><Notify><CmdType>&a30;</CmdType></Notify>"
        )
        external = b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><Notify><CmdType>Alarm</CmdType></Notify>'
        swarming = b"<Notify>" + b"<x/>" * 1_500_000 + b"</Notify>"
        before, counted = peak_bytes(anew=True), await scraped(node)
        for body in (bomb, external, b"<Notify>" * 5_000, b"\xff" * 4_000, swarming):
            assert (await camera.send_octets(body)).status == 200, "a device that is refused sends the same for ever"
        assert more(await scraped(node), counted, "fengsui_unreadable_bodies_total") == 5
        assert peak_bytes() < before + 120_000_000, "a bomb of ten gigabytes, and six megabytes of tags, are not unfolded"
        assert (await node.get(f"/devices/{camera.identity.code}"))["status"] == "online"


async def test_a_registered_device_that_floods_is_cut_at_its_rate_and_disturbs_nobody(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(max_requests_per_device_per_s=20)) as node:
        with attacker(node) as flood:
            flood.setblocking(False)
            host, port = flood.getsockname()
            code = f"{SERVER[:10]}1320777777"
            node.node.devices._presence.door.bind(
                code, host, port, node.node.clock.now().timestamp() + 3600
            )  # as its registration does
            news = register(1, code).replace(b"REGISTER", b"NOTIFY")
            before = await scraped(node)
            async with undisturbed(node):
                for _ in range(100):
                    for _ in range(100):
                        with contextlib.suppress(BlockingIOError):
                            flood.send(news)
                    await asyncio.sleep(0)

            async def cut() -> bool:
                return more(await scraped(node), before, "fengsui_sip_crowded_total", why="rate") >= 5_000

            await until(cut, what="most of it is dropped")


async def test_a_registered_device_that_floods_its_connection_is_read_at_its_rate_and_disturbs_nobody(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(max_requests_per_device_per_s=100)) as node:
        camera = simulated_camera(node.registrar, 3, transport="TCP")
        async with powered(camera):
            await until(camera.registered.is_set, what="the camera is registered")
            news = [register(number, camera.identity.code).replace(b"REGISTER", b"OPTIONS") for number in range(30_000)]
            before = await scraped(node)

            async def heard() -> float:
                return more(await scraped(node), before, "fengsui_sip_messages_total", direction="in", transport="TCP")

            async with undisturbed(node):
                assert camera._socket is not None
                camera._socket.write(b"".join(news))

                async def slowed() -> bool:
                    return more(await scraped(node), before, "fengsui_sip_slowed_total") >= 1

                await until(slowed, what="it is read more slowly")
                assert 2_000 <= await heard() < 10_000, "twenty seconds' requests at once, and then at its rate"
            assert await heard() < 10_000
