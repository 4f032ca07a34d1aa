"""A device that says ERROR in its keep-alives is shown as faulty until it says OK again. GB/T 28181-2022 §9.6.1."""

from __future__ import annotations

import pytest

from fengsui.simulators.faults import Faults
from fengsui.wire.gb28181.manscdp import Keepalive, encode
from tests.node.conftest import SERVER, RunningNode, powered, simulated_camera, until
from tests.node.test_metrics import more, scraped, total


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_a_device_that_reports_a_fault_is_shown_so_until_it_works_again(node: RunningNode, transport: str) -> None:
    sound, camera = simulated_camera(node.registrar, 2), simulated_camera(node.registrar, 1, transport=transport)
    never_came = f"{SERVER[:10]}1320000009"
    assert (await node.client.post("/devices", json={"code": never_came})).status_code == 201

    async def states(path: str) -> dict[str, str]:
        items = (await node.get(path))["items"]
        return {one["code"]: one["status"] for one in items}  # type: ignore[attr-defined]

    async def shown_as(status: str) -> bool:
        """As a device, and as the only camera of it: in every list, and in the area's sum."""
        wanted = {sound.identity.code: "online", camera.identity.code: status}
        lists = [await states(path) for path in ("/devices", "/cameras", "/camera-names?area=520102")]
        (area,) = [one for one in (await node.get("/areas"))["items"] if one["code"] == "520102"] or [{}]  # type: ignore[attr-defined]
        up = list(wanted.values()).count("online")
        return lists == [{**wanted, never_came: "offline"}, wanted, wanted] and (area["cameras_online"], area["cameras_total"]) == (
            up,
            2,
        )

    async def counted(**wanted: int) -> bool:
        now, page = await scraped(node), (await node.get("/node"))["devices"]
        by_metric = {state: total(now, "fengsui_devices", state=state) for state in wanted}
        return by_metric == wanted and page == {**wanted, "waiting": 0}

    door = node.node.devices._presence.door
    async with powered(sound, camera):
        await until(lambda: shown_as("online"), what="both are online")
        assert (await node.get("/devices?status=fault"))["items"] == []
        taken = door.counters().heartbeats
        await until(lambda: door.counters().heartbeats >= taken + 2, what="the door answers plain heartbeats itself")
        camera.identity.faults = Faults(faulty=True)
        assert (await camera.report()).status == 200
        assert await shown_as("fault")
        assert (await node.get(f"/devices/{camera.identity.code}"))["status"] == "fault"
        assert list(await states("/devices?status=fault")) == list(await states("/cameras?status=fault")) == [camera.identity.code]
        assert list(await states("/devices?status=online")) == list(await states("/cameras?status=online")) == [sound.identity.code]
        await until(lambda: counted(online=1, fault=1, offline=1), what="the figures tell of it")
        assert await camera._register(), "it registers again"
        assert await shown_as("fault"), "a registration mends nothing"
        camera.identity.faults = Faults()
        assert (await camera.report()).status == 200
        assert await shown_as("online")
        await until(lambda: counted(online=2, fault=0, offline=1), what="the figures tell of that too")


async def test_a_heartbeat_that_tells_of_another_device_is_not_its_senders(node: RunningNode) -> None:
    # Nothing of its own comes between what it is made to say and what is shown of it.
    camera, other = (simulated_camera(node.registrar, number, keepalive_s=3600) for number in (1, 2))
    code, known, unknown = camera.identity.code, other.identity.code, f"{SERVER[:10]}1320000077"
    devices = node.node.devices

    async def say(named: str, status: str) -> str:
        body = encode(Keepalive(90, named, status), edition=camera.identity.edition)
        assert (await camera.send_octets(body)).status == 200
        return devices.get(code).status

    async with powered(camera, other):
        for one in (camera, other):
            await until(one.registered.is_set, what="they are registered")
        assert (await camera.report()).status == 200
        await until(lambda: devices.get(code).names_itself, what="it keeps alive itself: where it names another it means that one")
        before = await scraped(node)
        assert await say(known, "ERROR") == "online", "it tells of the other device"
        assert await say(unknown, "ERROR") == "fault", "a cheap camera that names what there is not"
        assert await say(known, "OK") == "fault", "it tells of the other device"
        assert await say(unknown, "OK") == "online"
        assert more(await scraped(node), before, "fengsui_keepalives_total", outcome="of another") == 2
        assert devices.get(known).status == "online"
