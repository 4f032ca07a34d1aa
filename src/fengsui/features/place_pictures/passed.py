"""Whoever has taken an alarm that was passed on to their centre is shown its cameras, live, as long as it is theirs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final

from fengsui.clock import Clock
from fengsui.features.access import EVERYWHERE, Access, Function, Shown
from fengsui.features.alarm_work import AlarmPasses, Pass
from fengsui.features.alarms import Alarms
from fengsui.features.audit import Ground
from fengsui.features.place_pictures.model import PURPOSE, PlaceCamera

UNREAD_S: Final = 10.0
CamerasOf = Callable[[Collection[int]], Awaitable[Mapping[int, Sequence[PlaceCamera]]]]


def ground_of(one: Pass) -> Ground:
    """As records of what it shows name it: the alarm's number and the pass's."""
    return Ground(f"A{one.alarm_id}-P{one.id}", "", PURPOSE)


class PassedPictures:
    """Who has which of them is in memory with the passes; the other cameras of an alarm are read anew each second."""

    def __init__(self, clock: Clock, access: Access, passes: AlarmPasses, alarms: Alarms, cameras_of: CamerasOf) -> None:
        self._clock = clock
        self._passes = passes
        self._alarms = alarms
        self._cameras_of = cameras_of
        self._cameras: dict[int, frozenset[str]] = {}
        self._read_s = clock.monotonic_s()
        access.shown_to.append(self.shown_to)

    def shown_to(self, user_id: int, camera: str) -> Shown | None:
        """For the door: by their own shift and what their post opens where their centre is."""
        if self._clock.monotonic_s() - self._read_s >= UNREAD_S:
            return None
        for one, by, centre in self._passes.seen_to():
            if one.user_id == user_id and camera in (one.camera, *self._cameras.get(one.alarm_id, ())):
                return Shown(ground_of(by), Function.VIEW_LIVE, at=centre.area)
        return None

    async def look(self) -> None:
        """Reads who has what, and by which cameras it is seen. Raises StorageFault."""
        passed = self._passes.all_alarms()
        if passed:
            self._passes.refresh((await self._alarms.many([EVERYWHERE], passed)).values())
        taken = [one.alarm_id for one, _, _ in self._passes.seen_to()]
        found = await self._cameras_of(taken) if taken else {}
        self._cameras = {id: frozenset(one.camera for one in some) for id, some in found.items()}
        self._read_s = self._clock.monotonic_s()
