"""Times in which something happened at a camera: open ones in memory, all in the database, whose faults stop no recording.

How long one lasts is counted by the steady clock. Where somebody sets the wall clock meanwhile, the period is cut there, and what
is left of it goes on as another by the new time: so is the footage of it dated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import structlog
from prometheus_client import Gauge

from fengsui.clock import LEAP_S, Clock
from fengsui.errors import StorageFault
from fengsui.features.recording import queries
from fengsui.features.recording.model import Cause, Period
from fengsui.store import Store

log = structlog.get_logger(__name__)
OPEN = Gauge("fengsui_recording_events_open", "Streams of cameras at which something happened, and that are recorded for it now")


class Open(NamedTuple):
    """A period that lasts. `ends_s`: until then, by the steady clock."""

    period: Period
    ends_s: float


class Periods:
    """One open period a stream at most: what happens within it makes it longer."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._offset_s = clock.now().timestamp() - clock.monotonic_s()
        """Of the wall clock against the steady one."""
        self._open: dict[str, Open] = {}
        self._unwritten: dict[tuple[str, float, str], Period] = {}

    async def start(self) -> None:
        """What was open when the node stopped goes on, whereto the clock was set meanwhile. Raises StorageFault."""
        now, steady_s = self._now()
        async with self._store.transaction(act=False) as tx:
            found = await queries.open_periods(tx)
            opened = {one.name: Open(one, steady_s + one.until - now) for one in found if one.at <= now < one.until}
            ahead = {one.name: one for one in found if one.at > now and one.name not in opened}
            for name, one in ahead.items():  # the clock was ahead when it began: nobody knows how much of it is over
                left_s = one.until - one.at
                opened[name] = Open(replace(one, at=now, since=now, until=now + left_s), steady_s + left_s)
            lasting = dict.fromkeys(one.period for one in opened.values())
            await queries.keep_periods(tx, [*(replace(one, ended=True) for one in found if one not in lasting), *lasting])
        self._open = opened
        OPEN.set(len(self._open))

    def note(self, camera: str, stream: str, cause: Cause, at: float, since: float, lasting_s: float) -> Period:
        """Something happened: a period begins, or the one that is open goes on for longer. Seconds since 1970."""
        now, steady_s = self._now()
        period, ends_s = Period(camera, stream, cause, at, since, now + lasting_s), steady_s + lasting_s
        known = self._open.get(period.name)
        if known is not None and since <= known.period.until:
            until = max(known.period.until, period.until)
            period = replace(known.period, since=min(known.period.since, since), until=until)
            ends_s = max(known.ends_s, ends_s)
        elif known is not None:
            self._write_later(replace(known.period, ended=True))
        self._keep(period, ends_s)
        return period

    def _keep(self, period: Period, ends_s: float) -> None:
        self._open[period.name] = Open(period, ends_s)
        self._write_later(period)
        OPEN.set(len(self._open))

    def _write_later(self, period: Period) -> None:
        self._unwritten[period.camera, period.at, period.stream] = period

    def cut(self, name: str) -> None:
        """It is over: another plan holds, or the camera is gone."""
        now, _ = self._now()
        if (known := self._open.pop(name, None)) is not None:
            self._write_later(replace(known.period, until=min(known.period.until, now), ended=True))
            OPEN.set(len(self._open))

    def open_of(self, name: str) -> Period | None:
        """What of a stream is to be recorded now because something happened."""
        _, steady_s = self._now()
        known = self._open.get(name)
        return known.period if known is not None and known.ends_s > steady_s else None

    def left_s(self, name: str) -> float:
        """So long what is open of a stream lasts still."""
        known = self._open.get(name)
        return 0.0 if known is None else max(0.0, known.ends_s - self._clock.monotonic_s())

    def still_open(self) -> list[Period]:
        """Every one; those that are over are let go, and are written so: set back, the clock would say that they last."""
        _, steady_s = self._now()
        for period, ends_s in self._open.values():
            if ends_s <= steady_s:
                self._write_later(replace(period, ended=True))
        self._open = {name: one for name, one in self._open.items() if one.ends_s > steady_s}
        OPEN.set(len(self._open))
        return [one.period for one in self._open.values()]

    def _now(self) -> tuple[float, float]:
        """By both clocks; what is open has been told by the wall clock as it stands now."""
        now, steady_s = self._clock.now().timestamp(), self._clock.monotonic_s()
        leap_s = now - steady_s - self._offset_s
        if abs(leap_s) < LEAP_S:  # time servers correct a clock by less
            return now, steady_s
        self._offset_s += leap_s
        for period, ends_s in list(self._open.values()):
            if ends_s <= steady_s:
                continue
            self._write_later(replace(period, until=min(period.until, now - leap_s), ended=True))
            self._keep(replace(period, at=now, since=now, until=now + ends_s - steady_s), ends_s)
        return now, steady_s

    async def write(self) -> None:
        """What cannot be written is written later."""
        self.still_open()
        if not self._unwritten:
            return
        taken, self._unwritten = self._unwritten, {}
        try:
            async with self._store.transaction(act=False) as tx:
                await queries.keep_periods(tx, list(taken.values()))
        except BaseException as fault:  # also when it is ended here: the next write does it, twice if need be
            self._unwritten = taken | self._unwritten
            if not isinstance(fault, StorageFault):
                raise
            log.warning("what happened at cameras is not written down yet", why=str(fault), periods=len(self._unwritten))

    async def since(self, cameras: Sequence[str], since: float) -> dict[str, list[Period]]:
        """Camera → its periods that lasted beyond this time, ascending. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = {(one.camera, one.at, one.stream): one for one in await queries.periods(tx, since, cameras)}
        wanted = set(cameras)
        for newer in (*self._unwritten.values(), *(one.period for one in self._open.values())):
            if newer.camera in wanted:
                found[newer.camera, newer.at, newer.stream] = newer
        by_camera: dict[str, list[Period]] = {}
        for _, period in sorted(found.items()):
            by_camera.setdefault(period.camera, []).append(period)
        return by_camera
