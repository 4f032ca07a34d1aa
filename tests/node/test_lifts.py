"""A lift of masks: on record with camera and beneficiary, over with its time or its ticket, whichever ends first (A41)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from fengsui.clock import SystemClock
from fengsui.features.audit.acts import Act
from fengsui.features.audit.model import AuditRecord
from fengsui.features.masks.tables import mask_lifts
from tests.node import pictures
from tests.node.conftest import OWN_PASSWORD, RunningNode, powered, simulated_camera, until
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
    async with asyncio.timeout(60):
        async for _ in watched:
            pass


def ends(node: RunningNode) -> list[AuditRecord]:
    return [one for one in records(node) if one.act == Act.MASK_LIFT_END]


async def masked_now(client: httpx.AsyncClient, code: str) -> bool:
    opened = (await client.post(f"/cameras/{code}/live", json={"codecs": ["h264"]})).json()
    assert "masked" in opened, opened
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
            await until(lambda: ends(node), what="its end is on record")
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


async def test_only_whose_post_gives_it_sees_clear_and_no_program(tmp_path: Path) -> None:
    async with two_offices(tmp_path) as (node, investigator, commander):
        camera = simulated_camera(node.registrar)
        code = camera.identity.code
        inspector = await node.client_of("du-cha", {"post": "inspector", "area": "520102"})
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            await add_box(node, code)
            refused = await inspector.post(f"/cameras/{code}/mask-lifts", json={"minutes": 30, "reason": REASON})
            assert (refused.status_code, refused.json()["code"]) == (403, "access.not_allowed")
            await ticket_of(investigator, code)
            order = {"name": "wall", "functions": ["view-live", "view-unmasked", "look-around"], "days": 1, "proof": OWN_PASSWORD}
            made = await investigator.post("/account/tokens", json=order)
            assert made.status_code == 201, made.text
            await approve(commander, await ask(investigator, code))
            await until(lambda: lifted(investigator, code), what="it is lifted")
            watched = await seen_clear(investigator, code)
            program = httpx.AsyncClient(base_url=node.client.base_url, timeout=20)
            program.headers["Authorization"] = f"Bearer {made.json()['text']}"
            assert await masked_now(program, code), "what a program is given may be handed on"
            person = (await ids(node))["chen-qi"]
            await node.give(person, post="operator", area="520102")
            held = (await node.get(f"/users/{person}"))["appointments"]
            gone = next(one["id"] for one in held if one["post"] == "investigator")
            assert (await node.client.delete(f"/users/{person}/appointments/{gone}")).status_code == 200
            await cut(watched)
            assert await masked_now(investigator, code), "the lift lasts, the post for it does not"
            await program.aclose()
        await inspector.aclose()


async def test_a_lift_that_somebody_wrote_into_the_database_lifts_nothing(tmp_path: Path) -> None:
    async with two_offices(tmp_path) as (node, investigator, commander):
        camera = simulated_camera(node.registrar)
        code, masks = camera.identity.code, node.node.masks
        async with powered(camera):
            await until(lambda: listed(node, code), what="the camera is listed")
            await add_box(node, code)
            ticket = await ticket_of(investigator, code)
            people = await ids(node)
            row = {"camera": code, "until": 4e9, "reason": "r", "approved_by": "zhou-ba", "name": "x", "seal": ""}
            forged = [
                {**row, "user_id": people["duty"], "ticket": ""},
                {**row, "user_id": people["zhou-ba"], "ticket": ticket["number"]},
                {**row, "user_id": people["chen-qi"], "ticket": ticket["number"], "seal": "0" * 64},
            ]
            async with node.node.store.transaction() as tx:
                await tx.execute(sa.insert(mask_lifts), forged)
            await approve(commander, await ask(investigator, code))
            await until(lambda: lifted(investigator, code), what="it is lifted")
            assert [one.name for one in masks.of(await node.node.cameras.get(code)).lifts] == ["chen-qi"]
            assert await masked_now(commander, code) and await masked_now(node.client, code)
            told = [one for one in records(node) if one.act == Act.DATABASE_CHANGED]
            assert [one.object for one in told] == [code] * len(forged)


async def ids(node: RunningNode) -> dict[str, int]:
    return {one["name"]: one["id"] for one in (await node.get("/users"))["items"]}
