"""The record of each act through the whole node: one for each, before it takes effect; no record, no act."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from fengsui.app import openapi_document
from fengsui.features.audit.acts import Act
from fengsui.features.audit.extract import verify_extract
from fengsui.features.audit.folder import segments
from fengsui.features.audit.model import AuditRecord, Stranger, record_of
from fengsui.features.audit.operations import OPERATIONS, UNRECORDED
from fengsui.features.audit.verification import verify
from fengsui.settings import NodeSettings
from tests.node.conftest import RunningNode, powered, running_node, settings_for, simulated_camera, until

CODE, USER = "52010200001320000001", "wang"


QUESTIONS = {
    "readRightsThen": {"person": USER, "at": "2026-11-26T08:00:00Z"},
    "getPatrolSnapshot": {"digest": "0" * 64},
    "addSitePlan": {"version": 2},
    "removeSitePlan": {"version": 2},
    "keepPlaybackSnapshot": {"at": "2026-11-26T08:00:00Z"},
}
"""What operations want to be asked."""


def records(node: RunningNode) -> list[AuditRecord]:
    """Every record on disk; one that is being written in this moment is none yet."""
    lines = (line for one in segments(node.node.audit.files.folder) for line in one.path.read_bytes().splitlines(keepends=True))
    return [record_of(line) for line in lines if line.endswith(b"\n")]


async def sign_in_as(node: RunningNode, name: str, post: str) -> httpx.AsyncClient:
    """A client of a new user in this post."""
    return await node.client_of(name, {"post": post})


@pytest.fixture
async def auditor(node: RunningNode) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the audit office."""
    client = await sign_in_as(node, "auditor", "audit-administrator")
    yield client
    await client.aclose()


def test_every_operation_is_an_act_or_said_to_leave_none() -> None:
    operations = {one["operationId"] for path in openapi_document()["paths"].values() for one in path.values()}
    assert operations == OPERATIONS.keys() | UNRECORDED
    assert not OPERATIONS.keys() & UNRECORDED


