"""When cameras that are due are not recorded, and why, as this node sees it while it happens; and when the node itself was down."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import Gauge

from fengsui.clock import Clock, slept_s
from fengsui.errors import StorageFault
from fengsui.features.cameras import Camera, Cameras
from fengsui.features.completeness import queries
from fengsui.features.completeness.model import CAUSES, Cause
from fengsui.features.devices import UnknownDevice
from fengsui.features.recording import Plan, Recording
from fengsui.loops import keep
from fengsui.media import Engine
from fengsui.store import Store

log = structlog.get_logger(__name__)
LOOK_S: Final = 10.0
LATE_S: Final = 20.0
"""Footage is on disk sooner: a group of pictures, and the second until it is synced."""
AT_ONCE: Final = 500
JUMP_S: Final = 25.0
"""The wall clock against the steady one: less is a correction, and no gap that counts."""
TOLD_LATE_S: Final = 120.0
"""A recorder notices within this that a channel of its own is gone."""
OPEN = Gauge("fengsui_recording_lapses", "Cameras that are due and not recorded now, by cause", ["cause"])


@dataclass(frozen=True, slots=True)
class Lapse:
    """Seconds since 1970; `until` None: it lasts."""

    camera: str
    since: float
    cause: Cause
    until: float | None = None


class Lapses:
    """Looks at every camera that is due, and keeps what it sees."""

    def __init__(self, store: Store, clock: Clock, cameras: Cameras, recording: Recording, engine: Engine) -> None:
        self._store = store
        self._clock = clock
        self._cameras = cameras
        self._recording = recording
        self._engine = engine
        self._began = 0.0
        self._offset_s = self._slept_s = 0.0
        """Of the wall clock against the steady one; and what the machine has slept of that."""
        self._open: dict[str, Lapse] = {}
        self._seen: dict[str, Camera | None] = {}
        """Of what lapses: the camera as it stood at the last look. None: it is not there."""
        self._idle: dict[str, float] = {}
        """When it was last seen not to be due."""
        self._unwritten: dict[tuple[str, float], Lapse] = {}
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """A run begins. Raises StorageFault."""
        await self._begin_run()

    async def _begin_run(self, *, set_forward: float | None = None) -> None:
        now = self._clock.now().timestamp()
        async with self._store.transaction(act=False) as tx:
            await queries.begin_run(tx, now, set_forward=set_forward)
        self._began, self._offset_s, self._slept_s = now, now - self._clock.monotonic_s(), slept_s()

    def begin(self) -> None:
        """Devices can be spoken to."""
        self._loop = keep("recording-lapses", self._run)

    async def stop(self) -> None:
        """The run ends here."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
            await self._write(self._clock.now().timestamp())

    async def _run(self) -> None:
        while True:
            try:
                await self._follow_clock()
                await self._look()
            except StorageFault as fault:
                log.warning("what is not recorded is not looked at now", why=str(fault))
            await asyncio.sleep(LOOK_S)

    async def _follow_clock(self) -> None:
        """One that was set begins a run: what was known is of another time. Raises StorageFault."""
        jump_s = self._clock.now().timestamp() - self._clock.monotonic_s() - self._offset_s
        if abs(jump_s) < JUMP_S:
            return
        slept = slept_s() - self._slept_s
        set_s = jump_s - slept
        log.warning(
            "the clock was set; what is not recorded is seen from here on anew", by_s=round(set_s, 1), slept_s=round(slept, 1)
        )
        self._open.clear()
        self._seen.clear()
        self._idle.clear()
        self._unwritten = {key: one for key, one in self._unwritten.items() if one.until is not None}
        await self._begin_run(set_forward=self._began if set_s >= JUMP_S and slept < JUMP_S else None)

    async def _look(self) -> None:
        now, planned, lapsing = self._clock.now().timestamp(), set[str](), list[tuple[Plan, float]]()
        working = self._engine.footage_counters().folders_working > 0
        for number, plan in enumerate(self._recording.plans()):
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
            planned.add(plan.camera)
            since = self._missing_since(plan, now)
            if now - since <= LATE_S:
                self._end(plan.camera, since)
            else:
                lapsing.append((plan, since))
        for at in range(0, len(lapsing), AT_ONCE):
            await self._lapses(lapsing[at : at + AT_ONCE], now, working=working)
        for gone in self._open.keys() - planned:
            self._end(gone, now)
        for cause in CAUSES:
            OPEN.labels(cause).set(sum(one.cause == cause for one in self._open.values()))
        await self._write(now)

    def _missing_since(self, plan: Plan, now: float) -> float:
        """Up to when it is recorded, or need not be. What is to be held for an event is missed too: it does not come."""
        if not self._recording.is_wanted(plan):
            self._idle[plan.camera] = now
            return now
        status = self._recording.status(plan)
        if plan.mode == "event" and status is not None and status.taken_until_us is not None and not self._recording.is_due(plan):
            self._idle[plan.camera] = status.taken_until_us / 1e6  # nothing is to be on disk: it is enough that it comes
        safe = status.safe_until_us / 1e6 if status is not None and status.safe_until_us is not None else 0.0
        return max(safe, plan.set_at, self._began, self._idle.get(plan.camera, 0.0))

    async def _lapses(self, some: Sequence[tuple[Plan, float]], now: float, *, working: bool) -> None:
        """What a recorder says of its channels changes while they lapse: they are looked at anew each time."""
        codes = [plan.camera for plan, _ in some]
        try:
            found = await self._cameras.many(codes)
            self._seen |= {code: found[code][0] if code in found else None for code in codes}
        except StorageFault:  # what was seen before still stands; what is new is looked at the next time
            some = [(plan, since) for plan, since in some if plan.camera in self._seen]
        for plan, since in some:
            self._lapse(plan, since, now, working=working)

    def _lapse(self, plan: Plan, since: float, now: float, *, working: bool) -> None:
        known = self._open.get(plan.camera)
        cause = self._cause(plan, since, working=working)
        if known is not None and known.cause == cause:
            return
        if known is not None:
            since = self._gone_since(known, now) if (known.cause, cause) == ("line", "device") else now
            if since > known.since:
                self._note(Lapse(known.camera, known.since, known.cause, since))
        self._open[plan.camera] = Lapse(plan.camera, since, cause)
        self._note(self._open[plan.camera])

    def _gone_since(self, known: Lapse, now: float) -> float:
        """That a device is gone is seen late: it was since it was heard last. A channel was as long as its recorder may not have
        noticed."""
        camera = self._seen.get(known.camera)
        if camera is None:
            return now
        try:
            device = self._cameras.device_of(camera)
        except UnknownDevice:
            return now
        if not device.online:
            heard = device.last_seen_at
            return known.since if heard - known.since <= LATE_S else min(heard, now)
        return known.since if now - known.since <= TOLD_LATE_S else now

    def _cause(self, plan: Plan, since: float, *, working: bool) -> Cause:
        """Of what is missing now: no picture comes where there is no device, whatever the disks do."""
        camera = self._seen.get(plan.camera)
        if camera is None or self._cameras.status_of(camera) in ("offline", "unknown"):
            return "device"
        if not working:
            return "disk"
        loss = self._recording.loss_of(plan, since)
        if loss is not None:
            return "node" if loss == "overrun" else "disk"
        return "line"

    def _end(self, camera: str, at: float) -> None:
        """When it was recorded again, not when that was seen: a stream's last pictures may be told as safe after it lapsed, and
        what lapses from then on has a cause of its own."""
        known = self._open.pop(camera, None)
        self._seen.pop(camera, None)
        if known is not None:
            self._note(Lapse(camera, known.since, known.cause, max(at, known.since)))

    def _note(self, lapse: Lapse) -> None:
        self._unwritten[lapse.camera, lapse.since] = lapse

    async def _write(self, now: float) -> None:
        """What cannot be written is written by the next look."""
        taken, self._unwritten = self._unwritten, {}
        rows = [{"camera": one.camera, "since": one.since, "until": one.until, "cause": one.cause} for one in taken.values()]
        try:
            async with self._store.transaction(act=False) as tx:
                await queries.keep_lapses(tx, rows)
                await queries.note_alive(tx, self._began, now)
        except BaseException as fault:  # also when it is ended here: the end writes them, twice if need be
            self._unwritten = taken | self._unwritten
            if not isinstance(fault, StorageFault):
                raise
            log.warning("what is not recorded is not written down yet", why=str(fault), lapses=len(self._unwritten))
