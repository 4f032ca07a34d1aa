"""A removed device leaves nothing behind in memory, even when its catalogue is being read."""

from __future__ import annotations

from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.test_live import listed


async def test_nothing_is_kept_of_a_removed_device(node: RunningNode) -> None:
    reading, devices = node.node.cameras.reading, node.node.devices
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        await until(lambda: (found := reading.catalogue_progress(code)) is not None and found.done, what="its catalogue is read")
    kept = {name: value for name, value in vars(reading).items() if isinstance(value, dict | set) and code in value}
    assert {"_progress", "_told_at_s", "_arrivals"} <= kept.keys()
    reading.ask_catalogue(code)  # it is away: the query goes on while it is removed
    assert (await node.client.delete(f"/devices/{code}")).status_code == 204

    def forgotten() -> bool:
        holders = [vars(reading), vars(reading.subscriptions), vars(devices), vars(devices._presence), vars(devices._batches)]
        values = [value for holder in holders for value in holder.values() if isinstance(value, dict | set)]
        return not any(code in value for value in values)

    await until(forgotten, what="nothing of it is kept")
    assert reading.catalogue_progress(code) is None
