"""The signalling fleet counts what happened: with few devices nobody is asked anew before its answer came."""

from __future__ import annotations

import asyncio

from fengsui.simulators.fleet import FleetTarget, SignallingFleet
from tests.node.conftest import SERVER, RunningNode


async def test_three_devices_send_many_keepalives_and_lose_none(node: RunningNode) -> None:
    target = FleetTarget("127.0.0.1", node.node.settings.signalling.port, SERVER, SERVER[:10], "node-password")
    fleet = SignallingFleet(target, 3)
    try:
        registered = await asyncio.to_thread(fleet.register_all)
        assert (registered.answered, registered.lost) == (3, 0)
        beats = await asyncio.to_thread(lambda: fleet.keep_alive(messages=300, rate_s=None))
        assert (beats.asked, beats.answered, beats.lost, beats.refused) == (300, 300, 0, 0)
    finally:
        fleet.close()
