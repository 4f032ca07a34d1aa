"""A device tells an alarm over GB/T 28181: it is on disk, then taken over by the answer, then seen by whoever is on duty there."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from fengsui.errors import StorageFault
from fengsui.features.alarms.device_reception import MOST_OF_ONE
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.identity import Channel, DeviceIdentity, Registrar
from fengsui.store import Store
from fengsui.wire.gb28181.alarm import AlarmDetail, AlarmNotification, AlarmTypeParam
from fengsui.wire.gb28181.catalog import CatalogueItem
from fengsui.wire.gb28181.manscdp import encode
from fengsui.wire.sip.headers import BEIJING
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_alarms import on_disk
from tests.node.test_live import listed

NVR, INPUT = f"{SERVER[:10]}1180000009", f"{SERVER[:10]}1340000009"
CHANNELS = (f"{SERVER[:10]}1310000091", f"{SERVER[:10]}1310000092")


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


def alarm_of(code: str, sn: int = 7, method: int = 5, kind: str = "6", event: str = "1", **more: Any) -> AlarmNotification:
    detail = AlarmDetail(kind, AlarmTypeParam(event) if event else None) if kind else None
    now = datetime.now(BEIJING).strftime("%Y-%m-%dT%H:%M:%S")
    facts = {"priority": 3, "time": now, "description": "东墙", **more}
    return AlarmNotification(sn, code, method=method, detail=detail, **facts)


def recorder(registrar: Registrar) -> SimulatedDevice:
    """Two cameras, and an alarm input that lies under the second."""
    channels = [
        Channel(CatalogueItem(code, f"通道{at}", "Fengsui", "SIM", civil_code="520102", status="ON"), {})
        for at, code in enumerate(CHANNELS)
    ]
    lead = CatalogueItem(INPUT, "东门红外", "Fengsui", "SIM", civil_code="520102", parents=(CHANNELS[1],), status="ON")
    return SimulatedDevice(DeviceIdentity(NVR, "录像机", keepalive_s=1.0), registrar, channels, [lead])


async def alarms(node: RunningNode, **asked: Any) -> list[dict[str, Any]]:
    answer = await node.client.get("/alarms", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("fengsui_device_alarms_total", {"outcome": outcome}) or 0.0


async def answered(device: SimulatedDevice, count: int = 1) -> list[bool]:
    """What Response/Alarm said, once there are so many."""
    await until(lambda: len(device.alarm_results) >= count, what="Response/Alarm comes")
    return [one.accepted for one in device.alarm_results]


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_an_alarm_of_a_camera_is_on_disk_then_answered_then_seen(node: RunningNode, transport: str) -> None:
    camera = simulated_camera(node.registrar, transport=transport)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        alarm = alarm_of(code, longitude=106.7, latitude=26.6)
        assert (await camera.send(alarm)).status == 200
        assert on_disk(node) == 1, "nothing is answered before its commit"
        assert await answered(camera) == [True]
        assert (camera.alarm_results[0].sn, camera.alarm_results[0].device_id) == (7, code)
        (found,) = await alarms(node)
        wanted = {
            **{"protocol": "gb28181", "device": code, "camera": code, "zone": code, "account": "", "area": "520102"},
            **{"method": 5, "alarm_type": "6", "event_type": "1", "code_table": "gb", "code": "5-6", "known": True},
            **{"category": "intrusion", "priority": 2, "told_priority": 3, "text": "东墙", "point_kind": "camera"},
            **{"longitude": 106.7, "latitude": 26.6, "change": "new", "repeats": 0, "site": camera.identity.name},
        }
        assert {name: found[name] for name in wanted} == wanted
        assert datetime.fromisoformat(found["sent_at"]) == datetime.fromisoformat(alarm.time).replace(tzinfo=BEIJING)
        assert abs(datetime.fromisoformat(found["received_at"]) - datetime.now(UTC)) < timedelta(seconds=30)
        assert await node.get(f"/alarms/{found['id']}") == found
        assert (await camera.send(alarm)).status == 200
        assert await answered(camera, 2) == [True, True]
        assert [one["repeats"] for one in await alarms(node)] == [1], "sent again, it joins"
        assert (await camera.send(alarm_of(code, sn=8))).status == 200
        assert on_disk(node) == 2, "told anew by the same way under another number, it is another"


async def test_who_sees_a_camera_in_the_lists_sees_its_alarms_and_no_others(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        one, other = (simulated_camera(node.registrar, number=number) for number in (71, 72))
        first = one.identity.code
        async with powered(one), powered(other):
            for camera in (one, other):
                await until(lambda camera=camera: listed(node, camera.identity.code), what="the camera is listed")
                assert (await camera.send(alarm_of(camera.identity.code))).status == 200
        async with (
            contextlib.aclosing(await node.client_of("chen-qi", {"post": "investigator", "area": "520102"})) as chen,
            contextlib.aclosing(await node.client_of("sun-jiu", {"post": "investigator", "area": "520103"})) as sun,
        ):
            told = await chen.get("/alarms", params={"camera": first})
            assert told.status_code == 200, told.text
            found = told.json()["items"]
            assert [alarm["camera"] for alarm in found] == [first]
            assert (await chen.get("/alarms")).json()["items"] == [], "the list of a desk is for whoever is on duty"
            assert (await chen.get(f"/alarms/{found[0]['id']}")).status_code == 403
            assert (await sun.get("/alarms", params={"camera": first})).status_code == 404


async def test_a_device_that_does_not_reach_the_disk_gets_no_answer(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        lock = sqlite3.connect(node.node.data / "node.db", isolation_level=None, check_same_thread=False)
        await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")  # nobody else writes
        try:
            asked = asyncio.create_task(camera.send(alarm_of(code)))
            await until(lambda: node.node.alarms.batches.waiting == 1, what="it waits for its commit")
            for _ in range(3):
                assert (await camera.report()).status == 200
            assert not asked.done() and not camera.alarm_results
            lock.execute("ROLLBACK")
            assert (await asked).status == 200
        finally:
            lock.close()
        assert await answered(camera) == [True]
        assert on_disk(node) == 1


class Away:
    """A store that cannot, so many times."""

    def __init__(self, store: Store, times: int) -> None:
        self._store, self.times = store, times

    @asynccontextmanager
    async def transaction(self, *, act: bool = True) -> AsyncIterator[Any]:
        if self.times:
            self.times -= 1
            raise StorageFault(what="the disk is full", remedy_zh="", remedy_en="")
        async with self._store.transaction(act=act) as tx:
            yield tx


@pytest.mark.parametrize(("transport", "status"), [("UDP", 200), ("TCP", 503)])
async def test_what_cannot_be_stored_comes_again(node: RunningNode, transport: str, status: int) -> None:
    camera = simulated_camera(node.registrar, transport=transport)
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        node.node.alarms.batches._store = Away(node.node.store, 1)  # type: ignore[assignment]
        answer = await camera.send(alarm_of(code))
        assert answer.status == status, "over UDP it repeats its request; over a connection it is told to"
        if status == 503:
            assert not camera.alarm_results and on_disk(node) == 0
            assert (await camera.send(alarm_of(code))).status == 200
        assert on_disk(node) == 1 and await answered(camera) == [True]


async def test_who_is_not_known_is_not_stored(node: RunningNode) -> None:
    stranger = simulated_camera(node.registrar, 77)
    await stranger._connect()
    with pytest.raises(TimeoutError):
        assert (await stranger.send(alarm_of(stranger.identity.code))).status == 403
        raise TimeoutError
    stranger._close_link()
    assert on_disk(node) == 0 and node.node.alarms.batches.waiting == 0


async def test_what_cannot_be_read_is_answered_counted_and_not_stored(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code, before = camera.identity.code, counted("malformed")
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        whole = encode(alarm_of(code))
        assert (await camera.send_octets(whole[: whole.index(b"<AlarmTime>") + 3])).status == 200
        assert await answered(camera) == [False]
        assert counted("malformed") == before + 1 and on_disk(node) == 0


@pytest.mark.parametrize(
    ("method", "kind", "event", "priority", "wanted"),
    [
        (1, "", "", 4, ("call", 2, True, "1")),
        (2, "", "", 4, ("intrusion", 2, True, "2")),
        (2, "2", "", 1, ("tamper", 2, True, "2-2")),
        (4, "", "", 1, ("position", 3, True, "4")),
        (5, "02", "", 1, ("motion", 4, True, "5-2")),
        (5, "1", "", 4, ("panic", 1, True, "5-1")),
        (5, "6", "2", 1, ("intrusion", 3, True, "5-6")),
        (5, "13", "", 4, ("tamper", 2, True, "5-13")),
        (5, "99", "", 1, ("movement", 1, False, "5")),
        (6, "2", "", 1, ("fault", 3, True, "6-2")),
        (9, "x" * 40, "", 7, ("system", 2, False, "9")),
        (-1, "", "", 0, ("system", 2, False, "0")),
    ],
)
async def test_method_and_type_say_what_it_is(
    node: RunningNode, method: int, kind: str, event: str, priority: int, wanted: tuple[str, int, bool, str]
) -> None:
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        await until(lambda: listed(node, camera.identity.code), what="the camera is listed")
        alarm = alarm_of(camera.identity.code, 1, method, kind, event, priority=priority, time="not a time")
        assert (await camera.send(alarm)).status == 200
        (found,) = await alarms(node)
    assert (found["category"], found["priority"], found["known"], found["code"]) == wanted
    assert found["sent_at"] is None and len(found["alarm_type"]) <= 16


async def test_the_camera_is_the_one_that_looks_there_and_never_another_devices(node: RunningNode, tmp_path: Path) -> None:
    device, camera = recorder(node.registrar), simulated_camera(node.registrar)
    async with powered(device, camera):
        for code in (*CHANNELS, camera.identity.code):
            await until(lambda code=code: listed(node, code), what="the camera is listed")  # type: ignore[misc]
        for code in (INPUT, CHANNELS[0], NVR, camera.identity.code, ""):
            assert (await device.send(alarm_of(code))).status == 200
        assert (await camera.send(alarm_of("52010200001340000001", method=2, kind=""))).status == 200
        found = [(one["device"], one["camera"], one["point"], one["point_kind"]) for one in await alarms(node)]
        assert found[::-1] == [
            (NVR, CHANNELS[1], "东门红外", "input"),
            (NVR, CHANNELS[0], "", "camera"),
            (NVR, "", "", "device"),
            (NVR, "", "", "input"),
            (NVR, "", "", "device"),
            (camera.identity.code, camera.identity.code, "", "input"),
        ]
        of_one = await alarms(node, camera=CHANNELS[0])
        assert [one["camera"] for one in of_one] == [CHANNELS[0]]
        at = datetime.fromisoformat(of_one[0]["received_at"])
        around = {"from": (at - timedelta(seconds=1)).isoformat(), "to": (at + timedelta(seconds=1)).isoformat()}
        assert len(await alarms(node, camera=CHANNELS[0], **around)) == 1
        assert await alarms(node, camera=CHANNELS[0], **{"to": at.isoformat()}) == []
        assert await alarms(node, camera=CHANNELS[0], **{"from": (at + timedelta(seconds=1)).isoformat()}) == []
        assert len(await alarms(node, device=NVR)) == 5
        refused = await node.client.get("/alarms", params={"camera": "52010200001310009999"})
        assert (refused.status_code, refused.json()["code"]) == (404, "camera.unknown")


async def test_area_and_class_of_the_camera_decide_who_sees_it(node: RunningNode) -> None:
    device = recorder(node.registrar)
    async with powered(device):
        for code in CHANNELS:
            await until(lambda code=code: listed(node, code), what="the camera is listed")  # type: ignore[misc]
        await node.put(CHANNELS[0], "520103")
        await node.note(CHANNELS[1], camera_class="restricted")
        for code in (*CHANNELS, NVR):
            assert (await device.send(alarm_of(code))).status == 200
    usual = {"classes": ["government"]}
    people = {
        "here": await node.client_of("here", {"post": "operator", "area": "520102", **usual}),
        "there": await node.client_of("there", {"post": "operator", "area": "520103", **usual}),
        "trusted": await node.client_of("trusted", {"post": "operator", "area": "520102"}),
    }
    seen = {}
    for name, client in people.items():
        items = (await client.get("/alarms")).json()["items"]
        seen[name] = [one["zone"] for one in items][::-1]
        for one in await alarms(node):
            assert (await client.get(f"/alarms/{one['id']}")).status_code == (200 if one["zone"] in seen[name] else 404)
        await client.aclose()
    assert seen == {"here": [NVR], "there": [CHANNELS[0]], "trusted": [CHANNELS[1], NVR]}


async def test_a_camera_that_one_may_no_longer_see_is_not_named_by_its_alarms(node: RunningNode) -> None:
    device = recorder(node.registrar)
    async with powered(device):
        await until(lambda: listed(node, CHANNELS[0]), what="the camera is listed")
        assert (await device.send(alarm_of(CHANNELS[0]))).status == 200
    here = await node.client_of("here", {"post": "operator", "area": "520102", "classes": ["government"]})
    async with contextlib.aclosing(here):
        (before,) = (await here.get("/alarms")).json()["items"]
        await node.note(CHANNELS[0], camera_class="restricted")
        (after,) = (await here.get("/alarms")).json()["items"]
    assert before["camera"] == before["zone"] == CHANNELS[0]
    assert CHANNELS[0] not in after.values() and after["id"] == before["id"]


async def test_a_subscribed_device_may_tell_it_by_notification(node: RunningNode) -> None:
    device = recorder(node.registrar)
    async with powered(device):
        await until(lambda: listed(node, CHANNELS[0]), what="the camera is listed")
        await until(lambda: device.subscribed, what="it is subscribed")
        body = encode(alarm_of(CHANNELS[0]), edition=device.identity.edition)
        assert (await device.notify(octets=body)).status == 200
        assert on_disk(node) == 1
        assert (await device.send(alarm_of(CHANNELS[1]))).status == 200
        assert await answered(device) == [True], "to a NOTIFY the 200 is all"
        assert device.alarm_results[0].device_id == CHANNELS[1]


async def test_told_by_message_and_by_notification_under_two_numbers_it_is_one(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code, line = camera.identity.code, camera.alarm_line
    at = datetime.now(BEIJING).strftime("%Y-%m-%dT%H:%M:%S")

    async def notify(alarm: AlarmNotification) -> None:
        body = encode(alarm, edition=camera.identity.edition)
        assert (await camera._sent(line.notification(camera._via(), body))).status == 200

    async def repeats() -> list[int]:
        return [one["repeats"] for one in await alarms(node)][::-1]

    async with powered(camera):
        await until(lambda: listed(node, code), what="it is in the list")
        await until(lambda: line.subscribed, what="it is asked")
        assert (await camera.send(alarm_of(code, 7, time=at))).status == 200
        await notify(alarm_of(code, 901, time=f"{at}.250"))
        assert await repeats() == [1], "two numbers, one alarm"
        await notify(alarm_of(code, 901, time=f"{at}.250"))
        assert await repeats() == [2], "the notification sent again"
        await notify(alarm_of(code, 902, time=at))
        assert await repeats() == [2, 0], "a second one within the second"
        assert (await camera.send(alarm_of(code, 8, time=at))).status == 200
        assert await repeats() == [2, 1]
        await notify(alarm_of(code, 903, kind="2", time=at))
        await notify(alarm_of(code, 904, method=2, kind="", time=at))
        assert await repeats() == [2, 1, 0, 0], "another type, another method"


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_a_platform_may_tell_two_thousand_at_once(node: RunningNode, transport: str) -> None:
    platform, modest = simulated_camera(node.registrar, 1, transport=transport), simulated_camera(node.registrar, 2)
    async with powered(platform, modest):
        for one in (platform, modest):
            await until(lambda one=one: listed(node, one.identity.code), what="the camera is listed")  # type: ignore[misc]
        before = counted("no room")

        again = list[int]()

        async def tell(sn: int) -> int:
            for _ in range(10):
                try:
                    return (await platform.send(alarm_of(platform.identity.code, sn, time="2026-11-29T08:00:00"))).status
                except TimeoutError:  # datagrams are lost in such a burst: it is told again, while the node may still have it
                    again.append(sn)
            return 0

        told = await asyncio.gather(*(tell(sn) for sn in range(2_000)))
        assert set(told) == {200} and (await modest.send(alarm_of(modest.identity.code))).status == 200
        assert on_disk(node) == 2_001 and counted("no room") - before <= len(again), "no more than told twice"


async def test_each_device_has_its_turn_behind_the_burst_of_another(node: RunningNode) -> None:
    devices = [simulated_camera(node.registrar, at) for at in (1, 2)]
    async with powered(*devices):
        for one in devices:
            await until(lambda one=one: listed(node, one.identity.code), what="the camera is listed")  # type: ignore[misc]
        greedy, modest = (node.node.devices.get(one.identity.code) for one in devices)
        told: list[str] = []
        for device, count in ((greedy, MOST_OF_ONE), (modest, 1)):
            for sn in range(count):
                alarm = alarm_of(device.code, sn, description=f"{sn}")
                node.node.alarms.of_devices.take(device, alarm, lambda _, code=device.code: told.append(code))  # type: ignore[misc]
        await until(lambda: len(told) == MOST_OF_ONE + 1, what="all are told")
        assert told.index(modest.code) < 1_000, "with the first of them"


async def test_a_surprise_about_one_alarm_denies_no_other(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        await until(lambda: listed(node, camera.identity.code), what="the camera is listed")
        device, told = node.node.devices.get(camera.identity.code), dict[int, bool]()
        look_up, cameras = node.node.cameras.alarm_sources, node.node.alarms.of_devices._cameras

        async def surprised(asked: set[tuple[str, str]]) -> Any:
            if any(of == "3" for _, of in asked):
                raise RuntimeError("nobody thought of this one")
            return await look_up(asked)

        monkeypatch.setattr(cameras, "alarm_sources", surprised)
        for sn in range(20):
            alarm = alarm_of(str(sn), sn)
            node.node.alarms.of_devices.take(device, alarm, lambda stored, sn=sn: told.__setitem__(sn, stored))  # type: ignore[misc]
        await until(lambda: len(told) == 20, what="all are told")
        assert [sn for sn, stored in told.items() if not stored] == [3] and on_disk(node) == 19


async def test_nothing_is_recorded_for_an_alarm_that_is_not_on_disk(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    camera, heard = simulated_camera(node.registrar), list[str]()
    code = camera.identity.code
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        monkeypatch.setattr(node.node.cameras.reading, "on_alarm", lambda _, alarm: heard.append(alarm.device_id))
        lock = sqlite3.connect(node.node.data / "node.db", isolation_level=None, check_same_thread=False)
        await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")  # nobody else writes
        try:
            asked = asyncio.create_task(camera.send(alarm_of(code)))
            await until(lambda: node.node.alarms.batches.waiting == 1, what="it waits for its commit")
            assert heard == []
            lock.execute("ROLLBACK")
            assert (await asked).status == 200
        finally:
            lock.close()
        assert heard == [code]


async def test_the_flood_of_one_device_is_bounded_and_starves_no_other(node: RunningNode) -> None:
    devices = [simulated_camera(node.registrar, at) for at in (1, 2)]
    async with powered(*devices):
        for one in devices:
            await until(lambda one=one: listed(node, one.identity.code), what="the camera is listed")  # type: ignore[misc]
        greedy, modest = (node.node.devices.get(one.identity.code) for one in devices)
        reception, told = node.node.alarms.of_devices, dict[str, list[bool]]({greedy.code: [], modest.code: []})
        for device, count in ((greedy, MOST_OF_ONE + 100), (modest, 1)):
            for sn in range(count):
                reception.take(device, alarm_of(device.code, sn), told[device.code].append)
        assert told[greedy.code] == [False] * 100, "what is too much gets no answer"
        await until(lambda: len(told[greedy.code]) == MOST_OF_ONE + 100 and told[modest.code], what="all are told")
        assert told[modest.code] == [True] and sum(told[greedy.code]) == MOST_OF_ONE
        assert on_disk(node) == MOST_OF_ONE + 1


async def test_every_database_keeps_alarms_of_devices_alike(store_url: str, tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            await until(lambda: listed(node, camera.identity.code), what="the camera is listed")
            alarm = alarm_of(camera.identity.code, description="a\u202e" + "柜" * 300, longitude=1e9, priority=9_999_999_999)
            for _ in range(2):
                assert (await camera.send(alarm)).status == 200
            (found,) = await alarms(node, camera=camera.identity.code)
    assert found["text"] == ("a" + "柜" * 300)[:256]
    assert (found["longitude"], found["told_priority"]) == (None, None)
    assert (found["repeats"], found["camera"]) == (1, camera.identity.code)
