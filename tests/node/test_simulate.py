"""`fengsui simulate` as its users start it: many devices, with footage, transport and faults, from two processes at once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fengsui.simulators.footage import FOOTAGE_FOLDER
from tests.node.conftest import SERVER, RunningNode, until
from tests.node.test_live import open_live, read_pictures, state_of


@asynccontextmanager
async def simulating(node: RunningNode, *words: str) -> AsyncIterator[None]:
    """A process of its own until the end of the block."""
    target = ("--port", str(node.registrar.port), "--server", SERVER, "--password", "node-password")
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "fengsui", "simulate", *words, *target)
    try:
        yield
        assert process.returncode is None, "it still runs"
    finally:
        process.terminate()
        await process.wait()


async def test_recorders_in_two_processes_show_their_footage_and_their_faults(node: RunningNode) -> None:
    footage = str(FOOTAGE_FOLDER / "street.10fps.h265")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            simulating(node, "nvr", "--count", "2", "--first-number", "601", "--transport", "TCP", "--footage", footage)
        )
        await stack.enter_async_context(simulating(node, "nvr", "--first-number", "701", "--invite-status", "486"))

        async def listed() -> bool:
            return len((await node.get("/cameras"))["items"]) == 12  # type: ignore[arg-type]

        await until(listed, what="three recorders and their channels")
        recorders = (await node.get("/devices"))["items"]
        assert {(one["code"][10:], one["transport"]) for one in recorders} == {  # type: ignore[attr-defined]
            ("1180000601", "TCP"), ("1180000602", "TCP"), ("1180000701", "UDP")
        }  # fmt: skip
        shown, busy = f"{SERVER[:10]}1320060203", f"{SERVER[:10]}1320070101"
        assert len(await read_pictures(await open_live(node, shown), 3)) >= 3
        assert (await state_of(node, shown))["codec"] == "h265"
        await open_live(node, busy)

        async def refused() -> bool:
            return (await state_of(node, busy))["failure"] == "busy"

        await until(refused, what="the fault shows")
        tree = (await node.get(f"/devices/{SERVER[:10]}1180000602/tree"))["items"]
        assert {item["code"][10:13] for item in tree} >= {"215", "216"}  # type: ignore[attr-defined]


async def test_a_recorder_has_the_channel_codes_it_is_given_and_the_next_camera_is_offered_a_free_one(node: RunningNode) -> None:
    async def offered() -> str:
        return str((await node.get("/node/join-values"))["device_code_example"])

    codes = [f"{SERVER[:10]}132{number:07d}" for number in range(1, 6)]
    assert await offered() == codes[0]
    async with (
        simulating(node, "nvr", "--channel-codes", f"{codes[0]}, {codes[2]}"),
        simulating(node, "camera", "--first-number", "2"),
    ):

        async def listed() -> bool:
            return {codes[0], codes[1], codes[2]} <= {one["code"] for one in (await node.get("/cameras"))["items"]}  # type: ignore[attr-defined]

        await until(listed, what="the given codes are listed, and those of the others are made")
        held = [(await node.get(f"/cameras/{code}"))["device"] for code in codes[:3]]
        assert held == [f"{SERVER[:10]}1180000501", codes[1], f"{SERVER[:10]}1180000501"]
        assert await offered() == codes[3], "no device and no channel has it"
