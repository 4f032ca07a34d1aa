"""Two persons for one act: each way around the second person is refused and recorded."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from fengsui.clock import ManualClock
from fengsui.features.access.credentials import credential_of_token
from fengsui.features.approvals.model import hash_of
from tests.node.approvals.office import FIRST, OWN, Office, Sign, approve, office_at, read, refused
from tests.node.conftest import settings_for
from tests.node.test_audit import records


async def test_one_asks_another_reads_and_approves_and_it_happens_once(office: Office) -> None:
    second = await office.hire("second", "127.0.0.2")
    request = await office.ask(office.node.client)
    assert await office.sign() == ("old", 0), "one signature has no effect"
    waiting = (await second.get("/approvals")).json()
    assert [one["id"] for one in waiting["items"]] == [request] and waiting["waiting"] == 1
    assert (await office.node.client.get("/approvals")).json()["waiting"] == 0
    opened = await read(second, request)
    assert opened["may_approve"] and not opened["may_withdraw"] and opened["content"] == {"text": "new"}
    assert opened["differences"] == [
        {
            "field": "text",
            "zh": "文字",
            "en": "Text",
            "old_zh": "old",
            "old_en": "old",
            "new_zh": "new",
            "new_en": "new",
            "direction": "loosening",
        }
    ]
    assert opened["hash"] == hash_of(kind="test.sign", content={"text": "new"}, base="old", document=None)
    answer = await approve(second, request, opened["hash"])
    assert answer.status_code == 200 and answer.json()["state"] == "applied"
    assert await office.sign() == ("new", 1)
    refused(await second.post(f"/approvals/{request}/approve", json={"hash": opened["hash"]}), 409, "approvals.not_open")
    assert await office.sign() == ("new", 1)
    assert (await second.get("/approvals", params={"box": "ended"})).json()["items"][0]["decided_by"] == "second"
    assert (await read(office.node.client, request))["differences"][0]["old_en"] == "old", "the history shows what it was"
    whole = [(one.act, one.person, one.result) for one in records(office.node) if one.object == request]
    assert whole == [
        ("approval.ask", "security", "allowed"),
        ("approval.open", "second", "allowed"),
        ("approval.approve", "second", "allowed"),
        ("approval.apply", "", "allowed"),
        ("approval.approve", "second", "refused"),
        ("approval.open", "security", "allowed"),
    ]
    assert opened["hash"] in office.said("ask")[0].detail and opened["hash"] in office.said("approve")[0].detail


async def test_one_account_is_not_two_persons(office: Office) -> None:
    elsewhere = await office.sits("security", "127.0.0.2", FIRST)
    request = await office.ask(office.node.client)
    refused(await approve(elsewhere, request), 403, "approvals.own_request")
    made = await elsewhere.post(
        "/account/tokens", json={"name": "p", "functions": ["approve", "manage-people"], "days": 1, "proof": "first-password"}
    )
    program = httpx.AsyncClient(base_url=office.node.client.base_url, headers={"Authorization": f"Bearer {made.json()['text']}"})
    office.clients.append(program)
    refused(await approve(program, request), 403, "access.persons_only")
    assert await office.sign() == ("old", 0)
    assert [(one.person, one.result, one.detail) for one in office.said("approve")] == [
        ("security", "refused", "approvals.own_request"),
        ("security", "refused", "access.persons_only"),
    ]


async def test_a_request_of_a_token_is_its_owners(office: Office) -> None:
    made = await office.node.client.post(
        "/account/tokens", json={"name": "p", "functions": ["manage-people"], "days": 1, "proof": "first-password"}
    )
    shown = credential_of_token(made.json()["text"])
    program = await office.node.node.access.principal_of(shown, "127.0.0.9")
    row = await office.node.node.approvals.ask(program, "test.sign", {"text": "new"}, "by a program")
    refused(await approve(office.node.client, row.id), 403, "approvals.own_request")


@pytest.mark.parametrize(
    ("rule", "browser", "code"), [("address", "other", "approvals.same_workstation"), ("browser", "", "approvals.same_workstation"),
                                  ("browser", "other", ""), ("session", "", "")],
)  # fmt: skip
async def test_two_accounts_at_one_workstation_are_not_two_persons(tmp_path: Path, rule: str, browser: str, code: str) -> None:
    settings = settings_for()
    settings = settings.model_copy(update={"approvals": settings.approvals.model_copy(update={"same_workstation": rule})})
    async with office_at(tmp_path, settings, ManualClock(), Sign()) as office:
        await office.hire("second", "127.0.0.1")
        second = httpx.AsyncClient(base_url=office.node.client.base_url)
        office.clients.append(second)
        if browser:
            second.headers["user-agent"] = browser
        signed = await second.post("/session", json={"name": "second", "password": OWN})
        second.headers["Authorization"] = f"Bearer {signed.json()['token']}"
        request = await office.ask(office.node.client)
        answer = await approve(second, request)
        if code:
            refused(answer, 403, code)
            assert "127.0.0.1" in answer.json()["zh"] and await office.sign() == ("old", 0)
            assert office.said("approve")[-1].detail == code
        else:
            assert answer.json()["state"] == "applied"


async def test_a_session_that_moved_is_judged_by_where_it_is_now(office: Office) -> None:
    second = await office.hire("second", "127.0.0.2")
    request = await office.ask(office.node.client)
    opened = await read(second, request)
    here = httpx.AsyncClient(base_url=second.base_url, headers={"Authorization": second.headers["Authorization"]})
    office.clients.append(here)
    answer = await here.post(f"/approvals/{request}/approve", json={"hash": opened["hash"]})
    assert answer.status_code in (401, 403) and await office.sign() == ("old", 0)


async def test_nobody_approves_what_they_have_not_opened(office: Office) -> None:
    second, third = await office.hire("second", "127.0.0.2"), await office.hire("third", "127.0.0.3")
    request = await office.ask(office.node.client)
    hash = (await read(third, request))["hash"]
    refused(await second.post(f"/approvals/{request}/approve", json={"hash": hash}), 409, "approvals.not_read")
    refused(await third.post(f"/approvals/{request}/approve", json={"hash": "0" * 64}), 409, "approvals.other_hash")
    assert await office.sign() == ("old", 0)
    assert [one.detail for one in office.said("approve")] == ["approvals.not_read", "approvals.other_hash"]


async def test_whoever_lacks_the_right_sees_and_approves_nothing(office: Office) -> None:
    request = await office.ask(office.node.client)
    auditor = await office.sits("audit", "127.0.0.2", FIRST)
    opened = await read(auditor, request)
    assert not opened["may_approve"], "the audit office reads along"
    refused(await auditor.post(f"/approvals/{request}/approve", json={"hash": opened["hash"]}), 403, "access.office")
    refused(await auditor.post(f"/approvals/{request}/withdraw", json={}), 403, "approvals.not_yours")
    duty, system = await office.sits("duty", "127.0.0.3", FIRST), await office.sits("system", "127.0.0.4", FIRST)
    refused(await duty.get(f"/approvals/{request}"), 404, "approvals.unknown")
    assert (await duty.get("/approvals")).json()["items"] == []
    refused(await system.get(f"/approvals/{request}"), 403, "access.office")
    refused(await office.node.client.get("/approvals/0123456789abcdef"), 404, "approvals.unknown")
    assert office.said("withdraw")[-1].result == "refused"
