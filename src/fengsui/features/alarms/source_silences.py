"""Devices with alarm inputs, and other systems that report alarms, which are not heard: an alarm, once, and its end when they are.

What alarm hosts have in `supervision`. A silence is on disk with its alarm, and what is not over after a restart goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Final, NamedTuple

import structlog

from fengsui.alarm_settings import AlarmHostsSection
from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import Place
from fengsui.features.alarms import source_silence_queries as queries
from fengsui.features.alarms.opened import OpenAlarms
from fengsui.features.alarms.ports import AlarmReceived, AlarmSilenceChanged
from fengsui.features.alarms.queries import NEWS
from fengsui.features.alarms.silence_queries import set_active
from fengsui.features.alarms.source_silence_queries import Source, Still
from fengsui.features.alarms.supervision import LEAST_S, OVER, RAISED
from fengsui.features.cameras import Cameras
from fengsui.features.devices import DeviceCameOnline, Devices, DeviceWentOffline, UnknownDevice
from fengsui.loops import keep, surprises
from fengsui.store import Store

log = structlog.get_logger(__name__)
NAME: Final = "source-supervision"
LOOK_S: Final = 1.0


class Supervised(NamedTuple):
    """A system that is heard at least each `interval_s`. `heard_s`: when last, of the monotonic clock."""

    source: Source
    heard_s: float
    interval_s: float
    was_heard: bool
    """Since the node started: who was silent before is so until then."""


class SourceSilences:
    """One for the node. `place`: where devices lie."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        settings: AlarmHostsSection,
        opened: OpenAlarms,
        devices: Devices,
        cameras: Cameras,
        place: Callable[[str], Place],
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._settings = settings
        self._open = opened
        self._devices = devices
        self._cameras = cameras
        self._place = place
        self.sources: list[Callable[[], Iterable[Supervised]]] = []
        """Of other rooms."""
        self._still: dict[tuple[str, str], Still] = {}
        self._offline: dict[str, float] = {}
        """Devices, and from when on each counts as silent, of the monotonic clock."""
        self._with_inputs: dict[str, bool] = {}
        """Of those that are offline, whether the device lists an alarm input."""
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Raises StorageFault."""
        async with self._store.reading() as tx:
            self._still = await queries.still(tx)

    def begin(self) -> None:
        """Sources can be heard: whoever is not, has a while for it, as after any start."""
        self._tasks = [keep("source-devices", self._follow), keep(NAME, self._watch)]

    async def stop(self) -> None:
        """Silences go on when the node is back."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self) -> None:
        with closing(self._bus.subscribe(DeviceCameOnline, DeviceWentOffline, name=NAME)) as news:
            self._look_at_all()
            while True:
                for event in await news.batch():
                    if isinstance(event, DeviceCameOnline):
                        self._offline.pop(event.code, None)
                    else:
                        self._offline.setdefault(event.code, self._clock.monotonic_s() + self._settings.device_silence_s)
                if news.has_lost():
                    self._look_at_all()

    def _look_at_all(self) -> None:
        from_s = self._clock.monotonic_s() + max(LEAST_S, self._settings.device_silence_s)
        gone = [one.code for one in self._devices.all() if not one.online]
        self._offline = {code: self._offline.get(code, from_s) for code in gone}

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            with surprises(NAME):
                try:
                    await self.look()
                except StorageFault as fault:  # tried again: what of it is on disk is looked for there first
                    log.error("that sources of alarms are silent, or are heard again, could not be stored", why=str(fault))

    async def look(self) -> None:
        """At who is silent by now, and who was heard again. Raises StorageFault."""
        silent = {one.key: one for one in (*self._silent_systems(), *await self._silent_devices())}
        fallen = [one for key, one in silent.items() if key not in self._still]
        back = [one.source for key, one in self._still.items() if key not in silent]
        if fallen or back:
            await self._write(fallen, back)

    def _silent_systems(self) -> list[Source]:
        now_s, late = self._clock.monotonic_s(), 1 + self._settings.supervision_grace
        every = [one for some in self.sources for one in some()]
        return [
            one.source
            for one in every
            if one.interval_s
            and (now_s - one.heard_s > one.interval_s * late or (one.source.key in self._still and not one.was_heard))
        ]

    async def _silent_devices(self) -> list[Source]:
        if not self._settings.device_silence_s:
            return []
        now_s, found = self._clock.monotonic_s(), list[Source]()
        late = [code for code, at_s in self._offline.items() if at_s <= now_s or ("gb28181", code) in self._still]
        self._with_inputs = {code: known for code, known in self._with_inputs.items() if code in self._offline}
        if new := [code for code in late if code not in self._with_inputs]:
            listing = await self._cameras.with_alarm_inputs(new)
            self._with_inputs |= {code: code in listing for code in new}
        for code in late:
            if not self._with_inputs[code]:
                continue
            try:
                device = self._devices.get(code)
            except UnknownDevice:  # removed: nobody waits for it
                self._offline.pop(code, None)
                continue
            found.append(Source("gb28181", code, (device.name or code)[:128], self._place(code).area))
        return found

    async def _write(self, fallen: list[Source], back: list[Source]) -> None:
        now, priority = self._clock.now().timestamp(), self._settings.supervision_priority
        news: list[AlarmReceived | AlarmSilenceChanged] = []
        async with self._open.adding(), self._store.transaction(act=False) as tx:
            before = await queries.still(tx)
            fallen = [one for one in fallen if one.key not in before]
            back = [one for one in back if one.key in before]
            rows = [queries.row_of(one, "new", priority, now) for one in fallen]
            rows += [queries.row_of(one, "restored", priority, now) for one in back]
            ids = await self._open.add(tx, rows) if rows else []
            for id, row in zip(ids, rows, strict=True):
                news.append(AlarmReceived(id=id, shelved=row["shelf_id"] is not None, **{name: row[name] for name in NEWS}))
            made = [(one, row["folded_into"] or id) for one, id, row in zip(fallen, ids, rows, strict=False)]
            if made:
                await queries.add(tx, made, now)
            await queries.end(tx, [one.key for one in back], now)
            ended = {before[one.key].alarm_id: before[one.key].source.area for one in back}
            await set_active(tx, ended, active=False)
            news += [AlarmSilenceChanged(id, area) for id, area in ended.items()]
            after = await queries.still(tx)
        self._still = after
        RAISED.inc(len(fallen))
        OVER.inc(len(back))
        for one in news:
            self._bus.publish(one)
