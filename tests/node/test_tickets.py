"""Use tickets and emergencies against whoever would stretch them: windows, seals, chains (A2, A58, A59)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fengsui.cli.check import database
from fengsui.errors import StorageFault
from fengsui.features.access import CameraClass, CameraFacts, Function
from fengsui.features.audit import Act
from fengsui.features.duty import queries as duty_queries
from fengsui.features.duty.emergency import Emergencies
from fengsui.features.policy.model import Purpose
from fengsui.features.tickets.model import tightened
from tests.node.conftest import OWN_PASSWORD, RunningNode, powered, running_node, simulated_camera, until
from tests.node.duty_room import (
    CAMERA,
    HERE,
    MovedClock,
    centre_of,
    open_live,
    operator,
    order,
    people_of,
    window,
    with_pack,
)
from tests.node.test_audit import records
from tests.node.test_live import listed

INVESTIGATOR = {"post": "investigator", "area": HERE}


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node with the demonstration's policy pack."""
    async with running_node(tmp_path, with_pack(tmp_path)) as node:
        yield node


async def test_live_opens_within_the_window_alone(ruled: RunningNode) -> None:
    node = ruled
    await centre_of(node)
    camera = simulated_camera(node.registrar)
    async with powered(camera):
        await until(lambda: listed(node, CAMERA), what="the camera is listed")
        chen = await node.client_of("chen-qi", INVESTIGATOR)
        number = ""
        for begin, end in ((-2, -0.01), (0.5, 2)):
            made = await order(chen, [CAMERA], **window(begin, end))
            assert made.status_code == 201, made.text
            number = made.json()["number"]
            refused = await open_live(chen, CAMERA)
            assert (refused.status_code, refused.json()["code"], refused.json()["rule"]) == (403, "ticket.beyond", "A2")
            assert "不在所写时段内" in refused.json()["zh"] and number in refused.json()["zh"]
        wider = {**window(-1, 2), "hours": 2, "reason": "提前开始"}
        assert (await chen.post(f"/tickets/{number}/versions", json=wider)).status_code == 201
        assert (await open_live(chen, CAMERA)).status_code == 201
        await chen.aclose()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE use_tickets SET expires_at = expires_at + 864000",
        "UPDATE use_tickets SET cameras = '[]', area = '52'",
        "UPDATE use_tickets SET user_id = 1",
        "UPDATE use_tickets SET reason = 'as agreed'",
        "UPDATE use_tickets SET closed_at = 0",
        "UPDATE use_tickets SET newest = (version = 1)",
        "DELETE FROM use_tickets WHERE version = 2",
    ],
    ids=["longer", "wider", "another's", "another reason", "opened again", "an older version", "without the newest"],
)
async def test_a_ticket_that_the_database_alone_changed_opens_nothing(tmp_path: Path, statement: str) -> None:
    settings = with_pack(tmp_path)
    async with running_node(tmp_path, settings) as node:
        chen = await node.client_of("chen-qi", INVESTIGATOR)
        number = (await order(chen, [CAMERA])).json()["number"]
        if "version" in statement:
            narrower = {**window(-0.5, 0.5), "hours": 2, "reason": "缩小范围"}
            assert (await chen.post(f"/tickets/{number}/versions", json=narrower)).status_code == 201
        if "closed_at" in statement:
            assert (await chen.delete(f"/tickets/{number}")).status_code == 204
        user = people_of(await node.get("/users"))["chen-qi"]
        await chen.aclose()
        async with node.node.store.transaction() as tx:
            await tx.execute(sa.text(statement))
    if "newest" not in statement and "DELETE" not in statement:
        found, _ = await asyncio.to_thread(database, settings, tmp_path)
        assert any(one.mark == "✗" and number in one.en for one in found), "and `fengsui check` says so"
    async with running_node(tmp_path, settings) as node:
        tickets, now = node.node.tickets, datetime.now(UTC).timestamp()
        assert tickets.standing(user, Function.VIEW_RECORDED, None, now) is None
        assert tickets.standing(1, Function.VIEW_RECORDED, None, now) is None
        if statement.startswith("DELETE"):
            return  # nothing says any more that it is in force
        (told,) = [one for one in records(node) if one.detail == "ticket.broken"]
        assert (told.object, told.result, told.role) == (number, "failed", "node")


