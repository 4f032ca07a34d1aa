"""Alarms that devices tell over GB/T 28181, on their way to disk: which camera looks there, and whose they are to see.

A device's word is taken over when its alarm is on disk (`done`), and not before. Source: GB/T 28181-2022 §9.4, A.2.5.3.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from collections import Counter as Counted
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import structlog
from prometheus_client import Counter

from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import CameraFacts, Place
from fengsui.features.alarms.batches import AlarmBatches
from fengsui.features.alarms.device_meanings import event_of, meaning_of, type_of
from fengsui.features.alarms.frames import Done, Frame
from fengsui.features.alarms.model import LONGEST_NUMBER, LONGEST_TEXT, plain
from fengsui.features.cameras import AlarmSource, Cameras
from fengsui.features.devices import DeviceState
from fengsui.loops import keep
from fengsui.wire.gb28181.alarm import AlarmNotification
from fengsui.wire.sip.headers import BEIJING

log = structlog.get_logger(__name__)
NAME: Final = "device-alarms"
MOST: Final = 10_000
"""Alarms whose camera is still looked up."""
MOST_OF_ONE: Final = 500
"""Of one device: what is above gets no answer, and comes again."""
AT_ONCE: Final = 500
LONGEST_TYPE: Final = 16
ALARMS = Counter("fengsui_device_alarms_total", "Alarms of devices over GB/T 28181 by what became of them", ["outcome"])
TAKEN, NO_ROOM, NOT_LOOKED_UP, MALFORMED_DEVICE_ALARMS = (
    ALARMS.labels(one) for one in ("taken", "no room", "not looked up", "malformed")
)


class _Told(NamedTuple):
    """`at`: when it came, seconds since 1970; `began_s`: of the monotonic clock."""

    device: str
    name: str
    alarm: AlarmNotification
    at: float
    began_s: float
    done: Done

    @property
    def of(self) -> str:
        return self.alarm.device_id or self.device


class DeviceReception:
    """`place`: where a device lies."""

    def __init__(self, clock: Clock, batches: AlarmBatches, cameras: Cameras, place: Callable[[str], Place]) -> None:
        self._clock = clock
        self._batches = batches
        self._cameras = cameras
        self._place = place
        self._waiting: deque[_Told] = deque()
        self._of: Counted[str] = Counted()
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Devices may speak."""
        self._task = keep(NAME, self._run)

    async def stop(self) -> None:
        """What was not looked up gets no answer, and comes again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def take(self, device: DeviceState, alarm: AlarmNotification, done: Done) -> None:
        """A known device tells it. `done` is called once."""
        if self._task is None or len(self._waiting) >= MOST or self._of[device.code] >= MOST_OF_ONE:
            NO_ROOM.inc()
            done(False)
            return
        at, began_s = self._clock.now().timestamp(), self._clock.monotonic_s()
        self._waiting.append(_Told(device.code, device.name or device.code, alarm, at, began_s, done))
        self._of[device.code] += 1
        self._due.set()

    async def _run(self) -> None:
        if self._waiting:  # begun anew after a failure
            self._due.set()
        while True:
            await self._due.wait()
            self._due.clear()
            while self._waiting:
                await self._take_some()

    async def _take_some(self) -> None:
        some = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        handed_on = 0
        try:
            sources = await self._cameras.alarm_sources({(one.device, one.of) for one in some})
            facts = await self._cameras.facts(sorted({source.camera for source in sources.values()} - {""}))
            for one in some:
                source = sources[one.device, one.of]
                handed_on += 1
                self._hand_on(one, source, facts.get(source.camera))
        except StorageFault as fault:
            NOT_LOOKED_UP.inc(len(some))
            log.error("where devices raise alarms could not be looked up; they get no answer and tell it again", why=str(fault))
        finally:
            for one in some:
                self._of[one.device] -= 1
                if not self._of[one.device]:
                    del self._of[one.device]
            for one in some[handed_on:]:
                one.done(False)

    def _hand_on(self, one: _Told, source: AlarmSource, camera: CameraFacts | None) -> None:
        frame = Frame(
            key=body_key(one.device, one.alarm),
            account=f"gb28181 {one.device}",
            facts=(_facts_of(one, source, camera, self._place(one.device).area),),
            first_at=one.at,
            began_s=one.began_s,
            done=[one.done],
        )
        if self._batches.add(frame):
            TAKEN.inc()
        else:
            NO_ROOM.inc()
            one.done(False)


def body_key(device: str, alarm: AlarmNotification) -> str:
    """The same for an alarm that is sent again, over whichever way."""
    said = [alarm.sn, alarm.device_id, alarm.method, alarm.priority, alarm.time, alarm.description, type_of(alarm), event_of(alarm)]
    whole = json.dumps(["gb28181", device, *said, alarm.longitude, alarm.latitude], ensure_ascii=False)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def time_of(said: str) -> float | None:
    """Seconds since 1970 of a device's time, which is that of China (§9.10); None where it cannot be read."""
    try:
        return datetime.fromisoformat(said[:19]).replace(tzinfo=BEIJING).timestamp()
    except (ValueError, OverflowError):
        return None


def _degrees(said: float | None, most: float) -> float | None:
    return said if said is not None and math.isfinite(said) and abs(said) <= most else None


def _facts_of(one: _Told, source: AlarmSource, camera: CameraFacts | None, own_area: str) -> Mapping[str, Any]:
    alarm, meaning, kind = one.alarm, meaning_of(one.alarm), type_of(one.alarm)
    method = alarm.method if alarm.method is not None and 0 <= alarm.method <= 99 else None
    code = f"{method or 0}" + (f"-{kind}" if kind and meaning.known else "")
    of_itself = one.of == one.device and source.kind != "camera"
    return {
        **{"protocol": "gb28181", "device": one.device, "host_id": 0, "account": "", "site": plain(one.name, 128)},
        **{"area": own_area if camera is None else camera.area, "section": "", "number": plain(one.of, LONGEST_NUMBER)},
        **{"is_user": False, "point_id": None, "point": "" if source.kind in ("", "camera") else plain(source.name, 128)},
        "point_kind": "device" if of_itself else "camera" if source.kind == "camera" else "input",
        **{"camera": "" if camera is None else camera.code, "camera_class": "" if camera is None else camera.camera_class.value},
        **{"code_table": "gb", "code": code[:4], "known": meaning.known, "change": "new"},
        **{
            "category": meaning.category.value,
            "priority": meaning.priority,
            "told_priority": alarm.priority if alarm.priority in range(10) else None,
        },
        **{"method": method, "alarm_type": plain(kind, LONGEST_TYPE), "event_type": plain(event_of(alarm), LONGEST_TYPE)},
        **{"text": plain(alarm.description, LONGEST_TEXT), "sequence": "", "encrypted": False, "held_back": False},
        **{"sent_at": time_of(alarm.time), "longitude": _degrees(alarm.longitude, 180), "latitude": _degrees(alarm.latitude, 90)},
    }
