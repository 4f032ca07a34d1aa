"""A view of a masked camera that is black is seen by the word of two persons alone: a further preset, and a camera that was turned
though it "cannot" (A14, A40, A41).
"""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from fengsui.features.audit import Act
from tests.node import pictures
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import records
from tests.node.test_live import listed
from tests.node.test_masks import (
    BOX,
    _look_until,
    add_box,
    approve,
    at_preset,
    black,
    boxed,
    dome,
    elementary,
    open_live,
    patient,
    two_offices,
)

CORNER = [(0, 0), (1000, 0), (1000, 1000), (0, 1000)]
"""A hundredth of the picture: as good as nothing."""


async def ask_view(node: RunningNode, code: str, preset: int, points: object) -> httpx.Response:
    body = {"preset": preset, "name": "路口", "points": points, "reason": "此处没有住户"}
    return await node.client.post(f"/cameras/{code}/masked-views", json=body)


async def has_masks(node: RunningNode, code: str, count: int) -> bool:
    return len((await node.get(f"/cameras/{code}/masks"))["items"]) == count  # type: ignore[arg-type]


async def test_a_further_preset_of_a_masked_dome_is_seen_by_two_persons_alone(tmp_path: Path) -> None:
    async with two_offices(tmp_path) as (node, _, commander):
        device, _ = dome(node)
        code = device.identity.code
        async with powered(device):
            await until(lambda: listed(node, code), what="the camera is listed")
            await add_box(node, code, preset=1)
            watched = pictures.by_access_units(elementary(await open_live(node, code)))
            assert (await node.client.post(f"/cameras/{code}/presets/2/go")).status_code == 204
            await until(lambda: at_preset(node, code, 2), what="it has arrived")
            for points in ([], CORNER):
                alone = await node.client.post(f"/cameras/{code}/masks", json={"preset": 2, "points": points})
                assert (alone.status_code, alone.json()["code"]) == (409, "mask.view_needs_two")
            assert black(await anext(watched)) and await has_masks(node, code, 1)
            more = await node.client.post(f"/cameras/{code}/masks", json={"preset": 1, "points": CORNER})
            assert more.status_code == 201, "where something is hidden already, more is hidden by one"
            seen = await ask_view(node, code, 1, [])
            assert (seen.status_code, seen.json()["code"]) == (409, "mask.view_open")

            asked = await ask_view(node, code, 2, [])
            assert asked.status_code == 202, asked.text
            (change,) = (await commander.get(f"/approvals/{asked.json()['id']}")).json()["differences"]
            assert (change["old_en"], change["new_en"], change["direction"]) == ("black", "all of it is seen", "loosening")
            assert await has_masks(node, code, 2), "asked for is not granted"
            await approve(commander, asked.json()["id"])
            await _look_until(watched, lambda one: not black(one) and not boxed(one), "two have let it be seen")
            (record,) = [one for one in records(node) if one.act == Act.MASK_ADD and one.range == asked.json()["id"]]
            assert record.detail.startswith("preset 2, 0 corners: a further view is seen; asked ")


@pytest.mark.parametrize("how", ["by order", "by itself"])
async def test_a_camera_that_cannot_turn_and_did_stays_black_until_two_have_drawn_anew(tmp_path: Path, how: str) -> None:
    settings = settings_for()
    changed = {
        "media": settings.media.model_copy(update=patient()),
        "approvals": settings.approvals.model_copy(update={"same_workstation": "session"}),
    }
    settings = settings.model_copy(update=changed)
    async with running_node(tmp_path, settings) as node:
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            await add_box(node, code)
            watched = pictures.by_access_units(elementary(await open_live(node, code)))
            assert boxed(await anext(watched))
            if how == "by order":
                assert (await node.client.post(f"/cameras/{code}/ptz", json={"action": "left", "speed": 60})).status_code == 204
            else:
                node.node.masks.shifted(code)  # as the guard of its picture tells it
            await _look_until(watched, black, "its masks are of another view")
            await until(lambda: _is_void(node, code), what="that is kept")
            alone = await node.client.post(f"/cameras/{code}/masks", json={"points": CORNER})
            assert (alone.status_code, alone.json()["code"]) == (409, "mask.view_needs_two")
            assert black(await anext(watched))
    async with running_node(tmp_path, settings) as node:
        commander = await node.client_of("zhou-ba", {"post": "commander", "area": "520102"})
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            await until(lambda: camera.registered.is_set(), what="the camera is here again")
            assert (await node.get(f"/cameras/{code}/masks"))["position"] is None
            watched = pictures.by_access_units(elementary(await open_live(node, code)))
            assert black(await anext(watched)), "a restart makes nobody know where it looks"
            asked = await ask_view(node, code, 0, BOX)
            assert asked.status_code == 202, asked.text
            await approve(commander, asked.json()["id"])
            await _look_until(watched, boxed, "two have drawn on what it shows now")
            assert (await node.get(f"/cameras/{code}/masks"))["position"] == 0
        await commander.aclose()
        assert not [one for one in records(node) if one.act == Act.DATABASE_CHANGED]


async def _is_void(node: RunningNode, code: str) -> bool:
    return [one["valid"] for one in (await node.get(f"/cameras/{code}/masks"))["items"]] == [False]  # type: ignore[union-attr]
