"""A unit on its way sees the place live: by its accepted task and its appointment together, and no longer than the task runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.errors import StorageFault
from fengsui.features.dispatch import queries
from fengsui.features.place_pictures.actions import UNREAD_S
from tests.node.alarm_hosts import burglary, line_to, sender_of
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import records
from tests.node.test_dispatch import unit
from tests.node.test_incidents import HERE, done, opened, refused
from tests.node.test_live import listed
from tests.node.test_patrol import PATROL, crew
from tests.node.test_rights_end import nothing_opens, opened_by, until_cut


@dataclass
class Scene:
    """A camera whose alarm is somebody's task. `lin` is in the unit that has it, and has not accepted it."""

    node: RunningNode
    code: str
    other: str
    """A camera of the same area that has nothing to do with it."""
    car: int
    incident: dict[str, Any]
    task: str
    lin: httpx.AsyncClient

    async def own(self) -> dict[str, Any]:
        answer = await self.lin.get("/patrol/cameras")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def watched(self) -> tuple[dict[str, str], asyncio.Task[int]]:
        """The picture, and its reader: what is shown is read anew before it is told."""
        assert [one["camera"] for one in (await self.own())["items"]] == [self.code]
        shown = await opened_by(self.lin, self.code)
        reading = asyncio.create_task(until_cut(shown))
        await until(lambda: self.node.node.engine.counters().readers >= 1, what="the picture is read")
        return shown, reading


@asynccontextmanager
async def scene(data: Path, *, beside: bool = False, **appointment: Any) -> AsyncIterator[Scene]:
    """`beside`: the other camera looks at the same point."""
    async with running_node(data, settings_for()) as node:
        camera, other = simulated_camera(node.registrar, 1), simulated_camera(node.registrar, 2)
        code = camera.identity.code
        async with powered(camera, other):
            for one in (camera, other):
                await until(lambda one=one: listed(node, one.identity.code), what="the cameras are listed")
            host = {"account": "4321", "site": "南明银行", "area": HERE}
            looks = {"preset": 2, "others": [{"camera": other.identity.code, "preset": 7}]} if beside else {}
            points = [{"zone": "5", "name": "金库门", "kind": "detector", "camera": code, **looks}]
            await done(node.client, "/alarm-hosts", {**host, "points": points})
            async with line_to(node.node.settings.alarm_hosts.port) as line:
                await line.ask(burglary(sender_of("4321"), 1))
            alarm = (await node.client.get("/alarms")).json()["items"][0]["id"]
            car = await unit(node, "南明 12")
            lin = await node.client_of("lin", {**PATROL, **appointment})
            assert (await crew(node, car, "lin")).status_code == 200
            incident = await opened(node.client, alarms=[alarm])
            task = await done(node.client, f"/incidents/{incident['id']}/tasks", {"unit": car, "order": "查看后门"})
            yield Scene(node, code, other.identity.code, car, incident, f"/tasks/{task['id']}", lin)
            await lin.aclose()


async def test_each_camera_of_the_point_is_shown_in_its_order_with_its_preset(tmp_path: Path) -> None:
    async with scene(tmp_path, beside=True) as at:
        await done(at.lin, f"{at.task}/accept", {})
        assert [(one["camera"], one["preset"]) for one in (await at.own())["items"]] == [(at.code, 2), (at.other, 7)]
        await opened_by(at.lin, at.other)


