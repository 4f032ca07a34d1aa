"""Other platforms that ask by SIP without an agreement, or under a name that is not theirs: refused and on record (A7)."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fengsui.features.audit.acts import Act
from fengsui.features.audit.model import AuditRecord
from fengsui.wire.gb28181.alarm import AlarmQuery
from fengsui.wire.gb28181.catalog import CatalogueQuery
from fengsui.wire.gb28181.control import DeviceControl
from fengsui.wire.gb28181.device_facts import DeviceStatus, SimpleQuery
from fengsui.wire.gb28181.manscdp import CONTENT_TYPE, Keepalive, Manscdp, encode, is_request, parse
from fengsui.wire.gb28181.records import RecordQuery
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import records
from tests.node.test_live import listed

STRANGER, FOREIGN = "127.0.0.9", "51010000002000000001"
CAMERA = f"{SERVER[:10]}1320000001"
QUERIES: dict[str, Manscdp] = {
    "catalogue": CatalogueQuery(1, SERVER),
    "device info": SimpleQuery("DeviceInfo", 2, CAMERA),
    "ptz": DeviceControl(3, CAMERA, ptz="A50F01021F0000D6"),
}


def request(method: str, code: str, branch: str, body: bytes = b"", transport: str = "UDP") -> bytes:
    """What another platform sends about our camera."""
    lines = [
        f"{method} sip:{CAMERA}@{SERVER[:10]} SIP/2.0",
        f"Via: SIP/2.0/{transport} 127.0.0.1:5060;rport;branch=z9hG4bK{branch}",
        f"From: <sip:{code}@{SERVER[:10]}>;tag=a",
        f"To: <sip:{CAMERA}@{SERVER[:10]}>",
        f"Call-ID: {branch}",
        f"CSeq: 1 {method}",
        "Max-Forwards: 70",
        *([f"Content-Type: {CONTENT_TYPE}"] if body else []),
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextmanager
def platform_at(node: RunningNode, host: str = STRANGER) -> Iterator[socket.socket]:
    """A UDP socket of another platform."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind((host, 0))
        opened.connect(("127.0.0.1", node.node.settings.signalling.port))
        opened.setblocking(False)
        yield opened


def refused(node: RunningNode) -> list[AuditRecord]:
    """Records of platforms that were turned away."""
    return [one for one in records(node) if one.act == Act.PLATFORM_REFUSED]


async def answer_of(peer: socket.socket) -> bytes:
    """The next datagram."""
    return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(peer, 4096), 20)


def assert_refused(answer: bytes, code: str) -> None:
    """403 with the reason, a sentence and the lawful way."""
    assert answer.startswith(b"SIP/2.0 403 "), answer
    warning = re.search(rb'\r\nwarning: 399 fengsui "([\w.]+) ([^"]+)"\r\n', answer, re.IGNORECASE)
    assert warning is not None and warning[1].decode() == code, answer


@pytest.mark.parametrize("claimed", [FOREIGN, CAMERA, "", "x.y"], ids=["unknown", "forged", "nobody", "no code"])
async def test_who_is_not_whom_he_names_gets_nothing(node: RunningNode, claimed: str) -> None:
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        await until(lambda: listed(node, CAMERA), what="the camera is listed")
        with platform_at(node) as platform:
            asked = [(method, b"") for method in ("INVITE", "SUBSCRIBE", "INFO")]
            asked += [(method, encode(body)) for body in QUERIES.values() for method in ("MESSAGE", "SUBSCRIBE")]
            for number, (method, body) in enumerate(asked):
                platform.send(request(method, claimed, f"{claimed[:4]}b{number}", body))
                assert_refused(await answer_of(platform), "access.platform_unproven")
        assert camera.invited == 0
        await until(lambda: refused(node), what="it is on record")
        found = refused(node)[0]
        named = claimed if claimed.isdigit() else "nobody"
        assert (found.person, found.role, found.address, found.result) == ("", "platform", STRANGER, "refused")
        assert found.detail.startswith("access.platform_unproven gb28181; ") and found.detail.endswith(f"claimed {named}")
        assert node.node.live.running == 0
        assert (await node.get(f"/devices/{CAMERA}"))["status"] == "online", "whom it named is undisturbed"


async def test_a_stranger_gets_one_answer_and_no_repetitions(node: RunningNode) -> None:
    with platform_at(node) as platform:
        for _ in range(3):
            platform.send(request("INVITE", FOREIGN, "one"))
        assert_refused(await answer_of(platform), "access.platform_unproven")
        platform.send(request("INVITE", FOREIGN, "two"))
        assert b"Call-ID: two" in await answer_of(platform), "nothing came in between"
        assert len(node.node.signalling.endpoint.refused) == 0


async def test_a_registered_platform_may_not_ask_without_an_agreement(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        await until(lambda: listed(node, CAMERA), what="it is registered")
        with platform_at(node, "127.0.0.1") as beside:
            for number, (method, body) in enumerate([("SUBSCRIBE", b""), ("MESSAGE", encode(QUERIES["ptz"]))]):
                beside.send(request(method, CAMERA, f"agreed{number}", body))
                assert_refused(await answer_of(beside), "access.platform_not_agreed")
        await until(lambda: refused(node), what="it is on record")
        assert refused(node)[0].detail.startswith("access.platform_not_agreed gb28181; ")


async def test_a_stranger_is_refused_over_tcp_too(node: RunningNode) -> None:
    port = node.node.settings.signalling.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(STRANGER, 0))
    writer.write(request("SUBSCRIBE", FOREIGN, "tcp", encode(QUERIES["catalogue"]), transport="TCP"))
    assert_refused(await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20), "access.platform_unproven")
    writer.close()
    await until(lambda: refused(node), what="it is on record")


async def test_a_flood_of_platforms_does_not_fill_the_log(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        counted = node.node.signalling.endpoint._receive  # what really came in: loopback may lose datagrams, too
        seen = 0

        def counting(sip: object, peer: object) -> object:
            nonlocal seen
            seen += 1
            return counted(sip, peer)  # type: ignore[arg-type]

        node.node.signalling.endpoint._receive = counting  # type: ignore[assignment]
        for number in range(300):
            with platform_at(node, f"127.0.{1 + number // 200}.{1 + number % 200}") as platform:
                for attempt in range(10):
                    platform.send(request("INVITE", FOREIGN, f"f{number}x{attempt}"))
            await asyncio.sleep(0)
        await until(lambda: seen >= 1_000, what="most of them came in")
        await until(lambda: any(one.address == "" for one in refused(node)), what="many are told as one")
        written = len(refused(node))
    told = refused(node)
    assert written <= 101 and len(told) <= 202, (
        "one for each of a hundred addresses and one for all others, and once more at the end"
    )
    assert sum(int(one.detail.split("; ")[1].split()[0]) for one in told) == seen, "each is counted"


def test_what_asks_and_what_does_not() -> None:
    assert all(is_request(one) for one in QUERIES.values())
    assert is_request(RecordQuery(1, CAMERA, "", "")) and is_request(AlarmQuery(1, CAMERA))
    unknown = f"<Query><CmdType>Anything</CmdType><SN>1</SN><DeviceID>{CAMERA}</DeviceID></Query>"
    assert is_request(parse(unknown.encode()))
    assert not is_request(Keepalive(1, CAMERA)) and not is_request(DeviceStatus(1, CAMERA, online=True))
