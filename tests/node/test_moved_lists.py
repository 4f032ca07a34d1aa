"""Lists of a camera that came back elsewhere: each day is told to those whose it was, and the camera as one that left them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fengsui.features.access import CameraClass, CameraFacts
from fengsui.features.completeness import actions
from fengsui.features.completeness.model import DayFacts
from fengsui.features.completeness.queries import keep_days, row_of, sum_areas
from tests.node.duty_room import HERE
from tests.node.moved_room import CHANNEL, ELSEWHERE, moving


async def told(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def days(client: httpx.AsyncClient) -> list[str]:
    return [one["day"] for one in (await told(client, f"/cameras/{CHANNEL}/recorded-days", days=3))["items"]]


async def lacking(client: httpx.AsyncClient, day: str) -> list[tuple[str, str]]:
    items = (await told(client, "/recorded-areas/lacking", day=day))["items"]
    return [(one["camera"], one["area"]) for one in items]


async def areas(client: httpx.AsyncClient, day: str) -> list[str]:
    """Where cameras had something due on this day."""
    items = (await told(client, "/recorded-areas", days=3))["items"]
    return [one["area"] for one in items if any(of["day"] == day and of["cameras"] for of in one["days"])]


async def sums(client: httpx.AsyncClient, day: str) -> dict[str, Any]:
    """Area → its sums of this day."""
    items = (await told(client, "/recorded-areas", days=3))["items"]
    return {one["area"]: of for one in items for of in one["days"] if of["day"] == day}


@pytest.mark.timeout(240)
async def test_days_of_a_moved_camera_are_told_to_those_whose_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "FRESH_S", 0.0)
    async with moving(tmp_path / "node") as film:
        completeness = film.node.node.footage.completeness
        today = completeness.first_day(1).name
        yesterday = completeness.first_day(2).name
        placed = CameraFacts(CHANNEL, HERE, CameraClass.GOVERNMENT)
        async with film.node.node.store.transaction() as tx:
            await keep_days(tx, [row_of(placed, DayFacts(yesterday, 86_400.0, 1, {"unknown": 60.0}))])
            await sum_areas(tx, [yesterday])
        await film.move()
        assert await days(film.chen) == [yesterday]
        assert await days(film.wu) == []
        assert await days(film.both) == await days(film.node.client) == [yesterday, today], "today is of both"
        gaps = f"/cameras/{CHANNEL}/recording-gaps"
        assert (await told(film.chen, gaps, day=yesterday))["day"] == yesterday
        for client, day in ((film.wu, yesterday), (film.wu, today), (film.chen, today)):
            answer = await client.get(gaps, params={"day": day})
            assert (answer.status_code, answer.json()["rule"]) == (403, "A7"), answer.text
        assert await lacking(film.chen, yesterday) == [(CHANNEL, HERE)]
        assert await lacking(film.wu, yesterday) == []

        await completeness.reckon()
        assert await areas(film.chen, yesterday) == [HERE]
        # The day of the move is each one's by the hours there, and the camera is counted once.
        both = {area: one for area, one in (await sums(film.node.client, today)).items() if one["due_s"]}
        assert {area: one["cameras"] for area, one in both.items()} == {HERE: 0, ELSEWHERE: 1}
        assert await sums(film.chen, today) == {HERE: both[HERE]} and await sums(film.wu, today) == {ELSEWHERE: both[ELSEWHERE]}
        of_day = (await told(film.both, f"/cameras/{CHANNEL}/recorded-days"))["items"][-1]
        assert 0 < sum(one["due_s"] for one in both.values()) <= of_day["due_s"]
        assert both[HERE]["recorded_s"] > 0

        await completeness.reckon()
        again = await sums(film.node.client, today)
        assert again[HERE] == both[HERE] and again[ELSEWHERE]["cameras"] == 1, "what was before it moved stays as it was"


@pytest.mark.timeout(240)
async def test_a_camera_that_left_for_elsewhere_is_told_as_it_left_to_those_who_do_not_see_it(tmp_path: Path) -> None:
    async with moving(tmp_path / "node") as film:
        name = (await film.node.get(f"/cameras/{CHANNEL}"))["name"]
        await film.move()
        for client in (film.wu, film.both, film.node.client):
            assert (await told(client, "/withdrawn-cameras"))["items"] == [], "they see it where it is"
        found = await told(film.chen, "/withdrawn-cameras", q=CHANNEL)
        assert found["total"] == 1
        assert [(one["code"], one["name"], one["area"]) for one in found["items"]] == [(CHANNEL, name, HERE)]
        assert (await film.chen.get(f"/cameras/{CHANNEL}")).status_code == 403, "where it is now stays closed"
        day = timedelta(days=1)
        span = {"from": (film.since - day).isoformat(), "to": (film.end + day).isoformat()}
        for client in (film.chen, film.wu):
            assert (await told(client, f"/cameras/{CHANNEL}/recording-events", **span))["items"] == []
        assert ELSEWHERE not in str(found)
