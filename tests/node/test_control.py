"""Every order to a camera arrives at it with the right bytes, and a movement never outlives its viewer."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from fengsui.features.cameras.control import Control, command_of
from fengsui.simulators.faults import Faults
from fengsui.simulators.moving_view import Head
from fengsui.wire.gb28181.control import AlarmReset, HomePosition, Zoom
from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.test_live import listed

STOPS = ["A50F0100000000B5", "A50F0140000000F5"]
"""Pan, tilt and zoom; focus and iris."""


@pytest.mark.parametrize(
    ("action", "speed", "octets"),
    [
        ("right", 100, "A50F0101FF0000B5"),
        ("left", 50, "A50F010280000037"),
        ("up", 100, "A50F010800FF00BC"),
        ("down", 1, "A50F0104000300BC"),
        ("left_up", 100, "A50F010AFFFF00BD"),
        ("right_down", 100, "A50F0105FFFF00B8"),
        ("zoom_in", 100, "A50F01100000F0B5"),
        ("zoom_out", 1, "A50F0120000010E5"),
        ("focus_near", 100, "A50F0142FF0000F6"),
        ("focus_far", 50, "A50F014180000076"),
        ("iris_open", 100, "A50F014400FF00F8"),
        ("iris_close", 50, "A50F01480080007D"),
    ],
)
async def test_a_movement_and_its_stop_arrive(node: RunningNode, action: str, speed: int, octets: str) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        answer = await node.client.post(f"/cameras/{code}/ptz", json={"action": action, "speed": speed})
        assert answer.status_code == 204, answer.text
        assert (await node.client.post(f"/cameras/{code}/ptz", json={"action": "stop"})).status_code == 204
        await until(lambda: len(camera.controls) >= 3, what="order and stops arrive")
        assert [control.ptz for control in camera.controls] == [octets, *STOPS]


async def test_presets_home_zoom_key_frame_and_restart_arrive(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    box = {"window_length": 1280, "window_width": 720, "middle_x": 640, "middle_y": 360, "box_length": 320, "box_width": 180}
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        client, of_camera = node.client, f"/cameras/{code}"
        answers = [
            await client.put(f"{of_camera}/presets/7", json={"name": "东门"}),
            await client.post(f"{of_camera}/presets/7/go"),
            await client.delete(f"{of_camera}/presets/7"),
            await client.put(f"{of_camera}/home-position", json={"enabled": True, "preset": 7, "reset_time_s": 90}),
            await client.post(f"{of_camera}/drag-zoom", json={"direction": "in", **box}),
            await client.post(f"{of_camera}/drag-zoom", json={"direction": "out", **box}),
            await client.post(f"{of_camera}/key-frame"),
            await client.post(f"/devices/{code}/restart"),
        ]
        assert [answer.status_code for answer in answers] == [204] * len(answers)
        await until(lambda: len(camera.controls) >= len(answers), what="every order arrives")
        got = camera.controls
        assert [control.ptz for control in got[:3]] == ["A50F01810007003D", "A50F01820007003E", "A50F01830007003F"]
        assert got[3].home == HomePosition(enabled=True, reset_time_s=90, preset=7)
        assert [got[4].zoom, got[5].zoom] == [Zoom(inward, *box.values()) for inward in (True, False)]
        assert got[6].key_frame and got[7].restart


async def test_a_home_position_that_the_camera_refuses_is_told(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar, faults=Faults(refuses_orders=True))
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        answer = await node.client.put(f"/cameras/{code}/home-position", json={"enabled": True, "preset": 7})
        assert answer.status_code == 502, answer.text
        told = answer.json()
        assert told["code"] == "control.not_done" and "未能执行" in told["zh"] and told["remedy_zh"] and told["remedy_en"]
        assert camera.controls == []
        camera.identity = replace(camera.identity, faults=Faults())
        answer = await node.client.put(f"/cameras/{code}/home-position", json={"enabled": True, "preset": 7})
        assert answer.status_code == 204 and [one.home for one in camera.controls] == [HomePosition(True, 60, 7)]


async def test_presets_are_those_that_the_camera_lists(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    camera.channels[code].head = Head()

    async def numbers() -> list[int]:
        items = (await node.get(f"/cameras/{code}/presets"))["items"]
        return [one["number"] for one in items]  # type: ignore[attr-defined]

    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        before = await numbers()
        assert before, "the camera has presets of its own"
        await node.client.put(f"/cameras/{code}/presets/9", json={"name": "北门"})
        assert sorted(await numbers()) == sorted({*before, 9})
        await node.client.delete(f"/cameras/{code}/presets/9")
        assert await numbers() == [number for number in before if number != 9]


async def test_a_device_is_armed_and_disarmed_and_its_alarm_reset(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        for armed in (True, False):
            assert (await node.client.post(f"/devices/{code}/guard", json={"armed": armed})).status_code == 204
        assert (await node.client.post(f"/devices/{code}/reset-alarm")).status_code == 204
        assert [one.guard for one in camera.controls] == ["SetGuard", "ResetGuard", ""], "done when the device has said so"
        assert camera.controls[2].reset_alarm == AlarmReset()
        camera.identity = replace(camera.identity, faults=Faults(refuses_orders=True))
        refused = await node.client.post(f"/devices/{code}/guard", json={"armed": True})
        assert refused.status_code == 502 and refused.json()["code"] == "control.not_done"


@pytest.mark.parametrize(("action", "first"), [("right", "A50F01"), ("focus_near", "A50F0142")], ids=["pan", "lens"])
async def test_a_viewer_who_vanishes_leaves_no_camera_turning(node: RunningNode, action: str, first: str) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        control = Control(node.node.cameras, node.node.signalling, longest_move_s=0.3)
        begun = asyncio.get_running_loop().time()
        await control.move(code, command_of(action, 100))
        await until(lambda: len(camera.controls) >= 3, what="the node stops the movement")
        assert asyncio.get_running_loop().time() - begun >= 0.3
        assert camera.controls[0].ptz.startswith(first)
        assert [one.ptz for one in camera.controls[1:]] == STOPS


async def test_a_camera_that_is_away_cannot_be_steered_and_says_so(node: RunningNode) -> None:
    answer = await node.client.post("/cameras/52010200001320999999/ptz", json={"action": "left"})
    assert answer.status_code == 404 and answer.json()["zh"] and answer.json()["en"]
    assert (await node.client.post("/cameras/52010200001320999999/ptz", json={"action": "spin"})).status_code == 422
