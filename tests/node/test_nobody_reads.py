"""A viewer who opens a picture and goes: session, call and all they took end by the grace time, whatever the device does."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
import websockets

from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.faults import AnswerFault, Faults
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_leaks import settled
from tests.node.test_live import listed, read_pictures, state_of
from tests.ports import free_range

PORTS = 2


async def opened_by_one_who_goes(node: RunningNode, code: str) -> dict[str, Any]:
    answer = await node.client.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})
    assert answer.status_code == 201, answer.text
    opened: dict[str, Any] = answer.json()
    return opened


async def ended(node: RunningNode, camera: SimulatedDevice, opened: dict[str, Any], first_port: int) -> None:
    """Session, stream, call, SSRC and ports are gone, and the log says why."""
    code = camera.identity.code
    await until(lambda: settled(node, [camera]), seconds=60, what="nothing of the call is left")
    assert (await state_of(node, code))["state"] == "idle"
    assert (await node.client.post(f"/live/{opened['session']}/renew")).status_code == 404
    for port in range(first_port, first_port + PORTS):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken_back:
            taken_back.bind(("127.0.0.1", port))

    async def said() -> bool:
        page = await node.get(f"/audit?object={code}&act=live.stop")
        return [one["detail"] for one in page["items"]] == ["nobody reads"]  # type: ignore[attr-defined]

    await until(said, what="the audit log says that nobody read")


@pytest.mark.parametrize(
    ("faults", "answered"),
    [
        (Faults(), True),
        (Faults(silent_media=True), True),
        (Faults(answer=AnswerFault.PORT_ZERO), True),
        (Faults(invite_status=486), False),
        (Faults(rings=True), False),
        (Faults(no_answer=True), False),
    ],
    ids=["it plays", "no packets", "no description", "busy", "it rings", "no answer"],
)
async def test_a_call_that_nobody_waits_for_ends_by_the_grace_time(tmp_path: Path, faults: Faults, answered: bool) -> None:
    settings, first = settings_for(), free_range(PORTS)
    # Each attempt fails sooner than the grace time, so that the engine alone would never see nobody for so long.
    own_ports = {"rtp_port_first": first, "rtp_port_last": first + PORTS - 1, "ports": "own"}
    media = settings.media.model_copy(update={"first_packet_s": 0.4, "grace_s": 1.5, **own_ports})
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        camera = simulated_camera(node.registrar, faults=faults)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            opened = await opened_by_one_who_goes(node, code)
            await until(lambda: camera.invited > 0, what="the camera is called")
            await ended(node, camera, opened, first)
            assert camera.byes == (camera.invited if answered else 0), "every answered call is hung up"
            called = camera.invited
            camera.identity.faults = Faults()
            again = await opened_by_one_who_goes(node, code)
            assert len(await read_pictures(again, 3)) >= 3, "and it plays for the next who comes"
            assert camera.invited > called


async def test_a_first_reader_who_goes_before_the_first_packet_leaves_nothing(tmp_path: Path) -> None:
    settings, first = settings_for(), free_range(PORTS)
    own_ports = {"rtp_port_first": first, "rtp_port_last": first + PORTS - 1, "ports": "own"}
    media = settings.media.model_copy(update={"first_packet_s": 60.0, "grace_s": 1.5, **own_ports})
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        camera = simulated_camera(node.registrar, faults=Faults(silent_media=True))
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            opened = await opened_by_one_who_goes(node, code)
            async with websockets.connect(opened["ws_fmp4"]):
                await until(lambda: node.node.engine.counters().readers == 1, what="the reader waits for a picture")
                await asyncio.sleep(2 * media.grace_s)  # a waiting reader keeps it: this is a time that must pass, not a guess
                assert (await state_of(node, code))["state"] == "waiting_media"
            await ended(node, camera, opened, first)
            assert (camera.invited, camera.byes) == (1, 1)
