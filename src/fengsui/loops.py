"""Loops that the node cannot do without: a surprise in one is logged, counted and told, and the loop goes on."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

log = structlog.get_logger(__name__)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0

FAILURES = Counter("fengsui_loop_failures_total", "Unexpected errors that ended a loop of the node, by loop", ["loop"])
PAUSING = Gauge("fengsui_loops_pausing", "Loops of the node that failed and have not begun again", ["loop"])
_pausing: Tally[str] = Tally()
_failed: dict[str, tuple[float, str]] = {}
"""By loop: when it failed last, in the event loop's time, and by what."""


@dataclass(frozen=True, slots=True)
class FailedLoop:
    """A loop that failed. `what`: the kind of the surprise; its words may hold what is not for everybody and stand in the log."""

    name: str
    what: str
    ago_s: float


def keep(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
    """A task that runs `work` until it ends or is cancelled, and begins it anew after a surprise, with growing pauses.

    `work` makes good what it may have missed meanwhile: it cannot know whether it begins for the first time.
    """
    return asyncio.create_task(_keep(name, work), name=name)


def pausing() -> list[str]:
    """Loops that failed and have not begun again."""
    return sorted(name for name, count in _pausing.items() if count > 0)


def failed(within_s: float) -> list[FailedLoop]:
    """Loops that failed in the last `within_s` seconds, whether or not they go on by now."""
    now_s = asyncio.get_running_loop().time()
    found = [FailedLoop(name, what, max(0.0, now_s - at_s)) for name, (at_s, what) in sorted(_failed.items())]
    return [one for one in found if one.ago_s <= within_s or _pausing[one.name]]


class Rounds:
    """Looks at the start and again and again, some time after each look ended."""

    def __init__(
        self, name: str, look: Callable[[], Coroutine[Any, Any, None]], every_s: float, waits: str, *faults: type[Exception]
    ) -> None:
        """`faults`: a look may end by these, which are no surprise; then `waits` is said, and the next one makes it good."""
        self._name = name
        self._look = look
        self._every_s = every_s
        self._waits = waits
        self._faults = faults
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Beside everything else."""
        self._task = keep(self._name, self._follow)

    async def stop(self) -> None:
        """What is due then waits for the node's next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            try:
                await self._look()
            except self._faults as fault:
                log.warning(self._waits, what=str(fault))
            await asyncio.sleep(self._every_s)


@contextmanager
def surprises(name: str) -> Iterator[None]:
    """For one of many: an unexpected error in it is logged, counted and told as a loop's is, and the others have their turn."""
    try:
        yield
    except Exception as error:  # the outermost place of what a loop calls back
        _note(name, error)
        log.exception("a loop of the node failed; it goes on", loop=name, what=str(error), pause_s=0.0)


def _note(name: str, error: Exception) -> None:
    FAILURES.labels(name).inc()
    _failed[name] = asyncio.get_running_loop().time(), type(error).__name__


async def _keep(name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    now_s, pause_s = asyncio.get_running_loop().time, FIRST_PAUSE_S
    while True:
        begun_s = now_s()
        try:
            await work()
            return
        except Exception as error:  # the outermost loop
            _note(name, error)
            log.exception("a loop of the node failed; it goes on", loop=name, what=str(error), pause_s=pause_s)
        if now_s() > begun_s + LONGEST_PAUSE_S:
            pause_s = FIRST_PAUSE_S
        _count(name, 1)
        try:
            await asyncio.sleep(pause_s)
        finally:
            _count(name, -1)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _count(name: str, more: int) -> None:
    _pausing[name] += more
    PAUSING.labels(name).set(_pausing[name])
