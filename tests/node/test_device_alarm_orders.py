"""What devices are told and asked about their alarms: a reset after an alarm of an input, subscriptions; alarms on demand."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fengsui.wire.gb28181.manscdp import encode
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_alarms import on_disk
from tests.node.test_audit import records
from tests.node.test_device_alarms import INPUT, alarm_of, alarms
from tests.node.test_live import listed


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


async def test_after_an_alarm_of_an_input_the_device_is_reset_or_it_would_send_no_other(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        assert (await camera.send(alarm_of(code, 1, method=5))).status == 200
        assert (await camera.send(alarm_of(INPUT, 2, method=2, kind=""))).status == 200
        await until(lambda: camera.controls, what="it is reset")
        assert on_disk(node) == 2
    (control,) = camera.controls
    assert control.device_id == code and control.reset_alarm is not None and control.reset_alarm.method == "2"


async def test_a_reset_that_was_owed_when_the_node_died_is_sent_after_its_start_and_on_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resets(node: RunningNode) -> list[tuple[str, str]]:
        return [(one.object, one.role) for one in records(node) if one.act == "device.reset-alarm"]

    settings = settings_for()
    async with contextlib.AsyncExitStack() as power:
        with monkeypatch.context() as dying:
            dying.setattr("fengsui.transports.alarm_resets.AlarmResets.owe", lambda *_: None)  # between commit and reset
            async with running_node(tmp_path, settings) as node:
                camera = simulated_camera(node.registrar)
                code = camera.identity.code
                await power.enter_async_context(powered(camera))
                await until(lambda: listed(node, code), what="the camera is listed")
                assert (await camera.send(alarm_of(INPUT, 2, method=2, kind=""))).status == 200
                assert on_disk(node) == 1 and not camera.controls and resets(node) == []
        async with running_node(tmp_path, settings) as node:
            await until(lambda: camera.controls, what="it is reset")
            await until(lambda: not node.node.alarms.resets.under_way, what="that is on disk")
            assert resets(node) == [(code, "node")], "before it was sent, and once"
        async with running_node(tmp_path, settings) as node:
            assert await node.node.alarms.owed.owed() == [], "no longer owed"


async def test_devices_are_asked_to_report_their_alarms_unless_they_are_not_to(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code, line = camera.identity.code, camera.alarm_line
    async with powered(camera):
        await until(lambda: line.subscribed, what="it is asked")
        await until(lambda: node.node.alarms.subscriptions.kept.is_subscribed(code), what="the node knows it")
        body = encode(alarm_of(code), edition=camera.identity.edition)
        assert (await camera._sent(line.notification(camera._via(), body))).status == 200
        assert on_disk(node) == 1 and not camera.alarm_results
        assert (await node.get(f"/devices/{code}"))["subscribe_alarms"] is True
        off = await node.client.patch(f"/devices/{code}", json={"subscribe_alarms": False})
        assert off.status_code == 200 and off.json()["subscribe_alarms"] is False
        await until(lambda: line.dialog is None, what="it is called off")
        on = await node.client.patch(f"/devices/{code}", json={"subscribe_alarms": True})
        assert on.status_code == 200
        await until(lambda: line.subscribed == 2, what="it is asked again")


async def test_a_subscription_to_alarms_is_renewed_before_it_ends(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fengsui.features.cameras.subscriptions.SHORTEST_S", 1)
    camera = simulated_camera(node.registrar)
    camera.alarm_line.grants_s = 1
    async with powered(camera):
        await until(lambda: camera.alarm_line.subscribed, what="it is asked")
        dialog = camera.alarm_line.dialog
        await until(lambda: camera.alarm_line.subscribed >= 3, what="it is renewed, and again")
        assert camera.alarm_line.dialog is dialog, "in the same dialog"


async def test_the_command_tells_alarms_on_demand(node: RunningNode) -> None:
    sip = node.node.settings.signalling
    words = ("--port", str(sip.port), "--server", SERVER, "--password", "node-password", "--alarms", "3", "--alarm-every-s", "0.1")
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "fengsui", "simulate", "camera", *words)
    try:
        await until(lambda: on_disk(node) == 3, what="they are on disk")
        assert {(one["category"], one["code"]) for one in await alarms(node)} == {("intrusion", "5-6")}
    finally:
        process.terminate()
        await process.wait()
