"""Alarm points on the map: columns of one length with their states and what rings there; by area, and what stays is told once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.node.alarm_hosts import burglary, datagram, entered, sender_of, told
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_alarms import port_of
from tests.node.test_arming import ALWAYS

ARMED, DISARMED, TESTED, SILENT, WATCHED = "01234"
COLUMNS = ("ids", "accounts", "zones", "names", "sites", "kinds", "longitudes", "latitudes")
NEVER = [{"days": [8], "from": "03:00", "to": "03:01"}]
"""Of holidays alone, and the tests' calendar has none."""


async def marks(client: httpx.AsyncClient, known: str = "") -> dict[str, Any]:
    """As the map is told; every column has one length."""
    answer = await client.get("/alarm-point-marks", params={"known": known})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert len({len(found[name]) for name in COLUMNS}) == 1
    return found


async def points_of(node: RunningNode) -> None:
    """At a place each, or at that of their site, or nowhere."""
    place = {"longitude": 106.71, "latitude": 26.57}
    points = [
        {"zone": "5", "name": "金库门", "kind": "detector", "arming": ALWAYS, **place},
        {"zone": "6", "name": "大厅", "arming": NEVER, **place},
        {"zone": "7", "name": "柜台按钮", "kind": "button", **place},
        {"zone": "8", "name": "后窗", "longitude": 106.72, "latitude": 26.58},
        {"zone": "9", "name": "不知何处"},
    ]
    await entered(node, "4321", points=points)
    await entered(node, "4322", area="520103", site="第二幼儿园", points=[{"zone": "1", "name": "大门"}])
    site = {"name": "第二幼儿园", "kind": "kindergarten", "area": "520103", "hosts": ["4322"], "longitude": 106.6, "latitude": 26.6}
    assert (await node.client.post("/alarm-sites", json=site)).status_code == 201


async def test_points_stand_at_their_place_with_their_state_and_what_rings(tmp_path: Path, store_url: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        assert (await marks(node.client))["ids"] == []
        await points_of(node)
        found = await marks(node.client)
        assert (found["zones"], found["unplaced"]) == (["5", "6", "7", "8", "1"], 1)
        assert (found["longitudes"][-1], found["latitudes"][-1], found["sites"][-1]) == (106.6, 26.6, "第二幼儿园")
        assert found["states"] == ARMED + DISARMED + WATCHED * 3
        again = await marks(node.client, found["points"])
        assert again["ids"] == [] and again["points"] == found["points"] and again["states"] == found["states"]

        host = (await node.client.get("/alarm-hosts", params={"q": "4321"})).json()["items"][0]
        order = {"points": [found["ids"][3]], "minutes": 5, "reason": "检修"}
        assert (await node.client.put(f"/alarm-hosts/{host['id']}/test", json=order)).status_code == 200
        assert told(await datagram(port_of(node), burglary(sender_of("4321"), 1)))[0] == "ACK"
        again = await marks(node.client, found["points"])
        (rings,) = again["ringing"]
        assert (again["states"], rings["at"], rings["taken"]) == (ARMED + DISARMED + WATCHED + TESTED + WATCHED, 0, False)
        assert (await node.client.post(f"/alarms/{rings['alarm']}/acknowledge", json={})).status_code == 200
        assert (await marks(node.client, found["points"]))["ringing"] == [rings | {"taken": True}]
        node.node.alarms.hosts.all()[0].silent = True
        assert (await marks(node.client))["states"] == SILENT * 4 + WATCHED

        (one,) = (await node.client.get("/alarm-points", params={"id": [found["ids"][2]]})).json()["items"]
        assert one["name"] == "柜台按钮"


async def test_whoever_works_elsewhere_sees_no_points_and_nothing_ring(tmp_path: Path, store_url: str) -> None:
    async with running_node(tmp_path, settings_for(store_url)) as node:
        await points_of(node)
        assert told(await datagram(port_of(node), burglary(sender_of("4321"), 1)))[0] == "ACK"
        desk = await node.client_of("desk", {"post": "operator", "area": "520103"})
        found = await marks(desk)
        assert (found["names"], found["unplaced"], found["ringing"]) == (["大门"], 0, [])
        keeper = await node.client_of("keeper", {"post": "system-administrator", "area": "520102"})
        found = await marks(keeper)
        assert (len(found["ids"]), found["ringing"]) == (4, []), "who keeps devices sees no alarms"
        for one in (desk, keeper):
            await one.aclose()