async def test_the_picture_opens_with_the_accepted_task_alone(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        assert await at.own() == {"task": int(at.task[7:]), "accepted": False, "items": [], "withheld": 0}
        assert await refused(at.lin, f"/cameras/{at.code}/live", {}) == (403, "access.not_allowed")
        await done(at.lin, f"{at.task}/accept", {})
        seen = await at.own()
        assert [one["camera"] for one in seen["items"]] == [at.code] and seen["items"][0]["streams"]
        shown = await opened_by(at.lin, at.code)
        assert shown["masked"] is False
        assert (await at.lin.get(f"/cameras/{at.code}/live")).status_code == 200, "how its stream stands is told with it"
        assert (await at.lin.post(f"/live/{shown['session']}/renew")).status_code == 200
        for path in (f"/cameras/{at.other}/live", f"/cameras/{at.code}/record-now", f"/live/{shown['session']}/snapshot"):
            assert (await at.lin.post(path, json={})).status_code == 403, path
        for path in ("", "/picture", "/presets", "/steering"):
            assert (await at.lin.get(f"/cameras/{at.code}{path}")).status_code == 403, path
        assert (await at.lin.get("/cameras")).status_code == 403
        views = [one for one in records(at.node) if one.act == "live.view" and one.person == "lin"]
        assert [one.result for one in views] == ["refused", "allowed", "refused"]
        assert (views[1].object, views[1].ticket, views[1].purpose) == (at.code, f"{at.incident['number']}-T{at.task[7:]}", "duty")


@pytest.mark.parametrize("how", ["done", "refused", "cancelled", "left", "withdrawn"])
async def test_the_picture_ends_with_what_showed_it(tmp_path: Path, how: str) -> None:
    async with scene(tmp_path) as at:
        await done(at.lin, f"{at.task}/accept", {})
        shown, reading = await at.watched()
        if how == "done":
            await done(at.lin, f"{at.task}/on-the-way", {})
            await done(at.lin, f"{at.task}/arrive", {})
            assert not reading.done(), "a step on the way shows what it showed"
            await done(at.lin, f"{at.task}/done", {"text": "门已锁好"})
        elif how == "refused":
            await done(at.lin, f"{at.task}/refuse", {"reason": "车辆故障"})
        elif how == "cancelled":
            await done(at.node.client, f"{at.task}/cancel", {"reason": "误报"})
        elif how == "left":
            assert (await crew(at.node, at.car)).status_code == 200
        elif how == "withdrawn":
            users = (await at.node.client.get("/users")).json()["items"]
            user = await at.node.get(f"/users/{next(one['id'] for one in users if one['name'] == 'lin')}")
            path = f"/users/{user['id']}/appointments/{user['appointments'][0]['id']}"
            assert (await at.node.client.delete(path)).status_code == 200
        assert (await at.lin.post(f"/cameras/{at.code}/live", json={})).status_code == 403, "at once"
        assert await reading > 0
        await nothing_opens(shown)
        assert (await at.lin.post(f"/live/{shown['session']}/renew")).status_code in (403, 404)


async def test_what_the_appointment_does_not_hold_stays_closed(tmp_path: Path) -> None:
    async with scene(tmp_path, classes=["government"]) as at:
        await done(at.lin, f"{at.task}/accept", {})
        assert len((await at.own())["items"]) == 1
        await at.node.note(at.code, camera_class="restricted")
        seen = await at.own()
        assert (seen["items"], seen["withheld"]) == ([], 1)
        assert (await at.lin.post(f"/cameras/{at.code}/live", json={})).status_code == 403


async def test_a_colleague_who_takes_the_task_over_sees_it_and_the_unit_before_no_more(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await done(at.lin, f"{at.task}/accept", {})
        zhou = await at.node.client_of("zhou", PATROL)
        assert (await crew(at.node, at.car, "zhou")).status_code == 200
        assert (await zhou.get("/patrol/cameras")).json()["items"], "read anew before it is told"
        assert (await zhou.post(f"/cameras/{at.code}/live", json={})).status_code == 201
        assert (await at.lin.post(f"/cameras/{at.code}/live", json={})).status_code == 403
        await zhou.aclose()


@pytest.mark.parametrize("failure", [StorageFault(what="gone", remedy_zh="", remedy_en=""), ValueError("a surprise")])
async def test_what_cannot_be_read_anew_shows_nothing_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    async with scene(tmp_path) as at:
        await done(at.lin, f"{at.task}/accept", {})
        _, reading = await at.watched()

        async def fails(*_: object) -> None:
            raise failure

        pictures = at.node.node.incidents.pictures
        monkeypatch.setattr(queries, "at_work", fails)
        assert await _shows(pictures, at.code), "a short failure hides nothing"
        pictures._read_s -= UNREAD_S
        assert await reading > 0
        assert (await at.lin.post(f"/cameras/{at.code}/live", json={})).status_code == 403


async def test_a_restart_of_the_node_shows_what_it_showed(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await done(at.lin, f"{at.task}/accept", {})
        before = at.code
    async with running_node(tmp_path, settings_for()) as node:
        pictures = node.node.incidents.pictures
        await until(lambda: _shows(pictures, before), what="the running task shows it")


async def _shows(pictures: Any, code: str) -> bool:
    return any(camera == code for _, camera in pictures._shown._shown)
