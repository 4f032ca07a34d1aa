"""Alarms that devices tell over GB/T 28181: cameras that are recorded on event are, from before it on. Source: §9.4, A.2.5.3."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import structlog
from prometheus_client import Counter

from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.cameras import Cameras, UnknownCamera
from fengsui.features.devices import DeviceState
from fengsui.features.recording.actions import Recording
from fengsui.loops import keep
from fengsui.wire.gb28181.alarm import AlarmMethod, AlarmNotification

log = structlog.get_logger(__name__)
MAX_WAITING = 1_000
DROPPED = Counter("fengsui_recording_dropped_alarms_total", "Alarms of devices that came too fast to be looked at")


class Told(NamedTuple):
    """Whose alarm it is, by its device, and when: seconds since 1970."""

    device: str
    of: str
    at: float


class DeviceAlarms:
    """From the device's word to the camera's recording. What an alarm is beyond that is no matter here."""

    def __init__(self, clock: Clock, cameras: Cameras, recording: Recording) -> None:
        self._clock = clock
        self._cameras = cameras
        self._recording = recording
        self._waiting: asyncio.Queue[Told] = asyncio.Queue(MAX_WAITING)
        self._loop: asyncio.Task[None] | None = None
        cameras.reading.on_alarm = self.take

    def begin(self) -> None:
        """Devices can be spoken to."""
        self._loop = keep("recording-alarms", self._run)

    async def stop(self) -> None:
        """Nothing more is looked at."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    def take(self, device: DeviceState, alarm: AlarmNotification) -> None:
        """A known device tells it. That its own disk or fan fails is nothing that a camera sees."""
        if alarm.method == AlarmMethod.DEVICE_FAULT:
            return
        now = self._clock.now().timestamp()
        ahead_s = self._cameras.clock_error_s(alarm.time)
        try:
            self._waiting.put_nowait(Told(device.code, alarm.device_id, now if ahead_s is None else now + ahead_s))
        except asyncio.QueueFull:
            DROPPED.inc()

    async def _run(self) -> None:
        while True:
            told = await self._waiting.get()
            camera = await self._camera_of(told)
            period = None if camera is None else self._recording.trigger(camera, "alarm", told.at)
            if period is not None:
                log.info("an alarm is recorded", camera=period.camera, device=told.device, of=told.of)

    async def _camera_of(self, told: Told) -> str | None:
        """The camera itself; of an alarm input, or of the device as a whole, its only camera. Never another device's."""
        try:
            camera = await self._cameras.get(told.of)
        except UnknownCamera:
            pass
        except StorageFault:  # whose it is cannot be seen now: rather too much is recorded
            return told.of
        else:
            return told.of if camera.device == told.device else None
        try:
            codes = await self._cameras.codes_of(told.device)
        except StorageFault:
            return None
        return codes[0] if len(codes) == 1 else None
