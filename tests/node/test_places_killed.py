"""Outputs, floor plans, hours of arming: what was acknowledged is there after a kill -9; on a full disk nothing is."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.simulators.identity import Registrar
from tests.end_to_end.conftest import wait_until
from tests.end_to_end.test_recovery import CODE, PASSWORD, first_people, is_ready, process, settings_file
from tests.node.conftest import powered, running_node, settings_for, simulated_camera, until
from tests.node.test_alarm_sites import HOST, NURSERY, added
from tests.node.test_alarms_killed import token
from tests.node.test_device_alarms import listed
from tests.node.test_outputs import OFF, ON, shown, siren, told
from tests.node.test_site_plans import drawn, kept, upload
from tests.node.test_storage_faults import fill, small_disk
from tests.rounds import rounds

FROM = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(1, 60)]


def hours(number: int) -> dict[str, Any]:
    return {"hours": [{"days": [1], "from": "00:00", "to": FROM[number]}], "grace_min": number}


async def told_hours(client: httpx.AsyncClient, host: dict[str, Any], number: int) -> dict[str, Any]:
    body = {"site": HOST["site"], "points": HOST["points"], "revision": host["revision"], "arming": hours(number)}
    answer = await client.put(f"/alarm-hosts/{host['id']}", json=body)
    answer.raise_for_status()
    return dict(answer.json())


async def drawn_anew(client: httpx.AsyncClient, site: dict[str, Any], number: int) -> dict[str, Any]:
    """The plan of this number in the place of the one before."""
    plans = f"/alarm-sites/{site['id']}/plans"
    for plan in site["plans"]:
        answer = await client.delete(f"{plans}/{plan['picture']}", params={"version": site["version"]})
        answer.raise_for_status()
        site = answer.json()
    name = {"version": site["version"], "name": str(number)}
    answer = await client.post(plans, params=name, content=drawn(f"#{number:06x}"))
    answer.raise_for_status()
    return dict(answer.json())


@pytest.mark.end_to_end
@pytest.mark.rounds
@pytest.mark.timeout(400)
async def test_what_was_acknowledged_is_there_and_an_output_goes_off_whenever_the_node_dies(tmp_path: Path) -> None:
    config, http, sip = settings_file(tmp_path)
    api, log, chance = f"http://127.0.0.1:{http}", tmp_path / "node.log", random.Random(82)
    run = ["run", "--config", str(config), "--data", str(tmp_path / "data")]
    camera = simulated_camera(Registrar("127.0.0.1", sip, CODE, CODE[:10], "joining"))
    code, acknowledged, lives = camera.identity.code, 0, rounds(2, 8)
    for life in range(lives + 1):
        async with powered(camera):
            with process(log, *run, **({} if life else first_people(PASSWORD))) as node:
                await asyncio.to_thread(wait_until, lambda: is_ready(api), seconds=120, what=f"the node is ready; log: {log}")
                async with httpx.AsyncClient(base_url=f"{api}/api/v1", timeout=60, headers=await token(api, "system")) as client:
                    if life == 0:

                        async def entered(client: httpx.AsyncClient = client) -> bool:
                            order = {"name": "警笛", "area": "520102", "camera": code, "switch": 2}
                            return (await client.post("/outputs", json=order)).status_code == 201

                        await until(entered, seconds=120, what="the camera is listed and the output entered")
                        for path, body in (("/alarm-hosts", HOST), ("/alarm-sites", NURSERY)):
                            (await client.post(path, json=body)).raise_for_status()
                    (output,) = (await client.get("/outputs")).json()["items"]
                    (host,) = (await client.get("/alarm-hosts")).json()["items"]
                    (place,) = (await client.get("/alarm-sites")).json()["items"]
                    site = (await client.get(f"/alarm-sites/{place['id']}")).json()
                    if life:
                        number = host["arming"]["grace_min"]
                        assert host["arming"] == hours(number) and number in (acknowledged, acknowledged + 1)
                        named = {one["picture"] for one in site["plans"]}
                        assert {one["name"] for one in site["plans"]} <= {str(number), str(number + 1)} and len(named) <= 1
                        on_disk = {path.stem for path in (tmp_path / "data" / "site-plans").rglob("*.jpg")}
                        assert on_disk == named, "no picture is left that no plan has"

                        async def is_off(client: httpx.AsyncClient = client) -> bool:
                            (one,) = (await client.get("/outputs")).json()["items"]
                            return bool(one["state"] == "off" and one["by"])

                        await until(is_off, seconds=60, what="the order that the node died with is over")
                        assert told(camera)[-1] == OFF and camera.switches == set()
                        acknowledged = number
                    if life == lives:
                        node.terminate()
                        node.wait(30)
                        break
                    told_on = await client.post(f"/outputs/{output['id']}/on", json={"seconds": 2})
                    assert told_on.status_code == 202, told_on.text
                    await until(lambda: told(camera)[-1:] == [ON], what="it is on")
                    with contextlib.suppress(httpx.TransportError):
                        for written in itertools.count():
                            if written == 2:
                                asyncio.get_running_loop().call_later(chance.random() * 0.3, node.send_signal, signal.SIGKILL)
                            site = await drawn_anew(client, site, acknowledged + 1)
                            host = await told_hours(client, host, acknowledged + 1)
                            acknowledged += 1
                    assert node.wait(20) == -signal.SIGKILL
    assert told(camera).count(ON) == lives


async def test_on_a_full_disk_plans_and_outputs_stay_as_they_are() -> None:
    with small_disk() as disk:
        async with running_node(disk, settings_for(f"sqlite:///{disk / 'node.db'}")) as node:
            camera = simulated_camera(node.registrar)
            async with powered(camera):
                made = await siren(node, camera)
                site = await added(node, "/alarm-sites", {**NURSERY, "hosts": []})
                assert (await upload(node, site["id"], drawn())).status_code == 201
                before, files = await node.get(f"/alarm-sites/{site['id']}"), kept(node)
                path, order = f"/outputs/{made['id']}", {"name": "北门警笛", "camera": camera.identity.code, "switch": 3}
                ballast = fill(disk)
                for answer in (
                    await upload(node, site["id"], drawn("red"), version=2),
                    await node.client.delete(f"/alarm-sites/{site['id']}/plans/{files[0].stem}", params={"version": 2}),
                    await node.client.post("/outputs", json=order),
                    await node.client.post(f"{path}/on", json={"seconds": 1}),
                    await node.client.delete(path),
                ):
                    assert answer.status_code in (503, 507) and answer.json()["remedy_zh"], answer.text
                assert await node.get(f"/alarm-sites/{site['id']}") == before and kept(node) == files
                assert (await shown(node))["state"] == "off" and told(camera) == []
                ballast.unlink()

                async def taken() -> bool:
                    return (await node.client.post(f"{path}/on", json={"seconds": 1})).status_code == 202

                await until(taken, seconds=60, what="it is switched once there is room")
                await until(lambda: told(camera)[-1:] == [OFF], what="on and off arrive")
                assert (await upload(node, site["id"], drawn("red"), version=2)).status_code == 201
                assert await listed(node, camera.identity.code) and len(kept(node)) == 2
