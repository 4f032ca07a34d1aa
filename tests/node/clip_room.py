"""A node with footage of one camera, one who takes clips of it and one who approves: for the tests of clips."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from fengsui.clock import Clock
from fengsui.features.audit.model import AuditRecord
from tests.node.conftest import RunningNode, powered, running_node, simulated_camera, until, with_media
from tests.node.duty_room import HERE, centre_of, with_pack
from tests.node.test_audit import records
from tests.node.test_footage import order, safe_for, state_of
from tests.node.test_live import listed
from tests.node.test_masks import approve

PAPER = {"number": "调证〔2026〕17号", "issuer": "南明分局", "rank": "分局负责人", "issued_on": "2026-11-20"}


@contextlib.asynccontextmanager
async def clip_node(folder: Path, clock: Clock | None = None, **media: object) -> AsyncIterator[RunningNode]:
    """A node with the demonstration's pack, on which two persons may sit at one address."""
    settings = with_media(with_pack(folder, register=folder.parent / "cases.txt"), grace_s=5, **media)
    approvals = settings.approvals.model_copy(update={"same_workstation": "session"})
    async with running_node(folder, settings.model_copy(update={"approvals": approvals}), clock) as node:
        yield node


async def asked(client: httpx.AsyncClient, code: str, since: datetime, until_: datetime, **facts: Any) -> httpx.Response:
    """A clip of this time is asked for."""
    body = {"from": since.isoformat(), "to": until_.isoformat(), "reason": "还原案发经过", "document": PAPER, **facts}
    return await client.post(f"/cameras/{code}/clips", json=body)


async def clip_of(client: httpx.AsyncClient, request: str) -> dict[str, Any]:
    """The clip as its owner sees it."""
    items: list[dict[str, Any]] = (await client.get("/clips")).json()["items"]
    return next(one for one in items if one["id"] == request)


def ends(node: RunningNode) -> list[AuditRecord]:
    """What is on record of clips that were handed over, or were to be."""
    return [one for one in records(node) if one.act == "clip.taken"]


@dataclass(frozen=True, slots=True)
class Filmed:
    """Footage of one camera from `since` to `end`, and two persons; `chen` has the use ticket `number` for it."""

    node: RunningNode
    code: str
    since: datetime
    end: datetime
    chen: httpx.AsyncClient
    zhou: httpx.AsyncClient
    number: str

    async def ask(self) -> str:
        """The request for all of it."""
        answer = await asked(self.chen, self.code, self.since, self.end)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    async def permit(self) -> str:
        """The same, approved."""
        request = await self.ask()
        await approve(self.zhou, request)
        return request

    async def take(self, request: str, **body: Any) -> httpx.Response:
        """Asks for the address."""
        return await self.chen.post(f"/clips/{request}/download", json=body)

    async def another_ticket(self) -> str:
        """One more use ticket of chen's that covers the same."""
        answer = await order(self.chen, self.code, self.since, datetime.now(UTC) + timedelta(hours=1))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])


@contextlib.asynccontextmanager
async def filmed(node: RunningNode, seconds: float) -> AsyncIterator[Filmed]:
    """So many seconds at least are on disk; the camera is off."""
    camera = simulated_camera(node.registrar)
    code = camera.identity.code
    await centre_of(node)
    async with powered(camera):
        await until(lambda: listed(node, code), what="the camera is listed")
        assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
        end = await safe_for(node, code, seconds)
    since = datetime.fromisoformat((await state_of(node, code))["since"])
    async with (
        contextlib.aclosing(await node.client_of("chen-qi", {"post": "investigator", "area": HERE})) as chen,
        contextlib.aclosing(await node.client_of("zhou-ba", {"post": "commander", "area": HERE, "rank": "unit-head"})) as zhou,
    ):
        ticket = await order(chen, code, since, datetime.now(UTC) + timedelta(hours=1))
        assert ticket.status_code == 201, ticket.text
        yield Filmed(node, code, since, end, chen, zhou, str(ticket.json()["number"]))