def _calls() -> Iterator[tuple[str, str, str, Any]]:
    bodies: dict[str, Any] = {
        "signIn": {"name": "duty", "password": "first-password"},
        "lockScreen": {},
        "unlockScreen": {"password": "first-password"},
        "changePassword": {"old": "first-password", "new": "first-password"},
        "addUser": {"name": "somebody"},
        "changeUser": {"full_name": "王某"},
        "addAppointment": {"post": "operator", "reason": "needed"},
        "proposeCameraArea": {"own_area": "520103", "reason": "moved"},
        "acceptAppointment": {"reason": "new"},
        "proposeUserChange": {"training_until": "2098-12-31", "reason": "trained again"},
        "proposeReset": {"way": "factor", "reason": "lost"},
        "addOrganisation": {"name": "指挥中心", "area": "520102"},
        "changeOrganisation": {"name": "指挥中心", "area": "520103"},
        "addDevice": {"code": "52010200001320000777"},
        "changeDevice": {"name": "东门"},
        "guardDevice": {"armed": True},
        "addAlarmHost": {"account": "4321", "site": "南明银行", "key": "00" * 16, "points": [{"zone": "5", "name": "大厅"}]},
        "changeAlarmHost": {"revision": "0" * 16, "site": "南明银行", "points": []},
        "testAlarmHost": {"minutes": 30, "reason": "维护"},
        "addAlarmSource": {"name": "fire-office", "title": "消防平台", "area": "520102"},
        "addDispatchLink": {"name": "city-110", "title": "市局 110", "url": "http://127.0.0.1:9/jobs", "news": ["opened"]},
        "switchDispatchLink": {"on": False},
        "addAlarmSite": {"name": "南明第一幼儿园", "kind": "kindergarten"},
        "changeAlarmSite": {"name": "南明第一幼儿园", "kind": "kindergarten", "version": 2},
        "addSitePlan": PNG,
        "changeSitePlan": {"name": "一楼", "version": 2},
        "addPanicLink": {"place": "实验小学", "holder": "门卫"},
        "switchPanicLink": {"on": False},
        "addOutput": {"name": "警笛", "camera": CODE, "switch": 2},
        "switchOutputOn": {"seconds": 1},
        "settleDispatchLink": {"do": "send"},
        "addNeighbour": {"role": "upper", "code": "52010000002000000001", "name": "市级平台", "host": "127.0.0.1", "password": "x"},
        "openIncident": {"type": "intrusion", "place": "南明银行"},
        "correctIncident": {"priority": 1, "reason": "worse"},
        "noteOnIncident": {"text": "a window is broken"},
        "linkIncidentAlarm": {"alarm": 1},
        "unlinkIncidentAlarm": {"reason": "another house"},
        "linkIncidentPicture": {"what": "footage", "camera": CODE, "from": "2026-11-27T08:00:00Z"},
        "addIncidentWatch": {"user": 1},
        "moveIncident": {"step": "verify"},
        "handOverIncident": {"to": 1},
        "mergeIncident": {"into": 2, "reason": "the same"},
        "unmergeIncident": {"reason": "another one"},
        "closeIncident": {"disposition": "handled"},
        "reopenIncident": {"reason": "it goes on"},
        "addAlarmRule": {"name": "夜间入侵", "then": [{"do": "raise", "to": 1}]},
        "addProcedure": {"name": "盗窃报警", "steps": [{"id": "look", "text": "查看", "kind": "act"}]},
        "changeProcedure": {"name": "盗窃报警", "steps": [{"id": "look", "text": "查看", "kind": "act"}], "version": 1},
        "startAlarmProcedure": {"procedure": 1},
        "startIncidentProcedure": {"procedure": 1},
        "answerProcedureStep": {"seen": 0},
        "skipProcedureStep": {"seen": 0, "reason": "an exercise"},
        "reviewProcedureSkips": {"seen": 0},
        "addMethod": {"title": "围栏巡查", "kinds": ["intrusion"], "steps": "先看后门"},
        "changeMethod": {"title": "围栏巡查", "kinds": ["intrusion"], "steps": "先看后门", "version": 1},
        "linkIncidentMethod": {"method": 1},
        "unlinkIncidentMethod": {"reason": "not used"},
        "changeAlarmRule": {"name": "夜间入侵", "then": [{"do": "raise", "to": 1}], "version": 1},
        "addPatrolUnit": {"call_sign": "南明 12", "kind": "car", "members": ["王某"]},
        "changePatrolUnit": {"members": ["李某"]},
        "sendTask": {"unit": 1, "order": "look at the back door"},
        "setPatrolCrew": {"users": []},
        "setPatrolDuty": {"on": True},
        "acceptTask": {},
        "setOffForTask": {},
        "arriveForTask": {},
        "finishTask": {"text": "nobody there"},
        "refuseTask": {"reason": "a flat tyre"},
        "cancelTask": {"reason": "it is over"},
        "shelveAlarms": {"alarm": 1, "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat(), "reason": "works"},
        "liftAlarmShelf": {},
        "claimAlarm": {},
        "releaseAlarm": {},
        "handOverAlarm": {"to": 1},
        "verifyAlarm": {"result": "real"},
        "closeAlarm": {"outcome": "handled"},
        "noteAlarmEscalation": {},
        "changeCamera": {"own_name": "东门"},
        "beginCameraEdit": {"chosen": {"codes": [CODE]}, "change": {"tags_remove": ["none has it"]}},
        "applyCameraEdit": {},
        "setRecordingPlan": {"mode": "always"},
        "recordNow": {"reason": "a fight"},
        "openPlayback": {"from": "2026-11-27T08:00:00Z", "to": "2026-11-27T09:00:00Z"},
        "openDevicePlayback": {"from": "2026-11-27T08:00:00Z", "to": "2026-11-27T09:00:00Z"},
        "controlDevicePlayback": {"act": "pause"},
        "fetchDeviceRecording": {"from": "2026-11-27T08:00:00Z", "to": "2026-11-27T09:00:00Z"},
        "keepPlaybackSnapshot": b"\xff\xd8\xff",
        "addBookmark": {"from": "2020-01-01T08:00:00Z", "text": "a red van"},
        "changeBookmark": {"text": "a red lorry"},
        "withdrawBookmark": {"reason": "the wrong camera"},
        "addSighting": {
            **{"kind": "in-person", "at": "2020-01-01T08:00:00Z", "text": "a red van"},
            **{"longitude": 106.7, "latitude": 26.5, "area": "520102"},
        },
        "correctSighting": {"text": "a red lorry"},
        "withdrawSighting": {"reason": "the wrong day"},
        "findChanges": {
            **{"from": "2026-11-27T08:00:00Z", "to": "2026-11-27T09:00:00Z"},
            "region": [{"x": 0.1, "y": 0.1}, {"x": 0.5, "y": 0.1}, {"x": 0.5, "y": 0.5}],
        },
        "proposeClip": {"from": "2026-11-27T08:00:00Z", "to": "2026-11-27T09:00:00Z", "reason": "case"},
        "proposeClipLink": {"use_ticket": "UT20261127-0001", "reason": "another case"},
        "takeClip": {},
        "proposeFootageHold": {
            **{"from": "2026-11-27T08:00:00Z", "to": "2026-11-27T09:00:00Z", "reason": "case"},
            "review_at": "2027-01-27T08:00:00Z",
        },
        "proposeHoldRelease": {"reason": "case"},
        "movePtz": {"action": "left"},
        "addMask": {"points": [[0, 0], [5000, 0], [5000, 5000]]},
        "dragZoom": {
            "direction": "in",
            "window_length": 640,
            "window_width": 360,
            "middle_x": 9,
            "middle_y": 9,
            "box_length": 5,
            "box_width": 5,
        },
        "setHomePosition": {"enabled": True, "preset": 1, "reset_time_s": 30},
        "setPreset": {"name": "大门"},
        "centrePtz": {"x": 0.5, "y": 0.4},
        "takeControl": {"reason": ""},
        "setSector": {"pan_from_deg": 300, "pan_to_deg": 60, "tilt_from_deg": -20, "tilt_to_deg": 40, "presets": [1]},
        "setPatrol": {"stops": [{"preset": 1, "stay_s": 5}]},
        "confirmAuthenticator": {"code": "000000"},
        "endAuthenticator": {"code": "000000"},
        "renewRecoveryCodes": {"code": "000000"},
        "beginAuthenticator": {"proof": "first-password"},
        "removePasskey": {"proof": "first-password"},
        "addPasskey": {"name": "key", "credential": {}},
        "signInByPasskey": {"credential": {}},
        "finishProviderSignIn": {"state": "x", "code": "x"},
        "proveProviderSignIn": {"code": "000000"},
        "addToken": {"name": "program", "functions": ["look-around"], "days": 1, "proof": "first-password"},
        "askCatalogue": None,
        "approveRequest": {"hash": "0" * 64},
        "refuseRequest": {"reason": "no"},
        "withdrawRequest": {"reason": "no"},
        "openTicket": {"purpose": "traffic", "legal_basis": "x", "bounds": WINDOW},
        "openUseTicket": {"purpose": "traffic", "legal_basis": "x", "cameras": [CODE], **SPAN},
        "changeTicket": {"bounds": WINDOW, "hours": 1, "reason": "renewal"},
        "answerForNumber": {"text": "a slip of the pen"},
        "acceptAnswer": {"text": "it explains it"},
        "closeUnmatched": {"text": "no such case"},
        "reviewTickets": {"note": "looked at"},
        "addCentre": {"name": "值班室", "area": "520102", "seats": 2},
        "addSlot": {"seat": 1, "user_id": 1, "since": "2026-11-26T08:00:00Z", "until": "2026-11-26T16:00:00Z"},
        "changeSlot": {"seat": 1, "user_id": 1, "since": "2026-11-26T08:00:00Z", "until": "2026-11-26T16:00:00Z"},
        "copySlots": {"since": "2026-11-23T00:00:00Z", "to": "2026-11-30T00:00:00Z"},
        "signOn": {"centre": 9, "seat": 1},
        "handOver": {"successor": 1},
        "acceptShift": {"matters": []},
        "signOff": {"reason": "going home"},
        "addLogEntry": {"kind": "visitor", "text": "an inspector was shown round"},
        "addOrders": {"text": "call the county at nine"},
        "addPatrolPlan": {"centre": 9, **PATROL},
        "changePatrolPlan": {"version": 1, **PATROL},
        "watchPatrolStop": {"session": "none", "played_s": 1},
        "settlePatrolStop": {"outcome": "confirmed"},
        "breakOffPatrolRound": {"reason": "called away"},
        "addPatrolOnFoot": {"place": "the bank", "at": "2026-11-26T20:00:00Z", "text": "nothing new"},
        "addCameraGroup": {"name": "学校"},
        "changeCameraGroup": {"add": [CODE]},
        "addView": {"name": "夜间", "wall": WALL},
        "changeView": {"name": "白天"},
        "openScreen": {"number": 3},
        "sendToScreen": WALL,
        "addFile": {"code": CODE, "values": {}},
        "changeFile": {"version": 1, "values": {}},
        "actOnFile": {"act": "submit", "version": 1},
        "setFilePhoto": PNG,
        "startFileImport": b"",
        "startAlarmPointImport": b"",
        "commitFileImport": {"mode": "all"},
        "addPatrolSnapshot": PNG,
        "addTaskPhoto": PNG,
        "publishRoster": {"at": "2026-11-26T20:00:00Z"},
        "askSwap": {"slot": 1, "other_slot": 2, "reason": "a wedding"},
        "answerSwap": {"accept": True},
        "decideSwap": {"approve": True},
        "endShift": {"reason": "taken ill"},
        "extendShift": {"until": "2026-11-26T20:00:00Z", "reason": "nobody has come"},
        "permitDuty": {"user_id": 1, "until": "2026-11-26T20:00:00Z", "reason": "a flood"},
        "openEmergency": {"area": "5201", "danger": "life", "said": "somebody drowns", "proof": "x"},
        "reportEmergency": {"report": "somebody was saved"},
        "judgeEmergency": {"verdict": "justified", "note": "it was"},
        "restoreAfterEmergency": {"note": "decision 1"},
        "proposeMaskRemoval": {"reason": "the window is gone"},
        "proposeMaskedView": {"preset": 0, "points": [[0, 0], [5000, 0], [5000, 5000]], "reason": "turned back"},
        "proposeMaskLift": {"minutes": 5, "reason": "case"},
        "proposeCameraClass": {"camera_class": "private", "reason": "it is a shop's"},
        "proposeCentreRemoval": {"reason": "the room is closed"},
        "setNextCentre": {"centre": None},
        "reviewNeighbour": {"note": "looked at"},
        "readOwnerNotices": {"until": 1},
        "proposePolicy": {"pack": "no pack", "reason": "why"},
    }
    for path, methods in openapi_document()["paths"].items():
        for method, one in methods.items():
            if one["operationId"] in OPERATIONS:
                yield one["operationId"], method, path.removeprefix("/api/v1"), bodies.get(one["operationId"])


def sent(body: Any) -> dict[str, Any]:
    """How a body is given to the client: octets as they are."""
    return {"content": body} if isinstance(body, bytes) else {"json": body}


PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
WALL = {"grid": "a", "tiles": [{"camera": CODE}]}
SPAN = {"from": "2026-11-26T08:00:00Z", "to": "2026-11-26T09:00:00Z"}
WINDOW = {"cameras": [CODE], "since": "2026-11-26T08:00:00Z", "until": "2026-11-26T09:00:00Z"}
PATROL = {"name": "夜巡", "stops": [{"camera": CODE, "look_for": "积水", "watch_s": 5}], "tolerance_s": 600}


async def test_every_operation_that_acts_leaves_exactly_one_record(node: RunningNode, auditor: httpx.AsyncClient) -> None:
    session = (
        await node.client.post(
            "/account/tokens", json={"name": "t", "functions": ["look-around"], "days": 1, "proof": "first-password"}
        )
    ).json()
    other = await sign_in_as(node, USER, "operator")
    await other.aclose()
    wang = next(one["id"] for one in (await node.get("/users"))["items"] if one["name"] == USER)  # type: ignore[attr-defined]
    appointed = (await node.get(f"/users/{wang}"))["appointments"][0]["id"]  # type: ignore[index]
    async with powered(simulated_camera(node.registrar)):
        await until(lambda: node.node.devices.by_state()["online"] == 1, what="the camera is online")
        await until(lambda: _has_camera(node), what="the catalogue is read")
        mine = (await node.client.get("/account/sessions")).json()["items"][0]["id"]
        last = ("closeLive", "addCentre", "endSession", "lockScreen", "signOut", "removeDevice")
        first = "addMask"  # later it would cut, and record as ended, what is watched clear
        calls = sorted(_calls(), key=lambda one: last.index(one[0]) if one[0] in last else -2 if one[0] == first else -1)
        for operation, method, path, body in calls:
            values = {"code": CODE, "node": CODE, "number": 1, "user": wang, "passkey": 1, "provider": "city"}
            values |= {"token": session["token"]["id"]}
            values |= {
                "unit": 1,
                "appointment": appointed,
                "request": "0" * 16,
                "centre": 9,
                "slot": 1,
                "shift": 1,
                "mask": 1,
                "swap": 1,
                "plan": 1,
                "round": 1,
                "stop": 1,
                "group": 1,
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
                "incident_id": 1,
                "rule_id": 1,
                "procedure_id": 1,
                "run_id": 1,
                "method_id": 1,
                "unit_id": 1,
                "task_id": 1,
                "watch_id": 1,
                "alarm_id": 1,
                "shelf_id": 1,
                "photo": "0" * 64,
                "view": 1,
                "screen": "none",
                "clip": "0" * 16,
                "search": "0" * 16,
            }
            named = "tickets/{number}" in path
            values |= {"user_id": wang} | ({"number": "UT20261126-0001"} if named else {})
            if path.startswith("/live"):  # opened for this call alone, for nobody reads it and it would end by itself
                opened = await node.client.post(f"/cameras/{CODE}/live", json={"codecs": ["h264", "h265"]})
                values["session"] = opened.json()["session"]
            filled = path.format(**{"session": mine, **values})
            client = auditor if path.startswith("/audit") else node.client
            if operation in ("signOut", "endSession", "lockScreen"):
                client = await sign_in_as(node, f"user-{operation.lower()}", "operator")
                filled = filled.replace(mine, (await client.get("/account/sessions")).json()["items"][0]["id"])
            if operation in ("admitDevice", "refuseDevice", "blockDevice"):
                filled = filled.replace(CODE, "52010200001320000888")
            seen = len(records(node))
            answer = await client.request(method, filled, **sent(body), params=QUESTIONS.get(operation))
            assert answer.status_code != 422, (operation, answer.text)
            wanted = {OPERATIONS[operation]}
            new = await until(lambda: records(node)[seen:], what=f"{operation} is recorded")  # noqa: B023
            assert len([one for one in _of(new, wanted) if not _takes_back(one)]) == 1, (operation, answer.text, new)
            others = [one for one in records(node)[seen:] if one.role != "node" and one.detail != "nobody reads"]
            if operation == "addCentre":  # from the first centre on, who is off duty loses the picture
                others = [one for one in others if one.act != Act.LIVE_STOP]
            own = [one for one in others if not _takes_back(one)]
            assert len(own) == 1, (operation, others)
            if answer.status_code >= 400 and own[0].result == "allowed" and operation not in ("movePtz", "closeLive"):
                begins = f"record {own[0].sequence}: "
                await until(lambda: _told(node, begins), what=f"{operation} came to nothing, which is on record")  # noqa: B023
            if client not in (node.client, auditor):
                await client.aclose()
    assert verify(node.node.audit.files.folder, node.node.audit.files.signer.public).fault is None
    for one in records(node):
        for name in ("unit", "role", "ticket", "case", "purpose", "legal_basis", "range", "recipient", "workstation", "policy"):
            assert getattr(one, name), (name, one)


def _told(node: RunningNode, begins: str) -> list[AuditRecord]:
    return [one for one in records(node) if one.detail.startswith(begins)]


def _takes_back(one: AuditRecord) -> bool:
    return one.result == "failed" and one.detail.startswith("record ")


def _of(found: object, acts: set[Act]) -> list[AuditRecord]:
    assert isinstance(found, list)
    return [one for one in found if one.act in acts]


async def _has_camera(node: RunningNode) -> bool:
    return bool((await node.client.get(f"/cameras/{CODE}")).status_code == 200)


async def test_what_the_role_does_not_allow_is_recorded_as_refused(node: RunningNode, auditor: httpx.AsyncClient) -> None:
    for client, method, path, act, target in (
        (auditor, "POST", f"/cameras/{CODE}/live", Act.LIVE_VIEW, CODE),
        (auditor, "GET", "/cameras", Act.LOOK_AROUND, ""),
        (node.client, "GET", "/audit", Act.AUDIT_READ, ""),
        (node.client, "GET", "/audit/extract", Act.AUDIT_EXTRACT, ""),
    ):
        seen = len(records(node))
        duty = {} if client is auditor else {"Authorization": f"Bearer {node.tokens['duty']}"}
        answer = await client.request(method, path, headers=duty)
        assert answer.status_code == 403
        new = records(node)[seen:]
        assert [(one.act, one.object, one.result, one.detail) for one in new] == [(act, target, "refused", answer.json()["code"])]
        assert new[0].person and new[0].role and new[0].session and new[0].address == "127.0.0.1"


@pytest.mark.parametrize("way", ["websocket", "sse"])
async def test_who_is_refused_the_news_is_on_record(node: RunningNode, way: str) -> None:
    base = f"127.0.0.1:{node.node.settings.http.port}/api/v1/events"

    async def refused(token: str) -> None:
        if way == "sse":
            answer = await node.client.get("/events", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code in (401, 403)
            return
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(f"ws://{base}?token={token}")

    seen = len(records(node))
    await refused("forged")
    assert [(one.act, one.person, one.result, one.detail) for one in records(node)[seen:]] == [
        (Act.LOOK_AROUND, "", "refused", "access.not_signed_in")
    ]


async def test_wrong_sign_ins_are_recorded_and_repetitions_do_not_flood(node: RunningNode) -> None:
    seen = len(records(node))
    for _ in range(12):
        answer = await node.client.post("/session", json={"name": "mallory", "password": "guess"})
        assert answer.status_code in (401, 429)
    new = records(node)[seen:]
    (whose,) = {one.person for one in new}
    assert {(one.act, one.object, one.result) for one in new} == {(Act.SIGN_IN, whose, "failed")}
    assert re.fullmatch(r"unknown [0-9a-f]{12}", whose), "a name that nobody has may be a password in the wrong field"
    assert [one.detail for one in new] == ["access.wrong_password", "access.locked_out"]
    counted = {one.detail: count for one, count in node.node.audit._folding.rest()}
    assert counted == {"access.wrong_password": 4, "access.locked_out": 6}
    forged = {"Authorization": "Bearer forged"}
    seen = len(records(node))
    assert (await node.client.get("/users", headers=forged)).status_code == 401
    assert [(one.act, one.result, one.detail) for one in records(node)[seen:]] == [
        (Act.LOOK_AROUND, "refused", "access.not_signed_in")
    ]


async def test_no_password_typed_for_a_name_is_on_record_and_known_names_are_readable(
    node: RunningNode, auditor: httpx.AsyncClient
) -> None:
    typed, other = "Correct-Horse-Battery-7", "Another-Secret-9"
    for name in (typed, typed, other, "duty"):
        assert (await node.client.post("/session", json={"name": name, "password": "x"})).status_code == 401
    folder = node.node.audit.files.folder
    written = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert typed.encode() not in written and other.encode() not in written
    tries = [one.person for one in records(node) if one.act == Act.SIGN_IN and one.result == "failed"]
    assert len(tries) == 3 and tries[2] == "duty", "one of each, the second of a kind is counted"
    assert tries[0] != tries[1], "two names are told apart"
    followed = (await auditor.get("/audit", params={"person": tries[0]})).json()["items"]
    assert [one["detail"] for one in followed] == ["access.wrong_password"], "an auditor follows the same name by its pseudonym"


async def test_the_auditor_follows_a_person_and_reading_is_recorded(node: RunningNode, auditor: httpx.AsyncClient) -> None:
    client = await sign_in_as(node, USER, "operator")
    await client.aclose()
    seen = len(records(node))
    answer = await auditor.get("/audit", params={"person": USER})
    items = answer.json()["items"]
    assert [one["act"] for one in items] == ["session.begin", "password.change", "session.begin"]
    assert all(one["intact"] and one["person"] == USER for one in items)
    assert [(one.act, one.person, one.detail) for one in records(node)[seen:]] == [(Act.AUDIT_READ, "auditor", f"person={USER}")]
    pages, cursor = [], 0
    while cursor is not None:
        page = (await auditor.get("/audit", params={"limit": 3, "cursor": cursor})).json()
        pages += [one["sequence"] for one in page["items"]]
        cursor = page["next"]
    assert pages[0] >= len(pages) and pages == sorted(pages, reverse=True) and pages[-1] == 1
    assert (await auditor.get("/audit", params={"act": "no.such"})).status_code == 422
    late = (await auditor.get("/audit", params={"since": "2999-01-01T00:00:00Z"})).json()
    assert late["items"] == []


async def test_an_extract_is_proved_by_the_same_command(node: RunningNode, auditor: httpx.AsyncClient, tmp_path: Path) -> None:
    answer = await auditor.get("/audit/extract", params={"person": "security"})
    assert answer.status_code == 200
    path = tmp_path / "extract"
    path.write_bytes(answer.content)
    key = node.node.audit.files.signer.public
    verdict = verify_extract(path, key)
    assert verdict.fault is None and verdict.records >= 2
    path.write_bytes(answer.content.replace(b'"security"', b'"ytiruces"', 2))
    assert verify_extract(path, key).fault is not None


async def test_the_index_is_made_anew_from_the_files(tmp_path: Path) -> None:
    settings = settings_for()
    async with running_node(tmp_path, settings) as node:
        client = await sign_in_as(node, "auditor", "audit-administrator")
        before = (await client.get("/audit", params={"limit": 1000})).json()["items"]
        await client.aclose()
    with sqlite3.connect(tmp_path / "node.db") as database:
        database.execute("DELETE FROM audit_index WHERE act = 'user.add' OR sequence = 1")
    async with running_node(tmp_path, settings) as node:
        client = await sign_in_as(node, "reader", "audit-administrator")
        after = (await client.get("/audit", params={"limit": 1000})).json()["items"]
        await client.aclose()
        assert after[-len(before) :] == before, "rows taken out of the index are found again in the files"
    empty = settings.model_copy(update={"store": settings.store.model_copy(update={"url": f"sqlite:///{tmp_path / 'other.db'}"})})
    async with running_node(tmp_path, empty) as node:
        client = await sign_in_as(node, "auditor", "audit-administrator")
        after = (await client.get("/audit", params={"limit": 1000})).json()["items"]
        await client.aclose()
        assert after[-len(before) :] == before
    assert verify(tmp_path / "audit", node.node.audit.files.signer.public).fault is None


@contextlib.contextmanager
def _read_only(node: RunningNode) -> Iterator[None]:
    path = segments(node.node.audit.files.folder)[-1].path
    path.chmod(0o400)
    yield
    path.chmod(0o600)


@contextlib.contextmanager
def _full_disk(node: RunningNode) -> Iterator[None]:
    filling = node.node.audit.files.folder / "filling"
    descriptor = os.open(filling, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(descriptor, bytes(4096))
    os.close(descriptor)
    yield
    filling.unlink()


def _small_disk(folder: Path) -> bool:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True)
    return mounted.returncode == 0


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", folder], check=True, capture_output=True)


@pytest.mark.parametrize("broken", ["read-only", "full"])
async def test_no_record_no_act_and_it_goes_on_without_a_restart(tmp_path: Path, broken: str) -> None:
    audit = tmp_path / "small"
    audit.mkdir()
    if broken == "full" and not _small_disk(audit):
        pytest.skip("only root can mount a small disk; the same is shown with a file limit in test_audit_chain")
    try:
        base = settings_for().model_dump()
        settings = NodeSettings.model_validate({**base, "audit": {"folder": str(audit)}})
        async with running_node(tmp_path, settings) as node, powered(simulated_camera(node.registrar)):
            await until(lambda: node.node.devices.by_state()["online"] == 1, what="the camera is online")
            await until(lambda: _has_camera(node), what="the catalogue is read")
            with (_full_disk if broken == "full" else _read_only)(node):
                await _refused(node, broken)
            answer = await node.client.patch(f"/devices/{CODE}", json={"name": "西门"})
            assert answer.status_code == 200 and answer.json()["name"] == "西门"
            answer = await node.client.post(f"/cameras/{CODE}/live", json={"codecs": ["h264"]})
            assert answer.status_code == 201
        verdict = verify(audit, node.node.audit.files.signer.public)
        assert verdict.fault is None
    finally:
        if broken == "full":
            _unmount(audit)


async def _refused(node: RunningNode, broken: str) -> None:
    name = (await node.get(f"/devices/{CODE}"))["name"]
    # A full disk's last page takes a few records yet: acts go on until the first is refused, and from then on none does.
    for _ in range(200):
        answer = await node.client.post(f"/cameras/{CODE}/presets/1/go")
        if answer.status_code == 503:
            break
    else:
        pytest.fail("the log never refused")
    seen = len(records(node))
    for method, path, body in (
        ("PATCH", f"/devices/{CODE}", {"name": "x" * 200}),
        ("POST", f"/cameras/{CODE}/live", {"codecs": ["h264"]}),
        ("GET", f"/cameras/{CODE}/picture", None),
    ):
        answer = await node.client.request(method, path, json=body)
        told = answer.json()
        assert (answer.status_code, told["code"]) == (503, "audit.unavailable"), answer.text
        assert "审计日志无法写入" in told["zh"] and "audit log cannot be written" in told["en"] and told["remedy_zh"]
    assert (await node.get(f"/devices/{CODE}"))["name"] == name
    assert (await node.get("/live"))["items"] == [], "no picture was asked for"
    assert len(records(node)) == seen


async def test_checkpoints_are_pushed_and_a_late_copy_is_told(tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    base = settings_for().model_dump()
    settings = NodeSettings.model_validate({**base, "audit": {"copies": [str(place)]}})
    async with running_node(tmp_path, settings) as node:
        folder = place / settings.node.code
        await until(lambda: list(folder.glob("*.checkpoints")), what="the first checkpoint is pushed")
        metrics = httpx.URL(str(node.client.base_url)).copy_with(path="/metrics")
        assert f'fengsui_audit_copy_age_seconds{{place="{folder}"}} 0.0' in (await node.client.get(metrics)).text
        pushed = next(folder.glob("*.checkpoints"))
        pushed.write_bytes(b"x" + pushed.read_bytes()[1:])
        await node.node.audit.record(Stranger("", ""), Act.NODE_START)
        await node.node.audit.signed()
        node.node.audit.copies.grown()

        async def late() -> bool:
            lines = (await node.client.get(metrics)).text.splitlines()
            return any(line.startswith("fengsui_audit_copy_age_seconds") and not line.endswith(" 0.0") for line in lines)

        await until(late, what="the metric tells that the copy is late")
        assert pushed.read_bytes().startswith(b"x"), "what was changed there is not overwritten"
