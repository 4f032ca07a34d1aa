"""Units that are where a device is: a camera worn on the body, one in a car. It is asked to report while its unit is on duty.

The last place alone is kept, as of a phone: a device's 200 says that its word was heard, not that it is on disk, for the next one
makes it void. Source: GB/T 28181-2022 §9.11, A.2.4.8, A.2.5.8 (MobilePosition, by NOTIFY and by MESSAGE).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Final, NamedTuple

import structlog
from prometheus_client import Counter

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import CameraFacts, Place
from fengsui.features.areas import Divisions
from fengsui.features.cameras import Cameras, Places, Subscriptions, UnknownCamera
from fengsui.features.devices import (
    DeviceCameOnline,
    Devices,
    DeviceState,
    DeviceWentOffline,
    Signalling,
    UnknownDevice,
)
from fengsui.features.dispatch import queries
from fengsui.features.dispatch.actions import Dispatch
from fengsui.features.dispatch.errors import UnusableUnit
from fengsui.features.dispatch.fixes import Fix, Unfit, fix_of
from fengsui.features.dispatch.model import Locator
from fengsui.loops import keep
from fengsui.store import Store
from fengsui.wire.gb28181.position import PositionNotification, PositionQuery

log = structlog.get_logger(__name__)
PACKAGE: Final = "MobilePosition"
WRITE_EVERY_S: Final = 1.0
"""Places of many units are one commit."""
AT_ONCE, LONG_AT_ONCE, LONG_S = 16, 16, 5.0
GCJ02: Final = "gcj02"
POSITIONS = Counter("fengsui_unit_positions_total", "Positions that devices told, by what became of them", ["outcome"])
TAKEN, NOBODYS = POSITIONS.labels("taken"), POSITIONS.labels("of no unit")


class Found(NamedTuple):
    """What a code names, and where that lies."""

    locator: Locator
    place: CameraFacts | Place


class Locators:
    """`interval_s`: so often a device is asked to say where it is."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        dispatch: Dispatch,
        devices: Devices,
        cameras: Cameras,
        signalling: Signalling,
        interval_s: int,
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._dispatch = dispatch
        self._devices = devices
        self._cameras = cameras
        self.kept = Subscriptions(devices, signalling, clock, PACKAGE, lambda sn, code: PositionQuery(sn, code, interval_s))
        self._places = Places("unit-locators", self._put_right, AT_ONCE, LONG_AT_ONCE, LONG_S)
        self._units: Mapping[Locator, int] = {}
        """Of units on duty, what each is where."""
        self._asked: frozenset[str] = frozenset()
        """Devices of these."""
        self._latest: dict[int, Fix] = {}
        """By unit, what is not on disk yet."""
        self._changed = asyncio.Event()
        self._due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        dispatch.on_units.append(self._changed.set)

    def start(self) -> None:
        """Follows units and devices; what is bound is read first."""
        self._changed.set()
        self._tasks = [
            keep("unit-bindings", self._follow_units),
            keep("unit-devices", self._follow_devices),
            keep("unit-positions", self._write),
            keep("position-subscriptions", self.kept.renew),
        ]

    async def stop(self) -> None:
        """Nobody is asked any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, self._places.stop(), return_exceptions=True)

    async def find(self, code: str) -> Found:
        """By the code of a device, or of a camera of one. Raises UnusableUnit, StorageFault."""
        with suppress(UnknownDevice):
            device = self._devices.get(code)
            return Found(Locator(device.code, code), Place(code, Divisions.current(code[:6])))
        try:
            camera = await self._cameras.get(code)
        except UnknownCamera as error:
            raise UnusableUnit(
                why_zh=f"没有编码为 {code} 的设备或通道", why_en=f"no device or camera has the code {code}"
            ) from error
        return Found(Locator(camera.device, code), await self._cameras.place_of(code))

    # What devices say

    def take(self, device: DeviceState, told: PositionNotification) -> None:
        """A known device says where it is, or cameras of it are; of what belongs to no unit on duty nothing is kept."""
        now, is_gcj02 = self._clock.now().timestamp(), device.position_datum == GCJ02
        for one in told.positions:
            unit = self._unit_of(device.code, one.device_id or told.device_id)
            if unit is None:
                NOBODYS.inc()
                continue
            fix = fix_of(one, told.time, now, is_gcj02=is_gcj02)
            if isinstance(fix, Unfit):
                POSITIONS.labels(fix.value).inc()
                continue
            TAKEN.inc()
            before = self._latest.get(unit)
            if before is None or before.at <= fix.at:
                self._latest[unit] = fix
                self._due.set()

    def _unit_of(self, device: str, code: str) -> int | None:
        """A camera's own unit; else that of its device, all of whose cameras are where it is."""
        exact = self._units.get(Locator(device, code))
        return self._units.get(Locator(device, device)) if exact is None else exact

    async def _write(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            some, self._latest = self._latest, {}
            try:
                await self._dispatch.place_located(some)
            except StorageFault as fault:  # tried again, unless the next word is there first
                log.error("where units are could not be stored", why=str(fault))
                self._latest = some | self._latest
                self._due.set()
            await asyncio.sleep(WRITE_EVERY_S)

    # Who is asked

    async def _follow_units(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                async with self._store.reading() as tx:
                    found = await queries.located(tx)
            except StorageFault as fault:
                log.error("which units are where devices are could not be read", why=str(fault))
                self._changed.set()
                await asyncio.sleep(WRITE_EVERY_S)
                continue
            self._units = {one.locator: one.id for one in found if one.locator is not None and one.is_on_duty}
            before, self._asked = self._asked, frozenset(one.device for one in self._units)
            for code in before | self._asked:
                self._look_at(code)

    async def _follow_devices(self) -> None:
        with closing(self._bus.subscribe(DeviceCameOnline, DeviceWentOffline, name="unit-devices")) as news:
            self._look_at_all()
            while True:
                for event in await news.batch():
                    if isinstance(event, DeviceWentOffline) or event.restarted:
                        self.kept.end(event.code)  # it has forgotten them
                    if isinstance(event, DeviceCameOnline):
                        self._look_at(event.code)
                if news.has_lost():
                    self._look_at_all()

    def _look_at_all(self) -> None:
        for code in self._asked:
            with suppress(UnknownDevice):
                if not self._devices.get(code).online:
                    self.kept.end(code)
            self._look_at(code)

    def _look_at(self, code: str) -> None:
        with suppress(UnknownDevice):
            if self._devices.get(code).online and (code in self._asked) is not self.kept.is_asked(code):
                self._places.put(code)

    async def _put_right(self, code: str) -> None:
        with suppress(UnknownDevice):
            device = self._devices.get(code)
            if not device.online or (code in self._asked) is self.kept.is_asked(code):
                return  # it went away, or was asked meanwhile
            await (self.kept.ask(device) if code in self._asked else self.kept.call_off(device))
