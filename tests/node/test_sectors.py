"""A camera stays inside the sector that was set for it: by its own word where it tells its position, else by its presets (A11)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest

from fengsui.features.audit.acts import Act
from fengsui.features.steering.model import Sector, box_meets
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.moving_view import Head, View
from fengsui.wire.gb28181.edition import Edition
from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.test_control import STOPS
from tests.node.test_live import listed
from tests.node.test_steering import CODE, PTZ, acts, operator, sent

SECTOR = {"pan_from_deg": 350, "pan_to_deg": 20, "tilt_from_deg": -10, "tilt_to_deg": 10, "zoom_max": 3, "presets": [1]}


def dome(node: RunningNode) -> tuple[SimulatedDevice, Head]:
    device = simulated_camera(node.registrar)
    head = device.channels[CODE].head = Head()
    return device, head


@contextlib.asynccontextmanager
async def turning(node: RunningNode, device: SimulatedDevice) -> AsyncIterator[httpx.AsyncClient]:
    async with powered(device):
        await until(lambda: listed(node, CODE), what="the camera is listed")
        yield await operator(node)


def pan_of(head: Head) -> float:
    return (head.view.pan_deg + 180) % 360 - 180


async def test_a_movement_over_the_border_is_stopped_and_turned_back_and_the_next_one_refused(node: RunningNode) -> None:
    device, head = dome(node)
    async with turning(node, device) as li:
        head.view = View(0.5, 0.5, 2.0)
        assert (await li.put(f"/cameras/{CODE}/sector", json=SECTOR)).status_code == 403, "who draws masks sets sectors"
        put = await node.client.put(f"/cameras/{CODE}/sector", json=SECTOR)
        assert put.status_code == 200 and put.json()["sector"]["pan_to_deg"] == 20
        for _ in range(12):
            answer = await li.post(PTZ, json={"action": "right", "speed": 100})
            if answer.status_code == 409:
                break
            await asyncio.sleep(0.4)
        assert answer.json()["code"] == "ptz.out_of_sector" and answer.json()["rule"] == "A11", "at the border it is refused"
        await until(lambda: abs(pan_of(head) - 20) < 1.5, what="it was turned back to the border")
        assert (await li.post(PTZ, json={"action": "left", "speed": 30})).status_code == 204, "inwards it turns"
        assert (await li.post(PTZ, json={"action": "stop"})).status_code == 204
        head.view = View(0.5, 0.5, 2.0)
        far = await li.post(f"/cameras/{CODE}/centre", json={"x": 0.99, "y": 0.5})
        assert far.json()["code"] == "ptz.out_of_sector" and abs(pan_of(head)) < 1, "angles are known before: nothing is sent"
        near = await li.post(f"/cameras/{CODE}/centre", json={"x": 0.6, "y": 0.5})
        assert near.status_code == 204
        await until(lambda: abs(pan_of(head) - 6) < 0.5, what="a tenth of 60 degrees to the right")
        box = {"window_length": 640, "window_width": 360, "middle_x": 320, "middle_y": 180, "box_length": 320, "box_width": 180}
        closer = await li.post(f"/cameras/{CODE}/drag-zoom", json={"direction": "in", **box})
        assert closer.json()["code"] == "ptz.out_of_sector", "closer than the sector allows"
        assert (await li.post(f"/cameras/{CODE}/presets/2/go")).json()["code"] == "ptz.out_of_sector"
        assert (await li.post(f"/cameras/{CODE}/presets/1/go")).status_code == 204
        refused = [one for one in acts(node, Act.CAMERA_PTZ, Act.CAMERA_DRAG_ZOOM, Act.PRESET_GO) if one[1] == "refused"]
        assert {one[2] for one in refused} == {"ptz.out_of_sector"} and len(refused) == 4
        assert acts(node, Act.CAMERA_TURNED_BACK), "and that it was turned back"
        assert (await node.client.delete(f"/cameras/{CODE}/sector")).status_code == 204
        assert (await li.post(f"/cameras/{CODE}/presets/2/go")).status_code == 204


async def test_a_camera_that_looks_elsewhere_when_its_sector_is_set_is_turned_into_it(node: RunningNode) -> None:
    device, head = dome(node)
    async with turning(node, device):
        head.view = View(0.8, 0.5, 2.0)
        assert (await node.client.put(f"/cameras/{CODE}/sector", json=SECTOR)).status_code == 200
        await until(lambda: abs(pan_of(head) - 20) < 1, what="it is turned to the nearest border")


async def test_a_preset_that_is_set_anew_is_inside_only_where_the_camera_says_so(node: RunningNode) -> None:
    device, head = dome(node)
    async with turning(node, device) as li:
        head.view = View(0.5, 0.5, 2.0)
        assert (await node.client.put(f"/cameras/{CODE}/sector", json=SECTOR)).status_code == 200
        assert (await li.put(f"/cameras/{CODE}/presets/7", json={"name": "东门"})).status_code == 204
        found = {one["number"]: one for one in (await li.get(f"/cameras/{CODE}/presets")).json()["items"]}
        assert found[7]["allowed"] and found[7]["name"] == "东门" and not found[2]["allowed"]


async def test_of_a_camera_that_tells_no_position_presets_outside_are_refused(node: RunningNode) -> None:
    device, _ = dome(node)
    device.identity.edition = Edition.V2016
    async with turning(node, device) as li:
        assert (await node.client.put(f"/cameras/{CODE}/sector", json=SECTOR)).status_code == 200
        assert (await li.get(f"/cameras/{CODE}/position")).json()["pan_deg"] is None
        assert (await li.post(f"/cameras/{CODE}/presets/2/go")).json()["code"] == "ptz.out_of_sector"
        assert (await li.put(f"/cameras/{CODE}/home-position", json={"enabled": True, "preset": 2})).status_code == 409
        patrol = {"stops": [{"preset": 1, "stay_s": 5}, {"preset": 2, "stay_s": 5}]}
        assert (await li.put(f"/cameras/{CODE}/patrols/1", json=patrol)).json()["code"] == "ptz.out_of_sector"
        assert (await li.post(f"/cameras/{CODE}/presets/1/go")).status_code == 204
        assert (await li.put(f"/cameras/{CODE}/presets/1", json={"name": "别处"})).status_code == 204
        assert (await li.post(f"/cameras/{CODE}/presets/1/go")).json()["code"] == "ptz.out_of_sector", "it is another view now"


async def test_click_to_centre_where_the_camera_knows_no_angles(node: RunningNode) -> None:
    device, head = dome(node)
    device.identity.edition = Edition.V2016
    async with turning(node, device) as li:
        assert (await li.post(f"/cameras/{CODE}/centre", json={"x": 0.75, "y": 0.25})).status_code == 204
        await until(lambda: device.controls, what="a box")
        zoom = device.controls[-1].zoom
        assert zoom is not None and (zoom.middle_x, zoom.middle_y, zoom.box_length, zoom.window_length) == (750, 250, 1000, 1000)
        await node.client.patch(f"/devices/{CODE}", json={"pinned_edition": "1.0"})
        head.view = View(0.4, 0.5, 2.0)
        before = head.view.x
        assert (await li.post(f"/cameras/{CODE}/centre", json={"x": 0.9, "y": 0.5})).status_code == 204
        assert [one.ptz for one in device.controls[-2:]] == STOPS and sent(device)[-3].startswith("A50F0101"), "right, then stop"
        assert head.view.x > before


def test_an_arc_may_go_over_north() -> None:
    sector = Sector(350, 20, -10, 10, 3, ())
    assert sector.holds(355, 0, 1) and sector.holds(10, 0, 1) and not sector.holds(30, 0, 1) and not sector.holds(340, 0, 1)
    assert sector.beyond(30, 0, 1)[0] == pytest.approx(10) and sector.beyond(340, 0, 1)[0] == pytest.approx(-10)
    assert sector.nearest(180, 40, 8) == (20, 10, 3)
    assert sector.leads_out((19.8, 0, 1), 1, 0, 0) and not sector.leads_out((19.8, 0, 1), -1, 0, 0)
    assert sector.leads_out((0, 9.8, 1), 0, -1, 0) and sector.leads_out((0, -9.8, 1), 0, 1, 0)
    assert sector.leads_out((0, 0, 3.0), 0, 0, 1) and not sector.leads_out((0, 0, 3.0), 0, 0, -1)
    assert Sector(0, 360, -90, 90, 99, ()).holds(181, 0, None), "the whole circle"


def test_a_box_meets_a_mask_by_corner_inside_or_across() -> None:
    square = ((4000, 4000), (6000, 4000), (6000, 6000), (4000, 6000))
    assert box_meets(square, 5000, 5000, 7000, 7000) and box_meets(square, 4500, 4500, 5500, 5500)
    assert box_meets(square, 0, 4500, 9999, 5500) and not box_meets(square, 0, 0, 3900, 9999)


async def test_a_sector_ends_a_round_that_leads_out_of_it(node: RunningNode) -> None:
    device, _ = dome(node)
    async with turning(node, device) as li:
        order = {"by_device": True, "stops": [{"preset": 1, "stay_s": 5}, {"preset": 2, "stay_s": 5}]}
        assert (await li.put(f"/cameras/{CODE}/patrols/1", json=order)).status_code == 204
        assert (await li.post(f"/cameras/{CODE}/patrols/1/start")).status_code == 204
        assert (await node.client.put(f"/cameras/{CODE}/sector", json=SECTOR)).status_code == 200
        assert (await li.get(f"/cameras/{CODE}/steering")).json()["patrol"] is None
        assert STOPS[0] in sent(device)[-4:], "the camera is told to stop"
        assert (await li.post(f"/cameras/{CODE}/patrols/1/start")).json()["code"] == "ptz.out_of_sector"
        wrong = {"enabled": True, "preset": 0, "by_node": True}
        assert (await li.put(f"/cameras/{CODE}/home-position", json=wrong)).status_code == 422
