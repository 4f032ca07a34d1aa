"""A clip that waits or may be taken holds its footage: nothing of it is removed until it is taken, or nobody can take it (A51)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.clips import Wanted
from fengsui.features.retention.model import Bounds
from tests.node.clip_room import Filmed, asked, clip_node, clip_of, filmed
from tests.node.conftest import OWN_PASSWORD, until
from tests.node.test_footage import footage_files


@pytest.fixture
def old_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of every footage is over as soon as it is on disk: so that a clip of a day waits longer than that."""
    monkeypatch.setattr(Bounds, "kept_from", lambda self, now: now)
    monkeypatch.setattr(Bounds, "over_before", lambda self, now, zone: now)


@contextlib.asynccontextmanager
async def closed(folder: Path) -> AsyncIterator[Filmed]:
    """Footage of a node that was started again: a file that is being written is never removed."""
    async with clip_node(folder) as node, filmed(node, 4) as film:
        pass
    async with (
        clip_node(folder) as node,
        contextlib.aclosing(await node.sign_in("chen-qi", OWN_PASSWORD)) as chen,
        contextlib.aclosing(await node.sign_in("zhou-ba", OWN_PASSWORD)) as zhou,
    ):
        await until(lambda: not node.node.engine.footage_counters().looking, what="the index has all footage")
        yield replace(film, node=node, chen=chen, zhou=zhou)


async def looked(film: Filmed) -> None:
    """Once over all footage, as the node does it each minute."""
    await film.node.node.footage.retention.look()


async def held(film: Filmed) -> list[dict[str, Any]]:
    answer = await film.chen.get(f"/cameras/{film.code}/footage-holds")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["clips"]
    return found


@pytest.mark.usefixtures("old_at_once")
async def test_footage_of_a_clip_stays_until_it_is_taken(tmp_path: Path) -> None:
    async with closed(tmp_path / "node") as film:
        request = await film.ask()
        kept = footage_files(tmp_path / "node")
        await looked(film)
        assert footage_files(tmp_path / "node") == kept != []
        [one] = await held(film)
        assert (one["asked_by"], one["approved_by"]) == ("chen-qi", "")
        assert await film.node.node.footage.retention.beyond(film.end.timestamp() + 60) == set(), "it is no surplus either"

        opened = (await film.zhou.get(f"/approvals/{request}")).json()
        assert (await film.zhou.post(f"/approvals/{request}/approve", json={"hash": opened["hash"]})).status_code in (200, 204)
        await looked(film)
        assert footage_files(tmp_path / "node") == kept
        [one] = await held(film)
        assert one["approved_by"] == "zhou-ba"
        assert one["held_until"] == (await clip_of(film.chen, request))["usable_until"]

        address = (await film.take(request)).json()
        async with httpx.AsyncClient() as browser:
            assert (await browser.get(address["url"])).status_code == 200

        async def taken() -> bool:
            return await held(film) == []

        await until(taken, what="it is taken")
        await looked(film)
        assert footage_files(tmp_path / "node") == []


@pytest.mark.usefixtures("old_at_once")
async def test_footage_of_a_clip_that_was_refused_goes(tmp_path: Path) -> None:
    async with closed(tmp_path / "node") as film:
        request = await film.ask()
        await looked(film)
        assert footage_files(tmp_path / "node")
        await film.zhou.get(f"/approvals/{request}")
        answer = await film.zhou.post(f"/approvals/{request}/refuse", json={"reason": "理由不足"})
        assert answer.status_code in (200, 204), answer.text
        assert await held(film) == []
        await looked(film)
        assert footage_files(tmp_path / "node") == []


@pytest.mark.usefixtures("old_at_once")
async def test_a_clip_and_a_removal_that_meet_do_not_both_go_on(tmp_path: Path) -> None:
    async with closed(tmp_path / "node") as film:
        clips, retention = film.node.node.footage.clips, film.node.node.footage.retention
        micros = int(film.since.timestamp() * 1e6), int(film.end.timestamp() * 1e6)
        wanted = Wanted(film.code, "", "main", *micros, 1, film.number)
        choose = retention._oldest

        async def chosen(*facts: Any) -> Any:
            """Asked for between the choice and the word that it goes."""
            found = await choose(*facts)
            if found:
                clips._asking.append(wanted)
            return found

        retention._oldest = chosen  # type: ignore[method-assign]
        await looked(film)
        assert clips._asking == [wanted] and footage_files(tmp_path / "node"), "it is being asked for"
        clips._asking.clear()
        retention._oldest = choose  # type: ignore[method-assign]

        film.node.node.footage.holds.going = [(film.code, film.since.timestamp(), film.end.timestamp())]
        answer = await asked(film.chen, film.code, film.since, film.end)
        assert (answer.status_code, answer.json()["code"]) == (503, "retention.goes"), answer.text
        film.node.node.footage.holds.going = []
        assert (await asked(film.chen, film.code, film.since, film.end)).status_code == 202
