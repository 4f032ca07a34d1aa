"""Devices with alarm inputs and systems that report alarms must be heard: silence is an alarm, once, and over when they speak."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fengsui.features.alarms import source_silences
from fengsui.settings import NodeSettings
from tests.node.alarm_sources import FIRE, NAME, registered, report
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_device_alarms import CHANNELS, NVR, recorder
from tests.node.test_live import listed
from tests.node.test_supervision import queue, silent, with_supervision


def quick(settings: NodeSettings | None = None) -> NodeSettings:
    """A device is silent as soon as it is offline, and so it is after its word that it leaves or its missed keep-alives."""
    return with_supervision(settings or settings_for(keepalive_interval_s=1, keepalive_missed_limit=2), device_silence_s=0.1)


async def all_alarms(node: RunningNode) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await node.client.get("/alarms")).json()["items"]
    return [one for one in found if one["category"] == "supervision"]


async def over(node: RunningNode, count: int = 1) -> list[dict[str, Any]]:
    """Ends of silences, once there are so many."""

    async def found() -> list[dict[str, Any]]:
        some = [one for one in await all_alarms(node) if one["change"] == "restored"]
        return some if len(some) == count else []

    ends = await until(found, what="it is over")
    assert isinstance(ends, list)
    return ends


async def test_a_device_with_an_alarm_input_that_goes_offline_is_an_alarm_once_and_over_when_it_is_back(
    tmp_path: Path, store_url: str
) -> None:
    settings = settings_for(store_url, keepalive_interval_s=1, keepalive_missed_limit=2)
    async with running_node(tmp_path, quick(settings)) as node:
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            await until(lambda: listed(node, camera.identity.code), what="the camera is listed")
            device = recorder(node.registrar)
            async with powered(device):
                await until(lambda: listed(node, CHANNELS[0]), what="the recorder is listed")
            (alarm,) = await silent(node.client)
            wanted = {"protocol": "gb28181", "device": NVR, "site": "录像机", "area": "520102", "zone": NVR, "code": "LOST"}
            assert {name: alarm[name] for name in wanted} == wanted
            assert (alarm["change"], alarm["priority"], alarm["point_kind"]) == ("new", 2, "device")
            again = recorder(node.registrar)
            async with powered(again):
                (end,) = await over(node)
                assert end["device"] == NVR and end["priority"] == 2

            # Away again: it counts with the alarm that is open.
            async def counted() -> bool:
                (one,) = await silent(node.client)
                return bool(one["work"]["folded"] == 1)

            await until(counted, what="it is silent again")
        await until(lambda: not node.node.devices.get(camera.identity.code).online, what="the camera is offline")
        await node.node.alarms.silences.look()
        assert len(await silent(node.client)) == 1, "a camera without alarm inputs is told among the devices, and rings nobody"


async def test_what_is_silent_when_the_node_stops_is_no_news_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = quick()
    async with running_node(tmp_path, settings) as node:
        async with powered(device := recorder(node.registrar)):
            await until(lambda: listed(node, CHANNELS[0]), what="the recorder is listed")
        await silent(node.client)
        assert device.identity.code == NVR
    monkeypatch.setattr(source_silences, "LEAST_S", 0.1)
    async with running_node(tmp_path, settings) as node:
        await node.node.alarms.silences.look()
        assert len(await all_alarms(node)) == 1
        async with powered(recorder(node.registrar)):
            await over(node)
        assert (await node.client.delete(f"/devices/{NVR}")).status_code == 204
        await node.node.alarms.silences.look()
        assert len(await silent(node.client)) == 1


async def test_a_system_that_says_nothing_for_its_interval_is_an_alarm_and_a_try_ends_it(tmp_path: Path) -> None:
    async with running_node(tmp_path, with_supervision(settings_for(), supervision_grace=0.0)) as node:
        secret = await registered(node, supervision_s=1)
        (source,) = (await node.client.get("/alarm-sources")).json()["items"]
        assert source["supervision_s"] == 1
        (alarm,) = await silent(node.client)
        wanted = {"protocol": "https", "account": NAME, "site": "消防平台", "area": "520102", "code": "LOST", "zone": ""}
        assert {name: alarm[name] for name in wanted} == wanted
        assert (await report(node, secret, b'{"ping":true}')).status_code == 202
        await node.node.alarms.silences.look()  # now: by its own turn the second that it may be silent could be over again
        await over(node)
        assert (await report(node, "not-the-secret", FIRE)).status_code == 401, "in its name, and not by it"
        assert (await node.client.delete(f"/alarm-sources/{source['id']}")).status_code == 204

        async def ended() -> bool:
            found = await all_alarms(node)
            starts = sum(one["change"] == "new" for one in found)
            return starts == len(found) - starts and not node.node.alarms.silences._still

        await until(ended, what="nobody waits for one that is gone")
        assert {one["category"] for one in await queue(node.client)} == {"supervision"}


async def test_a_system_that_is_silent_when_the_node_stops_is_so_when_it_is_back(tmp_path: Path) -> None:
    settings = with_supervision(settings_for(), supervision_grace=0.0)
    async with running_node(tmp_path, settings) as node:
        secret = await registered(node, supervision_s=1)
        await silent(node.client)
    async with running_node(tmp_path, settings) as node:
        await node.node.alarms.silences.look()
        assert [one["change"] for one in await all_alarms(node)] == ["new"], "nobody has heard it again"
        assert (await report(node, secret, b'{"ping":true}')).status_code == 202
        await node.node.alarms.silences.look()  # now: by its own turn the second that it may be silent could be over again
        await over(node)
