"""Use tickets and emergencies against whoever would stretch them: windows, seals, chains, the clock (A2, A3, A58, A59)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fengsui.app import Node
from fengsui.cli.check import database
from fengsui.clock import ManualClock, SystemClock
from fengsui.errors import StorageFault
from fengsui.features.access import CameraClass, CameraFacts, Function
from fengsui.features.access.decision import Refused
from fengsui.features.audit import Act
from fengsui.features.duty import queries as duty_queries
from fengsui.features.duty.emergency import Emergencies
from fengsui.features.policy import UnknownCase
from fengsui.features.policy.model import Purpose
from fengsui.features.tickets import actions, case_numbers
from fengsui.features.tickets.case_numbers import CaseNumbers
from fengsui.features.tickets.model import Match, tightened
from fengsui.features.tickets.register import RegisterAway
from tests.node.conftest import OWN_PASSWORD, RunningNode, powered, running_node, simulated_camera, until
from tests.node.duty_room import (
    CAMERA,
    CASE,
    HERE,
    MovedClock,
    centre_of,
    open_live,
    operator,
    order,
    people_of,
    publish,
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


class Register:
    """Says what it is told to, after a while."""

    def __init__(self) -> None:
        self.knows: frozenset[str] = frozenset()
        self.away = False
        self.asked = 0
        self.answers = asyncio.Event()
        self.answers.set()

    async def known(self, numbers: Collection[str]) -> frozenset[str]:
        self.asked += 1
        await self.answers.wait()
        if self.away:
            raise RegisterAway(why="no route")
        return self.knows & frozenset(numbers)


async def test_a_slow_register_keeps_nobody_waiting_at_the_opening(ruled: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    assert actions.FIRST_LOOK_S == 2.0, "rule A3"
    register = ruled.node.tickets.register = Register()
    chen = await ruled.client_of("chen-qi", INVESTIGATOR)
    register.knows = frozenset({CASE})
    assert (await order(chen, [CAMERA])).json()["case_match"] == Match.MATCHED
    monkeypatch.setattr(actions, "FIRST_LOOK_S", 0.05)
    register.answers.clear()
    assert (await order(chen, [CAMERA])).json()["case_match"] == Match.WAITING
    assert register.asked == 2
    monkeypatch.setattr(actions, "FIRST_LOOK_S", 300.0)
    waiting = asyncio.create_task(order(chen, [CAMERA]))
    await until(lambda: register.asked == 3, what="it asks")
    li = await ruled.client_of("li-si", operator())
    body = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": OWN_PASSWORD}
    assert (await li.post("/emergencies", json=body)).status_code == 201, "danger to life does not wait behind it"
    (newest, *_) = (await chen.get("/tickets")).json()["items"]
    assert (await chen.delete(f"/tickets/{newest['number']}")).status_code == 204
    assert not waiting.done()
    register.answers.set()
    assert (await waiting).json()["case_match"] == Match.MATCHED
    await li.aclose()
    await chen.aclose()


async def test_what_the_register_does_not_know_lasts_until_it_is_asked_again_or_is_refused(ruled: RunningNode) -> None:
    tickets, numbers = ruled.node.tickets, ruled.node.case_numbers
    register = tickets.register = Register()
    chen = await ruled.client_of("chen-qi", INVESTIGATOR)
    night = numbers.next_night().timestamp()

    def ends(ticket: dict[str, Any]) -> float:
        return datetime.fromisoformat(ticket["expires_at"]).timestamp()

    made = (await order(chen, [CAMERA])).json()
    assert made["case_match"] == Match.UNKNOWN and ends(made) <= night
    bounds = {"cameras": [CAMERA], "since": made["since"], "until": made["until"]}
    change = {"bounds": bounds, "hours": 48, "reason": "继续办案"}
    renewed = await chen.post(f"/tickets/{made['number']}/versions", json=change)
    assert renewed.status_code == 201, renewed.text
    assert ends(renewed.json()) <= night, "nor is it renewed beyond"
    await numbers.reconcile()
    register.knows = frozenset({CASE})
    renewed = await chen.post(f"/tickets/{made['number']}/versions", json=change)
    assert renewed.json()["case_match"] == Match.MATCHED and ends(renewed.json()) > night, "it knows it by now"

    pack = ruled.node.policy.effective
    assert pack is not None
    strict = pack.tickets.model_copy(update={"unknown_case": UnknownCase.REFUSED})
    ruled.node.policy.effective = pack.model_copy(update={"tickets": strict})
    refused = await order(chen, [CAMERA], case_number="A5201022026119999")
    assert (refused.status_code, refused.json()["code"], refused.json()["rule"]) == (409, "ticket.unknown_case", "A3")
    assert (await order(chen, [CAMERA])).status_code == 201
    await chen.aclose()


async def test_the_nightly_run_is_tried_again_until_the_register_answers(
    ruled: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = datetime(datetime.now(UTC).year + 2, 1, 1, 3, tzinfo=UTC)
    node, clock = ruled, ManualClock(night - timedelta(minutes=1))
    monkeypatch.setattr(case_numbers, "LOOK_EVERY_S", 0.01)
    chen = await node.client_of("chen-qi", INVESTIGATOR)
    assert (await order(chen, [CAMERA], case_number="A5201022026119001")).status_code == 201
    register = node.node.tickets.register = Register()
    register.away = True
    inner = node.node
    numbers = CaseNumbers(inner.store, clock, inner.access, inner.audit, inner.tickets, UTC)
    await numbers.start()
    try:
        assert numbers.next_night() == night
        clock.advance(61)
        await until(lambda: numbers.last is not None, what="the night has come")
        assert register.asked == 1 and numbers.last is not None and "no route" in numbers.last.trouble[1]
        runs = [(one.role, one.result) for one in records(node) if one.act == "ticket.reconcile"]
        assert runs == [("node", "allowed"), ("node", "failed")], "that it failed is on record"
        register.away = False
        clock.advance(case_numbers.RETRY_AFTER.total_seconds() + 1)
        await until(lambda: numbers.last is not None and numbers.last.trouble == ("", ""), what="it is tried again")
        (unmatched,) = [one for one in (await node.get("/unmatched-tickets"))["items"]]
        assert unmatched["name"] == "chen-qi", "months old by that clock, and unknown"
        asked, refused = register.asked, []
        with monkeypatch.context() as patch:

            async def full(*_: object, **__: object) -> None:
                refused.append(1)
                raise StorageFault(what="the disk is full", remedy_zh="", remedy_en="")

            patch.setattr(inner.audit, "record", full)
            clock.advance(86_400)
            await until(lambda: refused, what="the next night")
        assert register.asked == asked, "what cannot be recorded is not asked"
        clock.advance(case_numbers.RETRY_AFTER.total_seconds() + 1)
        await until(lambda: register.asked > asked, what="and is when it can be again")
    finally:
        await numbers.stop()
        await chen.aclose()


async def test_a_number_that_nobody_knows_counts_by_when_that_was_found(ruled: RunningNode) -> None:
    node, inner, clock = ruled, ruled.node, MovedClock()
    register = inner.tickets.register = Register()
    register.away = True
    inner.tickets._clock = inner.case_numbers._clock = inner.emergencies._clock = clock
    chen = await node.client_of("chen-qi", INVESTIGATOR)
    user = people_of(await node.get("/users"))["chen-qi"]
    facts = CameraFacts(CAMERA, HERE, CameraClass.GOVERNMENT)

    def refused(function: Function) -> str:
        now = clock.now().timestamp()
        standing = inner.tickets.standing(user, function, facts, now)
        refusal = standing.refusal(function, facts, now) if standing is not None else None
        return "" if refusal is None else refusal.code

    async def at(days: float) -> list[dict[str, Any]]:
        clock.later = timedelta(days=days)
        return list((await node.client.post("/unmatched-tickets/reconcile")).json().get("items", []))

    long = {**window(-1, 2400), "hours": 720}
    made = [await order(chen, [CAMERA], case_number=f"A520102202611900{one}", **long) for one in range(3)]
    numbers = [one.json()["number"] for one in made]
    clock.later = timedelta(days=29)
    for number in numbers:  # the register has been away: nobody is blamed for that
        assert (await chen.post(f"/tickets/{number}/versions", json={**long, "reason": "继续办理"})).status_code == 201
    assert await at(34) == [] and refused(Function.VIEW_RECORDED) == ""
    register.away = False
    found = await at(35)
    assert sorted(one["ticket"] for one in found) == numbers, "five weeks old, and open"
    renewed = await chen.post(f"/tickets/{numbers[0]}/versions", json={**long, "reason": "继续办理"})
    assert renewed.json()["code"] == "ticket.unusable" and "编号无法核实" in renewed.json()["zh"]
    assert refused(Function.VIEW_RECORDED) == "ticket.suspended" and refused(Function.VIEW_LIVE) == "", "recorded access alone"
    body = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": OWN_PASSWORD}
    emergency = (await chen.post("/emergencies", json=body)).json()
    assert refused(Function.VIEW_RECORDED) == "", "danger to life opens what it says"
    assert (await chen.delete(f"/tickets/{emergency['ticket']}")).status_code == 204
    papers = f"/emergencies/{emergency['id']}"
    assert (await chen.post(f"{papers}/report", json={"report": "落水者已救起,调看河岸两路。"})).status_code == 204
    judged = await node.client.post(f"{papers}/verdict", json={"verdict": "justified", "note": "情况属实"})
    assert judged.status_code == 204, judged.text
    found = await at(70)
    assert len(found) == 3 and all(one["suspended"] for one in found), "nobody has spoken with the person yet"
    assert refused(Function.VIEW_RECORDED) == "ticket.suspended"
    for one in range(3):
        assert (await order(chen, [CAMERA], case_number=f"A520102202611910{one}", **long)).status_code == 201
    review = await node.client.post(f"/unmatched-tickets/reviews/{user}", json={"note": "已核实,系录入错误"})
    assert review.status_code == 204 and refused(Function.VIEW_RECORDED) == ""
    assert len(await at(72)) == 3 + 3 and refused(Function.VIEW_RECORDED) == "ticket.suspended", "found after the review"

    def suspensions() -> list[tuple[str, str]]:
        return [(one.object, one.role) for one in records(node) if one.act == "ticket.suspend"]

    await until(lambda: len(suspensions()) >= 2, what="both suspensions are on record")
    assert suspensions() == [("chen-qi", "node")] * 2, "each once"
    await chen.aclose()


async def test_a_mark_is_on_record_before_it_counts(ruled: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    node, inner, clock = ruled, ruled.node, MovedClock()
    inner.tickets.register = Register()
    inner.tickets._clock = inner.case_numbers._clock = clock
    chen = await node.client_of("chen-qi", INVESTIGATOR)
    assert (await order(chen, [CAMERA], case_number="A5201022026119001")).status_code == 201
    clock.later, record = timedelta(hours=25), inner.audit.record

    async def full(who: Any, act: Act, *args: Any, **facts: Any) -> None:
        if act is Act.TICKET_UNMATCHED:
            raise StorageFault(what="the disk is full", remedy_zh="", remedy_en="")
        await record(who, act, *args, **facts)

    with monkeypatch.context() as patch:
        patch.setattr(inner.audit, "record", full)
        assert (await node.client.post("/unmatched-tickets/reconcile")).status_code == 503
    assert (await chen.get("/tickets")).json()["items"][0]["case_match"] == Match.UNKNOWN
    assert len((await node.client.post("/unmatched-tickets/reconcile")).json()["items"]) == 1
    assert [one.object for one in records(node) if one.act == "ticket.unmatched"]
    await chen.aclose()


async def test_a_night_without_the_node_is_made_up(ruled: RunningNode, monkeypatch: pytest.MonkeyPatch) -> None:
    inner, clock = ruled.node, MovedClock()
    monkeypatch.setattr(case_numbers, "LOOK_EVERY_S", 0.01)
    chen = await ruled.client_of("chen-qi", INVESTIGATOR)
    inner.tickets._clock = clock
    clock.later = timedelta(days=-2)
    assert (await order(chen, [CAMERA], case_number="A5201022026119001")).status_code == 201
    register = inner.tickets.register = Register()

    async def restart() -> CaseNumbers:
        numbers = CaseNumbers(inner.store, SystemClock(), inner.access, inner.audit, inner.tickets, UTC)
        await numbers.start()
        return numbers

    numbers = await restart()
    await until(lambda: numbers.last is not None, what="it asks without waiting for the next night")
    await numbers.stop()
    assert register.asked == 1 and [one.role for one in records(ruled) if one.act == "ticket.unmatched"] == ["node"]
    numbers = await restart()
    assert not await numbers._missed()
    await numbers.stop()
    await chen.aclose()


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


class SetClock(SystemClock):
    """The machine's clock in a test: time passes by `passes`, and somebody sets it by `is_set`."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.set_s = 0.0

    def now(self) -> datetime:
        """What the wall shows."""
        return super().now() + timedelta(seconds=self.passed_s + self.set_s)

    def monotonic_s(self) -> float:
        """What has really passed."""
        return super().monotonic_s() + self.passed_s


