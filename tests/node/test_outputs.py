"""An output is switched on for some seconds by a rule or by hand, and goes off again: also when the node stops meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import StorageFault
from fengsui.features.alarm_rules import queries
from fengsui.features.outputs import pulses
from fengsui.features.outputs.tables import outputs
from fengsui.simulators.device import SimulatedDevice
from fengsui.wire.sip.message import SipRequest
from fengsui.wire.sip.transactions import GIVE_UP_S
from tests.node.alarm_hosts import entered
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_alarm_rule_runs import INCIDENT, alarms, caught_up, incidents, sent, steps
from tests.node.test_alarm_rules import HERE, RAISE, written
from tests.node.test_alarm_work import ACCOUNT
from tests.node.test_audit import records
from tests.node.test_device_alarms import listed

ON, OFF = "A50F018C02000043", "A50F018D02000044"
"""Switch 2. GB/T 28181-2022 A.3.7."""


@pytest.fixture
async def node(tmp_path: Path, store_url: str) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for(store_url)) as running:
        await entered(running, ACCOUNT, area=HERE)
        yield running


async def siren(node: RunningNode, camera: SimulatedDevice, **facts: Any) -> dict[str, Any]:
    code = camera.identity.code
    await until(lambda: listed(node, code), what="the camera is listed")
    answer = await node.client.post("/outputs", json={"name": "南门警笛", "area": HERE, "camera": code, "switch": 2, **facts})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def shown(node: RunningNode) -> dict[str, Any]:
    (found,) = (await node.client.get("/outputs")).json()["items"]
    return dict(found)


async def is_so(node: RunningNode, state: str) -> dict[str, Any]:
    async def so() -> dict[str, Any] | None:
        found = await shown(node)
        return found if found["state"] == state else None

    found = await until(so, what=f"the output is {state}")
    assert isinstance(found, dict)
    return found


def told(camera: SimulatedDevice) -> list[str]:
    return [one.ptz for one in camera.controls if one.ptz in (ON, OFF)]


def act(one: dict[str, Any], seconds: int = 1) -> dict[str, Any]:
    return {"do": "output", "output": one["id"], "seconds": seconds}


async def test_a_rule_switches_it_on_once_and_it_goes_off_by_itself(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        made = await siren(node, camera)
        assert (made["state"], made["fault"], made["at"]) == ("off", "", None)
        rule = await written(node, when={}, then=[RAISE, act(made)])
        await sent(node, 1)
        await sent(node, 2)  # it counts with the first
        await until(lambda: told(camera) == [ON, OFF], what="on and off arrive")
        assert camera.switches == set()
        found = await is_so(node, "off")
        by = f"规则 / rule “{rule['name']}” v1"
        assert (found["by"], found["fault"], found["until"]) == (by, "", None)
        (alarm, _) = await alarms(node)
        said = f"{by}: 接通“南门警笛” 1 秒 / switch “南门警笛” on for 1 s"
        assert [one for one in await steps(node, alarm["id"]) if "switch" in one] == [said]
        assert [one.detail for one in records(node) if "switch “" in one.detail] == [f"{said}: output {made['id']}"]
        await caught_up(node)
        assert told(camera) == [ON, OFF]


async def test_it_is_switched_by_hand_on_record_and_off_before_its_time(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        made = await siren(node, camera)
        path, duty = f"/outputs/{made['id']}", {"Authorization": f"Bearer {node.tokens['duty']}"}
        answer = await node.client.post(f"{path}/on", json={"seconds": 600}, headers=duty)
        assert answer.status_code == 202, answer.text
        found = await is_so(node, "on")
        assert (found["by"], camera.switches) == ("duty", {(camera.identity.code, 2)})
        assert (await node.client.post(f"{path}/on", json={"seconds": 600})).status_code == 202, (
            "it stays on, and is not told again"
        )
        assert (await node.client.post(f"{path}/off", headers=duty)).status_code == 202
        await is_so(node, "off")
        assert told(camera) == [ON, OFF]
        assert [one.act for one in records(node) if one.act.startswith("output.")] == [
            "output.add",
            "output.on",
            "output.on",
            "output.off",
        ]
        for seconds in (0, 601):
            assert (await node.client.post(f"{path}/on", json={"seconds": seconds})).status_code == 422
        assert (await node.client.delete(path)).status_code == 204
        gone = await node.client.post(f"{path}/on", json={"seconds": 1})
        assert (gone.status_code, gone.json()["code"]) == (404, "output.unknown")


class Deaf(SimulatedDevice):
    """Takes no order to switch on."""

    async def _serve(self, request: SipRequest) -> None:
        if ON.encode() not in request.body:
            await super()._serve(request)


async def test_off_waits_behind_no_order_that_the_device_does_not_take(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulses, "ON_WITHIN_S", 3_600.0)
    like = simulated_camera(node.registrar)
    camera = Deaf(like.identity, node.registrar, list(like.channels.values()), [])
    async with powered(camera):
        made = await siren(node, camera)
        path = f"/outputs/{made['id']}"
        assert (await node.client.post(f"{path}/on", json={"seconds": 600})).status_code == 202
        await is_so(node, "switching")
        assert (await node.client.post(f"{path}/off")).status_code == 202
        # The order to switch on would be repeated for the seconds of a SIP request: off does not wait for its end.
        await until(lambda: OFF in told(camera), seconds=GIVE_UP_S / 2, what="off arrives")
        found = await is_so(node, "off")
        assert found["fault"] == "", "it was called off, and did not fail"
        assert told(camera) == [OFF]


async def test_what_is_over_goes_off_though_another_cannot_be_switched_on(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulses, "ON_WITHIN_S", 3_600.0)
    like = simulated_camera(node.registrar)
    camera = Deaf(like.identity, node.registrar, list(like.channels.values()), [])
    async with powered(camera):
        made = await siren(node, camera)
        path = f"/outputs/{made['id']}"
        for number in (1, 2):  # one that is called off, and before its off is told another that is not taken
            assert (await node.client.post(f"{path}/on", json={"seconds": 600})).status_code == 202
            await is_so(node, "switching")
            assert (await node.client.post(f"{path}/off")).status_code == 202
            assert (await node.client.post(f"{path}/on", json={"seconds": 600})).status_code == 202
            await until(lambda number=number: told(camera).count(OFF) >= number, what="what is over goes off")
        assert ON not in told(camera)


async def test_what_is_on_when_the_node_stops_goes_off_when_it_is_back(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            made = await siren(node, camera)
            assert (await node.client.post(f"/outputs/{made['id']}/on", json={"seconds": 3})).status_code == 202
            await is_so(node, "on")
            registrar, code = node.registrar, camera.identity.code
    async with running_node(tmp_path, settings_for()) as node:
        camera = simulated_camera(node.registrar)
        camera.switches.add((code, 2))
        assert registrar.server_code == node.registrar.server_code
        async with powered(camera):
            await until(lambda: told(camera) == [OFF], what="off arrives")
            await is_so(node, "off")
            assert camera.switches == set()


async def test_a_device_that_is_away_is_told_as_the_rules_failure_and_the_rest_goes_on(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulses, "ON_WITHIN_S", 0.1)
    monkeypatch.setattr(pulses, "AGAIN_S", 0.1)
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        made = await siren(node, camera)
        rule = await written(node, when={}, then=[act(made), INCIDENT])
    await sent(node, 1)
    found = await is_so(node, "off-owed")
    assert found["fault"] and found["by"].startswith("规则")

    async def failed() -> bool:
        (one,) = (await node.client.get("/alarm-rules")).json()["items"]
        return bool(one["failures"] == 1 and "“南门警笛”" in one["last_error"])

    await until(failed, what="the rule says so")
    (alarm,) = await alarms(node)
    assert sum("失败" in one for one in await steps(node, alarm["id"])) == 1
    assert len(await incidents(node)) == 1, "its other act went on"
    assert [one.act for one in records(node) if "could not be switched on" in one.detail] == ["output.on"]
    async with powered(camera):
        await is_so(node, "off")
        assert told(camera) == [OFF], "its order may have arrived, so it is told to go off; and it is not switched on so late"
    assert rule["version"] == 1


async def test_what_the_node_died_in_is_switched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    added, tries = queries.add_run, list[int]()

    async def fails_first(tx: AsyncConnection, one: queries.Run) -> None:
        await added(tx, one)
        tries.append(one.alarm_id)
        if len(tries) == 1:  # all of it is written, and not committed
            raise StorageFault(what="the disk")

    monkeypatch.setattr(queries, "add_run", fails_first)
    async with running_node(tmp_path, settings_for()) as node:
        await entered(node, ACCOUNT, area=HERE)
        camera = simulated_camera(node.registrar)
        async with powered(camera):
            made = await siren(node, camera)
            await written(node, when={}, then=[act(made)])
            await sent(node, 1)
            await until(lambda: told(camera) == [ON, OFF], what="on and off arrive")
            await is_so(node, "off")
            assert len(tries) == 2 and told(camera) == [ON, OFF]


async def test_a_rule_switches_nothing_outside_of_its_area_nor_what_was_changed_past_the_node(node: RunningNode) -> None:
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        made = await siren(node, camera)
        taken = await node.client.post("/outputs", json={"name": "x", "camera": camera.identity.code, "switch": 2})
        assert (taken.status_code, taken.json()["code"]) == (409, "output.taken")
        rule = {"name": "别处", "area": "520103", "when": {}, "then": [act(made)]}
        refused = await node.client.post("/alarm-rules", json=rule)
        assert (refused.status_code, refused.json()["code"]) == (409, "output.unfit")
        now = {"rule": {**rule, "area": HERE}, "from": "2020-01-01T00:00:00Z"}
        assert (await node.client.post("/alarm-rules/dry-run", json=now)).status_code == 422, "of the last days alone"
        async with node.node.store.transaction() as tx:
            await tx.execute(sa.update(outputs).values(switch=3))
        await node.node.incidents.outputs.start()
        assert (await shown(node))["distrusted"]
        answer = await node.client.post(f"/outputs/{made['id']}/on", json={"seconds": 1})
        assert (answer.status_code, answer.json()["code"]) == (409, "output.unfit")
        assert told(camera) == []
