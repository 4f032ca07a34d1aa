"""A camera that came to another area within a day: it counts once, and is whole only where none of its hours lacks anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from fengsui.features.access import CameraClass, CameraFacts, Scope
from fengsui.features.completeness import queries
from fengsui.features.completeness.model import Cause, DayFacts
from fengsui.store import Store

MONDAY, TUESDAY, WEDNESDAY = "2026-11-23", "2026-11-24", "2026-11-25"
HALF_S = 43_200.0
ALL = Scope((("52", (1 << len(CameraClass)) - 1),))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A database of its own."""
    opened = await Store.open(f"sqlite:///{tmp_path / 'node.db'}")
    yield opened
    await opened.close()


async def keep(store: Store, camera: str, day: str, *parts: tuple[str, float]) -> None:
    """Half days of a camera: where it was, and seconds that lack."""

    def facts(due_s: float, missing_s: float) -> DayFacts:
        missing: Mapping[Cause, float] = {"line": missing_s} if missing_s else {}
        return DayFacts(day, due_s, len(missing), missing)

    places = [CameraFacts(camera, area, CameraClass.GOVERNMENT) for area, _ in parts]
    row = queries.row_of(places[-1], facts(HALF_S * len(parts), sum(lack for _, lack in parts)))
    moved = queries.rows_of_parts(places, [facts(HALF_S, lack) for _, lack in parts]) if len(parts) > 1 else []
    async with store.transaction(act=False) as tx:
        await queries.keep_days(tx, [row])
        await queries.keep_parts(tx, [row], moved)
        await queries.sum_areas(tx, [day])


async def counted(store: Store, area: str, length: int, scope: Scope = ALL) -> dict[tuple[str, str], tuple[int, int, float]]:
    """Part and day → cameras, whole ones, seconds due."""
    async with store.reading() as tx:
        rows = await queries.area_days(tx, scope, area, MONDAY, WEDNESDAY, length)
    return {(row.part, row.day): (row.cameras, row.whole, row.due_s) for row in rows}


async def test_a_moved_day_is_one_and_whole_only_if_all_of_it_is(store: Store) -> None:
    await keep(store, "stays", MONDAY, ("520103", 0.0))
    await keep(store, "moved", MONDAY, ("520102", 60.0), ("520103", 0.0))
    await keep(store, "other", MONDAY, ("520102", 0.0), ("520103", 90.0))
    await keep(store, "moved", TUESDAY, ("520102", 0.0), ("520103", 0.0))
    assert await counted(store, "52", 4) == {("5201", MONDAY): (3, 1, 5 * HALF_S), ("5201", TUESDAY): (1, 1, 2 * HALF_S)}
    assert await counted(store, "5201", 6) == {
        ("520102", MONDAY): (0, 0, 2 * HALF_S),
        ("520103", MONDAY): (3, 2, 3 * HALF_S),
        ("520102", TUESDAY): (0, 0, HALF_S),
        ("520103", TUESDAY): (1, 1, HALF_S),
    }, "where it came to nothing lacks of its hours"
    here = Scope((("520103", (1 << len(CameraClass)) - 1),))
    assert await counted(store, "52", 4, here) == {("5201", MONDAY): (3, 2, 3 * HALF_S), ("5201", TUESDAY): (1, 1, HALF_S)}, (
        "what one may not look at is not told through the other"
    )


async def test_one_that_comes_back_is_whole_only_if_its_first_hours_there_were(store: Store) -> None:
    await keep(store, "back", MONDAY, ("520102", 60.0), ("520103", 0.0), ("520102", 0.0))
    await keep(store, "back", TUESDAY, ("520102", 0.0), ("520103", 60.0), ("520102", 0.0))
    one = await counted(store, "5201", 6)
    assert (one["520102", MONDAY], one["520103", MONDAY]) == ((1, 0, 2 * HALF_S), (0, 0, HALF_S))
    assert one["520102", TUESDAY] == (1, 1, 2 * HALF_S)
    assert [whole for _, whole, _ in (await counted(store, "52", 4)).values()] == [0, 0]


async def test_what_was_reckoned_again_as_whole_is_whole(store: Store) -> None:
    await keep(store, "moved", WEDNESDAY, ("520102", 60.0), ("520103", 0.0))
    assert (await counted(store, "52", 2))["52", WEDNESDAY][:2] == (1, 0)
    await keep(store, "moved", WEDNESDAY, ("520102", 0.0), ("520103", 0.0))
    assert (await counted(store, "52", 2))["52", WEDNESDAY][:2] == (1, 1)
