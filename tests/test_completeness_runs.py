"""When the node was down, and what never was for its clock was set over it: told apart by who had lived until then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fengsui.clock import ManualClock
from fengsui.features.completeness import queries
from fengsui.features.completeness.lapses import Lapses
from fengsui.features.completeness.model import SEEN_S, Reason, Span
from fengsui.store import Store

HOUR_S, DAY_S = 3_600.0, 86_400.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A database of its own."""
    opened = await Store.open(f"sqlite:///{tmp_path / 'node.db'}")
    yield opened
    await opened.close()


class Process:
    """The node runs, by a clock; the rooms beside it are not looked at here."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        nothing: Any = None
        self._clock = clock
        self._lapses = Lapses(store, clock, nothing, nothing, nothing)

    async def starts(self) -> float:
        await self._lapses.start()
        return self._clock.now().timestamp()

    async def lives(self, seconds: float) -> float:
        """Until when, by its clock."""
        self._clock.advance(seconds)
        await self._lapses._write(self._clock.now().timestamp())
        return self._clock.now().timestamp()

    async def is_set_by(self, seconds: float) -> float:
        """To what."""
        self._clock.set_by(seconds)
        await self._lapses._follow_clock()
        return self._clock.now().timestamp()


async def told(store: Store, clock: ManualClock) -> tuple[list[Reason], list[Span]]:
    async with store.reading() as tx:
        return await queries.down_between(tx, 0.0, clock.now().timestamp())


async def test_a_clock_that_is_set_forward_in_a_node_that_has_long_lived_leaps(store: Store) -> None:
    clock = ManualClock()
    process = Process(store, clock)
    await process.starts()
    ended = await process.lives(SEEN_S)
    begun = await process.is_set_by(3 * HOUR_S)
    await process.lives(60)
    assert await told(store, clock) == ([], [Span(ended, begun)])
    ended = clock.now().timestamp()
    clock.advance(HOUR_S)
    again = await Process(store, clock).starts()
    assert await told(store, clock) == ([Reason("node", ended, again)], [Span(begun - 3 * HOUR_S, begun)]), "and then it was down"


async def test_an_outage_that_the_dead_clock_of_the_board_slept_through_is_one_of_the_node(store: Store) -> None:
    clock = ManualClock()
    process = Process(store, clock)
    await process.starts()
    await process.lives(SEEN_S)  # the power is cut, for three hours: the board's clock stands still
    process = Process(store, clock)
    await process.starts()
    ended = await process.lives(10)
    begun = await process.is_set_by(3 * HOUR_S)
    await process.lives(SEEN_S)
    assert await told(store, clock) == ([Reason("node", ended, begun)], [])


async def test_no_leap_goes_over_the_end_of_a_process_that_ran_before(store: Store) -> None:
    clock = ManualClock()
    process = Process(store, clock)
    before = await process.starts()
    lived = await process.lives(DAY_S)  # the power is cut; the board's clock is set back by a month, and nobody sees it for a week
    clock.set_by(-30 * DAY_S)
    process = Process(store, clock)
    await process.starts()
    ended = await process.lives(SEEN_S)
    begun = await process.is_set_by(30 * DAY_S)
    down, leapt = await told(store, clock)
    assert down == [Reason("node", ended, before), Reason("node", lived, begun)] and leapt == []


async def test_a_leap_that_is_taken_back_in_part_hides_no_outage_behind_it(store: Store) -> None:
    clock = ManualClock()
    process = Process(store, clock)
    await process.starts()
    ended = await process.lives(SEEN_S)
    ahead = await process.is_set_by(3 * HOUR_S)
    back = await process.is_set_by(-2 * HOUR_S)
    cut = await process.lives(60)
    clock.advance(6 * HOUR_S)
    again = await Process(store, clock).starts()
    assert await told(store, clock) == ([Reason("node", cut, ahead), Reason("node", ahead, again)], [Span(ended, back)])
