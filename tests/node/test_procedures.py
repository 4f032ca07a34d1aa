"""Procedures on a whole node: written with every version, run at an alarm or an incident, and in the way of closing it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.procedures import runs
from tests.node.alarm_hosts import entered
from tests.node.conftest import RunningNode, running_node, settings_for
from tests.node.test_audit import records
from tests.node.test_events import feed_of, line_of
from tests.node.test_incidents import alarm_of, opened

HERE, ELSEWHERE = "520102", "520302"
STEPS: list[dict[str, Any]] = [
    {
        "id": "seen",
        "text": "现场画面是否属实?",
        "kind": "question",
        "target_s": 30,
        "answers": [{"text": "属实", "next": "call"}, {"text": "误报"}, {"text": "看不清", "next": "seen", "at_most": 1}],
    },
    {"id": "call", "text": "通知派出所", "kind": "act", "target_s": 60, "next": "words"},
    {"id": "words", "text": "记录到场情况", "kind": "note"},
]
THEFT = {
    "name": "盗窃报警",
    "area": HERE,
    "offer": {"alarms": ["intrusion"], "incidents": ["intrusion"], "places": []},
    "steps": STEPS,
}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


async def post(client: httpx.AsyncClient, path: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == status, (path, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def written(node: RunningNode, **facts: Any) -> dict[str, Any]:
    return await post(node.client, "/procedures", {**THEFT, **facts}, 201)


async def mine(node: RunningNode) -> str:
    """The path of an alarm that `duty` has taken."""
    await entered(node, "4321", area=HERE)
    path = f"/alarms/{await alarm_of(node)}"
    await post(node.client, f"{path}/acknowledge", {})
    return path


async def test_a_procedure_is_written_changed_and_removed_and_every_version_stays(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        made = await written(node)
        path = f"/procedures/{made['id']}"
        assert (made["version"], made["on"], made["mandatory"], made["editable"]) == (1, True, False, True)
        changed = await node.client.put(path, json={**THEFT, "mandatory": True, "version": 1})
        assert (changed.status_code, changed.json()["version"], changed.json()["mandatory"]) == (200, 2, True)
        late = await node.client.put(path, json={**THEFT, "version": 1})
        assert (late.status_code, late.json()["code"]) == (409, "procedure.changed")
        assert (await post(node.client, "/procedures", THEFT, 409))["code"] == "procedure.name_taken"
    async with running_node(tmp_path, settings_for()) as node:
        (found,) = (await node.client.get("/procedures")).json()["items"]
        assert found == changed.json()
        assert (await node.client.delete(f"{path}?version=1")).status_code == 409
        assert (await node.client.delete(f"{path}?version=2")).status_code == 204
        assert (await node.client.get("/procedures")).json()["items"] == []
        versions = (await node.client.get(f"{path}/versions")).json()["items"]
        assert [(one["procedure"]["version"], one["removed"]) for one in versions] == [(3, True), (2, False), (1, False)]
        acts = [one.act for one in records(node) if one.act.startswith("procedure.") and one.result == "allowed"]
        assert acts == ["procedure.add", "procedure.change", "procedure.remove"]
        assert (await written(node))["id"] != made["id"], "a number is never another procedure's"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"steps": []}, "request.invalid"),
        ({"steps": [*STEPS, {"id": "lost", "text": "x", "kind": "act"}]}, "procedure.unusable"),
        ({"steps": [{"id": "a", "text": "x", "kind": "act", "next": "a"}]}, "procedure.unusable"),
        ({"steps": [{"id": "a", "text": "x", "kind": "guess"}]}, "request.invalid"),
        ({"steps": [{"id": "A b", "text": "x", "kind": "act"}]}, "request.invalid"),
        ({"offer": {"alarms": ["party"]}}, "request.invalid"),
        ({"area": "99"}, "procedure.unusable"),
    ],
)
async def test_what_is_no_procedure_is_refused_and_nothing_is_kept(node: RunningNode, facts: dict[str, Any], code: str) -> None:
    answer = await node.client.post("/procedures", json={**THEFT, **facts})
    assert answer.status_code == 422 and answer.json()["code"] in (code, answer.json()["code"]), answer.text
    assert code == "request.invalid" or answer.json()["code"] == code
    assert (await node.client.get("/procedures")).json()["items"] == []


async def test_an_alarm_is_offered_its_procedure_and_each_answer_is_kept_with_person_and_time(node: RunningNode) -> None:
    made, other = await written(node), await written(node, name="校园一键报警", offer={"alarms": ["panic"]})
    path = await mine(node)
    offered = (await node.client.get(f"{path}/procedures")).json()["offered"]
    assert [(one["id"], one["proposed"]) for one in offered] == [(made["id"], True), (other["id"], False)]
    run = await post(node.client, f"{path}/procedures", {"procedure": made["id"]}, 201)
    assert (run["step"], run["left"], run["entries"]) == ("seen", [1, 2, 3], []) and run["due_at"] > run["step_at"]
    again = await post(node.client, f"{path}/procedures", {"procedure": made["id"]}, 409)
    assert again["code"] == "procedure_run.under_way"
    answers = f"/procedure-runs/{run['id']}/answers"
    await node.client.put(f"/procedures/{made['id']}", json={**THEFT, "steps": STEPS[1:], "version": 1})
    run = await post(node.client, answers, {"seen": 0, "answer": 3, "note": "逆光"})
    assert (run["step"], run["left"]) == ("seen", [1, 2]), "it goes on with the version that it began with"
    assert (await post(node.client, answers, {"seen": 0, "answer": 1}, 409))["code"] == "procedure_run.moved"
    assert (await post(node.client, answers, {"seen": 1, "answer": 3}, 422))["code"] == "procedure_run.unfit_answer"
    run = await post(node.client, answers, {"seen": 1, "answer": 1})
    run = await post(node.client, answers, {"seen": 2})
    assert (await post(node.client, answers, {"seen": 3}, 422))["code"] == "procedure_run.unfit_answer", "a note has words"
    run = await post(node.client, answers, {"seen": 3, "note": "两人在场"})
    assert (run["step"], run["due_at"]) == (None, None) and run["ended_at"]
    assert [(one["text"], one["answer"], one["note"], one["by"]) for one in run["entries"]] == [
        ("现场画面是否属实?", "看不清", "逆光", "duty"),
        ("现场画面是否属实?", "属实", "", "duty"),
        ("通知派出所", "", "", "duty"),
        ("记录到场情况", "", "两人在场", "duty"),
    ]
    assert all(one["took_s"] >= 0 and not one["late"] for one in run["entries"])
    assert (await post(node.client, answers, {"seen": 4}, 409))["code"] == "procedure_run.over"
    steps = [one for one in (await node.client.get(f"{path}/steps")).json()["items"] if one["act"] == "procedure"]
    assert len(steps) == 5 and "盗窃报警" in steps[0]["detail"] and "两人在场" in steps[-1]["detail"]
    acts = [one.act for one in records(node) if one.act.startswith("procedure.") and one.result == "allowed"]
    assert acts == ["procedure.add"] * 2 + ["procedure.start", "procedure.change"] + ["procedure.answer"] * 4


async def test_a_skipped_step_has_its_reason_and_a_supervisor_is_told_and_sees_it(node: RunningNode) -> None:
    made, path = await written(node), await mine(node)
    run = await post(node.client, f"{path}/procedures", {"procedure": made["id"]}, 201)
    skips = f"/procedure-runs/{run['id']}/skips"
    assert (await node.client.post(skips, json={"seen": 0, "reason": "", "answer": 1})).status_code == 422
    async with feed_of(node, node.tokens["duty"]) as feed:
        await line_of(feed, "alive")
        run = await post(node.client, skips, {"seen": 0, "reason": "电话已核实", "answer": 1})
        told = await line_of(feed, "procedure.run")
        assert (told["what"], told["run"], told["name"]) == ("skipped", run["id"], "盗窃报警")
    assert (run["step"], run["skipped"], run["entries"][0]["note"]) == ("call", 1, "电话已核实")
    (listed,) = (await node.client.get("/procedure-runs?shown=skipped")).json()["items"]
    assert listed["id"] == run["id"]
    review = f"/procedure-runs/{run['id']}/review"
    assert (await post(node.client, review, {"seen": 1}, 403))["code"] == "procedure_run.own_skips"
    zhao = await node.client_of("zhao", {"post": "duty-supervisor", "area": HERE})
    assert (await post(zhao, review, {"seen": 0}, 409))["code"] == "procedure_run.more_by_now"
    seen = await post(zhao, review, {"seen": 1})
    assert seen["reviewed_by"] == "zhao"
    assert (await node.client.get("/procedure-runs?shown=skipped")).json()["items"] == []
    assert (await post(zhao, review, {"seen": 1}, 409))["code"] == "procedure_run.nothing_to_review"
    await zhao.aclose()
    run = await post(node.client, skips, {"seen": 1, "reason": "演练", "rest": True})
    assert (run["step"], run["skipped"], run["reviewed_at"]) == (None, 3, None)
    assert [one["outcome"] for one in run["entries"]] == ["skipped"] * 3


async def test_an_alarm_with_an_open_mandatory_procedure_is_not_closed(node: RunningNode) -> None:
    made, path = await written(node, mandatory=True), await mine(node)
    await post(node.client, f"{path}/verify", {"result": "real"})
    owed = await post(node.client, f"{path}/close", {"outcome": "handled"}, 409)
    assert owed["code"] == "procedure.owed" and "盗窃报警" in owed["zh"]
    run = await post(node.client, f"{path}/procedures", {"procedure": made["id"]}, 201)
    open_yet = await post(node.client, f"{path}/close", {"outcome": "handled"}, 409)
    assert open_yet["code"] == "procedure.open" and "现场画面是否属实" in open_yet["zh"]
    await post(node.client, f"/procedure-runs/{run['id']}/skips", {"seen": 0, "reason": "演练", "rest": True})
    assert (await post(node.client, f"{path}/close", {"outcome": "handled"}))["work"]["state"] == "closed"


async def test_a_false_alarm_owes_no_procedure(node: RunningNode) -> None:
    await written(node, mandatory=True)
    path = await mine(node)
    await post(node.client, f"{path}/verify", {"result": "false", "reason": "animal"})
    assert (await post(node.client, f"{path}/close", {"outcome": "no_action"}))["work"]["state"] == "closed"


async def test_a_run_stands_in_the_time_line_of_its_incident_and_in_the_way_of_its_end(node: RunningNode) -> None:
    made, path = await written(node, mandatory=True), await mine(node)
    alarm = int(path.rsplit("/", 1)[1])
    one = await opened(node.client, alarms=[alarm])
    incident = f"/incidents/{one['id']}"
    run = await post(node.client, f"{path}/procedures", {"procedure": made["id"]}, 201)
    await post(node.client, f"/procedure-runs/{run['id']}/answers", {"seen": 0, "answer": 2})
    lines = [line for line in (await node.client.get(incident)).json()["lines"] if line["kind"] == "procedure"]
    assert [line["facts"].get("answer") for line in lines] == [None, "误报"] and lines[0]["facts"]["alarm"] == alarm
    mine_too = await post(node.client, f"{incident}/procedures", {"procedure": made["id"]}, 201)
    refused = await post(node.client, f"{incident}/close", {"disposition": "handled"}, 409)
    assert refused["code"] == "procedure.open"
    await post(node.client, f"/procedure-runs/{mine_too['id']}/answers", {"seen": 0, "answer": 2})
    both = (await node.client.get(f"{incident}/procedures")).json()["runs"]
    assert [(found["incident"], found["alarm"]) for found in both] == [(one["id"], None), (None, alarm)]
    closed = await post(node.client, f"{incident}/close", {"disposition": "handled"})
    assert closed["state"] == "closed" and [line["kind"] for line in closed["lines"]].count("procedure") == 4
    late = await post(node.client, f"{incident}/procedures", {"procedure": made["id"]}, 409)
    assert late["code"] == "incident.not_now"


async def test_what_was_begun_before_it_was_mandatory_is_owed_until_it_is_over(node: RunningNode) -> None:
    made, path = await written(node), await mine(node)
    await post(node.client, f"{path}/verify", {"result": "real"})
    run = await post(node.client, f"{path}/procedures", {"procedure": made["id"]}, 201)
    await node.client.put(f"/procedures/{made['id']}", json={**THEFT, "mandatory": True, "version": 1})
    assert (await post(node.client, f"{path}/close", {"outcome": "handled"}, 409))["code"] == "procedure.open"
    await post(node.client, f"/procedure-runs/{run['id']}/answers", {"seen": 0, "answer": 2})
    assert (await post(node.client, f"{path}/close", {"outcome": "handled"}))["work"]["state"] == "closed"


async def test_an_alarms_open_run_is_not_what_its_incident_owes_and_the_incidents_lets_the_alarm_end(node: RunningNode) -> None:
    made, path = await written(node, mandatory=True), await mine(node)
    await post(node.client, f"{path}/verify", {"result": "real"})
    one = await opened(node.client, alarms=[int(path.rsplit("/", 1)[1])])
    incident = f"/incidents/{one['id']}"
    of_alarm = await post(node.client, f"{path}/procedures", {"procedure": made["id"]}, 201)
    assert (await post(node.client, f"{incident}/close", {"disposition": "handled"}, 409))["code"] == "procedure.open"
    of_incident = await post(node.client, f"{incident}/procedures", {"procedure": made["id"]}, 201)
    await post(node.client, f"/procedure-runs/{of_alarm['id']}/answers", {"seen": 0, "answer": 2})
    assert (await post(node.client, f"{path}/close", {"outcome": "handled"}))["work"]["state"] == "closed"
    assert (await post(node.client, f"{incident}/close", {"disposition": "handled"}, 409))["code"] == "procedure.open"
    await post(node.client, f"/procedure-runs/{of_incident['id']}/answers", {"seen": 0, "answer": 2})
    assert (await post(node.client, f"{incident}/close", {"disposition": "handled"}))["state"] == "closed"


async def test_a_merge_takes_nothing_out_of_its_mandatory_procedure(node: RunningNode) -> None:
    made = await written(node, mandatory=True)
    first, second, third = [await opened(node.client, kind=kind) for kind in ("intrusion", "intrusion", "other")]
    run = await post(node.client, f"/incidents/{first['id']}/procedures", {"procedure": made["id"]}, 201)
    for part, whole in ((first, second), (second, third)):
        await post(node.client, f"/incidents/{part['id']}/merge", {"into": whole["id"], "reason": "同一起"})
    path = f"/incidents/{third['id']}"
    shown = (await node.client.get(f"{path}/procedures")).json()
    assert [one["id"] for one in shown["runs"]] == [run["id"]] and shown["offered"][0]["proposed"]
    refused = await post(node.client, f"{path}/close", {"disposition": "handled"}, 409)
    assert refused["code"] == "procedure.open"
    await post(node.client, f"/procedure-runs/{run['id']}/answers", {"seen": 0, "answer": 2})
    assert (await post(node.client, f"{path}/close", {"disposition": "handled"}))["state"] == "closed"


async def test_what_a_part_owes_is_begun_at_the_whole_wherever_that_is(node: RunningNode) -> None:
    made = await written(node, mandatory=True)
    part, whole = await opened(node.client, kind="intrusion"), await opened(node.client, kind="intrusion", area=ELSEWHERE)
    await post(node.client, f"/incidents/{part['id']}/merge", {"into": whole["id"], "reason": "同一起"})
    path = f"/incidents/{whole['id']}"
    assert (await post(node.client, f"{path}/close", {"disposition": "handled"}, 409))["code"] == "procedure.owed"
    run = await post(node.client, f"{path}/procedures", {"procedure": made["id"]}, 201)
    await post(node.client, f"/procedure-runs/{run['id']}/answers", {"seen": 0, "answer": 2})
    assert (await post(node.client, f"{path}/close", {"disposition": "handled"}))["state"] == "closed"


async def test_no_more_are_begun_than_closing_looks_through(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MOST_RUNS", 1)
    made, other, one = await written(node), await written(node, name="校园"), await opened(node.client)
    path = f"/incidents/{one['id']}/procedures"
    await post(node.client, path, {"procedure": made["id"]}, 201)
    assert (await post(node.client, path, {"procedure": other["id"]}, 409))["code"] == "procedure_run.too_many"


async def test_two_desks_do_a_step_once(node: RunningNode) -> None:
    made, one = await written(node), await opened(node.client)
    li = await node.client_of("li-si", {"post": "operator", "area": HERE})
    run = await post(li, f"/incidents/{one['id']}/procedures", {"procedure": made["id"]}, 201)
    path = f"/procedure-runs/{run['id']}/answers"
    answers = await asyncio.gather(*(client.post(path, json={"seen": 0, "answer": 1}) for client in (node.client, li)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (found,) = (await li.get(f"/incidents/{one['id']}/procedures")).json()["runs"]
    assert len(found["entries"]) == 1
    await li.aclose()


async def test_a_run_is_of_whoever_sees_to_the_alarm_and_a_procedure_of_whoever_manages_duty(node: RunningNode) -> None:
    made, path = await written(node), await mine(node)
    li = await node.client_of("li-si", {"post": "operator", "area": HERE})
    assert (await post(li, "/procedures", {**THEFT, "name": "x"}, 403))["code"] == "access.not_allowed"
    assert (await li.get("/procedures")).json()["items"][0]["editable"] is False
    assert (await li.get("/procedure-runs")).status_code == 403
    assert (await post(li, f"{path}/procedures", {"procedure": made["id"]}, 409))["code"] == "alarm.taken"
    run = await post(node.client, f"{path}/procedures", {"procedure": made["id"]}, 201)
    answers = f"/procedure-runs/{run['id']}/answers"
    assert (await post(li, answers, {"seen": 0, "answer": 1}, 409))["code"] == "alarm.taken"
    zhao = await node.client_of("zhao", {"post": "duty-supervisor", "area": ELSEWHERE})
    assert (await zhao.get("/procedures")).json()["items"] == []
    assert (await zhao.get(f"/procedures/{made['id']}/versions")).status_code == 404
    assert (await zhao.put(f"/procedures/{made['id']}", json={**THEFT, "version": 1})).status_code == 404
    assert (await post(zhao, "/procedures", {**THEFT, "name": "x"}, 403))["code"] == "access.out_of_scope"
    assert (await zhao.get(f"{path}/procedures")).status_code == 404
    assert (await zhao.get("/procedure-runs")).json()["items"] == []
    assert (await zhao.post(f"/procedure-runs/{run['id']}/review", json={"seen": 0})).status_code == 404
    assert (await post(await zhao_operator(node), answers, {"seen": 0, "answer": 1}, 404))["code"] == "procedure_run.unknown"
    for client in (li, zhao):
        await client.aclose()


async def zhao_operator(node: RunningNode) -> httpx.AsyncClient:
    """Who takes duty elsewhere."""
    return await node.client_of("qian", {"post": "operator", "area": ELSEWHERE})
