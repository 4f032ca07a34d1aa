"""Work a few at a time: what takes long gives its place back, and nothing else waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from fengsui.features.cameras.places import Places


class Work:
    """Each code is done when it is let."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self._may_end: dict[str, asyncio.Event] = {}
        self._news = asyncio.Condition()

    async def __call__(self, code: str) -> None:
        self.begun.append(code)
        may_end = self._may_end.setdefault(code, asyncio.Event())
        async with self._news:
            self._news.notify_all()
        await may_end.wait()

    def let_end(self, *codes: str) -> None:
        for code in codes:
            self._may_end[code].set()

    async def until_begun(self, *codes: str, within_s: float = 20) -> None:
        async with asyncio.timeout(within_s), self._news:
            await self._news.wait_for(lambda: set(self.begun) >= set(codes))

    async def assert_waits(self, code: str) -> None:
        """Ten times as long as a place may be held."""
        with pytest.raises(TimeoutError):
            await self.until_begun(code, within_s=0.1)


@asynccontextmanager
async def places(work: Work, at_once: int, long_at_once: int) -> AsyncIterator[Places]:
    made = Places("of a test", work, at_once, long_at_once, 0.01)
    try:
        yield made
    finally:
        await made.stop()


async def test_so_many_at_once_and_the_rest_in_turn() -> None:
    work = Work()
    async with places(work, 2, 0) as made:
        for code in "abcd":
            made.put(code)
        await work.until_begun("a", "b")
        await work.assert_waits("c")
        work.let_end("a")
        await work.until_begun("c")
        assert work.begun == ["a", "b", "c"]


async def test_what_takes_long_gives_its_place_back_up_to_a_bound() -> None:
    work = Work()
    async with places(work, 1, 2) as made:
        for code in ("slow 1", "slow 2", "slow 3", "last"):
            made.put(code)
        await work.until_begun("slow 1", "slow 2", "slow 3")
        await work.assert_waits("last")  # two are long, the third keeps its place
        work.let_end("slow 3")
        await work.until_begun("last")
        work.let_end("slow 1", "slow 2", "last")
        made.put("next")
        made.put("behind it")
        await work.until_begun("next")
        work.let_end("next")
        await work.until_begun("behind it")


async def test_what_was_long_before_anybody_waited_keeps_nobody_waiting() -> None:
    work = Work()
    async with places(work, 1, 1) as made:
        made.put("slow")
        await work.until_begun("slow")
        await work.assert_waits("nobody")
        made.put("quick")
        await work.until_begun("quick")
