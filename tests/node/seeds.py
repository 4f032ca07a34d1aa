"""What stands in the newer rooms before every operation is gone through: duty, tickets, emergencies, masks, approvals, policy."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER, FOLDER
from fengsui.settings import NodeSettings
from tests.node.conftest import OWN_PASSWORD, RunningNode, settings_for

CASE, UNKNOWN_CASE = "A5201022026110001", "A5201022026119999"
BOX = [[1000, 1000], [4000, 1000], [4000, 4000]]


def ruled_settings(folder: Path) -> NodeSettings:
    """With the demonstration's policy pack and a register that knows one case; the node's data is `folder`/node."""
    (folder / "cases.txt").write_text(f"{CASE}\n", encoding="utf-8")
    trusted = folder / "node" / FOLDER
    trusted.mkdir(parents=True)
    shutil.copy(DEMO_PUBLISHER, trusted)
    settings = settings_for()
    changes = {
        "policy": settings.policy.model_copy(update={"first_pack": str(DEMO_PACK)}),
        "tickets": settings.tickets.model_copy(update={"case_register": f"file:{folder / 'cases.txt'}"}),
    }
    return settings.model_copy(update=changes)


async def _made(node: RunningNode, path: str, body: dict[str, Any], **how: Any) -> dict[str, Any]:
    answer = await (how.pop("client", None) or node.client).post(path, json=body, **how)
    assert answer.status_code in (200, 201, 202), (path, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def sown(node: RunningNode, camera: str) -> dict[str, list[str]]:
    """Ids by `room.parameter` of the paths. The duty supervisor sits at one centre, another person at a second one."""
    now = datetime.now(UTC)
    wang, password = await node.appoint("wang", {"post": "operator"})
    theirs = await node.sign_in("wang", password)
    centre, second = [
        str((await _made(node, "/duty/centres", {"name": name, "area": "52", "seats": 4}))["id"]) for name in ("甲", "乙")
    ]
    times = {"since": (now + timedelta(days=1)).isoformat(), "until": (now + timedelta(days=1, hours=8)).isoformat()}
    slot = await _made(node, f"/duty/centres/{centre}/slots", {"seat": 1, "user_id": wang["id"], **times})
    other = {key: (datetime.fromisoformat(at) + timedelta(days=2)).isoformat() for key, at in times.items()}
    users = (await node.get("/users"))["items"]
    me = next(one["id"] for one in users if one["name"] == "duty")  # type: ignore[attr-defined]
    mine = await _made(node, f"/duty/centres/{centre}/slots", {"seat": 1, "user_id": me, **other})
    for at in {times["since"], other["since"]}:
        answer = await node.client.post(f"/duty/centres/{centre}/roster-versions", json={"at": at})
        assert answer.status_code in (201, 400), answer.text  # both may lie in one week
    reason = {"slot": slot["id"], "other_slot": mine["id"], "reason": "a wedding"}
    swap = await _made(node, f"/duty/centres/{centre}/swaps", reason, client=theirs)
    shift = await _made(node, "/duty/shift", {"centre": int(centre), "seat": 2})
    await _made(node, "/duty/shift", {"centre": int(second), "seat": 1}, client=theirs)
    masks = [await _made(node, f"/cameras/{camera}/masks", {"points": BOX}) for _ in range(3)]
    purposes = (await node.get("/ticket-purposes"))["items"]
    crime: Any = next(one for one in purposes if one["code"] == "crime-investigation")  # type: ignore[attr-defined]
    bounds = {"cameras": [camera], "since": (now - timedelta(hours=2)).isoformat(), "until": now.isoformat()}
    order = {"purpose": crime["code"], "legal_basis": crime["basis"][0], "bounds": bounds}
    tickets = [
        await _made(node, "/tickets", {**order, "case_number": case}, client=client)
        for case, client in ((CASE, node.client), (CASE, node.client), (UNKNOWN_CASE, theirs))
    ]
    danger = {"area": "520102", "danger": "life", "said": "有人落水,立即查看", "proof": "first-password"}
    emergencies = [await _made(node, "/emergencies", danger)]
    emergencies.append(await _made(node, "/emergencies", {**danger, "proof": OWN_PASSWORD}, client=theirs))
    asked = [
        await _made(node, f"/cameras/{camera}/masks/{one['id']}/removal", {"reason": "the window is gone"}) for one in masks[:2]
    ]
    seen = {"kind": "in-person", "at": now.isoformat(), "text": "白车", "longitude": 106.7, "latitude": 26.5, "area": "520102"}
    sightings = [await _made(node, "/sightings", seen) for _ in range(3)]
    sites = [{"account": f"AB{at:02}", "site": "银行", "points": [{"zone": "1", "name": "大厅"}]} for at in range(3)]
    hosts = [await _made(node, "/alarm-hosts", one) for one in sites]
    systems = [await _made(node, "/alarm-sources", {"name": f"fire-{at}", "title": "消防平台"}) for at in range(3)]
    gates = [await _made(node, "/panic-links", {"place": f"小学 {at}", "holder": "门卫"}) for at in range(3)]
    schools = [await _made(node, "/alarm-sites", {"name": f"小学 {at}", "kind": "school"}) for at in range(3)]
    sirens = [await _made(node, "/outputs", {"name": f"警笛 {at}", "camera": camera, "switch": at + 2}) for at in range(3)]
    nobody = {"title": "市局 110", "url": "http://127.0.0.1:9/jobs", "news": ["closed"]}
    links = [await _made(node, "/dispatch-links", {"name": f"city-{at}", **nobody}) for at in range(3)]
    above = {"role": "upper", "name": "市级平台", "host": "127.0.0.1", "port": 9, "password": "x", "transport": "TCP"}
    uppers = [await _made(node, "/neighbours", {**above, "code": f"5201000000200000001{at}"}) for at in range(3)]
    happens = {"type": "intrusion", "place": "南明银行", "area": "520102"}
    incidents = [await _made(node, "/incidents", happens) for _ in range(3)]
    rules = [
        await _made(node, "/alarm-rules", {"name": f"夜间 {at}", "area": "520102", "then": [{"do": "raise", "to": 1}]})
        for at in range(3)
    ]
    todo = [{"id": "look", "text": "查看画面", "kind": "act"}]
    procedures = [await _made(node, "/procedures", {"name": f"预案 {at}", "area": "520102", "steps": todo}) for at in range(3)]
    begin = {"procedure": procedures[0]["id"]}
    runs = [await _made(node, f"/incidents/{one['id']}/procedures", begin) for one in incidents]
    told = {"area": "520102", "kinds": ["intrusion"], "steps": "先看后门", "state": "published"}
    methods = [await _made(node, "/methods", {"title": f"围栏巡查 {at}", **told}) for at in range(3)]
    cars = [await _made(node, "/units", {"call_sign": f"南明 {at}", "kind": "car", "area": "520102"}) for at in range(3)]
    errand = {"unit": cars[0]["id"], "order": "查看后门"}
    task = await _made(node, f"/incidents/{incidents[0]['id']}/tasks", errand)
    await theirs.aclose()
    numbers = [one["number"] for one in tickets]
    return {
        "duty.centre": [centre, second],
        "duty.slot": [str(slot["id"])],
        "duty.swap": [str(swap["id"])],
        "duty.shift": [str(shift["id"])],
        "cameras.mask": [str(one["id"]) for one in masks],
        "tickets.number": numbers,
        "unmatched-tickets.number": numbers[-1:],
        "unmatched-tickets.user_id": [str(wang["id"])],
        "emergencies.number": [str(one["id"]) for one in emergencies],
        "approvals.request": [str(one["id"]) for one in asked],
        "sightings.sighting_id": [str(one["id"]) for one in sightings],
        "incidents.incident_id": [str(one["id"]) for one in incidents],
        "alarm-rules.rule_id": [str(one["id"]) for one in rules],
        "units.unit_id": [str(one["id"]) for one in cars],
        "procedures.procedure_id": [str(one["id"]) for one in procedures],
        "methods.method_id": [str(one["id"]) for one in methods],
        "procedure-runs.run_id": [str(one["id"]) for one in runs],
        "tasks.task_id": [str(task["id"])],
        "alarm-hosts.host_id": [str(one["id"]) for one in hosts],
        "alarm-sources.source_id": [str(one["source"]["id"]) for one in systems],
        "alarm-sites.site_id": [str(one["id"]) for one in schools],
        "panic-links.link_id": [str(one["link"]["id"]) for one in gates],
        "outputs.output_id": [str(one["id"]) for one in sirens],
        "neighbours.neighbour_id": [str(one["id"]) for one in uppers],
        "dispatch-links.link_id": [str(one["link"]["id"]) for one in links],
        "users.user": [str(wang["id"])],  # nobody whose office the calls are made in
        "users.appointment": [str(wang["appointments"][0]["id"])],
    }
