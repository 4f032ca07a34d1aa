"""A unit is where its device is: a camera worn on the body or one in a car says so over GB/T 28181, while the unit is on duty."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from fengsui.features.dispatch.datum import to_gcj02
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.moving import position_of
from fengsui.simulators.patrol_walk import Spot
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.position import Position, PositionNotification
from fengsui.wire.sip.headers import BEIJING
from tests.node.conftest import SERVER, RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import records
from tests.node.test_dispatch import unit
from tests.node.test_incidents import ELSEWHERE, HERE, done, refused
from tests.node.test_live import listed

BANK, BRIDGE = Spot(106.7105, 26.5702), Spot(106.7201, 26.5811)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


async def shown(node: RunningNode, id: int) -> dict[str, Any]:
    items = (await node.client.get("/units")).json()["items"]
    return dict(next(one for one in items if one["id"] == id))


async def is_at(node: RunningNode, id: int, spot: Spot) -> dict[str, Any]:
    async def there() -> dict[str, Any] | None:
        found = await shown(node, id)
        near = abs(found["longitude"] - spot.longitude) < 1e-6 and abs(found["latitude"] - spot.latitude) < 1e-6
        return found if near else None

    found = await until(there, what=f"the unit is at {spot}")
    assert isinstance(found, dict)
    return found


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("fengsui_unit_positions_total", {"outcome": outcome}) or 0.0


async def bound(node: RunningNode, camera: SimulatedDevice, call_sign: str = "南明 12") -> int:
    await until(lambda: listed(node, camera.identity.code), what="the camera is listed")
    found = await unit(node, call_sign, locator=camera.identity.code)
    await until(lambda: camera.position_line.subscribed, what="it is asked")
    return found


async def test_a_device_is_asked_while_its_unit_is_on_duty_and_the_unit_goes_where_it_says(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    line = camera.position_line
    async with powered(camera):
        id = await bound(node, camera)
        assert (await shown(node, id))["locator"] == camera.identity.code
        assert line.interval_s == node.node.settings.dispatch.position_interval_s
        for at, spot in enumerate((BANK, BRIDGE)):
            assert (await camera.report_by(line, position_of(at, camera.identity.code, spot))).status == 200
            found = await is_at(node, id, spot)
        assert abs(datetime.fromisoformat(found["position_at"]) - datetime.now(UTC)) < timedelta(seconds=30)
        # Off duty nobody asks where it is, nor keeps what it says.
        changed = await node.client.patch(f"/units/{id}", json={"status": "out_of_service"})
        assert changed.status_code == 200, changed.text
        await until(lambda: line.dialog is None, what="it is called off")
        before = counted("of no unit")
        assert (await camera.send(position_of(9, camera.identity.code, BANK))).status == 200
        assert counted("of no unit") == before + 1
        await done_with(node, id, status="available")
        await until(lambda: line.subscribed == 2, what="it is asked again")
        assert (await camera.send(position_of(10, camera.identity.code, BANK))).status == 200
        await is_at(node, id, BANK)
        await done_with(node, id, locator="")
        await until(lambda: line.dialog is None, what="it is called off")
        said = [one.detail for one in records(node) if one.act == "patrol-unit.change" and "locator" in one.detail]
        assert said == ["locator none"]


async def done_with(node: RunningNode, id: int, **changes: Any) -> None:
    answer = await node.client.patch(f"/units/{id}", json=changes)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("edition", [Edition.V2016, Edition.V2022])
async def test_it_may_say_so_unasked_in_the_form_of_either_edition(node: RunningNode, edition: Edition) -> None:
    camera = simulated_camera(node.registrar)
    camera.identity.edition = edition
    async with powered(camera):
        id = await bound(node, camera)
        assert (await camera.send(position_of(1, camera.identity.code, BANK))).status == 200
        await is_at(node, id, BANK)


async def test_what_is_no_place_or_old_or_of_another_device_moves_nobody(node: RunningNode) -> None:
    camera, other = simulated_camera(node.registrar, 1), simulated_camera(node.registrar, 2)
    code = camera.identity.code
    async with powered(camera, other):
        id = await bound(node, camera)
        await until(lambda: listed(node, other.identity.code), what="the other one is listed")
        assert (await camera.send(position_of(1, code, BANK))).status == 200
        await is_at(node, id, BANK)
        old = (datetime.now(BEIJING) - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S")
        for outcome, told in {
            "no place": position_of(2, code, Spot(0.0, 0.0)),
            "out of range": position_of(3, code, Spot(181.0, 26.5)),
            "old": position_of(4, code, BRIDGE, time=old),
        }.items():
            before = counted(outcome)
            assert (await camera.send(told)).status == 200, "it has been heard, and is not to send it again"
            assert counted(outcome) == before + 1, outcome
        empty = PositionNotification(5, code)
        assert (await camera.send(empty)).status == 200
        before = counted("of no unit")
        assert (await other.send(position_of(6, code, BRIDGE))).status == 200, "it speaks of another's device"
        assert counted("of no unit") == before + 1
        assert ((await shown(node, id))["longitude"], (await shown(node, id))["latitude"]) == BANK_PLACE
        # A clock that is fast, or a time that cannot be read: it is there now.
        for at, (said, spot) in enumerate({"2099-01-01T00:00:00": BRIDGE, "昨天": Spot(106.73, 26.59)}.items()):
            assert (await camera.send(position_of(7 + at, code, spot, time=said))).status == 200
            found = await is_at(node, id, spot)
            assert abs(datetime.fromisoformat(found["position_at"]) - datetime.now(UTC)) < timedelta(seconds=30)


BANK_PLACE = (BANK.longitude, BANK.latitude)


async def test_a_device_that_tells_places_of_a_map_is_put_where_it_is(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        id = await bound(node, camera)
        assert (await node.get(f"/devices/{code}"))["position_datum"] == "wgs84"
        answer = await node.client.patch(f"/devices/{code}", json={"position_datum": "gcj02"})
        assert answer.status_code == 200 and answer.json()["position_datum"] == "gcj02", answer.text
        moved = Spot(*to_gcj02(BANK.longitude, BANK.latitude))
        assert abs(moved.longitude - BANK.longitude) > 0.001
        assert (await camera.send(position_of(1, code, moved))).status == 200
        await is_at(node, id, BANK)


async def test_a_unit_has_a_device_of_its_own_that_is_known_and_lies_where_its_desk_takes_duty(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    async with powered(camera):
        await bound(node, camera)
        second = {"call_sign": "南明 13", "kind": "foot", "area": HERE}
        assert await refused(node.client, "/units", {**second, "locator": code}) == (409, "patrol_unit.locator_taken")
        assert await refused(node.client, "/units", {**second, "locator": f"{SERVER[:10]}1320000077"}) == (
            422,
            "patrol_unit.unusable",
        )
        zhao = await node.client_of("zhao", {"post": "operator", "area": ELSEWHERE})
        theirs = await done(zhao, "/units", {"call_sign": "云岩 1", "kind": "foot", "area": ELSEWHERE})
        answer = await zhao.patch(f"/units/{theirs['id']}", json={"locator": code})
        assert answer.status_code == 403, answer.text
        await zhao.aclose()


async def test_what_is_bound_is_asked_again_after_a_start(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            id = await bound(node, camera)
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            await until(lambda: camera.position_line.subscribed, what="it is asked")
            listed_two = (Position(camera.identity.code, "", BANK.longitude, BANK.latitude),)
            told = PositionNotification(1, camera.identity.code, "", listed_two)
            assert (await camera.report_by(camera.position_line, told)).status == 200
            await is_at(node, id, BANK)


async def test_the_command_goes_round_and_says_where_it_is(node: RunningNode) -> None:
    sip = node.node.settings.signalling
    words = ("--port", str(sip.port), "--server", SERVER, "--password", "node-password", "--moving")
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "fengsui", "simulate", "camera", *words)
    try:
        code = f"{SERVER[:10]}1320000501"
        await until(lambda: listed(node, code), what="the camera is listed")
        id = await unit(node, "南明 12", longitude=1.0, locator=code)

        async def seen() -> tuple[float, float] | None:
            found = await shown(node, id)
            return (found["longitude"], found["latitude"]) if found["longitude"] > 100 else None

        first = await until(seen, what="it says where it is")

        async def elsewhere() -> bool:
            return await seen() != first

        await until(elsewhere, what="it goes on")
    finally:
        process.kill()
        await process.wait()
