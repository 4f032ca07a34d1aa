"""With a log that cannot be written no kind of act happens: every operation is tried, on a full disk and a read-only file."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from PIL import Image

from fengsui.features.access import tables
from fengsui.features.audit.operations import OPERATIONS
from fengsui.features.audit.verification import verify
from fengsui.features.policy.signing import DEMO_PACK, DEMO_PUBLISHER
from fengsui.features.policy.signing import FOLDER as PUBLISHERS
from fengsui.settings import NodeSettings
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until
from tests.node.test_audit import (
    CODE,
    QUESTIONS,
    _calls,
    _full_disk,
    _has_camera,
    _read_only,
    _small_disk,
    _unmount,
    records,
    sent,
    sign_in_as,
)

TAKES_AWAY = frozenset(("closeLive", "signOut", "endSession", "lockScreen", "signOff", "endShift", "switchOutputOff"))
"""Ends a right, or what stands on: goes on in any case, and its record is written when that can be."""
STATES = (
    "/users",
    "/organisations",
    "/devices",
    "/cameras",
    "/waiting-devices",
    "/alarm-hosts",
    "/alarm-sources",
    "/panic-links",
    "/alarm-sites",
    "/alarm-sites/1",
    "/outputs",
    "/dispatch-links",
    "/neighbours",
    "/alarm-points",
    "/alarms",
    "/incidents",
    "/alarm-rules",
    "/notices",
    "/procedures",
    "/procedure-runs",
    "/methods",
    "/incidents/1/methods",
    "/alarm-shelves",
    "/incidents/1",
    "/units",
    "/incidents/1/tasks",
    "/account",
    "/account/tokens",
    "/account/passkeys",
    "/duty",
    "/duty/centres/1/log",
    "/duty/centres/1/orders",
    "/duty/centres/1/swaps",
    f"/cameras/{CODE}/masks",
    "/tickets",
    "/unmatched-tickets",
    "/emergencies",
    "/approvals",
    "/policy",
)


async def state_of(node: RunningNode) -> dict[str, Any]:
    """Everything that acts change, as the API tells it; times and counters aside."""
    found = {}
    for path in STATES:
        answer = await node.client.get(path)
        assert answer.status_code == 200, answer.text
        found[path] = _steady(answer.json())
    return found


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _steady(one) for name, one in value.items() if not name.endswith(("_at", "_seen")) and name not in ("at", "since")
        }
    return [_steady(one) for one in value] if isinstance(value, list) else value


@contextlib.asynccontextmanager
async def broken_log(tmp_path: Path, broken: str) -> AsyncIterator[tuple[RunningNode, httpx.AsyncClient, dict[str, Any]]]:
    """A node with a camera whose log cannot be written within the block, an auditor, and what the paths of operations name."""
    audit = tmp_path / "small"
    audit.mkdir()
    if broken == "full" and not _small_disk(audit):
        pytest.skip("only root can mount a small disk; the same is shown with a file limit in test_audit_chain")
    try:
        base = settings_for().model_dump()
        media = {**base["media"], "grace_s": 120}  # the picture that is to be renewed has no reader
        (tmp_path / PUBLISHERS).mkdir()
        shutil.copy(DEMO_PUBLISHER, tmp_path / PUBLISHERS)
        more = {"audit": {"folder": str(audit)}, "policy": {"first_pack": str(DEMO_PACK)}}
        settings = NodeSettings.model_validate({**base, "media": media, **more})
        async with running_node(tmp_path, settings) as node, powered(simulated_camera(node.registrar)):
            auditor = await sign_in_as(node, "auditor", "audit-administrator")
            await until(lambda: node.node.devices.by_state()["online"] == 1, what="the camera is online")
            await until(lambda: _has_camera(node), what="the catalogue is read")
            named = await _named(node)
            with (_full_disk if broken == "full" else _read_only)(node):
                yield node, auditor, named
            await auditor.aclose()
            answer = await node.client.patch(f"/devices/{CODE}", json={"name": "西门"})
            assert answer.status_code == 200, "it goes on by itself when the log can be written again"
        assert verify(audit, node.node.audit.files.signer.public).fault is None
    finally:
        if broken == "full":
            _unmount(audit)


async def _named(node: RunningNode) -> dict[str, Any]:
    """Something that is there for every kind of operation: also a seat that is taken, an emergency, a ticket, a mask, a request."""
    wang, _ = await node.appoint("wang", {"post": "operator"})
    centre = await made(node, "/duty/centres", {"name": "值班室", "area": "520102", "seats": 2})
    now = datetime.now(UTC)
    slot = {"seat": 2, "user_id": wang["id"], "since": (now + timedelta(hours=1)).isoformat()}
    slots = f"/duty/centres/{centre['id']}/slots"
    slot = await made(node, slots, {**slot, "until": (now + timedelta(hours=5)).isoformat()})
    shift = await made(node, "/duty/shift", {"centre": centre["id"], "seat": 1})
    danger = {"area": "520102", "danger": "life", "said": "somebody drowns", "proof": "first-password"}
    emergency = await made(node, "/emergencies", danger)
    mask = await made(node, f"/cameras/{CODE}/masks", {"points": [[0, 0], [5000, 0], [5000, 5000]]})
    rules = (await node.client.get("/ticket-purposes")).json()["items"]
    crime = next(one for one in rules if one["code"] == "crime-investigation")
    bounds = {"cameras": [CODE], "since": now.isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    case = {"purpose": crime["code"], "case_number": "A5201022026110001", "legal_basis": crime["basis"][0], "bounds": bounds}
    ticket = await made(node, "/tickets", case)
    asked = await node.client.post(f"/users/{wang['id']}/appointments", json={"post": "inspector", "reason": "needed"})
    assert asked.status_code == 202, asked.text
    token = (
        await node.client.post(
            "/account/tokens", json={"name": "t", "functions": ["look-around"], "days": 1, "proof": "first-password"}
        )
    ).json()
    live = (await node.client.post(f"/cameras/{CODE}/live", json={"codecs": ["h264", "h265"]})).json()
    unit = (await node.client.post("/organisations", json={"name": "指挥中心", "area": "520102"})).json()
    await made(node, "/device-files", {"code": CODE, "values": {}})
    incident = await made(node, "/incidents", {"type": "intrusion", "place": "南明银行", "area": "520102"})
    await made(node, "/incidents", {"type": "intrusion", "place": "南明银行", "area": "520102"})
    await made(
        node, "/dispatch-links", {"name": "city-110", "title": "市局 110", "url": "http://127.0.0.1:9/jobs", "news": ["closed"]}
    )
    await made(node, "/alarm-sites", {"name": "实验小学", "kind": "school"})
    await made(node, "/panic-links", {"place": "实验小学", "holder": "门卫"})
    upper = {"role": "upper", "code": "52000000002000000001", "name": "省级平台", "host": "127.0.0.1", "port": 9}
    await made(node, "/neighbours", {**upper, "transport": "TCP", "password": "x"})  # nobody is there, which is known at once
    await made(node, "/outputs", {"name": "警笛", "camera": CODE, "switch": 2})
    await made(node, "/alarm-rules", {"name": "夜间", "then": [{"do": "raise", "to": 1}]})
    await made(node, "/procedures", {"name": "盗窃", "steps": [{"id": "look", "text": "查看画面", "kind": "act"}]})
    await made(node, f"/incidents/{incident['id']}/procedures", {"procedure": 1})
    await made(node, "/methods", {"title": "围栏巡查", "kinds": ["intrusion"], "steps": "先看后门"})
    for call_sign in ("南明 12", "南明 13"):
        await made(node, "/units", {"call_sign": call_sign, "kind": "car"})
    await made(node, f"/incidents/{incident['id']}/tasks", {"unit": 2, "order": "look"})
    taken = BytesIO()
    Image.new("RGB", (16, 16)).save(taken, "PNG")
    shown = await node.client.post("/tasks/1/photos", content=taken.getvalue(), headers={"Idempotency-Key": "1"})
    photo = shown.json()["photos"][0]
    drawn = await node.client.post("/alarm-sites/1/plans", params={"version": 1}, content=taken.getvalue())
    assert drawn.json()["plans"][0]["picture"] == photo, drawn.text
    return {
        "code": CODE,
        "node": CODE,
        "number": emergency["id"],
        "ticket number": ticket["number"],
        "user": wang["id"],
        "appointment": wang["appointments"][0]["id"],
        "unit": unit["id"],
        "token": token["token"]["id"],
        "session": live["session"],
        "passkey": 1,
        "provider": "city",
        "request": asked.json()["request"]["id"],
        **{"centre": centre["id"], "slot": slot["id"], "shift": shift["id"], "mask": mask["id"], "swap": 1, "user_id": wang["id"]},
        **{
            "hold_id": 1,
            "notice_id": 1,
            "bookmark_id": 1,
            "sighting_id": 1,
            "host_id": 1,
            "site_id": 1,
            "source_id": 1,
            "link_id": 1,
            "output_id": 1,
            "neighbour_id": 1,
            "incident_id": incident["id"],
            "rule_id": 1,
            "procedure_id": 1,
            "run_id": 1,
            "method_id": 1,
            "unit_id": 1,
            "task_id": 1,
            "watch_id": 1,
            "photo": photo,
            "alarm_id": 1,
            "shelf_id": 1,
            "plan": 1,
            "round": 1,
            "stop": 1,
            "group": 1,
            "view": 1,
            "screen": "none",
            "clip": asked.json()["request"]["id"],
            "search": "0" * 16,
        },
    }


async def made(node: RunningNode, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await node.client.post(path, json=body)
    assert answer.status_code == 201, (path, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def _sessions(node: RunningNode) -> set[str]:
    async with node.node.store.reading() as tx:
        return set((await tx.execute(sa.select(tables.sessions.c.id))).scalars())


@pytest.mark.parametrize("broken", ["read-only", "full"])
async def test_no_kind_of_act_happens(tmp_path: Path, broken: str) -> None:
    async with broken_log(tmp_path, broken) as (node, auditor, named):
        for _ in range(200):  # the last page of a full disk takes a few records yet
            if (await node.client.post(f"/cameras/{CODE}/presets/1/go")).status_code != 503:
                continue
            if (await node.client.post("/session", json={"name": "duty", "password": "first-password"})).status_code == 503:
                break  # shorter records find no room either
        else:
            pytest.fail("the log never refused")
        before, seen, tried = await state_of(node), len(records(node)), set()
        sessions = await _sessions(node)
        for operation, method, path, body in _calls():
            if operation in TAKES_AWAY:
                continue
            client = auditor if path.startswith("/audit") else node.client
            if operation == "copySlots":  # the week in which there is one to copy
                now = datetime.now(UTC)
                body = {"since": now.isoformat(), "to": (now + timedelta(days=7)).isoformat()}
            names = {**named, "number": named["ticket number"]} if "tickets/{number}" in path else named
            answer = await client.request(method, path.format(**names), **sent(body), params=QUESTIONS.get(operation))
            assert answer.status_code == 503, (operation, answer.status_code, answer.text)
            assert answer.json()["code"] == "audit.unavailable", operation
            tried.add(operation)
        assert tried == OPERATIONS.keys() - TAKES_AWAY
        assert await state_of(node) == before
        assert await _sessions(node) == sessions, "no session was left behind that nobody holds"
        assert len(records(node)) == seen
        refused = await auditor.post(f"/cameras/{CODE}/live", json={})
        assert refused.status_code == 503, "a refusal that cannot be recorded is no answer about rights either"
        ended = await auditor.delete("/session")
        assert ended.status_code == 204, "what takes a right away goes on"
        assert (await auditor.get("/account")).status_code in (401, 503)
