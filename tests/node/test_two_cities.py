"""Two cities on one node: no list, and nothing that is opened by its number, shows anybody of one city anything of the other.

Generated from the OpenAPI document: every GET, asked by somebody of each post in each city (rules A7 and A32).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.access.posts import Post
from fengsui.features.tickets import queries as ticket_queries
from fengsui.features.tickets.model import Match
from fengsui.simulators.device import SimulatedDevice
from fengsui.simulators.footage import FOOTAGE_FOLDER, Clip, LoopingClip
from fengsui.simulators.identity import Channel, DeviceIdentity
from fengsui.wire.gb28181.catalog import CatalogueItem
from tests.node.alarm_hosts import burglary, datagram, sender_of, told
from tests.node.conftest import OWN_PASSWORD, RunningNode, powered, running_node, until
from tests.node.seeds import BOX, CASE, ruled_settings
from tests.node.test_matrix import Operation, operations

WHOLE_NODE = {
    "followEvents": "a stream; what of it is shown: test_events.py",
}
NODE_ZONE = timezone(timedelta(hours=8))
BOXES = ("waiting", "mine", "coming", "ended")
_SHOWS = """listCameras listCameraNames listCameraRows listDevices listUsers listOrganisations getDuty listEmergencies
    listUnmatchedTickets listApprovals
    listFavourites listCameraGroups getCameraGroup listCameraPoints listTickets getCamera getDevice getUser listSlots
    listSeatCandidates listMasks openApproval listPatrolPlans listPatrolPlanVersions listDuePatrols listPatrolRounds
    getPatrolRound listPatrolLog listSightings listAlarmHosts listAlarmPoints listAlarmPointMarks listAlarms getAlarm
    listAlarmSteps
    listAlarmRules listAlarmRuleVersions listIncidents getIncident listPatrolUnits listIncidentTasks getTask listUnitProposals
    listProcedures listProcedureVersions getIncidentProcedures listProcedureRuns listAlarmShelves listMethods getMethod
    listMethodVersions getIncidentMethods listDispatchLinks listPanicLinks listAlarmRuleLinks listAlarmSites listOutputs
    getAlarmSite getAlarmsSite"""
SHOWS_SOMETHING = frozenset(_SHOWS.split())
"""For somebody of the city: else the test would say nothing."""


@dataclass
class City:
    """`marks`: what nobody of the other city may read; `ids`: by the parameter of a path."""

    name: str
    area: str
    camera: str
    marks: set[str] = field(default_factory=set)
    ids: dict[str, str] = field(default_factory=dict)
    callers: dict[Post, httpx.AsyncClient] = field(default_factory=dict)


def camera_of(node: RunningNode, city: City) -> SimulatedDevice:
    """One in the city."""
    clip = Clip.load(FOOTAGE_FOLDER / "street.10fps.h264")
    item = CatalogueItem(
        city.camera,
        f"{city.name}路口",
        "Fengsui",
        "SIM-1",
        civil_code=f"{city.area}02",
        status="ON",
        ptz_type=3,
        longitude=106.7,
        latitude=26.5,
    )
    return SimulatedDevice(
        DeviceIdentity(city.camera, item.name), node.registrar, [Channel(item, {"main": lambda: LoopingClip(clip)})], []
    )


async def made(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What must succeed."""
    answer = await client.post(path, json=body)
    assert answer.status_code in (200, 201, 202), (path, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def settle(node: RunningNode, city: City) -> None:
    """Somebody of each post, and something in every room."""
    now, county = datetime.now(UTC), f"{city.area}02"
    unit = (await made(node.client, "/organisations", {"name": f"{city.name}分局", "area": county}))["id"]
    users: dict[Post, int] = {}
    for post in Post:
        name = f"{city.name}-{post.value}"
        user, password = await node.appoint(name, {"post": post.value, "area": city.area}, unit=unit)
        users[post], city.callers[post] = user["id"], await node.sign_in(name, password)
    lead, operator, investigator = (city.callers[post] for post in (Post.DUTY_SUPERVISOR, Post.OPERATOR, Post.INVESTIGATOR))
    centre = (await made(lead, "/duty/centres", {"name": f"{city.name}值班室", "area": city.area, "seats": 2}))["id"]
    times = {"since": (now + timedelta(days=1)).isoformat(), "until": (now + timedelta(days=1, hours=8)).isoformat()}
    await made(lead, f"/duty/centres/{centre}/slots", {"seat": 1, "user_id": users[Post.OPERATOR], **times})
    await made(operator, "/duty/shift", {"centre": centre, "seat": 1})
    group = {"name": f"{city.name}-分组", "cameras": [city.camera], "post": "operator", "centre": centre}
    group_id = (await made(operator, "/camera-groups", group))["id"]
    assert (await operator.patch("/favourites", json={"add": [city.camera]})).status_code == 200
    stop = {"camera": city.camera, "look_for": f"{city.name}路口积水", "watch_s": 5}
    plan = {"centre": centre, "name": f"{city.name}夜巡", "stops": [stop], "times": [], "weekdays": []}
    patrol = (await made(lead, "/video-patrols/plans", plan))["id"]
    going = (await made(operator, f"/video-patrols/plans/{patrol}/rounds", {}))["round"]["id"]
    await made(operator, "/video-patrols/on-foot", {"place": f"{city.name}河岸", "at": now.isoformat(), "text": "无异常"})
    seen = {"kind": "in-person", "at": now.isoformat(), "text": f"{city.name}桥下白车", "area": county}
    sighting = await made(investigator, "/sightings", {**seen, "longitude": 106.7, "latitude": 26.5})
    host = await alarm_host_of(node, city, county)
    gate = {"place": f"{city.name}小学", "holder": f"{city.name}门卫", "area": county}
    await made(city.callers[Post.SYSTEM_ADMINISTRATOR], "/panic-links", gate)
    contact = {"role": "leader", "name": f"{city.name}园长", "phone": "0851 2222 0000"}
    place = {"name": f"{city.name}幼儿园", "kind": "kindergarten", "area": county, "hosts": [city.area]}
    site = await made(city.callers[Post.SYSTEM_ADMINISTRATOR], "/alarm-sites", {**place, "contacts": [contact]})
    siren = {"name": f"{city.name}警笛", "area": county, "camera": city.camera, "switch": 2}
    await made(city.callers[Post.SYSTEM_ADMINISTRATOR], "/outputs", siren)
    happens = {"type": "intrusion", "place": f"{city.name}广场", "text": f"{city.name}有人翻墙", "area": county}
    incident = await made(operator, "/incidents", happens)
    cars = [{"call_sign": f"{city.name}-{at}", "kind": "car", "members": [f"{city.name}-王某"], "area": county} for at in (1, 2)]
    unit, _ = [await made(operator, "/units", car) for car in cars]
    peer = {"name": city.name, "title": f"{city.name}市局", "url": "http://127.0.0.1:9/jobs", "area": county, "news": ["forwarded"]}
    await made(city.callers[Post.SYSTEM_ADMINISTRATOR], "/dispatch-links", peer)
    rule = await made(lead, "/alarm-rules", {"name": f"{city.name}夜间", "area": county, "then": [{"do": "raise", "to": 1}]})
    todo = [{"id": "look", "text": f"{city.name}查看画面", "kind": "act"}]
    procedure = await made(lead, "/procedures", {"name": f"{city.name}预案", "area": county, "steps": todo})
    run = await made(operator, f"/incidents/{incident['id']}/procedures", {"procedure": procedure["id"]})
    told = {"title": f"{city.name}围栏巡查", "area": county, "kinds": ["intrusion"], "steps": f"{city.name}先看后门"}
    method = await made(lead, "/methods", {**told, "state": "published"})
    await served_by(operator, happens, method["id"])
    task = await made(operator, f"/incidents/{incident['id']}/tasks", {"unit": unit["id"], "order": f"{city.name}查看后门"})
    watch = await made(operator, f"/incidents/{incident['id']}/watches", {"user": users[Post.COMMANDER]})
    (alarm,) = (await operator.get("/alarms")).json()["items"]
    await made(operator, f"/alarms/{alarm['id']}/acknowledge", {})
    await made(operator, f"/alarms/{alarm['id']}/verify", {"result": "real"})
    hour = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    shelf = await made(operator, "/alarm-shelves", {"alarm": alarm["id"], "until": hour, "reason": "works"})
    mask = await made(lead, f"/cameras/{city.camera}/masks", {"points": BOX, "name": f"{city.name}窗户"})
    asked = await made(lead, f"/cameras/{city.camera}/masks/{mask['id']}/removal", {"reason": f"{city.name}已搬迁"})
    await made(lead, f"/duty/centres/{centre}/removal", {"reason": f"{city.name}值班室合并"})
    security = city.callers[Post.SECURITY_ADMINISTRATOR]
    post = {"post": "operator", "area": county, "reason": f"{city.name}增派"}
    await made(security, f"/users/{users[Post.INSPECTOR]}/appointments", post)
    classes = {"camera_class": "operating-unit", "reason": f"{city.name}移交"}
    await made(city.callers[Post.SYSTEM_ADMINISTRATOR], f"/cameras/{city.camera}/class", classes)
    crime = next(
        one for one in (await investigator.get("/ticket-purposes")).json()["items"] if one["code"] == "crime-investigation"
    )
    bounds = {"cameras": [city.camera], "since": now.isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    order = {"purpose": crime["code"], "legal_basis": crime["basis"][0], "bounds": bounds, "case_number": CASE}
    ticket = (await made(investigator, "/tickets", order))["number"]
    async with node.node.store.transaction() as tx:
        await ticket_queries.set_match(tx, ticket, Match.UNMATCHED, now.timestamp())
    danger = {"area": county, "danger": "life", "said": f"{city.name}有人落水", "proof": OWN_PASSWORD}
    emergency = await made(operator, "/emergencies", danger)
    city.ids = {
        "code": city.camera,
        "centre": str(centre),
        "group": str(group_id),
        "user": str(users[Post.OPERATOR]),
        "request": asked["id"],
        "clip": asked["id"],
        "number": str(emergency["id"]),
        "plan": str(patrol),
        "round": str(going),
        "sighting_id": str(sighting["id"]),
        "host_id": str(host),
        "site_id": str(site["id"]),
        "incident_id": str(incident["id"]),
        "watch_id": str(watch["id"]),
        "rule_id": str(rule["id"]),
        "procedure_id": str(procedure["id"]),
        "run_id": str(run["id"]),
        "method_id": str(method["id"]),
        "shelf_id": str(shelf["id"]),
        "unit_id": str(unit["id"]),
        "task_id": str(task["id"]),
        "photo": "0" * 64,
        "alarm_id": str((await operator.get("/alarms")).json()["items"][0]["id"]),
    }
    city.marks = {f"{city.name}-", f"{city.name}分局", f"{city.name}值班室", f"{city.name}窗户", city.camera, ticket, asked["id"]}
    city.marks |= {
        f"{city.name}小学",
        f"{city.name}门卫",
        f"{city.name}幼儿园",
        f"{city.name}园长",
        f"{city.name}路口",
        f"{city.name}有人落水",
        f"{city.name}夜巡",
        f"{city.name}河岸",
        f"{city.name}桥下白车",
    }
    city.marks |= {
        f"{city.name}夜间",
        f"{city.name}市局",
        f"{city.name}预案",
        f"{city.name}围栏巡查",
        f"{city.name}先看后门",
        f"{city.name}查看画面",
        f"{city.name}银行",
        f"{city.name}金库",
        f"{city.name}广场",
        f"{city.name}有人翻墙",
        f"{city.name}查看后门",
    }


async def alarm_host_of(node: RunningNode, city: City, county: str) -> int:
    """A host with a point at which the camera looks, and an alarm of it."""
    point = {"zone": "5", "name": f"{city.name}金库", "camera": city.camera, "longitude": 106.7, "latitude": 26.5}
    order = {"account": city.area, "site": f"{city.name}银行", "area": county, "points": [point]}
    host = await made(city.callers[Post.SYSTEM_ADMINISTRATOR], "/alarm-hosts", order)
    assert told(await datagram(node.node.settings.alarm_hosts.port, burglary(sender_of(city.area), 1)))[0] == "ACK"
    return int(host["id"])


async def served_by(operator: httpx.AsyncClient, happens: dict[str, str], method: int) -> None:
    """A closed incident that a method served."""
    past = f"/incidents/{(await made(operator, '/incidents', happens))['id']}"
    await made(operator, f"{past}/close", {"disposition": "handled"})
    await made(operator, f"{past}/methods", {"method": method, "note": happens["text"]})


@asynccontextmanager
async def two_cities(tmp_path: Path) -> AsyncIterator[tuple[RunningNode, City, City]]:
    """Guiyang and Zunyi."""
    cities = City("guiyang", "5201", "52010200001320000071"), City("zunyi", "5203", "52030200001320000072")
    async with (
        running_node(tmp_path / "node", ruled_settings(tmp_path)) as node,
        powered(*(camera_of(node, city) for city in cities)),
    ):

        async def listed() -> bool:
            answers = [await node.client.get(f"/cameras/{city.camera}") for city in cities]
            return [one.status_code == 200 and one.json()["area"][:4] for one in answers] == [city.area for city in cities]

        await until(listed, what="both cameras are listed")
        for city in cities:
            await settle(node, city)
        yield node, *cities
        for city in cities:
            for client in city.callers.values():
                await client.aclose()


def paths_of(one: Operation, ids: dict[str, str]) -> list[str]:
    """With what is needed beyond the path."""
    path = re.sub(r"{(\w+)}", lambda found: ids.get(found[1], "1"), one.path)
    if one.id == "getPatrolSnapshot":
        return [f"{path}?digest={'0' * 64}"]
    if one.id in ("listRecordingGaps", "listRecordingFills", "listLackingCameras"):
        return [f"{path}?day={datetime.now(NODE_ZONE):%Y-%m-%d}"]
    if one.id == "listFootageShortfalls":
        return [f"{path}?figure={figure}" for figure in ("kept", "over", "playable")]
    if one.id == "listApprovals":
        return [f"{path}?box={box}" for box in BOXES]
    if one.id == "listRosterVersions":
        return [f"{path}?at={datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"]
    return [f"{path}?since={datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"] if one.id in ("listSlots",) else [path]


@pytest.mark.timeout(1_200)
async def test_no_list_and_no_number_shows_anything_of_the_other_city(tmp_path: Path) -> None:
    reads = [one for one in operations() if one.method == "GET" and one.id not in WHOLE_NODE]
    async with two_cities(tmp_path) as (node, guiyang, zunyi):
        shown: dict[str, set[str]] = defaultdict(set)
        for mine, other in ((guiyang, zunyi), (zunyi, guiyang)):
            for post, caller in mine.callers.items():
                for one in reads:
                    for path in paths_of(one, mine.ids):
                        answer = await caller.get(path)
                        told = {mark for mark in other.marks if mark in answer.text}
                        assert not told, (post, path, told)
                        if answer.status_code == 200 and any(mark in answer.text for mark in mine.marks):
                            shown[one.id].add(mine.name)
                    if "{" in one.path:
                        for path in paths_of(one, other.ids):
                            answer = await caller.get(path)
                            assert answer.status_code in (403, 404), (post, path, answer.status_code)
                            assert not {mark for mark in other.marks - set(other.ids.values()) if mark in answer.text}, (post, path)
        silent = {one for one in SHOWS_SOMETHING if shown[one] != {guiyang.name, zunyi.name}}
        assert silent == set(), "nothing was there to be shown"
        await one_city_does_not_read_the_whole_log(guiyang, zunyi)
        await one_city_asks_the_register(node, guiyang, zunyi)


async def one_city_does_not_read_the_whole_log(asks: City, other: City) -> None:
    """A record says no area: the log is for the audit office of the whole node."""
    auditor, somebody = asks.callers[Post.AUDIT_ADMINISTRATOR], f"{other.name}-{Post.OPERATOR.value}"
    then = {"person": somebody, "at": datetime.now(UTC).isoformat()}
    for path, asked in (("/audit", {}), ("/audit", {"person": somebody}), ("/audit/extract", {}), ("/audit/rights", then)):
        refused = await auditor.get(path, params=asked)
        assert (refused.status_code, refused.json()["code"]) == (403, "access.out_of_scope"), (path, refused.text[:200])
        assert (refused.json()["rule"], "签名摘录" in refused.json()["remedy_zh"]) == ("A32", True), (
            "the lawful way, and who has the log"
        )
    for path in ("/audit/key", "/audit/copies"):
        assert (await auditor.get(path)).status_code == 200, path


async def one_city_asks_the_register(node: RunningNode, asks: City, other: City) -> None:
    """What the register says of the other city's numbers waits for that city, or for the night."""

    async def unmatched(city: City) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await city.callers[Post.DUTY_SUPERVISOR].get("/unmatched-tickets")).json()["items"]
        return found

    before = await unmatched(other)
    assert len(before) == len(await unmatched(asks)) == 1
    answer = await asks.callers[Post.DUTY_SUPERVISOR].post("/unmatched-tickets/reconcile")
    assert answer.status_code == 200 and answer.json()["items"] == [] and answer.json()["asked_at"] is not None
    assert await unmatched(asks) == [] and await unmatched(other) == before
    assert (await other.callers[Post.DUTY_SUPERVISOR].get("/unmatched-tickets")).json()["asked_at"] is None
    await node.node.case_numbers.reconcile()
    assert await unmatched(other) == [], "the node itself asks about everybody's"
