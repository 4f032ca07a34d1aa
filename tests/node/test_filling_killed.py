"""kill -9 in the midst of filling: what became footage stays, the rest is filled after the next start, nothing is there twice."""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import os
import signal
from pathlib import Path

import pytest
import uvloop

from fengsui.app import Node
from fengsui.features.completeness import actions as days
from fengsui.features.completeness import lapses
from fengsui.features.completeness import model as gaps_model
from fengsui.features.filling import actions, model
from fengsui.settings import NodeSettings
from fengsui.simulators.faults import Faults
from fengsui.simulators.identity import Registrar
from fengsui.simulators.recordings import RecordedFile
from tests.node.conftest import SERVER, powered, running_node, simulated_camera, until
from tests.node.test_device_recordings import CLIP
from tests.node.test_filling import (
    bounded,
    fetched,
    footage,
    hasty,
    quick,
    recorded_then_cut,
    with_card,
)
from tests.node.test_footage import footage_files, pictures_of
from tests.rounds import rounds

__all__ = ["hasty"]

GAP_S = rounds(30.0, 40.0)
PIECE_S = 5.0
KILLED_AT = rounds((0, 1), (0, 1, 3))
"""Pieces that are footage when the node is killed, once for each life of it."""


def run_node(settings: NodeSettings, data: Path) -> None:
    """A node of its own process, as hasty as that of the test."""
    vars(gaps_model).update(COUNTS_S=2.0, SLIVER_S=1.0)
    vars(lapses).update(LOOK_S=0.25, LATE_S=4.0)
    vars(days).update(FRESH_S=3.0, FIRST_S=1.0, AGAIN_S=1.0)
    vars(actions).update(ENDED_S=5.0, LOOK_S=0.5)
    vars(model).update(FIRST_AGAIN_S=2.0, PIECE_S=PIECE_S)

    async def run() -> None:
        await Node(settings, data).start()
        await asyncio.Event().wait()

    uvloop.run(run())


def under_way(data: Path) -> list[Path]:
    """What is being fetched, once some of its pictures are there."""
    return [one for one in (data / "footage").rglob("*.part") if one.stat().st_size > 20_000]


def whole(data: Path) -> dict[Path, str]:
    """What the device recorded and is footage, and its hash."""
    files = [one for one in footage_files(data) if "-device" in one.name]
    return {one: hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


@pytest.mark.rounds
@pytest.mark.timeout(400)
async def test_a_node_that_is_killed_in_the_midst_fills_the_rest_after_its_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "PIECE_S", PIECE_S)
    settings, data = quick(), tmp_path / "node"
    slow = bounded(settings, fill_mbit=0.6, fill_at_once=1)
    registrar = Registrar("127.0.0.1", settings.signalling.port, SERVER, SERVER[:10], "node-password")
    camera = simulated_camera(registrar)
    code = camera.identity.code
    async with running_node(data, settings) as node:
        cut, back = await recorded_then_cut(node, camera, GAP_S)
        [before] = footage(node, code)
    device = with_card(registrar, [RecordedFile(cut - 60, back + 6_000)], Faults())
    spawn = multiprocessing.get_context("spawn")
    kept = dict[Path, str]()
    async with powered(device):
        for pieces in KILLED_AT:
            child = spawn.Process(target=run_node, args=(slow, data))
            child.start()
            try:
                await until(
                    lambda pieces=pieces: len(whole(data)) >= pieces and under_way(data), seconds=90, what="it is in the midst"
                )
            finally:
                os.kill(child.pid or 0, signal.SIGKILL)
                await asyncio.to_thread(child.join)
            now = whole(data)
            assert kept.items() <= now.items(), "what became footage stays as it is"
            assert len(now) < GAP_S / PIECE_S - 1, "there is a rest"
            kept = now
    assert kept, "something was footage before the last kill"
    async with running_node(data, settings) as node:
        async with powered(device):
            await until(lambda: footage(node, code)[0][1] > back, seconds=150, what="nothing lacks any more")
        await until(lambda: not list((data / "footage").rglob("*.part")), seconds=30, what="nothing is left of what was cut short")
        assert kept.items() <= whole(data).items()
        spans, of_device = footage(node, code), fetched(node, code)
        assert spans[0][0] == before[0] and spans[0][1] > back, spans
        assert of_device[0][0] - before[1] < 1 and of_device[0][1] > back - 1, of_device
        # A piece that was there twice would have its pictures twice.
        pictures, filled_s = sum(map(pictures_of, whole(data))), sum(end - start for start, end in of_device)
        assert abs(pictures - filled_s * float(CLIP.fps)) <= float(CLIP.fps), (pictures, filled_s)
