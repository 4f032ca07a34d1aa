"""What libraries write is bounded by what happened, not by how they say it."""

from __future__ import annotations

import asyncio
import gc
import json
import logging

import pytest
import structlog

from fengsui.app.logging import MAX_EVENTS, LibraryLines, LogLimit, set_up_logging
from fengsui.clock import ManualClock
from fengsui.settings import LogSection


async def test_failing_tasks_write_no_more_than_their_share(capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logging(json_lines=True, settings=LogSection(lines_per_event=5), clock=ManualClock())

    async def fails() -> None:
        raise RuntimeError("the disk is full")

    lines_of = LibraryLines()
    logging.getLogger("asyncio").addHandler(lines_of)  # the root's handlers are the test runner's
    try:
        for _ in range(100):
            side = {asyncio.create_task(fails())}
            await asyncio.wait(side)
            side.clear()
        await asyncio.sleep(0)
        gc.collect()
    finally:
        logging.getLogger("asyncio").removeHandler(lines_of)
        structlog.reset_defaults()
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    told = [line for line in lines if line.get("library") == "asyncio"]
    assert len(told) == 5 and "the disk is full" in told[0]["exception"] and "Task-" in told[0]["said"]


def test_ever_new_events_share_one_limit_and_leave_the_others_theirs() -> None:
    clock = ManualClock()
    limit = LogLimit(3, clock)

    def passes(event: str) -> bool:
        try:
            limit(None, "", {"event": event})
        except structlog.DropEvent:
            return False
        return True

    assert [passes("known") for _ in range(4)] == [True] * 3 + [False]
    shown = sum(passes(f"new {number}") for number in range(MAX_EVENTS * 3))
    assert shown == MAX_EVENTS - 1 + 3
    assert not passes("known")
    clock.advance(11)
    assert passes("known") and passes("new again")