async def test_setting_the_clock_back_makes_nothing_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SetClock()
    monkeypatch.setattr("fengsui.app.node.SystemClock", lambda: clock)
    async with running_node(tmp_path, with_pack(tmp_path)) as node:
        inner = node.node
        assert inner.clock is clock
        centre = await centre_of(node)
        chen, li = await node.client_of("chen-qi", INVESTIGATOR), await node.client_of("li-si", operator())
        wang = await node.client_of("wang-wu", operator())
        people = people_of(await node.get("/users"))

        async def sees(name: str) -> bool:
            person = await inner.access.persons.get(people[name])
            assert person is not None
            facts = CameraFacts(CAMERA, HERE, CameraClass.GOVERNMENT)
            return not isinstance(inner.access.decide(person, Function.VIEW_LIVE, facts), Refused)

        assert (await order(chen, [CAMERA], hours=1)).status_code == 201
        body = {"area": HERE, "danger": "life", "said": "有人落水,立即查看", "proof": OWN_PASSWORD}
        assert (await wang.post("/emergencies", json=body)).status_code == 201
        now = datetime.now(UTC)
        slot = {"seat": 1, "user_id": people["li-si"], "since": now.isoformat()}
        slot["until"] = (now + timedelta(minutes=1)).isoformat()
        assert (await node.client.post(f"/duty/centres/{centre}/slots", json=slot)).status_code == 201
        await publish(node, centre)
        assert (await li.post("/duty/shift", json={"centre": centre, "seat": 1})).status_code == 201
        asked = await node.client.post(f"/duty/centres/{centre}/removal", json={"reason": "并入市局"})
        request = asked.json()["id"]

        clock.passed_s += 20 * 60
        assert inner.access.steady.now_s() > now.timestamp() + 20 * 60
        clock.set_s -= 6 * 3600
        assert [await sees(one) for one in ("chen-qi", "li-si", "wang-wu")] == [True] * 3, "what lasts goes on"
        clock.passed_s += 11 * 60
        assert [await sees(one) for one in ("chen-qi", "li-si", "wang-wu")] == [True, True, False], "minute 31"
        (ticket,) = (await chen.get("/tickets")).json()["items"]
        assert ticket["state"] == "open"
        clock.passed_s += 30 * 60
        assert [await sees(one) for one in ("chen-qi", "li-si")] == [False, True], "the ticket's hour is over"
        assert (await chen.get("/tickets")).json()["items"][0]["state"] == "expired"
        clock.passed_s += 61 * 60
        assert not await sees("li-si"), "the slot and two hours"
        clock.passed_s += 22 * 3600
        await until(lambda: _stands(inner, request, "expired"), what="a request lasts a day")
        await until(lambda: inner.tickets.closed_to(people["wang-wu"]), what="no report within a day")
        assert clock.now() < now + timedelta(hours=20), "by the wall all of it would last"
        for one in (chen, li, wang):
            await one.aclose()


async def _stands(node: Node, request: str, state: str) -> bool:
    async with node.store.reading() as tx:
        found = await tx.execute(sa.text("SELECT state FROM approval_requests WHERE id = :id"), {"id": request})
        return bool(found.scalar_one() == state)


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
