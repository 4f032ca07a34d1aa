"""Holds of a camera that came back elsewhere: listed to, and released by, those whose the held footage was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.retention.model import Removal
from fengsui.features.retention.queries import add_removals
from tests.node.clip_room import PAPER
from tests.node.moved_room import CHANNEL, Moving, moving
from tests.node.test_masks import approve

HOLDS = f"/cameras/{CHANNEL}/footage-holds"
WHY = {"reason": "案件已审结", "document": PAPER}


async def hold(film: Moving, since: datetime, until_: datetime) -> int:
    """Two persons of where the camera was before it moved hold this; the hold's number."""
    span = {"from": since.isoformat(), "to": until_.isoformat()}
    body = {**span, "review_at": (film.end + timedelta(days=150)).isoformat(), "reason": "案件尚在侦查", "document": PAPER}
    asked = await film.chen.post(HOLDS, json=body)
    assert asked.status_code == 202, asked.text
    await approve(film.zhou, asked.json()["id"])
    return int((await numbers(film.chen))[-1])


async def numbers(client: httpx.AsyncClient) -> list[int]:
    answer = await client.get(HOLDS)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def release(client: httpx.AsyncClient, number: int) -> httpx.Response:
    return await client.post(f"{HOLDS}/{number}/release", json=WHY)


async def refused(client: httpx.AsyncClient, number: int) -> None:
    answer = await release(client, number)
    assert (answer.status_code, answer.json()["rule"]) == (403, "A7"), answer.text


async def approvable(client: httpx.AsyncClient) -> list[str]:
    """Requests that wait for this person."""
    found: list[dict[str, Any]] = (await client.get("/approvals", params={"box": "waiting"})).json()["items"]
    return [one["id"] for one in found]


async def held(client: httpx.AsyncClient) -> int:
    return int((await client.get(f"/cameras/{CHANNEL}/retention")).json()["held"])


@pytest.mark.timeout(240)
async def test_a_hold_from_before_the_move_is_released_by_those_whose_the_footage_was(tmp_path: Path) -> None:
    async with moving(tmp_path / "node") as film:
        before = await hold(film, film.since, film.end)
        across = await hold(film, film.since, datetime.now(UTC) + timedelta(minutes=30))
        await film.move()
        assert await numbers(film.chen) == [before], "what reaches into the time elsewhere is not theirs alone"
        assert await numbers(film.wu) == [], "nothing of what was here is told elsewhere"
        assert await numbers(film.both) == [before, across]
        assert await numbers(film.node.client) == [before, across]
        assert (await held(film.wu), await held(film.both)) == (0, 2)

        await refused(film.wu, before)
        for one in (film.chen, film.wu):
            await refused(one, across)
        for number, asker, judge, others in (
            (before, film.chen, film.zhou, (film.wang,)),
            (across, film.both, film.judge, (film.zhou, film.wang)),
        ):
            asked = await release(asker, number)
            assert asked.status_code == 202, asked.text
            request = asked.json()["id"]
            read = await film.judge.get(f"/approvals/{request}")
            assert read.status_code == 200, read.text
            whole = read.json()
            for other in others:
                assert request not in await approvable(other)
                read = await other.get(f"/approvals/{request}")
                assert (read.status_code, read.json()["rule"]) == (403, "A7"), read.text
                answer = await other.post(f"/approvals/{request}/approve", json={"hash": whole["hash"]})
                assert (answer.status_code, answer.json()["rule"]) == (403, "A7"), answer.text
            assert number in await numbers(film.node.client)
            await approve(judge, request)
            assert number not in await numbers(film.node.client)
            assert (await judge.get(f"/approvals/{request}")).json()["request"]["state"] == "applied", "also once it is released"
            assert (await others[0].get(f"/approvals/{request}")).status_code == 403


async def removed(client: httpx.AsyncClient) -> list[str]:
    answer = await client.get(f"/cameras/{CHANNEL}/footage-removals")
    assert answer.status_code == 200, answer.text
    return [one["why"] for one in answer.json()["items"]]


@pytest.mark.timeout(240)
async def test_what_is_removed_of_a_moved_camera_is_told_to_those_whose_it_was(tmp_path: Path) -> None:
    async with moving(tmp_path / "node") as film:
        await film.move()
        then, now = film.since.timestamp(), datetime.now(UTC).timestamp()
        day = datetime.now(UTC).date().isoformat()
        facts = (0, (), now, "P", "c", bytes(32))
        async with film.node.node.store.transaction() as tx:
            rows = [
                Removal(f"{CHANNEL}/main", day, "space", then, film.end.timestamp(), *facts),
                Removal(f"{CHANNEL}/main", day, "ceiling", now, now + 1, *facts),
            ]
            await add_removals(tx, rows)
        assert sorted(await removed(film.both)) == ["ceiling", "space"]
        assert await removed(film.chen) == ["space"]
        assert await removed(film.wu) == ["ceiling"]
