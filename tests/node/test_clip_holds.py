"""A clip that waits or may be taken holds its footage: nothing of it is removed until it is taken, or nobody can take it (A51)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.clock import Clock
from fengsui.features.clips import Wanted
from fengsui.features.clips.model import FootageFacts, Taken
from fengsui.features.retention.model import Bounds
from tests.node.clip_room import Filmed, asked, clip_node, clip_of, ends, filmed
from tests.node.conftest import OWN_PASSWORD, until
from tests.node.test_audit import records
from tests.node.test_footage import footage_files, order
from tests.node.test_retention import LaterClock


@pytest.fixture
def old_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of every footage is over as soon as it is on disk: so that a clip of a day waits longer than that."""
    monkeypatch.setattr(Bounds, "kept_from", lambda self, now: now)
    monkeypatch.setattr(Bounds, "over_before", lambda self, now, zone: now)


@contextlib.asynccontextmanager
async def closed(folder: Path, clock: Clock | None = None) -> AsyncIterator[Filmed]:
    """Footage of a node that was started again: a file that is being written is never removed."""
    async with clip_node(folder) as node, filmed(node, 4) as film:
        pass
    async with (
        clip_node(folder, clock) as node,
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


@pytest.mark.usefixtures("old_at_once")
async def test_a_part_of_a_clip_that_was_taken_lets_the_rest_of_it_stay(tmp_path: Path) -> None:
    async with closed(tmp_path / "node") as film:
        request = await film.permit()
        kept = footage_files(tmp_path / "node")
        later = film.since + (film.end - film.since) / 2
        await fetched(film, request, {"from": later.isoformat()})
        assert (await clip_of(film.chen, request))["taken"][0]["ended"] == "whole", "to the end, and not from the beginning"
        await looked(film)
        assert footage_files(tmp_path / "node") == kept != [] and await held(film)

        await fetched(film, request, {})
        assert await held(film) == []
        await looked(film)
        assert footage_files(tmp_path / "node") == []


async def fetched(film: Filmed, request: str, body: dict[str, str]) -> bytes:
    """One more file, once it is told."""
    before = len(ends(film.node))
    address = (await film.take(request, **body)).json()
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(address["url"])
    assert answer.status_code == 200
    await until(lambda: len(ends(film.node)) > before, what="it is told")
    return answer.content


def test_parts_that_leave_nothing_out_are_the_whole() -> None:
    wanted = Wanted("c", "", "main", 10, 100, 1, "T")

    def part(asked_us: int | None, to_us: int, ended: str, from_us: int = 20) -> Taken:
        return Taken("f", from_us, to_us, 1, 1, 0, "", ended, datetime.now(UTC), FootageFacts(), asked_us)

    first, rest, other = part(10, 40, "changed"), part(40, 95, "whole", 41), part(60, 95, "whole", 61)
    assert wanted.is_covered_by([rest, first]), "in any order, and the last picture may lie before the end"
    assert wanted.is_covered_by([part(10, 95, "whole")])
    assert not wanted.is_covered_by([first]) and not wanted.is_covered_by([rest]) and not wanted.is_covered_by([])
    assert not wanted.is_covered_by([replace(part(10, 95, "whole"), damaged=1)]), "what is damaged may be had again"
    assert not wanted.is_covered_by([first, other]), "something between was not handed over"
    assert not wanted.is_covered_by([part(10, 95, "left"), rest]), "what was left is no file"
    assert not wanted.is_covered_by([part(None, 95, "whole")]), "where it was to begin is not known"


@pytest.mark.usefixtures("old_at_once")
async def test_footage_stays_while_it_is_handed_over_though_the_grant_ends(tmp_path: Path) -> None:
    clock = LaterClock(0)
    async with closed(tmp_path / "node", clock) as film:
        request = await film.permit()
        kept = footage_files(tmp_path / "node")
        address = (await film.take(request)).json()
        over = datetime.fromisoformat((await clip_of(film.chen, request))["usable_until"])
        clock.later = over - datetime.now(UTC) + timedelta(seconds=5)
        [going] = film.node.node.footage.clips._going.values()
        clips, _ = await film.node.node.footage.clips.waiting()
        assert going.clip.id == request and [one.id for one in clips] == [request]
        await looked(film)
        assert footage_files(tmp_path / "node") == kept != []
        clock.later = timedelta(0)
        async with httpx.AsyncClient() as browser:
            assert (await browser.get(address["url"])).status_code == 200
        await until(lambda: ends(film.node), what="it is told")
        clock.later = over - datetime.now(UTC) + timedelta(seconds=5)
        await looked(film)
        assert footage_files(tmp_path / "node") == [], "and then it goes"


@pytest.mark.usefixtures("old_at_once")
async def test_what_leaves_at_the_moment_of_an_ask_is_refused_on_record(tmp_path: Path) -> None:
    async with closed(tmp_path / "node") as film:
        request = await film.permit()
        film.node.node.footage.holds.going = [(film.code, film.since.timestamp(), film.end.timestamp())]
        for answer in (await asked(film.chen, film.code, film.since, film.end), await film.take(request)):
            assert (answer.status_code, answer.json()["code"]) == (503, "retention.goes"), answer.text
        told = [one for one in records(film.node) if one.detail == "retention.goes"]
        assert [(one.act, one.result, one.person) for one in told] == [
            ("approval.ask", "refused", "chen-qi"),
            ("clip.take", "refused", "chen-qi"),
        ]
        assert told[0].object == film.code and told[1].object == request and all(one.ticket for one in told[:1])


async def test_what_was_granted_can_be_taken_though_it_has_become_old_meanwhile(tmp_path: Path) -> None:
    clock = LaterClock(0)
    async with clip_node(tmp_path / "node") as node, filmed(node, 4) as film:
        pack = node.node.policy.effective
        assert pack is not None
        gate = timedelta(days=pack.older_data.gate_days)
    clock.later = film.since + gate - timedelta(minutes=5) - datetime.now(UTC)  # it is as old as this opens, but for minutes
    async with (
        clip_node(tmp_path / "node", clock) as node,
        contextlib.aclosing(await node.sign_in("chen-qi", OWN_PASSWORD)) as chen,
        contextlib.aclosing(await node.sign_in("zhou-ba", OWN_PASSWORD)) as zhou,
    ):
        await until(lambda: not node.node.engine.footage_counters().looking, what="the index has all footage")
        film = replace(film, node=node, chen=chen, zhou=zhou)
        assert (await order(chen, film.code, film.since, clock.now() + timedelta(hours=2))).status_code == 201
        request, waits = await film.permit(), await film.ask()
        clock.later += timedelta(minutes=6)
        late = await asked(chen, film.code, film.since, film.end)
        assert (late.status_code, late.json()["rule"]) == (403, "A8"), late.text
        assert await fetched(film, request, {})

        async def void() -> bool:
            return bool((await clip_of(chen, waits))["state"] == "void")

        await until(void, what="what was not granted by then is not, and nobody is asked for it")
        why = (await clip_of(chen, waits))["ended_reason"]
        assert why == {"code": "access.footage_too_old", "zh": late.json()["zh"], "en": late.json()["en"]}
        assert (await clip_of(chen, request))["ended_reason"] is None
