"""INVITEs that end before they are answered, and INVITEs of devices: CANCEL, ACK and repetition over real sockets (RFC 3261)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fengsui.simulators.faults import Faults
from tests.node.conftest import SERVER, RunningNode, powered, simulated_camera, until
from tests.node.test_live import open_live

REQUEST = (
    "{method} sip:{server}@{domain} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK{branch}\r\n"
    "From: <sip:{code}@{domain}>;tag=a\r\nTo: <sip:{server}@{domain}>{tag}\r\nCall-ID: c-{branch}\r\nCSeq: 1 {method}\r\n"
    "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


@pytest.fixture
def node(hasty: RunningNode) -> RunningNode:
    """Calls end soon after their last viewer."""
    return hasty


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_a_viewer_who_leaves_while_the_camera_rings_calls_it_off(node: RunningNode, transport: str) -> None:
    camera = simulated_camera(node.registrar, transport=transport, faults=Faults(rings=True))
    async with powered(camera):
        opened = await open_live(node, camera.identity.code)
        await until(lambda: camera.invited == 1, what="the camera rings")
        assert (await node.client.delete(f"/live/{opened['session']}")).status_code == 204
        await until(lambda: camera.cancelled == 1, what="the INVITE is cancelled")
        await until(lambda: camera.acknowledged_refusals == 1, what="its 487 is acknowledged")
        await until(lambda: node.node.live.running == 0, what="the stream is gone")
        assert node.node.live.ssrcs.taken == 0


async def test_a_camera_that_says_nothing_is_cancelled_when_it_says_that_it_is_at_work(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar, faults=Faults(no_answer=True))
    async with powered(camera):
        opened = await open_live(node, camera.identity.code)
        await until(lambda: camera.invited >= 1, what="the camera is called")
        assert (await node.client.delete(f"/live/{opened['session']}")).status_code == 204
        await until(lambda: node.node.live.running == 0, what="the stream is gone")
        assert camera.cancelled == 0, "a CANCEL could overtake its INVITE"
        camera.ring()
        await until(lambda: camera.cancelled == 1, what="now it is cancelled")
        await until(lambda: camera.acknowledged_refusals >= 1, what="its 487 is acknowledged")


@contextmanager
def beside(node: RunningNode) -> Iterator[socket.socket]:
    """A UDP socket on the host of the simulated cameras."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.connect(("127.0.0.1", node.node.settings.signalling.port))
        opened.setblocking(False)
        yield opened


async def test_a_refusal_of_a_devices_invite_is_repeated_until_its_ack(node: RunningNode) -> None:
    loop = asyncio.get_running_loop()
    camera = simulated_camera(node.registrar)

    def request(method: str, branch: str, tag: str = "") -> bytes:
        names = {"server": SERVER, "domain": SERVER[:10], "code": camera.identity.code}
        return REQUEST.format(method=method, branch=branch, tag=tag, **names).encode()

    async with powered(camera):
        await until(lambda: camera.registered.is_set(), what="the camera is registered")
        with beside(node) as device:
            device.send(request("INVITE", "one"))
            answers = [await asyncio.wait_for(loop.sock_recv(device, 4096), 20) for _ in range(3)]
            assert answers[0].startswith(b"SIP/2.0 403 ") and b"access.platform_not_agreed" in answers[0]
            assert answers[1] == answers[2] == answers[0], "sent again by its timer"
            device.send(request("CANCEL", "one"))
            said = answers[0]
            while said == answers[0]:
                said = await asyncio.wait_for(loop.sock_recv(device, 4096), 20)
            assert said.startswith(b"SIP/2.0 200 ") and b"1 CANCEL" in said
            device.send(request("ACK", "one", ";tag=r"))
            device.send(request("CANCEL", "another"))
            while said.startswith((b"SIP/2.0 403 ", b"SIP/2.0 200 ")):
                said = await asyncio.wait_for(loop.sock_recv(device, 4096), 20)
            assert said.startswith(b"SIP/2.0 481 "), "there is no such INVITE"
            assert len(node.node.signalling.endpoint.refused) == 0, "nothing is repeated any more"
