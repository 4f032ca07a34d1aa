"""Two persons for one act: each way around the second person is refused and recorded; what was approved happens exactly once."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.app import Node
from fengsui.clock import ManualClock
from fengsui.errors import NodeFault
from fengsui.features.access import Function
from fengsui.features.access.credentials import credential_of_token
from fengsui.features.access.first_people import DEMONSTRATION, FIRST_PEOPLE, FirstPerson, demonstration, to_text
from fengsui.features.access.posts import Post
from fengsui.features.access.ranks import Rank
from fengsui.features.approvals import ApprovalKind, Asked, Description, Difference, Direction, Document
from fengsui.features.approvals.errors import TooMany
from fengsui.features.approvals.model import MAX_PENDING, hash_of
from fengsui.features.audit.model import AuditRecord
from tests.node.conftest import RunningNode, settings_for, until
from tests.node.test_audit import records

OWN, FIRST = "own-password-1", "first-password"


class DiskGone(NodeFault):
    """The node cannot now."""


@dataclass
class Sign(ApprovalKind):
    """Changes the text on a sign, which is a row of a table of its own."""

    name = "test.sign"
    zh, en = "更换标牌", "Change a sign"
    asks = approves = Function.MANAGE_PEOPLE
    document: bool = False
    wait_s: float = 0.0
    broken: bool = False
    log: list[str] = field(default_factory=list)

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        return str((await tx.execute(sa.text("SELECT text FROM sign"))).scalar_one())

    async def describe(self, tx: AsyncConnection, content: Any) -> Description:
        old = await self.base(tx, content)
        change = Difference("text", "文字", "Text", old, old, content["text"], content["text"], Direction.LOOSENING)
        return Description("sign-1", "标牌", "Sign", (change,))

    async def delay_s(self, tx: AsyncConnection, content: Any) -> float:
        return self.wait_s

    async def apply(self, tx: AsyncConnection, asked: Asked) -> None:
        await tx.execute(sa.text("UPDATE sign SET text = :text, times = times + 1"), {"text": asked.content["text"]})
        if self.broken:
            raise DiskGone()

    async def drop(self, tx: AsyncConnection, asked: Asked) -> None:
        self.log.append(f"drop {asked.id}")

    async def settled(self, asked: Asked) -> None:
        self.log.append(f"settled {asked.id}")


class Office:
    """A node with the sign and two administrators, each at a workstation of their own."""

    def __init__(self, node: RunningNode, clock: ManualClock, kind: Sign) -> None:
        self.node = node
        self.clock = clock
        self.kind = kind
        self.clients: list[httpx.AsyncClient] = []

    async def sits(self, name: str, address: str = "127.0.0.1", password: str = OWN) -> httpx.AsyncClient:
        """A client at that address."""
        transport = httpx.AsyncHTTPTransport(local_address=address)
        client = httpx.AsyncClient(base_url=self.node.client.base_url, timeout=20, transport=transport)
        self.clients.append(client)
        answer = await client.post("/session", json={"name": name, "password": password})
        assert answer.status_code == 201, answer.text
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return client

    async def hire(self, name: str, address: str) -> httpx.AsyncClient:
        """One more of the first administrators, who sits there with a password of their own."""
        client = await self.sits(name, address, FIRST)
        changed = await client.post("/session/password", json={"old": FIRST, "new": OWN})
        assert changed.status_code == 204
        return client

    async def ask(self, client: httpx.AsyncClient, text: str = "new", document: Document | None = None) -> str:
        """Asks as whoever the client is; the id of the request."""
        token = client.headers["Authorization"].removeprefix("Bearer ")
        who = await self.node.node.access.principal_of(credential_of_token(token), "127.0.0.1")
        return str((await self.node.node.approvals.ask(who, "test.sign", {"text": text}, "road works", document)).id)

    async def sign(self) -> tuple[str, int]:
        """Its text, and how often it was changed."""
        async with self.node.node.store.reading() as tx:
            row = (await tx.execute(sa.text("SELECT text, times FROM sign"))).one()
        return row.text, row.times

    async def touch(self, statement: str, **facts: object) -> None:
        """Somebody at the database, past the node."""
        async with self.node.node.store.transaction() as tx:
            await tx.execute(sa.text(statement), facts)

    def said(self, act: str) -> list[AuditRecord]:
        """The audit records of one act."""
        return [one for one in records(self.node) if one.act == f"approval.{act}"]


@contextlib.asynccontextmanager
async def office_at(folder: Path, settings: Any, clock: ManualClock, kind: Sign) -> AsyncIterator[Office]:
    """Starts a node on this folder whose `Sign` is registered before it looks at what was approved."""
    first = demonstration({one.name: FIRST for one in DEMONSTRATION})
    others = [
        FirstPerson(name, FIRST, Post.SECURITY_ADMINISTRATOR, prepared=True, rank=Rank.PROVINCE_HEAD)
        for name in ("second", "third")
    ]
    os.environ[FIRST_PEOPLE] = to_text([*first, *others])
    node = Node(settings, folder, clock)
    await node.start()
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.http.port}/api/v1", timeout=20)
    office = Office(RunningNode(node, client, {}), clock, kind)
    try:
        answer = await client.post("/session", json={"name": "security", "password": FIRST})
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        client.cookies.clear()
        async with node.store.transaction() as tx:
            await tx.execute(sa.text("CREATE TABLE IF NOT EXISTS sign (text VARCHAR(99), times INTEGER)"))
            if not (await tx.execute(sa.text("SELECT count(*) FROM sign"))).scalar_one():
                await tx.execute(sa.text("INSERT INTO sign VALUES ('old', 0)"))
        node.approvals.register(kind)
        yield office
    finally:
        for one in (client, *office.clients):
            await one.aclose()
        await node.stop()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """One office."""
    async with office_at(tmp_path, settings_for(), ManualClock(), Sign()) as running:
        yield running


async def read(client: httpx.AsyncClient, request: str) -> dict[str, Any]:
    """Opens a request."""
    answer = await client.get(f"/approvals/{request}")
    assert answer.status_code == 200, answer.text
    opened: dict[str, Any] = answer.json()
    return opened


async def approve(client: httpx.AsyncClient, request: str, hash: str = "") -> httpx.Response:
    """Opens and approves."""
    return await client.post(f"/approvals/{request}/approve", json={"hash": hash or (await read(client, request))["hash"]})


def refused(answer: httpx.Response, status: int, code: str) -> None:
    """A problem in both languages with what to do."""
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), answer.text
    assert told["zh"] and told["en"] and told["remedy_zh"] and told["remedy_en"]


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
    made = await elsewhere.post("/account/tokens", json={"name": "p", "functions": ["approve", "manage-people"], "days": 1})
    program = httpx.AsyncClient(base_url=office.node.client.base_url, headers={"Authorization": f"Bearer {made.json()['text']}"})
    office.clients.append(program)
    refused(await approve(program, request), 403, "access.persons_only")
    assert await office.sign() == ("old", 0)
    assert [(one.person, one.result, one.detail) for one in office.said("approve")] == [
        ("security", "refused", "approvals.own_request"),
        ("security", "refused", "access.persons_only"),
    ]


async def test_a_request_of_a_token_is_its_owners(office: Office) -> None:
    made = await office.node.client.post("/account/tokens", json={"name": "p", "functions": ["manage-people"], "days": 1})
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
    await until(lambda: f"settled {request}" in office.kind.log[-1:], what="it is done")
    assert await office.sign() == ("new", 1)


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
