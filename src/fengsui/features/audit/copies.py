"""Pushes the signed checkpoints to other places, and tells when one is late. What could not be pushed is made up later."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog
from prometheus_client import Counter, Gauge

from fengsui.clock import Clock
from fengsui.features.audit.places import CopyDiffers, Place
from fengsui.loops import keep

log = structlog.get_logger(__name__)
LATE_S, AGAIN_S = 120.0, 5.0
AGE = Gauge("fengsui_audit_copy_age_seconds", "Since the copy of the checkpoints was last complete", ["place"])
FAILED = Counter("fengsui_audit_copy_failures", "Pushes of checkpoints that failed", ["place"])


@dataclass(slots=True)
class CopyState:
    """`late`: incomplete for more than two minutes, or changed by somebody. `what`: why the last push failed, or empty."""

    place: str
    complete_at: datetime | None = None
    late: bool = False
    what: str = ""


class Copies:
    """Each place is followed by itself, so that one that is away delays no other."""

    def __init__(self, folder: Path, places: list[Place], clock: Clock) -> None:
        self._folder = folder
        self._places = places
        self._clock = clock
        self._states = {place.name: CopyState(place.name) for place in places}
        self._complete_s: dict[str, float] = {}
        self._wanted = [asyncio.Event() for _ in places]
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def states(self) -> list[CopyState]:
        """Of every place, in the order of the settings."""
        return list(self._states.values())

    async def start(self) -> None:
        """Pushes what is missing, and from then on what is new."""
        self._complete_s = dict.fromkeys(self._states, self._clock.monotonic_s())
        self._tasks = [
            keep("audit-copies", partial(self._follow, place, wanted))
            for place, wanted in zip(self._places, self._wanted, strict=True)
        ]

    async def stop(self) -> None:
        """One last push."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(self._push(place) for place in self._places))

    def grown(self) -> None:
        """There may be a new checkpoint."""
        for wanted in self._wanted:
            wanted.set()

    async def _follow(self, place: Place, wanted: asyncio.Event) -> None:
        while True:
            wanted.clear()
            if not await self._push(place):
                await asyncio.sleep(AGAIN_S)
                continue
            await wanted.wait()

    async def _push(self, place: Place) -> bool:
        state = self._states[place.name]
        try:
            await asyncio.to_thread(place.push, self._folder)
        except OSError as error:
            self._tell_late(state, error)
            return False
        self._complete_s[place.name] = self._clock.monotonic_s()
        AGE.labels(place.name).set(0)
        if state.late:
            log.info("the copy of the audit checkpoints is complete again", place=place.name)
        state.complete_at, state.late, state.what = self._clock.now(), False, ""
        return True

    def _tell_late(self, state: CopyState, error: OSError) -> None:
        age_s = self._clock.monotonic_s() - self._complete_s[state.place]
        AGE.labels(state.place).set(age_s)
        FAILED.labels(state.place).inc()
        state.what = f"{error.strerror or error}"
        late = age_s > LATE_S or isinstance(error, CopyDiffers)
        if late and not state.late:
            log.error("the copy of the audit checkpoints is late", place=state.place, seconds=round(age_s), what=state.what)
        state.late = state.late or late
