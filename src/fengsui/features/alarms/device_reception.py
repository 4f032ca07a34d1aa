"""Alarms that devices tell over GB/T 28181, on their way to disk: which camera looks there, and whose they are to see.

A device's word is taken over when its alarm is on disk (`done`), and not before. Source: GB/T 28181-2022 §9.4, A.2.5.3.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter as Counted
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import structlog
from prometheus_client import Counter

from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import CameraFacts, Place
from fengsui.features.alarms.batches import AlarmBatches
from fengsui.features.alarms.device_keys import DeviceKeys, time_of
from fengsui.features.alarms.device_meanings import event_of, meaning_of, type_of
from fengsui.features.alarms.frames import Done, Frame
from fengsui.features.alarms.model import LONGEST_NUMBER, LONGEST_TEXT, plain
from fengsui.features.cameras import AlarmSource, Cameras
from fengsui.features.devices import DeviceState
from fengsui.loops import keep, surprises
from fengsui.wire.gb28181.alarm import AlarmNotification

log = structlog.get_logger(__name__)
NAME: Final = "device-alarms"
MOST: Final = 10_000
"""Alarms whose camera is still looked up."""
MOST_OF_ONE: Final = 2_500
"""Of one device, which may be a platform with 10,000 points: what is above gets no answer, and comes again."""
AT_ONCE: Final = 500
LONGEST_TYPE: Final = 16
ALARMS = Counter("fengsui_device_alarms_total", "Alarms of devices over GB/T 28181 by what became of them", ["outcome"])
TAKEN, NO_ROOM, NOT_LOOKED_UP, MALFORMED_DEVICE_ALARMS, FAILED = (
    ALARMS.labels(one) for one in ("taken", "no room", "not looked up", "malformed", "failed")
)


class _Told(NamedTuple):
    """`at`: when it came, seconds since 1970; `began_s`: of the monotonic clock."""

    device: str
    name: str
    alarm: AlarmNotification
    at: float
    began_s: float
    done: Done
    notified: bool

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
        self._keys = DeviceKeys()
        self._waiting: OrderedDict[str, deque[_Told]] = OrderedDict()
        """By device, whose turn it is first."""
        self._of: Counted[str] = Counted()
        self._held = 0
        """Those of all devices in `_of`."""
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

    def take(self, device: DeviceState, alarm: AlarmNotification, done: Done, *, notified: bool = False) -> None:
        """A known device tells it, by NOTIFY where `notified`. `done` is called once."""
        if self._task is None or self._held >= MOST or self._of[device.code] >= MOST_OF_ONE:
            NO_ROOM.inc()
            done(False)
            return
        at, began_s = self._clock.now().timestamp(), self._clock.monotonic_s()
        told = _Told(device.code, device.name or device.code, alarm, at, began_s, done, notified)
        self._waiting.setdefault(device.code, deque()).append(told)
        self._of[device.code] += 1
        self._held += 1
        self._due.set()

    async def _run(self) -> None:
        if self._waiting:  # begun anew after a failure
            self._due.set()
        while True:
            await self._due.wait()
            self._due.clear()
            while self._waiting:
                await self._take_some()

    def _next(self) -> list[_Told]:
        """One of each device in turn: a burst of one waits behind nobody's single alarm, and nobody behind its burst."""
        some: list[_Told] = []
        while self._waiting and len(some) < AT_ONCE:
            device, line = self._waiting.popitem(last=False)
            some.append(line.popleft())
            if line:
                self._waiting[device] = line
        return some

    async def _take_some(self) -> None:
        some = self._next()
        left = deque(some)
        try:
            await self._look_up(some, left)
        finally:
            self._held -= len(some)
            for one in some:
                self._of[one.device] -= 1
                if not self._of[one.device]:
                    del self._of[one.device]
            for one in left:
                one.done(False)

    async def _look_up(self, some: Sequence[_Told], left: deque[_Told]) -> None:
        """What cannot be looked up is halved until it stands alone. `left`: begins with `some`; who is told leaves it."""
        try:
            sources = await self._cameras.alarm_sources({(one.device, one.of) for one in some})
            facts = await self._cameras.facts(sorted({source.camera for source in sources.values()} - {""}))
        except StorageFault as fault:
            NOT_LOOKED_UP.inc(len(some))
            log.error("where devices raise alarms could not be looked up; they get no answer and tell it again", why=str(fault))
            for _ in some:
                left.popleft().done(False)
            return
        except Exception:  # of one of them: the others have their turn
            if len(some) == 1:
                FAILED.inc()
                left.popleft().done(False)
                with surprises(NAME):
                    raise
                return
        else:
            for one in some:
                left.popleft()
                source, handed_on = sources[one.device, one.of], False
                with surprises(NAME):
                    self._hand_on(one, source, facts.get(source.camera))
                    handed_on = True
                if not handed_on:
                    FAILED.inc()
                    one.done(False)
            return
        middle = len(some) // 2
        await self._look_up(some[:middle], left)
        await self._look_up(some[middle:], left)

    def _hand_on(self, one: _Told, source: AlarmSource, camera: CameraFacts | None) -> None:
        frame = Frame(
            key=self._keys.key(one.device, one.alarm, notified=one.notified),
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
