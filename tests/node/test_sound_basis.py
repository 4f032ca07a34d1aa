"""A camera's sound is heard while a legal basis stands in its file: an open stream falls silent when it is removed."""

from __future__ import annotations

import asyncio
import contextlib
import json

import websockets
from websockets.asyncio.client import ClientConnection, connect

from fengsui.simulators.faults import Faults, SoundFault
from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.test_live import listed, open_live, state_of


async def sound_of(socket: ClientConnection) -> str:
    """The codec of the sound that the stream's description names; empty without."""
    return str(json.loads(await socket.recv())["sound"])


async def until_closed(socket: ClientConnection) -> None:
    """Reads on until the stream ends."""
    with contextlib.suppress(websockets.ConnectionClosed):
        while True:
            await socket.recv()


async def test_an_open_stream_falls_silent_when_the_basis_is_removed(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar, faults=Faults(sound=SoundFault.MAPPED))
    code = camera.identity.code

    def sounding() -> bool:
        stream = node.node.live.stream(code, "main")
        counters = node.node.engine.source_counters(stream.source) if stream is not None and stream.source else None
        return counters is not None and counters.frames > 0 and counters.sound != ""

    async def plays() -> bool:
        return (await state_of(node, code))["state"] == "playing"

    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        assert (await node.client.patch(f"/cameras/{code}", json={"audio_basis": "求助点对讲"})).status_code == 200
        opened = await open_live(node, code)
        await until(sounding, what="there is sound")
        async with connect(opened["ws_fmp4"], max_size=None) as socket:
            assert await sound_of(socket) != ""
            assert (await node.client.patch(f"/cameras/{code}", json={"audio_basis": ""})).status_code == 200
            async with asyncio.timeout(60):
                await until_closed(socket)
        await until(plays, what="the picture is back")
        again = await open_live(node, code)
        async with connect(again["ws_fmp4"], max_size=None) as socket:
            assert await sound_of(socket) == ""
            for _ in range(20):
                await socket.recv()
        assert not sounding(), "no byte of it passes the receiver"
        assert camera.invited == 2, "the device was asked once more, and no more"
