"""Minutes of trouble on one node: faulty cameras watched and left, storms of signalling; nothing grows, nobody is stuck.

`FENGSUI_SOAK_MINUTES` sets the length of each run (3)."""

from __future__ import annotations

import asyncio
import gc
import os
import random
from pathlib import Path

import pytest

from fengsui.simulators.faults import AnswerFault, Faults, PsmFault, SsrcFault
from fengsui.simulators.fleet import FleetTarget, SignallingFleet
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_live import listed, open_live, read_pictures
from tests.node.test_live_failures import open_files, resident_bytes

pytestmark = pytest.mark.soak
MINUTES = min(60.0, float(os.environ.get("FENGSUI_SOAK_MINUTES", "3")))
GROWTH_BYTES = 48_000_000
TROUBLES = (
    Faults(loss=0.05, reorder=0.1),
    Faults(no_answer=True),
    Faults(invite_status=486),
    Faults(invite_status=503),
    Faults(silent_media=True),
    Faults(answer=AnswerFault.PORT_ZERO),
    Faults(answer=AnswerFault.EMPTY),
    Faults(unknown_codec=True),
    Faults(bye_after_s=1.0),
    Faults(stall_after_s=1.0),
    Faults(half_open_tcp=True),
    Faults(psm=PsmFault.MISSING),
    Faults(ssrc=SsrcFault.WRONG),
    Faults(clock_skew_s=86_400.0),
)


def left(node: RunningNode) -> tuple[int, ...]:
    """Streams, SSRCs, sources and dialogs that are not given back."""
    live = node.node.live
    return (live.running, live.ssrcs.taken, node.node.engine.counters().sources, node.node.signalling.open_calls)


async def measured(node: RunningNode) -> tuple[int, int, int]:
    """Descriptors, tasks and bytes once everything is given back."""
    await until(lambda: left(node) == (0, 0, 0, 0), seconds=60, what="everything is given back")
    gc.collect()
    return open_files(), len(asyncio.all_tasks()), resident_bytes()


@pytest.mark.timeout(4000)
async def test_minutes_of_faulty_cameras_leave_nothing_behind(tmp_path: Path) -> None:
    settings = settings_for()
    media = settings.media.model_copy(update={"grace_s": 0.2, "silence_s": 2.0})
    chance = random.Random(28181)
    async with running_node(tmp_path, settings.model_copy(update={"media": media})) as node:
        sound = simulated_camera(node.registrar, 1)
        troubled = [simulated_camera(node.registrar, number, faults=faults) for number, faults in enumerate(TROUBLES, start=2)]
        async with powered(sound, *troubled):
            for camera in (sound, *troubled):
                await until(lambda camera=camera: listed(node, camera.identity.code), what="the cameras are listed")

            async def rounds(code: str, until_s: float) -> None:
                while asyncio.get_running_loop().time() < until_s:
                    opened = await node.client.post(f"/cameras/{code}/live", json={"codecs": ["h264", "h265"]})
                    assert opened.status_code == 201, opened.text
                    await asyncio.sleep(chance.uniform(0.0, 3.0))  # how long a viewer stays
                    await node.client.delete(f"/live/{opened.json()['session']}")

            async def run_for(seconds: float) -> None:
                end_s = asyncio.get_running_loop().time() + seconds
                await asyncio.gather(*(rounds(camera.identity.code, end_s) for camera in troubled))

            await run_for(20.0)
            before = await measured(node)
            await run_for(MINUTES * 60)
            after = await measured(node)
            assert after[0] <= before[0] + 5, f"descriptors: {before[0]} before, {after[0]} after"
            assert after[1] <= before[1] + 5, f"tasks: {before[1]} before, {after[1]} after"
            assert after[2] <= before[2] + GROWTH_BYTES, f"memory: {before[2]:,} before, {after[2]:,} after"
            assert len(await read_pictures(await open_live(node, sound.identity.code), 5)) >= 5


@pytest.mark.timeout(4000)
async def test_minutes_of_signalling_leave_a_watched_picture_alone(tmp_path: Path) -> None:
    devices = 2_000
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar, 900_001)  # no code of the fleet's
        fleet = SignallingFleet(
            FleetTarget("127.0.0.1", node.node.settings.signalling.port, SERVER, SERVER[:10], "node-password"), devices
        )
        try:
            async with powered(camera):
                opened = await open_live(node, camera.identity.code)
                watching = asyncio.create_task(read_pictures(opened, 1_000_000))
                first = await asyncio.to_thread(fleet.register_all)
                assert (first.answered, first.lost) == (devices, 0)
                before = resident_bytes()
                end_s = asyncio.get_running_loop().time() + MINUTES * 60
                while asyncio.get_running_loop().time() < end_s:
                    again = await asyncio.to_thread(fleet.register_all)
                    beats = await asyncio.to_thread(lambda: fleet.keep_alive(messages=5 * devices, rate_s=2_000.0))
                    assert (again.answered, again.lost, beats.answered, beats.lost) == (devices, 0, 5 * devices, 0)
                gc.collect()
                assert resident_bytes() <= before + GROWTH_BYTES
                assert not watching.done(), "the picture never broke"
                assert camera.invited == 1
                watching.cancel()
        finally:
            fleet.close()
