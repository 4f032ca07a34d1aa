"""Incidents on a whole node: opened once, worked on by two desks, closed with an outcome, and there after a restart."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.errors import StorageFault
from fengsui.features.audit.model import AuditRecord
from fengsui.features.incidents import queries
from fengsui.wire.dc09.sending import request
from tests.node.alarm_hosts import burglary, entered, line_to, sender_of
from tests.node.conftest import RunningNode, running_node, settings_for, until
from tests.node.test_alarm_work import statements
from tests.node.test_audit import records
from tests.node.test_events import feed_of, line_of

HERE, ELSEWHERE = "520102", "520302"
ORDER = {"type": "intrusion", "area": HERE, "place": "南明银行", "text": "柜台玻璃破碎", "priority": 1}
OPERATOR = {"post": "operator", "area": HERE}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path, settings_for()) as running:
        yield running


async def done(client: httpx.AsyncClient, path: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await client.post(path, json=body, **more)
    assert answer.status_code in (200, 201), (path, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def opened(client: httpx.AsyncClient, **facts: Any) -> dict[str, Any]:
    return await done(client, "/incidents", {**ORDER, **facts})


async def refused(client: httpx.AsyncClient, path: str, body: dict[str, Any], **more: Any) -> tuple[int, str]:
    answer = await client.post(path, json=body, **more)
    return answer.status_code, answer.json()["code"]


def noted(node: RunningNode, act: str) -> list[AuditRecord]:
    return [one for one in records(node) if one.act == act]


async def alarm_of(node: RunningNode, sequence: int = 1) -> int:
    """The id of a new one."""
    async with line_to(node.node.settings.alarm_hosts.port) as line:
        await line.ask(burglary(sender_of("4321"), sequence))
    return int((await node.client.get("/alarms")).json()["items"][0]["id"])


async def test_an_incident_goes_from_its_alarm_to_its_outcome_and_every_step_is_kept(node: RunningNode) -> None:
    await entered(node, "4321", area=HERE)
    alarm = await alarm_of(node)
    one = await opened(node.client, alarms=[alarm])
    path = f"/incidents/{one['id']}"
    assert (one["state"], one["owner"]["name"], one["alarms"], one["version"]) == ("taken", "duty", [alarm], 1)
    assert one["number"].startswith("IN20") and one["number"].endswith("-0001")
    assert (await opened(node.client))["number"][-4:] == "0002"
    for step in ({"step": "verify"}, {"step": "confirm", "text": "两人翻墙"}, {"step": "control"}):
        await done(node.client, f"{path}/state", step)
    await done(node.client, f"{path}/notes", {"text": "已通知物业"})
    assert await refused(node.client, f"{path}/close", {"disposition": "false-alarm"}) == (422, "incident.unusable_outcome")
    assert (await node.client.post(f"{path}/close", json={})).status_code == 422
    async with line_to(node.node.settings.alarm_hosts.port) as line:  # the panel restores: nothing is closed by it
        await line.ask(request(sender_of("4321"), "SIA-DCS", 2, "#4321|Nri2/BR005"))
    assert (await node.client.get("/alarms")).json()["items"][0]["change"] == "restored"
    assert (await node.client.get(path)).json()["state"] == "controlled"
    closed = await done(node.client, f"{path}/close", {"disposition": "handled", "also": ["passed-on"], "text": "移交派出所"})
    assert (closed["state"], closed["disposition"], closed["also"]) == ("closed", "handled", ["passed-on"])
    again = await done(node.client, f"{path}/reopen", {"reason": "又有人翻墙"})
    assert (again["state"], again["disposition"], again["times"]["closed"]) == ("taken", None, closed["times"]["closed"])
    last = await done(node.client, f"{path}/close", {"disposition": "test"})
    assert last["times"]["closed"] == closed["times"]["closed"] and last["lines"][-1]["at"] > closed["times"]["closed"]
    kinds = [line["kind"] for line in last["lines"]]
    assert kinds == ["opened", "state", "state", "state", "note", "closed", "reopened", "closed"]
    assert [line["ordinal"] for line in last["lines"]] == list(range(1, 9))
    assert last["lines"][2] | {"at": "", "by": ""} == {
        **{"ordinal": 3, "kind": "state", "at": "", "by": "", "before": "verifying", "after": "verified"},
        **{"text": "两人翻墙", "facts": {"step": "confirm"}},
    }
    acts = [(one.act, one.object) for one in records(node) if one.act.startswith("incident.") and one.result == "allowed"]
    of_it = [act for act, object in acts if object == last["number"]]
    steps = ["open", "state", "state", "state", "note", "close", "reopen", "close"]
    assert of_it == [f"incident.{step}" for step in steps]


async def test_the_same_order_under_the_same_key_is_opened_once(node: RunningNode) -> None:
    key = {"idempotency-key": "cad-7f3a"}
    many = await asyncio.gather(*(node.client.post("/incidents", json=ORDER, headers=key) for _ in range(5)))
    assert {one.status_code for one in many} == {201} and len({one.json()["id"] for one in many}) == 1
    assert len([one for one in noted(node, "incident.open") if one.result == "allowed"]) == 1
    assert await refused(node.client, "/incidents", {**ORDER, "priority": 3}, headers=key) == (422, "incident.key_reused")
    li = await node.client_of("li-si", OPERATOR)
    other = await done(li, "/incidents", ORDER, headers=key)
    assert other["id"] != many[0].json()["id"], "a key is one's own"
    assert (await node.client.post("/incidents", json=ORDER, headers={"idempotency-key": "x" * 129})).status_code == 422
    await li.aclose()


async def test_two_desks_at_once_do_not_overwrite_each_other(node: RunningNode) -> None:
    one = await opened(node.client)
    path, li = f"/incidents/{one['id']}", await node.client_of("li-si", OPERATOR)
    closing = {"disposition": "handled", "version": one["version"]}
    answers = await asyncio.gather(*(client.post(f"{path}/close", json=closing) for client in (node.client, li)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"incident.changed"}
    assert await refused(li, f"{path}/close", {"disposition": "handled"}) == (409, "incident.not_now")
    assert [line["kind"] for line in (await li.get(path)).json()["lines"]] == ["opened", "closed"]
    await li.aclose()


async def test_it_outlives_its_desk_and_is_handed_to_the_next_shift(tmp_path: Path) -> None:
    async with running_node(tmp_path, settings_for()) as node:
        wang = await node.client_of("wang-wu", OPERATOR)
        one = await opened(wang)
        await done(wang, f"/incidents/{one['id']}/notes", {"text": "正在查看"})
        await wang.aclose()  # the browser is closed in the midst of it
        told = (await node.client.get(f"/incidents/{one['id']}")).json()
        assert [line["text"] for line in told["lines"]] == [ORDER["text"], "正在查看"]
        ids = {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}
    async with running_node(tmp_path, settings_for()) as node:
        assert (await node.client.get(f"/incidents/{one['id']}")).json() == told
        (matter,) = await node.node.incidents.incidents.open_in("52")
        assert matter.id == f"incident:{one['id']}" and one["number"] in matter.zh
        taken = await refused(node.client, f"/incidents/{one['id']}/state", {"step": "take"})
        assert taken == (409, "incident.taken")
        mine = await done(node.client, f"/incidents/{one['id']}/state", {"step": "take", "text": "席位无人"})
        assert (mine["owner"]["name"], mine["state"]) == ("duty", "taken")
        back = await done(node.client, f"/incidents/{one['id']}/hand-over", {"to": ids["wang-wu"], "note": "请继续"})
        assert back["owner"] == {"id": ids["wang-wu"], "name": "wang-wu"}
        assert await refused(node.client, f"/incidents/{one['id']}/hand-over", {"to": 999}) == (404, "incident.no_successor")
        await node.appoint("zhao", {"post": "operator", "area": ELSEWHERE})
        zhao = next(one["id"] for one in (await node.get("/users"))["items"] if one["name"] == "zhao")
        unfit = await refused(node.client, f"/incidents/{one['id']}/hand-over", {"to": zhao, "note": "请接手"})
        assert unfit == (404, "incident.no_successor"), "to nobody who may not lead it, and the caller is refused no right"
        assert {line.detail for line in noted(node, "incident.hand-over") if line.result == "refused"} == {"incident.no_successor"}
        await done(node.client, f"/incidents/{one['id']}/close", {"disposition": "no-action"})
        assert await node.node.incidents.incidents.open_in("52") == []


async def test_nobody_hands_over_to_themselves_what_another_leads_without_saying_why(node: RunningNode) -> None:
    one, li = await opened(node.client), await node.client_of("li-si", OPERATOR)
    path, me = f"/incidents/{one['id']}/hand-over", (await li.get("/session")).json()["id"]
    assert await refused(li, path, {"to": me}) == (409, "incident.taken")
    assert (await li.get(f"/incidents/{one['id']}")).json()["owner"] == one["owner"]
    mine = await done(li, path, {"to": me, "note": "席位无人"})
    assert (mine["owner"]["name"], mine["lines"][-1]["text"]) == ("li-si", "席位无人")
    await done(li, path, {"to": one["owner"]["id"]})
    await li.aclose()


@pytest.mark.parametrize("lost", [False, True], ids=["read again at once", "read again later"])
async def test_what_was_committed_without_an_answer_is_handed_to_the_next_shift(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    incidents, store, key = node.node.incidents.incidents, node.node.store, {"idempotency-key": "cad-7f3a"}
    happened = store.on_commit

    def failing(*_: object) -> None:
        store.on_commit = happened
        raise StorageFault(what="cut off", remedy_zh="", remedy_en="")

    store.on_commit = failing
    with monkeypatch.context() as patch:
        if lost:
            patch.setattr(queries, "open_ones", failing)
        answer = await node.client.post("/incidents", json=ORDER, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (503, "store.unavailable")
    if lost:
        await until(lambda: bool(incidents.all_open()), what="read again")
    assert len(await incidents.open_in("52")) == 1
    again = await done(node.client, "/incidents", ORDER, headers=key)
    assert [matter.id for matter in await incidents.open_in("52")] == [f"incident:{again['id']}"]
    store.on_commit = failing
    assert (await node.client.post(f"/incidents/{again['id']}/close", json={"disposition": "test"})).status_code == 503
    assert await incidents.open_in("52") == [] and (await node.client.get(f"/incidents/{again['id']}")).json()["state"] == "closed"


async def test_a_merge_is_undone_by_whoever_may_act_on_both_and_not_in_an_archived_one(node: RunningNode) -> None:
    first, second = [await opened(node.client, area=area) for area in (ELSEWHERE, HERE)]
    path, whole = f"/incidents/{second['id']}/unmerge", f"/incidents/{first['id']}"
    await done(node.client, f"/incidents/{second['id']}/merge", {"into": first["id"], "reason": "同一起"})
    li, before = await node.client_of("li-si", OPERATOR), (await node.client.get(whole)).json()
    assert await refused(li, path, {"reason": "是两起"}) == (404, "incident.unknown")
    assert (await node.client.get(whole)).json() == before
    await done(node.client, f"{whole}/close", {"disposition": "handled"})
    archived = await done(node.client, f"{whole}/state", {"step": "archive"})
    assert await refused(node.client, path, {"reason": "是两起"}) == (409, "incident.not_now")
    assert (await node.client.get(whole)).json() == archived
    await li.aclose()


async def test_a_merge_is_told_on_both_sides_and_can_be_undone(node: RunningNode) -> None:
    first, second = [await opened(node.client, place=place) for place in ("南门", "北门")]
    path = f"/incidents/{second['id']}"
    part = await done(node.client, f"{path}/merge", {"into": first["id"], "reason": "同一起"})
    assert part["state"] == "merged" and part["merged_into"] == {"id": first["id"], "number": first["number"]}
    whole = (await node.client.get(f"/incidents/{first['id']}")).json()
    assert whole["parts"] == [{"id": second["id"], "number": second["number"]}]
    assert (whole["lines"][-1]["kind"], whole["lines"][-1]["facts"]) == ("merged", {"part": second["number"]})
    assert await refused(node.client, f"{path}/close", {"disposition": "handled"}) == (409, "incident.not_now")
    assert await refused(node.client, f"{path}/merge", {"into": 999, "reason": "同一起"}) == (404, "incident.unknown")
    apart = await done(node.client, f"{path}/unmerge", {"reason": "是两起"})
    assert (apart["state"], apart["merged_into"], apart["lines"][-1]["kind"]) == ("taken", None, "unmerged")
    assert (await node.client.get(f"/incidents/{first['id']}")).json()["parts"] == []


async def test_a_long_time_line_is_read_back_to_its_first_line(node: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/incidents/{(await opened(node.client))['id']}"
    for at in range(4):
        await done(node.client, f"{path}/notes", {"text": f"第{at}行"})
    monkeypatch.setattr(queries, "MOST_LINES", 2)

    async def page(**asked: int) -> list[int]:
        return [line["ordinal"] for line in (await node.client.get(path, params=asked)).json()["lines"]]

    assert [await page(), await page(before=4), await page(before=2), await page(before=1)] == [[4, 5], [2, 3], [1], []]
    assert (await node.client.get(path, params={"before": 0})).status_code == 422


async def test_what_was_merged_into_an_incident_is_found_by_its_index(node: RunningNode) -> None:
    one = await opened(node.client)
    with statements(node) as seen:
        await node.client.get(f"/incidents/{one['id']}")
    [asked] = [one for one in seen if "incidents.into_id =" in one]
    with sqlite3.connect(node.node.data / "node.db") as database:
        plan = " ".join(row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {asked}", [None] * asked.count("?")))
    assert "incidents_merged" in plan, plan


async def test_an_alarm_belongs_to_one_incident_and_can_be_taken_out(node: RunningNode) -> None:
    await entered(node, "4321", area=HERE)
    alarm = await alarm_of(node)
    first, second = [await opened(node.client) for _ in range(2)]
    linked = await done(node.client, f"/incidents/{first['id']}/alarms", {"alarm": alarm})
    assert linked["alarms"] == [alarm] and linked["lines"][-1]["facts"] == {"alarm": alarm}
    elsewhere = (409, "incident.alarm_elsewhere")
    assert await refused(node.client, f"/incidents/{second['id']}/alarms", {"alarm": alarm}) == elsewhere
    assert await refused(node.client, "/incidents", {**ORDER, "alarms": [alarm]}) == elsewhere
    assert await refused(node.client, "/incidents", {**ORDER, "alarms": [999]}) == (404, "alarm.unknown")
    assert [one["id"] for one in (await node.client.get(f"/incidents?alarm={alarm}")).json()["items"]] == [first["id"]]
    gone = await done(node.client, f"/incidents/{first['id']}/alarms/{alarm}/removal", {"reason": "另一处"})
    assert gone["alarms"] == [] and gone["lines"][-1]["kind"] == "alarm-removed"
    await done(node.client, f"/incidents/{second['id']}/alarms", {"alarm": alarm})


async def test_open_ones_come_first_page_by_page(node: RunningNode) -> None:
    made = [await opened(node.client, place=f"第{at}处", priority=1 + at % 2) for at in range(5)]
    for one in (made[4], made[1]):
        await done(node.client, f"/incidents/{one['id']}/close", {"disposition": "test"})

    async def paged(**asked: Any) -> list[str]:
        found, cursor = [], ""
        while True:
            answer = await node.client.get("/incidents", params={**asked, "limit": 2, "cursor": cursor})
            assert answer.status_code == 200, answer.text
            found += [one["place"][1] for one in answer.json()["items"]]
            cursor = answer.json()["next"]
            if cursor is None:
                assert answer.json()["total"] == len(found)
                return found

    assert await paged() == ["3", "2", "0", "4", "1"]
    assert await paged(order="newest") == ["4", "3", "2", "1", "0"]
    assert await paged(open=True) == ["3", "2", "0"]
    assert await paged(state="closed") == ["4", "1"]
    assert await paged(priority=2) == ["3", "1"]
    assert await paged(type="fire") == []
    assert await paged(number=made[2]["number"].lower()) == ["2"]
    assert await paged(area=ELSEWHERE) == []
    assert await paged(mine=True, open=True) == ["3", "2", "0"]


async def test_a_correction_keeps_what_stood_before(node: RunningNode) -> None:
    one = await opened(node.client)
    answer = await node.client.patch(f"/incidents/{one['id']}", json={"priority": 3, "place": "银行后门", "reason": "门口看错"})
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert (after["priority"], after["place"], after["text"]) == (3, "银行后门", ORDER["text"])
    assert after["lines"][-1]["facts"] == {"priority": "1 → 3", "place": "南明银行 → 银行后门"}
    same = await node.client.patch(f"/incidents/{one['id']}", json={"priority": 3, "reason": "再次"})
    assert (same.status_code, same.json()["code"]) == (409, "incident.nothing_changed")


async def test_only_the_areas_own_people_act_others_of_it_read(node: RunningNode) -> None:
    one = await opened(node.client)
    path = f"/incidents/{one['id']}"
    people = {"li-si": OPERATOR, "zhao": {"post": "operator", "area": ELSEWHERE}, "qian": {"post": "inspector", "area": HERE}}
    clients = {name: await node.client_of(name, post) for name, post in people.items()}
    await done(clients["li-si"], f"{path}/notes", {"text": "已到岗"})
    assert await refused(clients["zhao"], f"{path}/notes", {"text": "看看"}) == (404, "incident.unknown")
    assert (await clients["zhao"].get(path)).status_code == 404
    assert (await clients["zhao"].get("/incidents")).json()["items"] == []
    assert (await refused(clients["zhao"], "/incidents", ORDER))[1] == "access.out_of_scope"
    assert (await clients["qian"].get(path)).json()["number"] == one["number"]
    assert await refused(clients["qian"], f"{path}/notes", {"text": "看看"}) == (403, "access.not_allowed")
    refusals = [one.detail for one in noted(node, "incident.note") if one.result == "refused"]
    assert refusals == ["incident.unknown", "access.not_allowed"]
    for client in clients.values():
        await client.aclose()


async def test_its_changes_are_told_to_who_may_see_it(node: RunningNode) -> None:
    zhao = await node.client_of("zhao", {"post": "operator", "area": ELSEWHERE})
    theirs = zhao.headers["Authorization"].removeprefix("Bearer ")
    async with feed_of(node, node.tokens["duty"]) as mine, feed_of(node, theirs) as other:
        await line_of(mine, "alive")
        await line_of(other, "alive")
        one = await opened(node.client)
        told = await line_of(mine, "incident.changed")
        shown = {"id": one["id"], "number": one["number"], "area": HERE, "state": "taken", "priority": 1, "what": "opened"}
        assert {name: told[name] for name in shown} == shown
        far = await opened(zhao, area=ELSEWHERE)
        assert (await line_of(other, "incident.changed"))["id"] == far["id"], "and nothing of the one before"
    await zhao.aclose()


@pytest.mark.parametrize(
    "body",
    [
        {"type": "murder"},
        {"place": "  "},
        {"place": "a\x00b"},
        {"longitude": 106.7},
        {"priority": 0},
        {"priority": 5},
        {"alarms": [0]},
        {"alarms": [1, 1]},
        {"area": "5201x2"},
        {"text": "x" * 2001},
    ],
)
async def test_what_is_no_order_is_refused_and_opens_nothing(node: RunningNode, body: dict[str, Any]) -> None:
    answer = await node.client.post("/incidents", json={**ORDER, **body})
    assert answer.status_code == 422, answer.text
    assert (await node.client.get("/incidents")).json()["total"] == 0
