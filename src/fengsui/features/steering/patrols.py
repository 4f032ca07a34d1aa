"""Rounds over presets: kept and gone by the camera itself (GB/T 28181-2022 A.3.5), or gone by this node where it has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.cameras import Control
from fengsui.features.devices import SignallingFault
from fengsui.features.steering import queries
from fengsui.features.steering.model import Patrol, Stop, UnknownPatrol
from fengsui.store import Store
from fengsui.wire.gb28181 import ptz

AFTER_START_S, AGAIN_S = 10.0, 15.0
"""A round of before the start goes on after so long; a camera that does not answer is tried again."""


@dataclass(slots=True)
class _Round:
    """One that this node goes. `due_s`: when the next preset is, monotonic."""

    patrol: Patrol
    at: int
    due_s: float


class Patrols:
    """A camera goes one round at most. `may_go`: whether it may look at a preset; `on_move` is told before the node turns one."""

    def __init__(
        self,
        store: Store,
        audit: Audit,
        control: Control,
        clock: Clock,
        *,
        may_go: Callable[[str, int], bool],
        on_move: Callable[[str], None],
    ) -> None:
        self._store = store
        self._audit = audit
        self._control = control
        self._clock = clock
        self._may_go = may_go
        self._on_move = on_move
        self._kept: dict[str, dict[int, Patrol]] = {}
        self._rounds: dict[str, _Round] = {}

    async def start(self) -> None:
        """Reads the patrols; those of ours that ran go on."""
        async with self._store.reading() as tx:
            found = await queries.patrols(tx)
        for one in found:
            self._kept.setdefault(one.camera, {})[one.number] = one
            if one.running and not one.by_device:
                self._rounds[one.camera] = _Round(one, 0, self._clock.monotonic_s() + AFTER_START_S)

    def of(self, camera: str) -> list[Patrol]:
        """Those that were made here, by number."""
        return sorted(self._kept.get(camera, {}).values(), key=lambda one: one.number)

    async def of_device(self, camera: str) -> list[Patrol]:
        """Those that the camera tells of and that were not made here. Raises UnknownCamera."""
        try:
            told = await self._control.tours(camera)
        except SignallingFault:
            return []
        known = self._kept.get(camera, {})
        return [
            Patrol(
                camera,
                one.track or 0,
                one.name,
                tuple(Stop(point.preset or 0, point.stay_s or 0) for point in one.points),
                max((point.speed or 0 for point in one.points), default=0),
                by_device=True,
            )
            for one in told
            if (one.track or 0) not in known
        ]

    def get(self, camera: str, number: int) -> Patrol:
        """Raises UnknownPatrol."""
        found = self._kept.get(camera, {}).get(number)
        if found is None:
            raise UnknownPatrol(number=number)
        return found

    def running(self, camera: str) -> Patrol | None:
        """The one that the camera goes now."""
        return next((one for one in self._kept.get(camera, {}).values() if one.running), None)

    def is_touring(self, camera: str) -> bool:
        """Whether the camera goes round by itself."""
        return self.running(camera) is not None

    async def set(self, wanted: Patrol) -> None:
        """Raises UnknownCamera, SignallingFault, StorageFault."""
        old = self._kept.get(wanted.camera, {}).get(wanted.number)
        if old is not None and old.running:
            await self.halt(wanted.camera)
        if wanted.by_device:
            numbers = [stop.preset for stop in wanted.stops]
            stay_s = max(stop.stay_s for stop in wanted.stops)
            await self._control.keep_tour(wanted.camera, wanted.number, wanted.name, numbers, stay_s, wanted.speed)
        elif old is not None and old.by_device:
            await self._control.remove_tour(wanted.camera, wanted.number)
        await self._keep_one(wanted)

    async def remove(self, camera: str, number: int) -> None:
        """Raises UnknownPatrol, UnknownCamera, SignallingFault, StorageFault."""
        old = self.get(camera, number)
        if old.running:
            await self.halt(camera)
        if old.by_device:
            await self._control.remove_tour(camera, number)
        async with self._store.transaction() as tx:
            await queries.remove_patrol(tx, camera, number)
        del self._kept[camera][number]

    async def begin(self, camera: str, number: int, by: str) -> None:
        """Raises UnknownPatrol, UnknownCamera, SignallingFault, StorageFault."""
        wanted = replace(self.get(camera, number), running=True, begun_by=by)
        await self.halt(camera)
        if wanted.by_device:
            await self._control.begin_tour(camera, number)
        else:
            self._rounds[camera] = _Round(wanted, 0, self._clock.monotonic_s())
        await self._keep_one(wanted)

    async def halt(self, camera: str) -> bool:
        """Whoever turns the camera ends its round; whether there was one. Raises UnknownCamera, SignallingFault, StorageFault."""
        self._rounds.pop(camera, None)
        running = self.running(camera)
        if running is None:
            return False
        await self._control.stop(camera)
        await self._keep_one(replace(running, running=False))
        return True

    async def go_on(self) -> None:
        """Sends each camera to its next preset that is due. Raises nothing of one that does not answer."""
        now_s = self._clock.monotonic_s()
        for camera, one in list(self._rounds.items()):
            if one.due_s > now_s:
                continue
            stop = one.patrol.stops[one.at % len(one.patrol.stops)]
            if not self._may_go(camera, stop.preset):  # the sector was narrowed since
                one.at, one.due_s = one.at + 1, now_s + 1
                continue
            one.due_s = now_s + max(1, stop.stay_s)
            self._on_move(camera)
            try:
                await self._control.preset(camera, ptz.PRESET_GO, stop.preset)
            except FengsuiError:
                one.due_s = now_s + AGAIN_S
                continue
            one.at += 1
            if self._rounds.get(camera) is one:
                detail = f"{stop.preset}, patrol {one.patrol.number} of {one.patrol.begun_by}"
                self._audit.record_end(NODE, Act.PRESET_GO, camera, detail=detail)

    async def _keep_one(self, one: Patrol) -> None:
        async with self._store.transaction() as tx:
            await queries.keep_patrol(tx, one)
        self._kept.setdefault(one.camera, {})[one.number] = one


def presets_of(stops: Iterable[Stop]) -> list[int]:
    """Each once."""
    return sorted({one.preset for one in stops})
