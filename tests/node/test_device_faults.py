"""A device that says ERROR in its keep-alives is shown as faulty until it says OK again. GB/T 28181-2022 §9.6.1."""

from __future__ import annotations

import pytest

from fengsui.simulators.faults import Faults
from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.test_metrics import scraped, total


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_a_device_that_reports_a_fault_is_shown_so_until_it_works_again(node: RunningNode, transport: str) -> None:
    sound, camera = simulated_camera(node.registrar, 2), simulated_camera(node.registrar, 1, transport=transport)

    async def shown() -> dict[str, str]:
        items = (await node.get("/devices"))["items"]
        return {one["code"]: one["status"] for one in items}  # type: ignore[attr-defined]

    async def shown_as(status: str) -> bool:
        return await shown() == {sound.identity.code: "online", camera.identity.code: status}

    async def counted(**wanted: int) -> bool:
        now = await scraped(node)
        return all(total(now, "fengsui_devices", state=state) == number for state, number in wanted.items())

    door = node.node.devices._door
    async with powered(sound, camera):
        await until(lambda: shown_as("online"), what="both are online")
        taken = door.counters().heartbeats
        await until(lambda: door.counters().heartbeats >= taken + 2, what="the door answers plain heartbeats itself")
        camera.identity.faults = Faults(faulty=True)
        assert (await camera.report()).status == 200
        assert await shown_as("fault")
        assert (await node.get(f"/devices/{camera.identity.code}"))["status"] == "fault"
        await until(lambda: counted(online=1, fault=1, offline=0), what="the figures tell of it")
        assert await camera._register(), "it registers again"
        assert await shown_as("fault"), "a registration mends nothing"
        camera.identity.faults = Faults()
        assert (await camera.report()).status == 200
        assert await shown_as("online")
        await until(lambda: counted(online=2, fault=0, offline=0), what="the figures tell of that too")
