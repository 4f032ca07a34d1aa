"""Somebody watches one incident by what its leader gave them: its pictures without being on duty, and no longer than it holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from fengsui.features.incident_watches.tables import incident_watches
from tests.node.alarm_hosts import burglary, line_to, sender_of
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.duty_room import MovedClock
from tests.node.test_audit import records
from tests.node.test_incidents import ELSEWHERE, HERE, OPERATOR, done, opened, refused
from tests.node.test_live import listed
from tests.node.test_rights_end import nothing_opens, opened_by, until_cut

COMMANDER = {"post": "commander", "area": HERE}


@dataclass
class Scene:
    """`he` is a commander of the area and not on duty; `duty` leads the incident, whose alarm has a camera."""

    node: RunningNode
    code: str
    other: str
    path: str
    number: str
    he: httpx.AsyncClient
    he_id: int
    clock: MovedClock

    async def give(self, **facts: Any) -> dict[str, Any]:
        return await done(self.node.client, f"{self.path}/watches", {"user": self.he_id, "cameras": [self.code], **facts})


@asynccontextmanager
async def scene(data: Path) -> AsyncIterator[Scene]:
    clock = MovedClock()
    async with running_node(data, settings_for(), clock) as node:
        camera, other = simulated_camera(node.registrar, 1), simulated_camera(node.registrar, 2)
        code = camera.identity.code
        async with powered(camera, other):
            for one in (camera, other):
                await until(lambda one=one: listed(node, one.identity.code), what="the cameras are listed")
            centre = await done(node.client, "/duty/centres", {"name": "指挥中心", "area": HERE, "seats": 4})
            await done(node.client, "/duty/shift", {"centre": centre["id"], "seat": 1})
            host = {"account": "4321", "site": "南明银行", "area": HERE}
            points = [{"zone": "5", "name": "金库门", "kind": "detector", "camera": code}]
            await done(node.client, "/alarm-hosts", {**host, "points": points})
            async with line_to(node.node.settings.alarm_hosts.port) as line:
                await line.ask(burglary(sender_of("4321"), 1))
            alarm = (await node.client.get("/alarms")).json()["items"][0]["id"]
            user, password = await node.appoint("he", COMMANDER)
            he = await node.sign_in("he", password)
            incident = await opened(node.client, alarms=[alarm])
            path = f"/incidents/{incident['id']}"
            yield Scene(node, code, other.identity.code, path, incident["number"], he, user["id"], clock)
            await he.aclose()


async def test_a_watch_opens_its_cameras_to_whom_it_was_given(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        assert await refused(at.he, f"/cameras/{at.code}/live", {}) == (403, "access.not_on_duty")
        assert (await at.he.get(f"{at.path}/watch")).json()["code"] == "incident_watch.over"
        offered = await at.node.get(f"{at.path}/watches")
        assert [one["camera"] for one in offered["cameras"]] == [at.code]
        assert "he" in [one["name"] for one in offered["candidates"]]
        made = await at.give()
        own = (await at.he.get(f"{at.path}/watch")).json()
        assert (own["id"], own["made_by"], own["withheld"]) == (made["id"], "duty", 0)
        assert [one["camera"] for one in own["seen"]] == [at.code]
        await opened_by(at.he, at.code)
        for path in (f"/cameras/{at.other}/live", f"/cameras/{at.code}/record-now"):
            assert (await at.he.post(path, json={})).status_code == 403, path
        for path in (f"/cameras/{at.code}/picture",):
            assert (await at.he.get(path)).status_code == 403, path
        views = [one for one in records(at.node) if one.act == "live.view" and one.person == "he" and one.result == "allowed"]
        assert [(one.object, one.ticket) for one in views] == [(at.code, f"{at.number}-W{made['id']}")]
        line = (await at.node.get(at.path))["lines"][-1]
        assert (line["kind"], line["facts"]["to"], line["facts"]["step"]) == ("watch", "he", "given")
        given = [one for one in records(at.node) if one.act == "incident.watch" and one.result == "allowed"]
        assert [(one.person, one.object) for one in given] == [("duty", at.number)]


@pytest.mark.parametrize("how", ["taken back", "closed", "time is up", "withdrawn"])
async def test_a_watch_ends_and_its_pictures_with_it(tmp_path: Path, how: str) -> None:
    async with scene(tmp_path) as at:
        made = await at.give(minutes=60)
        shown = await opened_by(at.he, at.code)
        reading = asyncio.create_task(until_cut(shown))
        await until(lambda: at.node.node.engine.counters().readers >= 1, what="the picture is read")
        if how == "taken back":
            assert (await at.node.client.delete(f"{at.path}/watches/{made['id']}")).status_code == 204
        elif how == "closed":
            await done(at.node.client, f"{at.path}/close", {"disposition": "handled"})
        elif how == "time is up":
            at.clock.later = timedelta(minutes=61)
        elif how == "withdrawn":
            user = await at.node.get(f"/users/{at.he_id}")
            path = f"/users/{at.he_id}/appointments/{user['appointments'][0]['id']}"
            assert (await at.node.client.delete(path)).status_code == 200
        assert await reading > 0
        await nothing_opens(shown)
        assert (await at.he.get(f"{at.path}/watch")).status_code in (403, 404)
        assert (await at.he.post(f"/cameras/{at.code}/live", json={})).status_code == 403
        if how == "closed":
            await done(at.node.client, f"{at.path}/reopen", {"reason": "又有人翻墙"})
            assert (await at.he.get(f"{at.path}/watch")).status_code == 404, "opened again it is given anew"


async def test_who_leads_gives_and_only_to_whom_the_post_opens_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        li = await at.node.client_of("li", OPERATOR)
        assert await refused(li, f"{at.path}/watches", {"user": at.he_id}) == (409, "incident_watch.not_leading")
        assert (await li.get(f"{at.path}/watches")).json()["candidates"] == []
        far, _ = await at.node.appoint("far", {**COMMANDER, "area": ELSEWHERE})
        wang, _ = await at.node.appoint("wang", {"post": "maintenance", "area": HERE})
        for user in (far["id"], wang["id"], 999_999):
            answer = await refused(at.node.client, f"{at.path}/watches", {"user": user})
            assert answer == (422, "incident_watch.no_watcher"), user
        made = await at.give()
        assert (await li.delete(f"{at.path}/watches/{made['id']}")).json()["code"] == "incident_watch.not_leading"
        again = await at.give(minutes=30)
        assert [one["id"] for one in (await at.node.get(f"{at.path}/watches"))["items"]] == [again["id"]], "one each"
        await li.aclose()


async def test_a_watch_holds_over_a_restart_and_a_changed_row_opens_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        await at.give()
        user, code = at.he_id, at.code
    async with running_node(tmp_path, settings_for()) as node:
        watches = node.node.incidents.watches
        assert watches.shown_to(user, code) is not None
        assert watches.shown_to(user, at.other) is None
        async with node.node.store.transaction() as tx:
            await tx.execute(sa.update(incident_watches).values(cameras=at.other))
        await watches.start()
        assert watches.shown_to(user, at.other) is None
