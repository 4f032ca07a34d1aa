"""An office whose sign two persons change: a kind of request that stands for every kind, and people to ask and to approve."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.app import Node
from fengsui.clock import ManualClock
from fengsui.errors import NodeFault, OperatorFault
from fengsui.features.access import (
    DEMONSTRATION,
    FIRST_PEOPLE,
    CameraFacts,
    FirstPerson,
    Function,
    Place,
    Post,
    Rank,
    credential_of_token,
    demonstration,
    first_people_to_text,
)
from fengsui.features.approvals import ApprovalKind, Asked, Description, Difference, Direction, Document
from fengsui.features.audit.model import AuditRecord
from tests.node.conftest import RunningNode
from tests.node.test_audit import records

OWN, FIRST = "own-password-1", "first-password"


class DiskGone(NodeFault):
    """The node cannot now."""


class SignGone(OperatorFault):
    """What the request is about is not there any more."""

    code = "test.gone"
    zh, en = "标牌已拆除", "The sign is gone"


@dataclass
class Sign(ApprovalKind):
    """Changes the text on a sign, which is a row of a table of its own."""

    name = "test.sign"
    zh, en = "更换标牌", "Change a sign"
    asks = approves = Function.MANAGE_PEOPLE
    document: bool = False
    wait_s: float = 0.0
    broken: bool = False
    gone: dict[str, str] = field(default_factory=dict)
    """By text of a request: where it raises that the sign is gone."""
    unsettled: int = 0
    """How often what follows the act cannot be done yet."""
    log: list[str] = field(default_factory=list)

    def _look(self, where: str, content: Any) -> None:
        if self.gone.get(content["text"]) == where:
            raise SignGone()
        if self.gone.get(content["text"]) == f"surprise in {where}":
            raise KeyError(where)

    async def places(self, content: Any) -> Sequence[CameraFacts | Place]:
        self._look("places", content)
        return ()

    async def base(self, tx: AsyncConnection, content: Any) -> str:
        self._look("base", content)
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
        if self.unsettled:
            self.unsettled -= 1
            raise DiskGone()
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
    os.environ[FIRST_PEOPLE] = first_people_to_text([*first, *others])
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
