"""A few at a time: work on devices that answer within moments does not wait behind work on devices that take hours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from fengsui.loops import keep


class Places:
    """Runs `work` for each code put in, `at_once` of them; one that takes longer than `long_s` gives its place back and goes on
    beside the others, up to `long_at_once` of such.

    `work` must not raise: what it raises ends its place for a pause (`fengsui.loops`).
    """

    def __init__(self, name: str, work: Callable[[str], Awaitable[None]], at_once: int, long_at_once: int, long_s: float) -> None:
        self._name = name
        self._work = work
        self._at_once, self._long_at_once, self._long_s = at_once, long_at_once, long_s
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._workers: set[asyncio.Task[None]] = set()
        self._taking = 0
        """Workers that take more, also those that wait."""
        self._long = 0

    def put(self, code: str) -> None:
        """In turn."""
        self._waiting.put_nowait(code)
        self._begin()

    async def stop(self) -> None:
        """Ends what runs; what waits is forgotten."""
        workers = list(self._workers)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def _begin(self) -> None:
        if self._taking - self._long < self._at_once:
            self._taking += 1
            worker = keep(self._name, self._work_on)
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def _work_on(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            code = await self._waiting.get()
            long = False

            def give_back() -> None:
                nonlocal long
                if self._long < self._long_at_once:
                    long = True
                    self._long += 1
                    if not self._waiting.empty():
                        self._begin()

            timer = loop.call_later(self._long_s, give_back)
            try:
                await self._work(code)
            finally:
                timer.cancel()
                self._long -= long
            if self._taking - self._long > self._at_once:
                self._taking -= 1
                return