async def test_a_chain_of_emergencies_ends_without_reports(ruled: RunningNode) -> None:
    node = ruled
    li = await node.client_of("li-si", operator())
    body = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": OWN_PASSWORD}
    opened = [await li.post("/emergencies", json=body) for _ in range(2)]
    assert [one.status_code for one in opened] == [201, 201]
    third = await li.post("/emergencies", json=body)
    assert (third.status_code, third.json()["code"], third.json()["rule"]) == (409, "emergency.reports_owed", "A59")
    report, verdict = {"report": "落水者已救起,调看河岸两路。"}, {"verdict": "justified", "note": "情况属实"}
    for _ in range(2):
        number = opened.pop(0).json()["id"]
        assert (await li.post(f"/emergencies/{number}/report", json=report)).status_code == 204
        opened.append(await li.post("/emergencies", json=body))
        assert opened[-1].status_code == 201
    for one in opened:
        assert (await li.post(f"/emergencies/{one.json()['id']}/report", json=report)).status_code == 204
    fifth = await li.post("/emergencies", json=body)
    assert (fifth.status_code, fifth.json()["code"], fifth.json()["rule"]) == (409, "emergency.verdicts_owed", "A59")
    sun = await node.client_of("sun-ba", {"post": "duty-supervisor", "area": HERE})
    unjustified = {"verdict": "not-justified", "note": "无危险情形"}
    path = f"/emergencies/{number}/verdict"
    answers = await asyncio.gather(sun.post(path, json=verdict), node.client.post(path, json=unjustified))
    assert sorted(one.status_code for one in answers) == [204, 404], "one verdict, whoever comes first"
    said = [one.detail.partition(":")[0] for one in records(node) if one.act == "emergency.judge" and one.result == "allowed"]
    listed_ = {one["id"]: one["verdict"] for one in (await li.get("/emergencies")).json()["items"]}
    assert said == [listed_[number]]
    if said == ["justified"]:
        assert (await li.post("/emergencies", json=body)).status_code == 201, "somebody else has spoken"
    wang = await node.client_of("wang-wu", operator())
    together = await asyncio.gather(*(wang.post("/emergencies", json=body) for _ in range(4)))
    assert sorted(one.status_code for one in together) == [201, 201, 409, 409], "counted one by one"
    inner, clock = node.node, MovedClock()
    clock.later = timedelta(minutes=31)
    inner.emergencies._clock = clock
    ends = [one.json()["id"] for one in together if one.status_code == 201]
    await until(lambda: {str(one) for one in ends} <= {one.object for one in _ended(node)}, what="their ends are on record")
    assert all("; ended 20" in one.detail for one in _ended(node)), "when, not when it was noticed"
    count = len(_ended(node))
    after = Emergencies(inner.store, clock, inner.bus, inner.access, inner.audit, inner.policy, inner.tickets)
    await after.start()  # as after a restart
    try:
        assert set(ends) <= after._over
    finally:
        await after.stop()
    assert len(_ended(node)) == count, "and once"
    for client in (li, sun, wang):
        await client.aclose()


def _ended(node: RunningNode) -> list[Any]:
    return [one for one in records(node) if one.act == "emergency.end"]


