"""Times in which something happened at a camera: open ones in memory, all in the database, whose faults stop no recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog
from prometheus_client import Gauge

from fengsui.errors import StorageFault
from fengsui.features.recording import queries
from fengsui.features.recording.model import Cause, Period
from fengsui.store import Store

log = structlog.get_logger(__name__)
OPEN = Gauge("fengsui_recording_events_open", "Cameras at which something happened, and that are recorded for it now")


class Periods:
    """One open period a camera at most: what happens within it makes it longer."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: dict[str, Period] = {}
        self._unwritten: dict[tuple[str, float], Period] = {}

    async def start(self, now: float) -> None:
        """What was open when the node stopped goes on. Raises StorageFault."""
        async with self._store.reading() as tx:
            found = await queries.periods(tx, now)
        self._open = {one.camera: one for one in found}
        OPEN.set(len(self._open))

    def note(self, camera: str, stream: str, cause: Cause, at: float, since: float, until: float) -> Period:
        """Something happened: a period begins, or the one that is open goes on for longer. Seconds since 1970."""
        known = self._open.get(camera)
        if known is not None and known.stream == stream and since <= known.until:
            period = replace(known, since=min(known.since, since), until=max(known.until, until))
        else:
            period = Period(camera, stream, cause, at, since, until)
        self._open[camera] = period
        self._unwritten[camera, period.at] = period
        OPEN.set(len(self._open))
        return period

    def cut(self, camera: str, now: float) -> None:
        """It is over: another plan holds, or the camera is gone."""
        if (known := self._open.pop(camera, None)) is not None:
            self._unwritten[camera, known.at] = replace(known, until=min(known.until, now))
            OPEN.set(len(self._open))

    def open_of(self, camera: str, now: float) -> Period | None:
        """What is to be recorded now because something happened."""
        known = self._open.get(camera)
        return known if known is not None and known.until > now else None

    def still_open(self, now: float) -> list[Period]:
        """Every one; those that are over are let go."""
        for camera in [camera for camera, one in self._open.items() if one.until <= now]:
            del self._open[camera]
        OPEN.set(len(self._open))
        return list(self._open.values())

    async def write(self) -> None:
        """What cannot be written is written later."""
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
            found = {(one.camera, one.at): one for one in await queries.periods(tx, since, cameras)}
        wanted = set(cameras)
        for newer in (*self._unwritten.values(), *self._open.values()):
            if newer.camera in wanted:
                found[newer.camera, newer.at] = newer
        by_camera: dict[str, list[Period]] = {}
        for _, period in sorted(found.items()):
            by_camera.setdefault(period.camera, []).append(period)
        return by_camera
