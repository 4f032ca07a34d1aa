"""Pictures of presets with the masks that hide there, patrols of camera and node, and the return when idle (A11, A40)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fengsui.features.audit import AuditRecord
from fengsui.features.audit.acts import Act
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.moving_view import Head
from tests.node import pictures
from tests.node.conftest import RunningNode, powered, running_node, settings_for, until
from tests.node.test_audit import records
from tests.node.test_live import listed
from tests.node.test_masks import add_box, boxed, dome, patient
from tests.node.test_steering import acts, operator, with_steering

Dome = tuple[RunningNode, SimulatedDevice, Head, httpx.AsyncClient]


@pytest.fixture
async def steered(tmp_path: Path) -> AsyncIterator[Dome]:
    """A node, a dome, and an operator for it."""
    settings = with_steering(settings_for(), arrive_s=0.5)
    settings = settings.model_copy(update={"media": settings.media.model_copy(update=patient())})
    async with running_node(tmp_path, settings) as node:
        device, head = dome(node)
        async with powered(device):
            await until(lambda: listed(node, device.identity.code), what="the camera is listed")
            yield node, device, head, await operator(node)


async def presets(client: httpx.AsyncClient, code: str) -> dict[int, bool]:
    """Whether there is a picture, by preset."""
    return {one["number"]: one["has_picture"] for one in (await client.get(f"/cameras/{code}/presets")).json()["items"]}


async def test_a_preset_has_a_picture_when_it_was_set_or_is_first_reached(steered: Dome) -> None:
    node, device, _, li = steered
    code = device.identity.code
    assert await presets(li, code) == {1: False, 2: False}
    assert (await li.get(f"/cameras/{code}/presets/2/picture")).json()["code"] == "ptz.no_preset_picture"

    async def has(preset: int) -> bool:
        return (await presets(li, code))[preset]

    assert (await li.post(f"/cameras/{code}/presets/2/go")).status_code == 204
    await until(lambda: has(2), what="it was reached, and its picture taken")
    assert (await li.put(f"/cameras/{code}/presets/5", json={"name": "北门"})).status_code == 204
    await until(lambda: has(5), what="it was set, and its picture taken")
    seen = len(records(node))
    jpeg = await li.get(f"/cameras/{code}/presets/2/picture")
    assert jpeg.status_code == 200 and jpeg.headers["content-type"] == "image/jpeg" and jpeg.headers["cache-control"] == "no-store"
    assert pictures.of_file(jpeg.content)[0].width == 320
    (looked,) = [one for one in records(node)[seen:] if one.act == Act.PICTURE]
    assert (looked.person, looked.range, looked.recipient) == ("li-si", "preset 2", "li-si"), "who sees it is on record"
    keeper = await node.client_of("wei-hu", {"post": "maintenance", "area": "520102"})
    assert (await keeper.get(f"/cameras/{code}/presets/2/picture")).status_code == 403, "a picture needs the right to pictures"
    assert (await li.delete(f"/cameras/{code}/presets/5")).status_code == 204
    assert (await li.get(f"/cameras/{code}/presets/5/picture")).status_code == 404
    kept = [one for one in records(node) if one.act == Act.PICTURE and one.role == "node"]
    assert {one.detail for one in kept} == {"kept of preset 2", "kept of preset 5"}


async def test_presets_set_one_after_the_other_have_a_picture_each(steered: Dome) -> None:
    node, device, _, li = steered
    code = device.identity.code
    for preset in (5, 6, 7):
        assert (await li.put(f"/cameras/{code}/presets/{preset}", json={"name": f"北门 {preset}"})).status_code == 204
    assert (await li.delete(f"/cameras/{code}/presets/7")).status_code == 204

    async def pictured() -> bool:
        return {one for one, has in (await presets(li, code)).items() if has} == {5, 6}

    await until(pictured, what="both that are left have theirs")
    kept = [one.detail for one in records(node) if one.act == Act.PICTURE and one.role == "node"]
    assert sorted(kept) == ["kept of preset 5", "kept of preset 6"], "and of the one that is gone none was taken"


async def test_the_picture_hides_what_masks_hide_and_is_void_with_other_masks(steered: Dome) -> None:
    node, device, _, li = steered
    code = device.identity.code

    async def has(preset: int) -> bool:
        return (await presets(li, code))[preset]

    assert (await li.post(f"/cameras/{code}/presets/1/go")).status_code == 204
    await until(lambda: has(1), what="a picture without masks")
    await add_box(node, code, preset=1)
    assert not await has(1), "what it shows clear is hidden now"
    assert (await li.get(f"/cameras/{code}/presets/1/picture")).status_code == 404
    assert (await li.post(f"/cameras/{code}/presets/1/go")).status_code == 204
    await until(lambda: has(1), what="taken anew, masked")
    shown = pictures.of_file((await li.get(f"/cameras/{code}/presets/1/picture")).content)[0]
    assert boxed(shown)
    box = {"window_length": 640, "window_width": 360, "box_length": 64, "box_width": 36}
    inside = {"direction": "in", "middle_x": 320, "middle_y": 180, **box}
    refused = await li.post(f"/cameras/{code}/drag-zoom", json=inside)
    assert (refused.status_code, refused.json()["code"]) == (409, "ptz.into_mask"), "nobody zooms past the border of a mask"
    beside = {"direction": "in", "middle_x": 60, "middle_y": 330, **box}
    assert (await li.post(f"/cameras/{code}/drag-zoom", json=beside)).status_code == 204


async def test_a_patrol_of_the_camera_is_written_into_it_and_ends_with_the_next_order(steered: Dome) -> None:
    node, device, head, li = steered
    code = device.identity.code
    of = f"/cameras/{code}/patrols"
    order = {"name": "早高峰", "by_device": True, "speed": 6, "stops": [{"preset": 1, "stay_s": 20}, {"preset": 2, "stay_s": 30}]}
    assert (await li.put(f"{of}/3", json=order)).status_code == 204
    sent = ["A50F01850300003D", "A50F018403010" + "03D", "A50F018403020" + "03E", "A50F018603060044", "A50F0187031E005D"]
    await until(lambda: len(device.controls) >= 5, what="the camera is told all of it")
    assert [one.ptz for one in device.controls] == sent
    assert head.tours == {3: [1, 2]} and head.tour_stay_s == {3: 30}
    assert (await li.post(f"{of}/3/start")).status_code == 204
    await until(lambda: device.controls[-1].ptz == "A50F018803000040", what="it begins")
    found = (await li.get(of)).json()["items"]
    assert [(one["number"], one["running"], one["begun_by"], one["made_here"]) for one in found] == [(3, True, "li-si", True)]
    assert (await li.get(f"/cameras/{code}/steering")).json()["patrol"] == 3
    assert (await li.post(f"/cameras/{code}/presets/2/go")).status_code == 204
    assert not (await li.get(of)).json()["items"][0]["running"], "whoever turns the camera ends its round"
    assert [one[2] for one in acts(node, Act.PATROL_SET, Act.PATROL_BEGIN)] == [
        "3, by the camera: 1 for 20 s, 2 for 30 s; takes control",
        "3",
    ]
    assert (await li.delete(f"{of}/3")).status_code == 204 and head.tours == {}
    assert (await li.post(f"{of}/3/start")).status_code == 404
    head.tours = {9: [2, 1]}
    told = (await li.get(of)).json()["items"]
    assert [(one["number"], [stop["preset"] for stop in one["stops"]], one["made_here"]) for one in told] == [(9, [2, 1], False)]


async def test_a_patrol_of_the_node_goes_round_and_on_over_a_restart(tmp_path: Path) -> None:
    settings = with_steering(settings_for(), arrive_s=0.5)
    order = {"name": "夜间", "stops": [{"preset": 1, "stay_s": 1}, {"preset": 2, "stay_s": 1}]}
    async with running_node(tmp_path, settings) as node:
        device, _ = dome(node)
        code = device.identity.code
        async with powered(device):
            await until(lambda: listed(node, code), what="the camera is listed")
            li = await operator(node)
            assert (await li.put(f"/cameras/{code}/patrols/1", json=order)).status_code == 204
            assert device.controls == [], "the camera knows nothing of it"
            assert (await li.post(f"/cameras/{code}/patrols/1/start")).status_code == 204
            await until(lambda: len(device.controls) >= 4, what="it goes round")
            assert [one.ptz[8:14] for one in device.controls[:4]] == ["000100", "000200"] * 2
            assert (await li.delete(f"/cameras/{code}/steering")).status_code == 204
            seen = len(device.controls)
            await until(lambda: len(device.controls) > seen, what="it goes on when nobody steers")
            assert (await li.post(f"/cameras/{code}/ptz", json={"action": "left"})).status_code == 204
            await li.post(f"/cameras/{code}/ptz", json={"action": "stop"})
            seen = len(device.controls)
            await asyncio.sleep(2.5)
            assert len(device.controls) == seen, "not when somebody did"
            assert (await li.post(f"/cameras/{code}/patrols/1/start")).status_code == 204
            steps = [one for one in records(node) if one.act == Act.PRESET_GO and one.role == "node"]
            assert steps and steps[0].detail == "1, patrol 1 of li-si"
    async with running_node(tmp_path, settings) as node:
        device, _ = dome(node)
        async with powered(device):
            await until(lambda: device.controls, what="it goes on after a restart")


async def test_the_home_position_is_told_by_the_camera_or_kept_by_the_node(steered: Dome) -> None:
    node, device, _, li = steered
    code = device.identity.code
    at = f"/cameras/{code}/home-position"
    assert not (await li.get(at)).json()["known"]
    assert (await li.put(at, json={"enabled": True, "preset": 2, "reset_time_s": 90})).status_code == 204
    assert (await li.get(at)).json() == {
        "known": True,
        "enabled": True,
        "preset": 2,
        "reset_time_s": 90,
        "by_node": False,
        "told": True,
    }
    assert (await li.put(at, json={"enabled": True, "preset": 2, "reset_time_s": 1, "by_node": True})).status_code == 204
    told = (await li.get(at)).json()
    assert told["by_node"] and told["reset_time_s"] == 1 and not told["told"]
    assert (await li.post(f"/cameras/{code}/presets/1/go")).status_code == 204
    await until(lambda: device.controls[-1].ptz.startswith("A50F01820002"), what="idle, it is turned home")

    def by_node() -> list[AuditRecord]:
        return [one for one in records(node) if one.act == Act.PRESET_GO and one.role == "node"]

    await until(by_node, what="it is on record")
    (back,) = by_node()
    assert back.detail == "2, home after 1 s"