async def test_no_emergency_ticket_without_its_emergency(ruled: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    node = ruled
    li = await node.client_of("li-si", operator())
    whole = duty_queries.add_emergency

    async def broken(tx: Any, **facts: object) -> int:
        await whole(tx, **facts)
        raise StorageFault(what="the disk is gone", remedy_zh="", remedy_en="")

    monkeypatch.setattr(duty_queries, "add_emergency", broken)
    body = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": OWN_PASSWORD}
    assert (await li.post("/emergencies", json=body)).status_code == 503
    assert (await li.get("/tickets")).json()["items"] == [] and (await li.get("/emergencies")).json()["items"] == []
    await li.aclose()


async def test_a_tightened_pack_reaches_tickets_that_are_open(ruled: RunningNode) -> None:
    inner = ruled.node
    chen = await ruled.client_of("chen-qi", INVESTIGATOR)
    made = (await order(chen, [CAMERA], hours=48)).json()
    user = people_of(await ruled.get("/users"))["chen-qi"]
    facts, now = CameraFacts(CAMERA, HERE, CameraClass.GOVERNMENT), datetime.now(UTC).timestamp()

    def refused(function: Function, at: float = now) -> str:
        standing = inner.tickets.standing(user, function, facts, at)
        refusal = standing.refusal(function, facts, at) if standing is not None else None
        return "none" if standing is None else "" if refusal is None else refusal.code

    assert refused(Function.VIEW_RECORDED) == "" and refused(Function.EXPORT, now + 47 * 3600) == ""
    pack = inner.policy.effective
    assert pack is not None
    rule = pack.purposes[Purpose.CRIME_INVESTIGATION]
    less = rule.model_copy(update={"functions": tuple(one for one in rule.functions if one.value != "view-recorded")})
    hours = pack.tickets.model_copy(update={"longest_hours": 24, "default_hours": 24, "without_case_hours": 1})
    inner.policy.effective = pack.model_copy(
        update={"purposes": {**pack.purposes, Purpose.CRIME_INVESTIGATION: less}, "tickets": hours}
    )
    assert refused(Function.VIEW_RECORDED) == "ticket.beyond" and refused(Function.EXPORT) == ""
    assert refused(Function.EXPORT, now + 25 * 3600) == "none", "as long as a ticket may last by now"
    (held,) = inner.tickets.held(user)
    assert held.number == made["number"] and tightened(held, None) is held, "its own terms stand on it"
    await chen.aclose()


async def test_a_ticket_that_is_closed_while_it_is_changed_stays_closed(
    ruled: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = ruled
    chen = await node.client_of("chen-qi", INVESTIGATOR)
    number = (await order(chen, [CAMERA])).json()["number"]
    record, reached, gate = node.node.audit.record, asyncio.Event(), asyncio.Event()

    async def slow(who: Any, act: Act, *args: Any, **facts: Any) -> None:
        if act is Act.TICKET_CHANGE:
            reached.set()
            await gate.wait()
        await record(who, act, *args, **facts)

    monkeypatch.setattr(node.node.audit, "record", slow)
    wider = {**window(-1, 2), "hours": 2, "reason": "继续办理"}
    changing = asyncio.create_task(chen.post(f"/tickets/{number}/versions", json=wider))
    await reached.wait()
    closing = asyncio.create_task(chen.delete(f"/tickets/{number}"))
    await asyncio.wait({closing}, timeout=0.5)  # a node that lets the close overtake the change has the time to
    gate.set()
    assert (await changing).status_code == 201 and (await closing).status_code == 204
    assert [one["state"] for one in (await chen.get("/tickets")).json()["items"]] == ["closed"]
    assert not node.node.tickets.held((await chen.get("/session")).json()["id"])
    renewed = await chen.post(f"/tickets/{number}/versions", json=wider)
    assert renewed.json()["code"] == "ticket.unusable", renewed.text
    await chen.aclose()


async def test_a_ticket_that_has_ended_is_not_revived(ruled: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    node = ruled
    chen = await node.client_of("chen-qi", INVESTIGATOR)
    number = (await order(chen, [CAMERA])).json()["number"]
    now = node.node.tickets._now
    monkeypatch.setattr(node.node.tickets, "_now", lambda: now() + 30 * 86_400)
    renewed = await chen.post(f"/tickets/{number}/versions", json={**window(-1, 2), "hours": 2, "reason": "继续办理"})
    assert renewed.json()["code"] == "ticket.unusable" and "已到期" in renewed.json()["zh"], renewed.text
    await chen.aclose()
