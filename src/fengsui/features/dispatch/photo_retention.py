"""Photos of the place go when their time is over, on record. Those of an incident that is open, or whose footage is held, stay."""

from __future__ import annotations

from typing import Final

from fengsui.errors import FengsuiError
from fengsui.features.access import EVERYWHERE
from fengsui.features.alarms import Alarms
from fengsui.features.dispatch.actions import Dispatch
from fengsui.features.dispatch.model import photos_of
from fengsui.features.dispatch.photos import TaskPhotos
from fengsui.features.incidents import Incident, Incidents
from fengsui.features.retention import Holds
from fengsui.loops import Rounds

NAME: Final = "task-photos"
DAY_S: Final = 86_400.0
EVERY_S: Final = 3600.0
AT_ONCE: Final = 200
AROUND_S: Final = 3600.0
"""What a camera recorded so long before an incident was opened belongs to it."""


class PhotoRetention:
    """One for the node. `days`: so long a photo is kept once its incident is over."""

    def __init__(
        self, days: int, incidents: Incidents, alarms: Alarms, holds: Holds, dispatch: Dispatch, photos: TaskPhotos
    ) -> None:
        self._days = days
        self._incidents = incidents
        self._alarms = alarms
        self._holds = holds
        self._dispatch = dispatch
        self._photos = photos
        self.rounds = Rounds(NAME, self.look, EVERY_S, "photos whose time is over wait to be removed", FengsuiError, OSError)

    async def look(self) -> None:
        """Removes what is older than may be, on record. Raises AuditUnavailable, StorageFault, OSError."""
        before, last = self._dispatch.now() - self._days * DAY_S, 0
        gone = set[str]()
        while tasks := await self._dispatch.with_photos(before, last, AT_ONCE):
            last = tasks[-1].id
            for task in tasks:
                if photos_of(task) and (one := await self._over(task.incident, before)) is not None:
                    gone |= await self._photos.let_go(task.id, one, f"over for more than {self._days} days")
        await self._photos.remove_unnamed(gone, before)

    async def _over(self, id: int, before: float) -> Incident | None:
        """The incident, if nothing of it needs its photos any more. Raises StorageFault."""
        one = await self._incidents.get([EVERYWHERE], id)
        if one.is_open or one.last_at >= before or await self._is_held(one):
            return None
        return None if one.into and await self._over(one.into, before) is None else one

    async def _is_held(self, one: Incident) -> bool:
        """Whether footage of one of its cameras is held, of the time in which it was worked on. Raises StorageFault."""
        holds = [*self._holds.all(), *(mark.as_hold for mark in self._holds.marks())]
        if not holds:
            return False
        linked = (await self._incidents.alarms_of([one.id]))[one.id]
        alarms = (await self._alarms.many([EVERYWHERE], linked)).values()
        _, lines, _ = await self._incidents.with_lines([EVERYWHERE], one.id)
        cameras = {str(line.facts["camera"]) for line in lines if "camera" in line.facts} | {alarm.camera for alarm in alarms}
        since = min([*one.stamps.values(), *(alarm.first_at for alarm in alarms)]) - AROUND_S
        return any(hold.camera in cameras and hold.since <= one.last_at and hold.until >= since for hold in holds)
