"""Whoever is in a unit that has accepted a task is shown the cameras of its incident's alarms, until the task is over."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import closing, suppress
from typing import Final, NamedTuple

import structlog

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import EVERYWHERE, Access, Principal, Shown
from fengsui.features.alarm_rules import AlarmRules
from fengsui.features.alarm_work import AlarmPasses
from fengsui.features.alarms import AlarmHosts, Alarms
from fengsui.features.cameras import Camera, Cameras
from fengsui.features.dispatch import Crews, Dispatch, Task, TaskChanged, TaskState
from fengsui.features.incidents import Incidents
from fengsui.features.place_pictures.model import MOST_ALARMS, PlaceCamera, ShownByTasks, in_order
from fengsui.features.place_pictures.passed import PassedPictures
from fengsui.loops import keep

log = structlog.get_logger(__name__)
LOOK_S: Final = 1.0
UNREAD_S: Final = 10.0
"""What cannot be read anew shows nothing after so long (as rights that cannot be decided: rule A5)."""


class Seen(NamedTuple):
    """A camera of the place that the caller may open."""

    camera: Camera
    preset: int | None


class OwnPictures(NamedTuple):
    """`task` None: there is none; `accepted`: it shows something; `withheld`: cameras that the appointment does not hold."""

    task: int | None
    accepted: bool
    seen: list[Seen]
    withheld: int


class PlacePictures:
    """Kept in memory for the door, and read anew each second while a task runs, and at each news of one."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        access: Access,
        *,
        dispatch: Dispatch,
        crews: Crews,
        incidents: Incidents,
        alarms: Alarms,
        hosts: AlarmHosts,
        rules: AlarmRules,
        cameras: Cameras,
        passes: AlarmPasses,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._access = access
        self._dispatch = dispatch
        self._crews = crews
        self._incidents = incidents
        self._alarms = alarms
        self._hosts = hosts
        self._rules = rules
        self._cameras = cameras
        self._shown = ShownByTasks()
        self._reading = asyncio.Lock()
        self._read_s = clock.monotonic_s()
        self._follower: asyncio.Task[None] | None = None
        access.shown_to.append(self.shown_to)
        self.passed = PassedPictures(clock, access, passes, alarms, self.cameras_of_alarms)
        dispatch.on_task.append(self._task_moved)
        crews.on_crew.append(self._crew_set)

    def start(self) -> None:
        """What tasks show goes on over a restart."""
        self._follower = keep("place-pictures", self._follow)

    async def stop(self) -> None:
        """Ends that."""
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.gather(self._follower, return_exceptions=True)

    def shown_to(self, user_id: int, camera: str) -> Shown | None:
        """For the door. What could not be read anew for a while shows nothing."""
        if self._clock.monotonic_s() - self._read_s >= UNREAD_S:
            return None
        return self._shown.get(user_id, camera)

    async def own(self, who: Principal) -> OwnPictures:
        """What the caller's own task shows. Raises StorageFault."""
        own = await self._crews.own(who)
        task = None if own is None else own.task
        if task is None or not task.is_running or task.state is TaskState.SENT:
            return OwnPictures(None if task is None else task.id, accepted=False, seen=[], withheld=0)
        await self.look()
        named = (await self.cameras_of([task.incident]))[task.incident]
        known = await self._cameras.many([one.camera for one in named])
        seen, withheld = [], 0
        for one in named:
            if one.camera not in known:
                continue
            camera, _ = known[one.camera]
            if self._access.shown(who.person, camera.facts) is None:
                withheld += 1
            else:
                seen.append(Seen(camera, one.preset))
        return OwnPictures(task.id, accepted=True, seen=seen, withheld=withheld)

    async def cameras_of(self, incidents: Collection[int]) -> dict[int, list[PlaceCamera]]:
        """By incident, those of its alarms, the newest's first: its own, its point's, then what rules show with it.

        Raises StorageFault.
        """
        parts = {id: [id, *(one.id for one in await self._incidents.merged_into([EVERYWHERE], id))] for id in set(incidents)}
        of_part = await self._incidents.alarms_of([part for some in parts.values() for part in some])
        newest = {
            id: sorted((alarm for part in some for alarm in of_part.get(part, ())), reverse=True)[:MOST_ALARMS]
            for id, some in parts.items()
        }
        of = await self.cameras_of_alarms({alarm for some in newest.values() for alarm in some})
        return {id: in_order(one for alarm in some for one in of.get(alarm, ())) for id, some in newest.items()}

    async def cameras_of_alarms(self, ids: Collection[int]) -> dict[int, list[PlaceCamera]]:
        """By alarm: its own, its point's, then what rules show with it. Raises StorageFault."""
        wanted = sorted(ids)
        alarms = await self._alarms.many([EVERYWHERE], wanted) if wanted else {}
        linked = await self._rules.cameras_of_alarms(wanted) if wanted else {}

        def of(alarm: int) -> list[PlaceCamera]:
            point = self._hosts.point(alarms[alarm].point_id) if alarm in alarms else None
            own = [PlaceCamera(alarms[alarm].camera, None)] if alarm in alarms else []
            looking = [] if point is None else [PlaceCamera(*one) for one in point.cameras]
            return [*own, *looking, *(PlaceCamera(one.camera, one.preset) for one in linked.get(alarm, ()))]

        return {id: of(id) for id in wanted}

    async def look(self) -> None:
        """Reads what is shown to whom. Raises StorageFault."""
        async with self._reading:
            while True:
                endings = self._shown.endings
                at_work = await self._dispatch.at_work()
                incidents = sorted({task.incident for _, task in at_work})
                numbers = await self._incidents.numbers(incidents)
                cameras = await self.cameras_of(incidents)
                if endings == self._shown.endings:  # else something ended meanwhile, and this may not know of it
                    break
            self._read_s = self._clock.monotonic_s()
            self._tell_if(self._shown.replace(at_work, numbers, cameras))

    async def _follow(self) -> None:
        with closing(self._bus.subscribe(TaskChanged, name="place pictures")) as news:
            while True:
                try:
                    await self.look()
                    await self.passed.look()
                except StorageFault as error:
                    log.warning("what tasks show cannot be read", what=str(error))
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):
                        await news.batch()

    def _task_moved(self, task: Task) -> None:
        if not task.is_running:
            self._tell_if(self._shown.task_ended(task.id))

    def _crew_set(self, unit: int, users: Collection[int]) -> None:
        self._tell_if(self._shown.crew_is(unit, users))

    def _tell_if(self, hides: bool) -> None:
        if hides:
            for told in self._access.on_hidden:
                told()
