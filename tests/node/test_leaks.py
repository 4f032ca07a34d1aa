"""Viewers who come and go by each protocol, on cameras by each transport, leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import websockets

from fengsui.simulators.device import SimulatedDevice
from tests.media.test_offers import offer
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live import listed, state_of
from tests.node.test_live_failures import open_files, resident_bytes
from tests.ports import free_range

TRANSPORTS = (
    {"media_transport": "udp"},
    {"media_transport": "tcp-passive"},
    {"media_transport": "tcp-active"},
    {"media_port": "own"},
)
WARM_UP, ROUNDS, OPENINGS, POOLED = 2, 4, 4, 12
SETS, GROWTH_BYTES = 4, 16_000_000
Look = Callable[[httpx.AsyncClient, dict[str, str]], Awaitable[None]]


async def by_websocket(_: httpx.AsyncClient, opened: dict[str, str]) -> None:
    """What it is, the head, and one picture."""
    async with websockets.connect(opened["ws_fmp4"], max_size=None) as socket:
        assert isinstance(await socket.recv(), str)
        assert [bytes(await socket.recv())[4:8] for _ in range(2)] == [b"ftyp", b"moof"]  # type: ignore[arg-type]


async def by_webrtc(client: httpx.AsyncClient, opened: dict[str, str]) -> None:
    """An offer that is answered; the viewer says no goodbye, its session ends it."""
    answer = await client.post(opened["webrtc"], content=offer("h264"), headers={"content-type": "application/sdp"})
    assert answer.status_code == 201, answer.text


async def by_hls(client: httpx.AsyncClient, opened: dict[str, str]) -> None:
    """The playlist and its first whole segment."""
    playlist = await client.get(opened["hls"])
    assert playlist.status_code == 200, playlist.text
    address = next(line for line in playlist.text.splitlines() if line.startswith("seg/"))
    segment = await client.get(f"{opened['hls'].rpartition('/index')[0]}/{address}")
    assert segment.content[4:8] == b"moof"


@pytest.mark.timeout(240)
async def test_viewers_of_every_kind_leave_nothing_behind(tmp_path: Path) -> None:
    """Sockets, SSRCs, sources, dialogs, readers, tasks and memory are afterwards where they were."""
    settings, first = settings_for(), free_range(21)
    changes = {"grace_s": 3.0, "rtp_port_first": first, "rtp_port_last": first + 20}
    media = settings.media.model_copy(update=changes)
    async with (
        running_node(tmp_path, settings.model_copy(update={"media": media})) as node,
        httpx.AsyncClient(timeout=30) as client,
    ):
        cameras = [simulated_camera(node.registrar, number) for number in range(1, len(TRANSPORTS) + 1)]
        async with powered(*cameras):
            for camera, policies in zip(cameras, TRANSPORTS, strict=True):
                code = camera.identity.code
                await until(lambda code=code: listed(node, code), what="the camera is listed")
                assert (await node.client.patch(f"/devices/{code}", json=policies)).status_code == 200

            async def watch(camera: SimulatedDevice, policies: dict[str, str], rounds: int) -> None:
                for number in range(rounds):
                    ways: list[Look] = [by_websocket, by_webrtc, *([by_hls] if number % 4 == 0 else [])]
                    for look in ways:
                        await view(node, client, camera, policies.get("media_transport", "udp"), look)

            async def measured() -> tuple[int, int, int]:
                await until(lambda: settled(node, cameras), seconds=60, what="everything is given back")
                # Pools of connections (HTTP, database) grow with what happens to coincide: fill them, that they do not count.
                await asyncio.gather(*(node.client.get("/cameras") for _ in range(POOLED)))
                gc.collect()
                return open_files(), len(asyncio.all_tasks()), resident_bytes()

            await asyncio.gather(*(watch(*one, WARM_UP) for one in zip(cameras, TRANSPORTS, strict=True)))
            before = after = await measured()
            grown: list[int] = []
            # What is leaked is leaked by each set of viewers; what the allocator keeps for a while is not.
            while not grown or (grown[-1] > GROWTH_BYTES and len(grown) < SETS):
                held = after[2]
                await asyncio.gather(*(watch(*one, ROUNDS) for one in zip(cameras, TRANSPORTS, strict=True)))
                seen: list[tuple[int, int, int]] = []

                async def closed(seen: list[tuple[int, int, int]] = seen) -> bool:
                    seen.append(await measured())
                    return seen[-1][0] <= before[0] + OPENINGS

                # What is leaked stays; a connection that nobody uses any more expires.
                await until(closed, seconds=60, what=f"no more sockets are open than before ({before[0]})")
                after = seen[-1]
                assert after[1] <= before[1] + OPENINGS, f"tasks: {before[1]} before, {after[1]} after"
                grown.append(after[2] - held)
            assert grown[-1] <= GROWTH_BYTES, f"memory: each set of viewers left more: {grown}"
            assert all(camera.invited >= 2 * (WARM_UP + ROUNDS) for camera in cameras), "they were really called"


async def view(node: RunningNode, client: httpx.AsyncClient, camera: SimulatedDevice, way: str, look: Look) -> None:
    """One viewer from the opening to the end; the camera's stream ends with the viewer."""
    code = camera.identity.code
    answer = await node.client.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})
    assert answer.status_code == 201, answer.text

    async def plays() -> bool:
        state = await state_of(node, code)
        return (state["state"], state["transport"]) == ("playing", way)

    await until(plays, what=f"there is a picture by {way}")

    async def learned() -> bool:
        return (await node.get(f"/devices/{code}"))["worked_transport"] == way

    await until(learned, what=f"the device's page says that {way} works, whatever its profile asks for")
    await look(client, answer.json())
    assert (await node.client.delete(f"/live/{answer.json()['session']}")).status_code == 204
    await until(lambda: not camera._senders, what="the camera is told to stop")


async def settled(node: RunningNode, cameras: list[SimulatedDevice]) -> bool:
    """Nothing of any stream is left."""
    live, counters = node.node.live, node.node.engine.counters()
    left = (live.running, live.ssrcs.taken, counters.sources, counters.readers, node.node.signalling.open_calls)
    return left == (0, 0, 0, 0, 0) and not any(camera._senders for camera in cameras)
