"""Follows what the Rust core has to say of itself: its lines go to the node's log, and its failures are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from prometheus_client import Counter

from fengsui.clock import Clock
from fengsui.loops import keep
from fengsui.media import Engine, dropped_log_lines, take_log_lines

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 0.5
LINES = Counter("fengsui_core_log_lines_total", "Lines of the Rust core in the node's log", ["level"])
LEVELS = ("error", "warning", "info")
for _level in LEVELS:
    LINES.labels(_level)


class CoreWatch:
    """`door_failures`: how often the thread of the SIP port has failed since the start."""

    def __init__(self, engine: Engine, door_failures: Callable[[], int], clock: Clock) -> None:
        self._engine = engine
        self._door_failures = door_failures
        self._clock = clock
        self._seen = 0
        self._failed_s: float | None = None
        self._lost = 0
        self._lost_s: float | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to look."""
        self._task = keep("core", self._follow)

    async def stop(self) -> None:
        """Writes what is left."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        write_core_lines()

    @property
    def failures(self) -> int:
        """Threads, tasks and streams of the core that met something unexpected, since the start."""
        return self._engine.counters().failures + self._door_failures()

    @property
    def pausing(self) -> int:
        """Its threads and tasks that failed and have not begun anew."""
        return self._engine.counters().pausing

    @property
    def footage_troubles(self) -> str:
        """Footage folders that take nothing now, each with what is wrong; empty: all do."""
        return "; ".join(f"{path}: {what}" for path, what in self._engine.footage_troubles())

    @property
    def footage_lost(self) -> int:
        """Groups of pictures that no folder took, since the start."""
        return self._engine.footage_counters().lost_fragments

    def footage_lost_ago_s(self) -> float | None:
        """How long ago footage was lost last; None: never."""
        return None if self._lost_s is None else self._clock.monotonic_s() - self._lost_s

    def failed_ago_s(self) -> float | None:
        """How long ago it failed last; 0 while something pauses, None: never."""
        if self.pausing:
            return 0.0
        return None if self._failed_s is None else self._clock.monotonic_s() - self._failed_s

    async def _follow(self) -> None:
        while True:
            self._look()
            await asyncio.sleep(LOOK_EVERY_S)

    def _look(self) -> None:
        write_core_lines()
        failures = self.failures
        if failures > self._seen:
            self._seen, self._failed_s = failures, self._clock.monotonic_s()
        lost = self.footage_lost
        if lost > self._lost:
            self._lost, self._lost_s = lost, self._clock.monotonic_s()


def write_core_lines() -> None:
    """The core's lines since the last call, as the node's own: level, what was said, from where, and what was given with it."""
    for line in take_log_lines():
        level = line.level if line.level in LEVELS else "info"
        LINES.labels(level).inc()
        fields = dict(zip(line.names, line.values, strict=True))
        getattr(log, level)(line.message, target=line.target, fields=fields)


def core_lines_dropped() -> int:
    """Lines that were too many, since the process was started."""
    return dropped_log_lines()
