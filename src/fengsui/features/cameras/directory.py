"""Where cameras and devices lie, for the door."""

from __future__ import annotations

from collections.abc import Sequence

from fengsui.features.access import CameraFacts, Place
from fengsui.features.areas import Divisions
from fengsui.features.cameras.actions import Cameras


class CameraDirectory:
    """Answers `access.ports.Directory` from the stored catalogue."""

    def __init__(self, cameras: Cameras) -> None:
        self._cameras = cameras

    async def camera(self, code: str) -> CameraFacts | None:
        """None when there is no such camera, and none is known to have left."""
        return (await self._cameras.facts([code])).get(code) or await self._cameras.kept.last_facts(code)

    async def places(self, code: str) -> Sequence[CameraFacts]:
        """Where it is, and where it was before it left; none when nobody knows it."""
        found = (await self._cameras.kept.many([code])).get(code)
        return () if found is None else found.places

    def device(self, code: str) -> Place:
        """By the area in its code (GB/T 28181-2022 annex E); one without lies nowhere: only whoever holds everything may."""
        digits = code[:6]
        area = Divisions.current(digits) if len(digits) == 6 and digits.isascii() and digits.isdigit() else ""
        return Place(code, area)
