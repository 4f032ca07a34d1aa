"""What is recorded because something happened lasts by the steady clock, whatever the clock on the wall is set to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fengsui.clock import ManualClock
from fengsui.features.recording.periods import Periods
from fengsui.store import Store

CAMERA, NAME, HOUR_S = "52010200001320000001", "52010200001320000001/main", 3_600.0
LASTS_S = 600.0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A database of its own."""
    opened = await Store.open(f"sqlite:///{tmp_path / 'node.db'}")
    yield opened
    await opened.close()


def begin(periods: Periods, clock: ManualClock, stream: str = "main") -> float:
    """Somebody has a camera recorded for ten minutes; when."""
    at = clock.now().timestamp()
    periods.note(CAMERA, stream, "person", at, at, LASTS_S)
    return at


@pytest.mark.parametrize("set_s", [HOUR_S, -HOUR_S])
async def test_ten_minutes_are_ten_minutes_when_the_clock_is_set_by_an_hour(store: Store, set_s: float) -> None:
    clock = ManualClock()
    periods = Periods(store, clock)
    await periods.start()
    at = begin(periods, clock)
    clock.advance(240)
    clock.set_by(set_s)
    now = clock.now().timestamp()
    (open_,) = periods.still_open()
    assert periods.left_s(NAME) == LASTS_S - 240
    assert open_.until == now + LASTS_S - 240, "told by the clock as it is now"
    clock.advance(LASTS_S - 241)
    assert periods.open_of(NAME) is not None
    clock.advance(2)
    assert periods.open_of(NAME) is None and periods.still_open() == []
    await periods.write()
    found = sorted((one.since, one.until) for one in (await periods.since([CAMERA], 0.0))[CAMERA])
    assert found == sorted([(at, at + 240), (now, now + LASTS_S - 240)]), "due as the footage of it is dated"


async def test_a_clock_that_is_corrected_little_by_little_cuts_nothing(store: Store) -> None:
    clock = ManualClock()
    periods = Periods(store, clock)
    await periods.start()
    at = begin(periods, clock)
    clock.advance(100)
    clock.set_by(-0.5)
    assert [one.at for one in periods.still_open()] == [at]
    assert len((await periods.since([CAMERA], 0.0))[CAMERA]) == 1


@pytest.mark.parametrize("stopped_s", [60.0, HOUR_S, -HOUR_S])
async def test_what_was_open_when_the_node_stopped_goes_on_and_never_for_longer(store: Store, stopped_s: float) -> None:
    clock = ManualClock()
    periods = Periods(store, clock)
    await periods.start()
    begin(periods, clock)
    clock.advance(200)
    await periods.write()
    clock.set_by(stopped_s)
    again = Periods(store, clock)
    await again.start()
    left_s = again.left_s(NAME)
    assert left_s == {60.0: LASTS_S - 260, HOUR_S: 0, -HOUR_S: LASTS_S}[stopped_s]
    clock.advance(LASTS_S)
    assert again.still_open() == []


async def test_two_streams_of_a_camera_have_periods_of_their_own_that_began_together(store: Store) -> None:
    clock = ManualClock()
    periods = Periods(store, clock)
    await periods.start()
    begin(periods, clock)
    begin(periods, clock, "sub")
    periods.cut(NAME)
    assert [one.name for one in periods.still_open()] == [f"{CAMERA}/sub"]
    await periods.write()
    assert [one.stream for one in (await periods.since([CAMERA], -1.0))[CAMERA]] == ["main", "sub"]


async def is_open_after_a_restart(store: Store, clock: ManualClock) -> bool:
    again = Periods(store, clock)
    await again.start()
    return again.still_open() != []


async def test_what_had_ended_does_not_begin_again_at_a_start_after_the_clock_was_set_back(store: Store) -> None:
    clock = ManualClock()
    periods = Periods(store, clock)
    await periods.start()
    at = begin(periods, clock)
    clock.advance(LASTS_S + 60)
    await periods.write()
    begun = begin(periods, clock, "sub")
    clock.advance(120)
    clock.set_by(-HOUR_S)
    now = clock.now().timestamp()
    await periods.write()
    again = Periods(store, clock)
    await again.start()
    assert [(one.stream, one.until) for one in again.still_open()] == [("sub", now + LASTS_S - 120)]
    clock.advance(LASTS_S)
    await again.write()
    assert not await is_open_after_a_restart(store, clock), "neither what had ended before, nor what was cut then"
    told = [(one.stream, one.since, one.until) for one in (await again.since([CAMERA], 0.0))[CAMERA]]
    kept = [("sub", now, now + LASTS_S - 120), ("main", at, at + LASTS_S), ("sub", begun, begun + 120)]
    assert told == kept, "what was recorded by then stays due"


async def test_what_ended_as_the_clock_was_set_back_is_known_to_have_ended_when_the_node_stops(store: Store) -> None:
    clock = ManualClock()
    periods = Periods(store, clock)
    await periods.start()
    begin(periods, clock)
    await periods.write()
    clock.advance(LASTS_S + 1)
    clock.set_by(-HOUR_S)
    await periods.write()
    assert not await is_open_after_a_restart(store, clock)


async def test_what_goes_on_after_the_clock_was_set_back_in_a_stopped_node_goes_on_once(store: Store) -> None:
    clock = ManualClock()
    periods = Periods(store, clock)
    await periods.start()
    begin(periods, clock)
    clock.advance(200)
    await periods.write()
    clock.set_by(-HOUR_S)
    again = Periods(store, clock)
    await again.start()
    clock.advance(300)
    third = Periods(store, clock)
    await third.start()
    assert third.left_s(NAME) == LASTS_S - 300, "also where the node fell over without a word"
    clock.advance(LASTS_S)
    assert not await is_open_after_a_restart(store, clock)


async def test_what_began_anew_in_place_of_another_leaves_none_behind(store: Store) -> None:
    clock = ManualClock()
    periods = Periods(store, clock)
    await periods.start()
    begin(periods, clock)
    clock.advance(LASTS_S + 1)
    begin(periods, clock)
    clock.advance(1)
    periods.cut(NAME)
    await periods.write()
    clock.set_by(-HOUR_S)
    assert not await is_open_after_a_restart(store, clock)
