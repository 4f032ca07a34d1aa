"""Areas with cameras for which no duty centre answers (rule A5)."""

from __future__ import annotations

import asyncio

from fengsui.clock import Clock
from fengsui.features.access import EVERYWHERE
from fengsui.features.cameras import Cameras
from fengsui.features.duty import Duty

LOOK_AGAIN_S, COUNTY = 10.0, 6


class UncoveredAreas:
    """Where cameras are is taken anew where the last look is old; where centres are is known at each moment."""

    def __init__(self, cameras: Cameras, duty: Duty, clock: Clock) -> None:
        self._cameras = cameras
        self._duty = duty
        self._clock = clock
        self._areas: frozenset[str] = frozenset()
        self._looked_at_s: float | None = None
        self._looking = asyncio.Lock()

    async def areas(self) -> list[str]:
        """By code. Raises StorageFault."""
        async with self._looking:
            if self._looked_at_s is None or self._clock.monotonic_s() >= self._looked_at_s + LOOK_AGAIN_S:
                self._areas = frozenset(area[:COUNTY] for area in await self._cameras.counts_by_area(EVERYWHERE))
                self._looked_at_s = self._clock.monotonic_s()
        return self._duty.uncovered(self._areas)

    def are_free(self) -> bool:
        """Whether live pictures there are open by the post alone."""
        return self._duty.free_without_centre
