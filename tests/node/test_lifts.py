"""A lift of masks: on record with camera and beneficiary, over with its time or its ticket, whichever ends first (A41)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from fengsui.clock import SystemClock
from fengsui.features.audit.model import Act, AuditRecord
from tests.node import pictures
from tests.node.conftest import RunningNode, powered, simulated_camera, until
from tests.node.test_audit import records
from tests.node.test_live import listed
from tests.node.test_masks import add_box, approve, boxed, elementary, lifted, no_masks, two_offices
from tests.node.test_under import followed, ticket_of

REASON = "辨认入室者"


class MovedClock(SystemClock):
    """The machine's clock, so much later."""

    def __init__(self) -> None:
        super().__init__()
        self.later = timedelta()

    def now(self) -> datetime:
        """UTC."""
        return super().now() + self.later


async def ask(client: httpx.AsyncClient, code: str, minutes: int = 30) -> str:
    asked = await client.post(f"/cameras/{code}/mask-lifts", json={"minutes": minutes, "reason": REASON})
    assert asked.status_code == 202, asked.text
    return str(asked.json()["id"])


async def seen_clear(client: httpx.AsyncClient, code: str) -> AsyncIterator[pictures.Grey]:
    """A viewing whose first picture was clear."""
    opened = (await client.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})).json()
    assert not opened["masked"]
    watched = pictures.by_access_units(elementary(opened))
    assert not boxed(await anext(watched))
    return watched


async def cut(watched: AsyncIterator[pictures.Grey]) -> None:
    async with asyncio.timeout(20):
        async for _ in watched:
            pass


def ends(node: RunningNode) -> list[AuditRecord]:
    return [one for one in records(node) if one.act == Act.MASK_LIFT_END]


async def masked_now(client: httpx.AsyncClient, code: str) -> bool:
    opened = (await client.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})).json()
    return bool(opened["masked"])


async def test_a_lift_is_on_record_and_ends_with_its_time_or_its_ticket(tmp_path: Path) -> None:
    async with two_offices(tmp_path) as (node, investigator, commander):
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        auditor = await node.client_of("shen-ji", {"post": "audit-administrator"})
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            mask = await add_box(node, code)

            first = await ticket_of(investigator, code)
            request = await ask(investigator, code)
            await approve(commander, request)
            await until(lambda: lifted(investigator, code), what="it is lifted")
            (lift,) = [one for one in records(node) if one.act == Act.MASK_LIFT]
            assert (lift.object, lift.recipient, lift.range, lift.ticket) == (code, "chen-qi", request, first["number"])
            assert lift.case != "-" and "asked chen-qi, approved zhou-ba" in lift.detail
            watched = await seen_clear(investigator, code)
            clock = MovedClock()
            node.node.access.steady._clock = clock
            clock.later = timedelta(minutes=31)
            await cut(watched)
            clock.later = timedelta(0)  # set back: it does not come again
            assert await masked_now(investigator, code)
            (over,) = ends(node)
            assert (over.object, over.recipient, over.ticket) == (code, "chen-qi", first["number"])
            assert (over.role, over.detail) == ("node", "its time is over")
            seen = [act for act, _ in await followed(auditor, ticket=first["number"])]
            assert [act for act in seen if not act.startswith("live.")] == [
                *("ticket.open", "approval.ask", "mask.lift", "mask.lift.end")
            ]
            views = [one for one in records(node) if one.act == Act.LIVE_VIEW and one.ticket == first["number"]]
            assert views[0].detail == "unmasked by a lift, without sound"

            await ended_with_the_ticket(node, investigator, commander, code)

            removal = await node.client.post(f"/cameras/{code}/masks/{mask}/removal", json={"reason": "窗户已封闭"})
            await approve(commander, removal.json()["id"])
            await until(lambda: no_masks(node, code), what="it is gone")
            (removed,) = [one for one in records(node) if one.act == Act.MASK_REMOVE]
            assert (removed.object, removed.range) == (code, removal.json()["id"])
            assert f"mask {mask}; asked duty, approved zhou-ba" in removed.detail
        await auditor.aclose()


async def ended_with_the_ticket(
    node: RunningNode, investigator: httpx.AsyncClient, commander: httpx.AsyncClient, code: str
) -> None:
    for one in (await investigator.get("/tickets")).json()["items"]:
        assert (await investigator.delete(f"/tickets/{one['number']}")).status_code == 204
    short = await ticket_of(investigator, code, hours=1)
    await approve(commander, await ask(investigator, code, minutes=720))
    await until(lambda: lifted(investigator, code), what="it is lifted")
    masks = (await investigator.get(f"/cameras/{code}/masks")).json()
    assert moment(masks["lifted_until"]) <= moment(short["expires_at"]), "no longer than the ticket lasts"
    watched = await seen_clear(investigator, code)
    assert (await investigator.delete(f"/tickets/{short['number']}")).status_code == 204
    await cut(watched)
    await until(lambda: len(ends(node)) == 2, what="its end is on record")
    assert (ends(node)[1].detail, ends(node)[1].ticket) == ("its ticket has ended", short["number"])
    assert (await investigator.get(f"/cameras/{code}/masks")).json()["lifted_until"] is None

    last = await ticket_of(investigator, code)
    request = await ask(investigator, code)
    assert (await investigator.delete(f"/tickets/{last['number']}")).status_code == 204
    read: dict[str, Any] = (await commander.get(f"/approvals/{request}")).json()
    void = await commander.post(f"/approvals/{request}/approve", json={"hash": read["hash"]})
    assert void.json()["state"] == "void", "nothing is lifted under a closed ticket"
    assert await masked_now(investigator, code)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
