"""Devices are asked to report their alarms: many keep them to themselves otherwise. Source: GB/T 28181-2022 §9.11, A.2.4.6."""

from __future__ import annotations

import asyncio
from contextlib import closing, suppress
from typing import Final

import structlog

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.cameras import Places, Subscriptions
from fengsui.features.devices import (
    DeviceCameOnline,
    DeviceChanged,
    Devices,
    DeviceWentOffline,
    Signalling,
    UnknownDevice,
)
from fengsui.loops import keep
from fengsui.wire.gb28181.alarm import AlarmQuery

log = structlog.get_logger(__name__)
PACKAGE: Final = "Alarm"
AT_ONCE, LONG_AT_ONCE, LONG_S = 64, 64, 5.0


def every_alarm(sn: int, code: str) -> AlarmQuery:
    """Every priority and method; some devices want to see it said."""
    return AlarmQuery(sn, code, first_priority=0, last_priority=4, methods="0")


class AlarmSubscriptions:
    """A switch of each device says whether it is asked. Alarms that come without are taken all the same."""

    def __init__(self, bus: Bus, devices: Devices, signalling: Signalling, clock: Clock) -> None:
        self._bus = bus
        self._devices = devices
        self.kept = Subscriptions(devices, signalling, clock, PACKAGE, every_alarm)
        self._places = Places("alarm-switches", self._put_right, AT_ONCE, LONG_AT_ONCE, LONG_S)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Follows devices that come, go and are changed."""
        self._tasks = [keep("alarm-devices", self._follow), keep("alarm-subscriptions", self.kept.renew)]

    async def stop(self) -> None:
        """Nobody is asked any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, self._places.stop(), return_exceptions=True)

    async def _follow(self) -> None:
        kinds = (DeviceCameOnline, DeviceWentOffline, DeviceChanged)
        with closing(self._bus.subscribe(*kinds, name="alarm-subscriptions")) as news:
            self._look_at_all()
            while True:
                for event in await news.batch():
                    if isinstance(event, DeviceWentOffline) or (isinstance(event, DeviceCameOnline) and event.restarted):
                        self.kept.end(event.code)  # it has forgotten them
                    if not isinstance(event, DeviceWentOffline):
                        self._look_at(event.code)
                if news.has_lost():
                    self._look_at_all()

    def _look_at_all(self) -> None:
        for device in self._devices.all():
            if not device.online:
                self.kept.end(device.code)
            self._look_at(device.code)

    def _look_at(self, code: str) -> None:
        with suppress(UnknownDevice):
            device = self._devices.get(code)
            if device.online and device.subscribe_alarms is not self.kept.is_asked(code):
                self._places.put(code)

    async def _put_right(self, code: str) -> None:
        with suppress(UnknownDevice):
            device = self._devices.get(code)
            if not device.online or device.subscribe_alarms is self.kept.is_asked(code):
                return  # it went away, or was asked meanwhile
            await (self.kept.ask(device) if device.subscribe_alarms else self.kept.call_off(device))
