"""Resets of alarms: after one of method 2 a device sends no further one until it is reset (GB/T 28181-2022 §9.3, quirk 40).

Each is on record before it is sent. One that is not answered is tried again, or the device would be silent for good. A device
whose condition lasts may raise its alarm anew at each reset: then the next ones wait, longer each time, or node and device would
do nothing else.
"""

from __future__ import annotations

import asyncio
from asyncio import sleep
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, Protocol

import structlog
from prometheus_client import Counter

from fengsui.features.audit import AuditUnavailable
from fengsui.features.devices import DeviceOffline, DeviceState, SignallingFault
from fengsui.wire.gb28181.alarm import AlarmMethod
from fengsui.wire.gb28181.control import AlarmReset, DeviceControl
from fengsui.wire.gb28181.manscdp import Manscdp

log = structlog.get_logger(__name__)
MOST: Final = 10_000
"""Devices that one remembers."""
SHORTEST_S, LONGEST_S = 10.0, 600.0
RESETS = Counter("fengsui_device_alarm_resets_total", "ResetAlarm sent to devices after an alarm of an input", ["outcome"])


def steady_s() -> float:
    """Of the running loop."""
    return asyncio.get_running_loop().time()


class _Last(NamedTuple):
    """When a device was reset, by the steady clock, and how long the next reset waits if it is wanted soon."""

    at_s: float
    pause_s: float


class Book(Protocol):
    """Where resets go on record, and which were sent."""

    def now(self) -> float:
        """Seconds since 1970."""

    async def on_record(self, device: str) -> None:
        """Raises AuditUnavailable."""

    async def sent(self, device: str, at: float) -> None:
        """It was answered."""


class AlarmResets:
    """At most one is under way to a device, however many alarms want it. None is sent before there is a book."""

    def __init__(self, message: Callable[[DeviceState, Manscdp], Awaitable[None]], next_sn: Callable[[], int]) -> None:
        self._message = message
        self._next_sn = next_sn
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._devices: dict[str, DeviceState] = {}
        """As each spoke last, of those under way."""
        self._again: set[str] = set()
        self._last: dict[str, _Last] = {}
        self._recorded: set[str] = set()
        """Devices whose reset is on record and was not answered yet."""
        self.book: Book | None = None

    @property
    def under_way(self) -> int:
        """Devices that are still to be reset."""
        return len(self._under_way)

    def owe(self, device: DeviceState) -> None:
        """Its alarm is on disk: it may tell the next one."""
        if device.code in self._under_way:
            self._again.add(device.code)
            self._devices[device.code] = device  # it may have been removed and admitted since
        elif len(self._under_way) < MOST:
            self._devices[device.code] = device
            self._under_way[device.code] = asyncio.create_task(self._reset(device.code))

    async def stop(self) -> None:
        """What is owed is owed after the next start."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._under_way.clear()  # one that had not begun clears up nothing
        self._devices.clear()

    async def _reset(self, code: str) -> None:
        try:
            wanted = True
            while wanted:
                await sleep(self._wait_s(code))
                self._again.discard(code)
                if self._devices[code].online:
                    wanted = not await self._sent(self._devices[code]) or code in self._again
                else:  # one looks soon again, for once it is back it is silent until it is reset
                    self._last[code] = _Last(steady_s(), SHORTEST_S)
        finally:
            self._again.discard(code)
            self._recorded.discard(code)
            del self._under_way[code], self._devices[code]

    def _wait_s(self, code: str) -> float:
        """Until the next reset: none, unless there was one shortly before."""
        now_s, last = steady_s(), self._last.pop(code, None)
        if last is None or now_s - last.at_s > 2 * last.pause_s:
            wait_s, pause_s = 0.0, SHORTEST_S
        else:
            wait_s, pause_s = max(0.0, last.at_s + last.pause_s - now_s), min(2 * last.pause_s, LONGEST_S)
        while len(self._last) >= MOST:
            del self._last[next(iter(self._last))]
        self._last[code] = _Last(now_s + wait_s, pause_s)
        return wait_s

    async def _sent(self, device: DeviceState) -> bool:
        try:
            if self.book is None or not device.online:
                raise DeviceOffline()
            if device.code not in self._recorded:
                await self.book.on_record(device.code)
                self._recorded.add(device.code)
            method, at = str(int(AlarmMethod.DEVICE)), self.book.now()
            await self._message(device, DeviceControl(self._next_sn(), device.code, reset_alarm=AlarmReset(method=method)))
        except (SignallingFault, AuditUnavailable) as fault:
            RESETS.labels("failed").inc()
            log.warning("a device is not reset after its alarm; it is tried again", device=device.code, why=str(fault))
            return False
        RESETS.labels("sent").inc()
        self._recorded.discard(device.code)
        await self.book.sent(device.code, at)
        return True
