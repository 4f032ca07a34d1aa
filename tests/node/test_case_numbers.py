"""Case numbers against a register that is slow, away, or does not know them (A3)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fengsui.clock import ManualClock, SystemClock
from fengsui.errors import StorageFault
from fengsui.features.access import CameraClass, CameraFacts, Function
from fengsui.features.audit import Act
from fengsui.features.policy import UnknownCase
from fengsui.features.tickets import actions, case_numbers
from fengsui.features.tickets.case_numbers import CaseNumbers
from fengsui.features.tickets.model import Match
from fengsui.features.tickets.register import RegisterAway
from tests.node.conftest import OWN_PASSWORD, RunningNode, running_node, until
from tests.node.duty_room import (
    CAMERA,
    CASE,
    HERE,
    MovedClock,
    operator,
    order,
    people_of,
    window,
    with_pack,
)
from tests.node.test_audit import records

INVESTIGATOR = {"post": "investigator", "area": HERE}


@pytest.fixture
async def ruled(tmp_path: Path) -> AsyncIterator[RunningNode]:
    """A node with the demonstration's policy pack."""
    async with running_node(tmp_path, with_pack(tmp_path)) as node:
        yield node


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

        def runs() -> list[tuple[str, str]]:
            return [(one.role, one.result) for one in records(node) if one.act == "ticket.reconcile"]

        await until(lambda: runs() == [("node", "allowed"), ("node", "failed")], what="that it failed is on record")
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
