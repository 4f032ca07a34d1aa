"""What a permit for a clip is, and is not: of two persons, under one use ticket, so many at once, and not longer than a day."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fengsui.features.audit import Act
from tests.node.clip_room import Filmed, clip_node, clip_of, ends, filmed
from tests.node.conftest import OWN_PASSWORD, until
from tests.node.duty_room import MovedClock
from tests.node.test_footage import order


@pytest.fixture
async def footage(tmp_path: Path) -> AsyncIterator[Filmed]:
    """A few seconds of it."""
    async with clip_node(tmp_path / "node") as node, filmed(node, 5) as found:
        yield found


async def write(footage: Filmed, statement: str, request: str) -> None:
    """Past the node, into its database."""
    async with footage.node.node.store.transaction() as tx:
        await tx.execute(sa.text(f"UPDATE approval_requests SET {statement} WHERE id = :id"), {"id": request})


async def test_what_the_database_alone_says_is_no_permit(footage: Filmed) -> None:
    chen, zhou = footage.chen, footage.zhou
    refused, waits = await footage.ask(), await footage.ask()
    assert (await zhou.post(f"/approvals/{refused}/refuse", json={"reason": "没有依据"})).status_code == 200
    assert (await clip_of(chen, refused))["state"] == "refused", "whoever asked sees what became of it"
    for request in (refused, waits):
        assert (await footage.take(request)).json()["rule"] == "A14"
        await write(footage, "state = 'applied'", request)
        forged = await footage.take(request)
        assert (forged.status_code, forged.json()["code"]) == (404, "clips.unknown"), forged.text
        assert request not in [one["id"] for one in (await chen.get("/clips")).json()["items"]]

    applied = await footage.permit()
    await write(footage, "decided_name = 'chen-qi'", applied)
    assert (await footage.take(applied)).json()["code"] == "clips.unknown", "nor another approver than there was"
    await write(footage, "decided_name = 'zhou-ba'", applied)
    assert (await footage.take(applied)).status_code == 201


async def test_a_clip_is_handed_over_under_the_ticket_that_was_signed(footage: Filmed) -> None:
    request = await footage.permit()
    other = await footage.another_ticket()
    assert other != footage.number and (await footage.take(request)).status_code == 201
    assert (await footage.chen.delete(f"/tickets/{footage.number}")).status_code == 204
    late = await footage.take(request)
    assert (late.status_code, late.json()["rule"]) == (403, "A1"), late.text
    ended = lambda: [one.detail for one in ends(footage.node)]  # noqa: E731
    await until(lambda: ended() == ["the right has ended: ACC-TICKET"], what="what was promised is taken back")
    again = await footage.permit()
    assert (await clip_of(footage.chen, again))["use_ticket"] == other
    assert (await footage.take(again)).status_code == 201


async def test_no_more_than_two_at_once_however_fast_they_are_asked_for(footage: Filmed, monkeypatch: pytest.MonkeyPatch) -> None:
    node, request = footage.node.node, await footage.permit()
    record, gate, waiting = node.audit.record, asyncio.Event(), list[str]()

    async def slow(who: Any, act: Act, *args: Any, **facts: Any) -> None:
        if act is Act.CLIP_TAKE and facts.get("recipient"):  # the act itself, not its refusal
            waiting.append(who.name)
            await gate.wait()
        await record(who, act, *args, **facts)

    monkeypatch.setattr(node.audit, "record", slow)
    first = [asyncio.ensure_future(footage.take(request)) for _ in range(2)]
    await until(lambda: len(waiting) == 2, what="two are about to be on record")
    third = asyncio.ensure_future(footage.take(request))
    await until(lambda: third.done() or len(waiting) > 2, what="the third is answered")
    assert len(waiting) == 2 and (third.result().status_code, third.result().json()["rule"]) == (429, "R10")
    gate.set()
    assert [one.status_code for one in await asyncio.gather(*first)] == [201, 201]
    assert (await footage.take(request)).status_code == 201, "one that nobody came for makes room"
    await until(lambda: [one.detail for one in ends(footage.node)] == ["nobody took it"], what="its end is on record")

    # Whoever signs out while it is made ready is given nothing.
    gate.clear()
    waiting.clear()
    late = asyncio.ensure_future(footage.take(request))
    await until(lambda: bool(waiting), what="it is about to be on record")
    assert (await footage.chen.delete("/session")).status_code == 204
    gate.set()
    assert ((await late).status_code, (await late).json()["code"]) == (409, "clips.cut_off")
    await until(lambda: len(ends(footage.node)) == 4, what="three ends with the session")


async def test_a_permit_ends_after_a_day(tmp_path: Path) -> None:
    clock = MovedClock()
    async with clip_node(tmp_path / "node", clock) as node, filmed(node, 3) as footage:
        request = await footage.permit()
        assert (await footage.take(request)).status_code == 201
        over = datetime.fromisoformat((await clip_of(footage.chen, request))["usable_until"])
        assert over - datetime.now(UTC) < timedelta(days=1)
        clock.later = over - datetime.now(UTC) + timedelta(seconds=5)
        async with contextlib.aclosing(await node.sign_in("chen-qi", OWN_PASSWORD)) as chen:
            assert (await order(chen, footage.code, footage.since, footage.end)).status_code == 201
            late = await chen.post(f"/clips/{request}/download", json={})
            assert (late.status_code, late.json()["code"]) == (404, "clips.unknown"), late.text
