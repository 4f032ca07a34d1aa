"""What becomes of a request: what was approved happens exactly once, and what is void, late or withdrawn never."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fengsui.clock import ManualClock
from fengsui.features.approvals import Document
from fengsui.features.approvals.errors import TooMany
from fengsui.features.approvals.model import MAX_PENDING, Person, Sealed, State, hash_of
from tests.node.approvals.office import Office, Sign, approve, office_at, read, refused
from tests.node.conftest import settings_for, until


async def test_what_was_changed_after_the_approval_is_void(office: Office) -> None:
    office.kind.wait_s = 3600
    second = await office.hire("second", "127.0.0.2")
    changes = {
        "UPDATE approval_requests SET content = :content WHERE id = :id": {"content": '{"text":"other"}'},
        "UPDATE approval_requests SET content = :content, hash = :hash WHERE id = :id": {
            "content": '{"text":"other"}',
            "hash": hash_of(kind="test.sign", content={"text": "other"}, base="old", document=None),
        },
        "UPDATE approval_requests SET due_at = 0 WHERE id = :id": {},
        "UPDATE approval_requests SET decided_at = decided_at + 3600 WHERE id = :id": {},
        "UPDATE approval_requests SET content = 'no json' WHERE id = :id": {},
    }
    for statement, facts in changes.items():
        request = await office.ask(office.node.client)
        assert (await approve(second, request)).json()["state"] == "approved"
        await office.touch(statement, id=request, **facts)
        await until(lambda request=request: _ended(office, request), what="the request is void")
        assert (await read(second, request))["request"]["state"] == "void"
    assert await office.sign() == ("old", 0)
    unapproved = (
        "state = 'approved', due_at = 1, decided_by = 2",
        "asked_by = 99",
        "asked_address = '10.0.0.1'",
        "expires_at = expires_at + 86400",
        "reason = 'ordered by the mayor'",
    )
    for change in unapproved:
        request = await office.ask(office.node.client)
        await office.touch(f"UPDATE approval_requests SET {change} WHERE id = :id", id=request)
        await until(lambda request=request: _ended(office, request), what=f"the request is void: {change}")
    assert await office.sign() == ("old", 0) and len(office.said("void")) == len(changes) + len(unapproved)


def _ended(office: Office, request: str) -> bool:
    return any(one.object == request for act in ("void", "expire", "apply") for one in office.said(act))


async def test_a_changed_base_voids_what_waits(office: Office) -> None:
    second = await office.hire("second", "127.0.0.2")
    request = await office.ask(office.node.client)
    opened = await read(second, request)
    await office.touch("UPDATE sign SET text = 'meanwhile'")
    refused(await second.post(f"/approvals/{request}/approve", json={"hash": opened["hash"]}), 409, "approvals.not_open")
    assert await office.sign() == ("meanwhile", 0)
    ended = (await read(second, request))["request"]
    assert ended["state"] == "void" and "not what it was" in ended["ended_reason"]


async def test_requests_and_approvals_expire_within_a_day(office: Office) -> None:
    second = await office.hire("second", "127.0.0.2")
    request = await office.ask(office.node.client)
    hash = (await read(second, request))["hash"]
    office.clock.advance(24 * 3600 - 5)
    second = await office.sits("second", "127.0.0.2")
    assert (await read(second, request))["request"]["state"] == "pending"
    office.clock.advance(10)
    refused(await second.post(f"/approvals/{request}/approve", json={"hash": hash}), 409, "approvals.not_open")
    assert (await read(second, request))["request"]["state"] == "expired" and await office.sign() == ("old", 0)
    assert len(office.said("expire")) == 1


async def test_a_race_of_two_approvers_is_won_once(office: Office) -> None:
    second, third = await office.hire("second", "127.0.0.2"), await office.hire("third", "127.0.0.3")
    for _ in range(5):
        text, times = await office.sign()
        request = await office.ask(office.node.client, text + "+")
        hash = (await read(second, request))["hash"]
        await read(third, request)
        calls = [one.post(f"/approvals/{request}/approve", json={"hash": hash}) for one in (second, third, second)]
        answers = await asyncio.gather(*calls)
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        assert await office.sign() == (text + "+", times + 1)
    outcomes = [one.result for one in office.said("approve")]
    assert (outcomes.count("allowed"), outcomes.count("refused")) == (5, 10)


async def test_the_second_person_refuses_with_a_reason_and_the_first_withdraws(office: Office) -> None:
    second = await office.hire("second", "127.0.0.2")
    request = await office.ask(office.node.client)
    refused(await second.post(f"/approvals/{request}/refuse", json={"reason": " "}), 400, "approvals.reason_missing")
    refused(await office.node.client.post(f"/approvals/{request}/refuse", json={"reason": "x"}), 403, "approvals.own_request")
    answer = await second.post(f"/approvals/{request}/refuse", json={"reason": "没有依据"})
    assert answer.json()["state"] == "refused" and answer.json()["ended_reason"] == "没有依据"
    other = await office.ask(office.node.client)
    refused(await second.post(f"/approvals/{other}/withdraw", json={}), 403, "approvals.not_yours")
    assert (await office.node.client.post(f"/approvals/{other}/withdraw", json={})).json()["state"] == "withdrawn"
    refused(await second.post(f"/approvals/{other}/refuse", json={"reason": "x"}), 409, "approvals.not_open")
    assert await office.sign() == ("old", 0)


async def test_a_loosening_waits_and_can_be_stopped_by_one(office: Office) -> None:
    office.kind.wait_s = 7200
    second = await office.hire("second", "127.0.0.2")
    request = await office.ask(office.node.client)
    assert (await approve(second, request)).json()["state"] == "approved" and await office.sign() == ("old", 0)
    assert [one["id"] for one in (await second.get("/approvals", params={"box": "coming"})).json()["items"]] == [request]
    assert (await second.post(f"/approvals/{request}/withdraw", json={"reason": "too wide"})).json()["state"] == "withdrawn"
    assert office.kind.log == [f"settled {request}", f"drop {request}", f"settled {request}"]
    request = await office.ask(office.node.client)
    await approve(second, request)
    office.clock.advance(7199)
    await office.node.node.approvals.look()
    assert await office.sign() == ("old", 0)
    office.clock.advance(2)
    await until(lambda: _ended(office, request), what="the wait is over")

    async def is_done() -> bool:  # it is on record before, and `settled` tells of the approval too
        return await office.sign() == ("new", 1)

    await until(is_done, what="it is done")


async def test_the_true_end_of_a_wait_is_shown_after_the_clock_leapt(office: Office) -> None:
    office.kind.wait_s = 7200
    second = await office.hire("second", "127.0.0.2")
    request = await office.ask(office.node.client)
    due = datetime.fromisoformat((await approve(second, request)).json()["due_at"])
    office.clock.set_by(3 * 3600)  # further than the wait
    await office.node.node.approvals.look()
    shown = (await second.get("/approvals", params={"box": "coming"})).json()["items"][0]
    assert datetime.fromisoformat(shown["due_at"]) == due + timedelta(hours=3), "as long as it really waits"
    assert (await read(second, request))["request"]["due_at"] == shown["due_at"]
    office.clock.advance(7199)
    await office.node.node.approvals.look()
    assert await office.sign() == ("old", 0)
    office.clock.advance(2)
    await until(lambda: _ended(office, request), what="the wait is over")
    ended = (await read(second, request))["request"]
    assert ended["state"] == "applied" and datetime.fromisoformat(ended["due_at"]) == due, "what was decided stands in the history"


def test_what_was_approved_before_its_time_was_sealed_holds_and_no_other_time_does() -> None:
    asked, key = Person(1, "s", "192.0.2.7", "b"), bytes(32)
    old = Sealed("r", "h", "why", "first", asked, 10.0, 2, 5.0)
    new = replace(old, decided_at=4.0)
    assert new.is_sealed(key, old.seal(key)) and new.is_sealed(key, new.seal(key))
    assert not replace(new, decided_at=3.0).is_sealed(key, new.seal(key)) and not old.is_sealed(key, new.seal(key))
    assert not replace(new, due_at=4.5).is_sealed(key, old.seal(key))
    applied = replace(new, decided_name="second", ended=State.APPLIED)
    assert applied.is_sealed(key, applied.seal(key)) and not replace(applied, decided_name="third").is_sealed(
        key, applied.seal(key)
    )
    for other in (old, new, replace(new, ended=State.VOID)):
        assert not replace(other, ended=State.APPLIED).is_sealed(key, other.seal(key)), "an end that no seal tells is none"
    assert not replace(applied, ended=None).is_sealed(key, applied.seal(key)), "nor does what was done wait again"


async def test_a_request_about_what_is_gone_holds_up_no_other(office: Office) -> None:
    office.kind.wait_s = 60
    second = await office.hire("second", "127.0.0.2")
    approved = [await office.ask(office.node.client, text) for text in ("stuck", "at the act")]
    for one in approved:
        assert (await approve(second, one)).json()["state"] == "approved"
    pending = await office.ask(office.node.client, "pending")
    last = await office.ask(office.node.client, "last")
    assert (await approve(second, last)).json()["state"] == "approved"
    office.kind.gone = {"stuck": "surprise in base", "at the act": "places", "pending": "base"}
    office.clock.advance(61)

    async def applied() -> bool:
        return await office.sign() == ("last", 1)

    async def ended(request: str) -> str:
        return str((await read(office.node.client, request))["request"]["ended_reason"])

    await until(applied, what="the last is applied although an earlier one cannot go on")
    for one in (pending, approved[1]):
        await until(lambda one=one: ended(one), what="what it is about is gone")
        assert "标牌已拆除" in await ended(one) and "test.gone" in await ended(one)
    office.kind.gone = {}
    await until(lambda: ended(approved[0]), what="the first has its turn when it can go on")
    assert await applied(), "what it would change is another by now"


async def test_what_follows_an_act_is_repeated_until_it_is_done(office: Office) -> None:
    second = await office.hire("second", "127.0.0.2")
    office.kind.unsettled = 2
    request = await office.ask(office.node.client)
    answer = await approve(second, request)
    assert (answer.status_code, answer.json()["state"]) == (200, "applied"), "it has happened"
    await until(lambda: office.kind.log == [f"settled {request}"], what="it is done at a later look")
    await office.node.node.approvals.look()
    assert office.kind.log == [f"settled {request}"] and office.kind.unsettled == 0, "once"


async def test_what_the_node_could_not_finish_is_finished_at_the_next_start(tmp_path: Path) -> None:
    settings, clock = settings_for(), ManualClock()
    async with office_at(tmp_path, settings, clock, Sign(broken=True)) as office:
        second = await office.hire("second", "127.0.0.2")
        request = await office.ask(office.node.client)
        answer = await approve(second, request)
        assert answer.status_code == 500, "approved, and the act could not be finished"
        assert await office.sign() == ("old", 0), "half an act is taken back"
        assert (await read(second, request))["request"]["state"] == "approved"
    async with office_at(tmp_path, settings, clock, Sign()) as office:
        await office.node.node.approvals.look(after="a restart")
        assert await office.sign() == ("new", 1)
        assert "finished after a restart" in office.said("apply")[-1].detail
        await office.node.node.approvals.look(after="a restart")
        assert await office.sign() == ("new", 1)
    async with office_at(tmp_path, settings, clock, Sign(wait_s=60)) as office:
        second = await office.sits("second", "127.0.0.2")
        late = await office.ask(office.node.client, "late")
        assert (await approve(second, late)).json()["state"] == "approved"
    clock.advance(2 * 86_400)
    async with office_at(tmp_path, settings, clock, Sign(wait_s=60)) as office:
        await office.node.node.approvals.look(after="a restart")
        assert await office.sign() == ("new", 1) and len(office.said("expire")) == 1, "an approval of days ago is none"


async def test_one_person_fills_nobodys_list(office: Office) -> None:
    for number in range(MAX_PENDING):
        await office.ask(office.node.client, f"text {number}")
    with pytest.raises(TooMany):
        await office.ask(office.node.client)
    assert (office.said("ask")[-1].result, office.said("ask")[-1].detail) == ("refused", "approvals.too_many")
    second = await office.hire("second", "127.0.0.2")
    told = (await second.get("/approvals", params={"limit": 3})).json()
    assert told["waiting"] == MAX_PENDING and len(told["items"]) == 3
    rest = (await second.get("/approvals", params={"limit": 200, "cursor": told["next"]})).json()
    assert len(rest["items"]) == MAX_PENDING - 3 and rest["next"] is None


async def test_a_kind_that_needs_a_paper_takes_nothing_without(office: Office) -> None:
    office.kind.document = True
    with pytest.raises(Exception, match="legal document"):
        await office.ask(office.node.client)
    assert (office.said("ask")[0].result, office.said("ask")[0].detail) == ("refused", "approvals.document_missing")
    paper = Document("黔公调证字〔2026〕12号", "南明区公安局", "分局长", "2026-11-26")
    request = await office.ask(office.node.client, document=paper)
    second = await office.hire("second", "127.0.0.2")
    opened = await read(second, request)
    assert opened["document"]["number"] == paper.number
    await office.touch("UPDATE approval_requests SET document = '' WHERE id = :id", id=request)
    refused(await second.post(f"/approvals/{request}/approve", json={"hash": opened["hash"]}), 409, "approvals.not_open")
