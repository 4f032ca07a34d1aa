"""A bucket that accepts and says nothing holds up neither what is removed here, nor a hold, nor any other write."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from fengsui.features.retention import actions as retention
from fengsui.features.second_tier import actions, tier
from fengsui.features.second_tier.model import note_of
from tests.node.clip_room import PAPER
from tests.node.conftest import RunningNode, powered, running_node, simulated_camera, until
from tests.node.duty_room import HERE, centre_of
from tests.node.test_footage import order, safe_for
from tests.node.test_live import listed
from tests.node.test_masks import approve
from tests.node.test_retention import LaterClock, faults, files_of, noted
from tests.node.test_second_tier import objects, s3, tiered
from tests.s3_server import Server

__all__ = ["s3"]
QUICK_S = 3.0
"""Shorter than any silence of a bucket, on a busy machine too."""


@dataclass(frozen=True, slots=True)
class Old:
    """A node on which all footage is beyond its ceiling: of two cameras it has moved, of the third it lies here. `asked`: a hold of
    the first one's, which `zhou` is to approve."""

    node: RunningNode
    held: str
    moved: str
    here: str
    chen: httpx.AsyncClient
    zhou: httpx.AsyncClient
    asked: str

    async def holds(self) -> int:
        return len((await self.chen.get(f"/cameras/{self.held}/footage-holds")).json()["items"])

    async def write(self) -> None:
        """One that has nothing to do with any of this."""
        answer = await self.node.client.put(f"/cameras/{self.here}/recording-plan", json={"mode": "off"})
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def old(tmp_path: Path, s3: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Old]:
    """Whoever looks after footage looks when the test says so."""
    for room, name in ((actions, "LOOK_S"), (retention, "FIRST_S")):
        monkeypatch.setattr(room, name, 3600.0)
    settings, data = tiered(tmp_path, s3), tmp_path / "node"
    since = datetime.now(UTC)
    async with running_node(data, settings, LaterClock(0)) as node:
        await centre_of(node)
        cameras = [simulated_camera(node.registrar, number=number) for number in (1, 2, 3)]
        held, moved, here = (one.identity.code for one in cameras)
        async with powered(*cameras):
            for code in (held, moved, here):
                await until(partial(listed, node, code), what="the camera is listed")
                assert (await node.client.put(f"/cameras/{code}/recording-plan", json={"mode": "always"})).status_code == 200
            for code in (held, moved, here):
                await safe_for(node, code, 3)
    async with running_node(data, settings, LaterClock(92)) as node:
        store = node.node.footage.second_tier._tier
        assert store is not None
        for code in (held, moved):
            for path in files_of(tmp_path, code):
                assert await asyncio.to_thread(store.copy, path, data / "footage", 0.0) is not None
        chen_facts: dict[str, object] = {"post": "investigator", "area": HERE}
        zhou_facts: dict[str, object] = {"post": "commander", "area": HERE, "rank": "unit-head"}
        async with (
            contextlib.aclosing(await node.client_of("chen-qi", chen_facts)) as chen,
            contextlib.aclosing(await node.client_of("zhou-ba", zhou_facts)) as zhou,
        ):
            begin, end = since - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)
            ticket = await order(chen, held, begin, end)
            assert ticket.status_code == 201, ticket.text
            review = node.node.clock.now() + timedelta(days=60)
            body = {"from": begin.isoformat(), "to": end.isoformat(), "review_at": review.isoformat()}
            asked = await chen.post(f"/cameras/{held}/footage-holds", json={**body, "reason": "案件尚在侦查", "document": PAPER})
            assert asked.status_code == 202, asked.text
            yield Old(node, held, moved, here, chen, zhou, asked.json()["id"])


@contextlib.contextmanager
def hanging(s3: Server) -> Iterator[None]:
    """The system still accepts for it."""
    assert s3.process is not None
    os.kill(s3.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(s3.process.pid, signal.SIGCONT)


@contextlib.asynccontextmanager
async def within(seconds: float, what: str) -> AsyncIterator[None]:
    begun_s = time.monotonic()
    yield
    assert time.monotonic() - begun_s < seconds, what


@pytest.mark.timeout(300)
async def test_while_a_bucket_hangs_what_lies_here_goes_and_all_else_goes_on(
    old: Old, s3: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, room = old.node, old.node.node.footage.retention
    files = [*files_of(tmp_path, old.held), *files_of(tmp_path, old.moved)]
    assert files and len(objects(s3)) == len(files) and files_of(tmp_path, old.here)
    before = objects(s3)
    with hanging(s3):
        async with within(tier.SILENT_S + QUICK_S, "the look is over"):
            look = asyncio.create_task(room.look())
            await until(lambda: not files_of(tmp_path, old.here), seconds=QUICK_S, what="what lies here is removed")
            assert not look.done()
            async with within(QUICK_S, "a hold waits for no bucket"):
                await approve(old.zhou, old.asked)
                assert await old.holds() == 1
            async with within(QUICK_S, "nor does any other write"):
                await old.write()
            assert not look.done(), "all of this was while the bucket was asked"
            await look
        told = (await faults(node))["retention.surplus"]
        assert f"{len(files)} footage files" in told["en"] and "the second tier does not answer" in told["en"], told
        async with within(QUICK_S, "nobody waits for the same silence again"):
            await room.look()
        assert all(path.exists() and note_of(path).exists() for path in files)
        assert not noted(node, "footage.remove", old.moved), "what is not tried is not said to be removed"
        [alarm] = noted(node, "footage.alarm", str(tmp_path / "node" / "footage"))
        assert f"not removed: {len(files)} files" in alarm.detail
        assert noted(node, "footage.remove", old.here)
    monkeypatch.setattr(tier, "AGAIN_S", 0.0)

    async def goes() -> bool:
        await room.look()
        return not files_of(tmp_path, old.moved)

    await until(goes, seconds=60, what="it answers again, and what has moved goes too")
    kept = files_of(tmp_path, old.held)
    assert kept and all(path.exists() and note_of(path).exists() for path in kept), "what was held meanwhile stays"
    assert {key for key in before if old.held in key} == set(objects(s3))
    await room.look()
    assert "retention.surplus" not in await faults(node)


@pytest.mark.timeout(300)
async def test_what_is_on_its_way_out_of_the_bucket_is_not_held_before_that_is_over(
    old: Old, s3: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bucket fell silent after it was asked whether it answers, and before anything was removed from it."""
    room = old.node.node.footage.retention
    with monkeypatch.context() as patched, hanging(s3):
        patched.setattr(tier.Tier, "refuse_silent", lambda tier, paths: None)
        look = asyncio.create_task(room.look())
        await until(lambda: room.holds.leaving, what="it is being removed")
        async with within(QUICK_S, "nobody waits for it"):
            read = (await old.zhou.get(f"/approvals/{old.asked}")).json()
            answer = await old.zhou.post(f"/approvals/{old.asked}/approve", json={"hash": read["hash"]})
            assert (answer.status_code, answer.json()["code"]) == (503, "retention.leaves"), answer.text
            assert await old.holds() == 0, "nobody is told that it is held"
            await old.write()
        assert not look.done()
        async with within(tier.SILENT_S + QUICK_S, "at the first silence it is given up"):
            await look
        await until(old.holds, what="the approval stands, and what is there is held")
        assert room.holds.leaving == []
