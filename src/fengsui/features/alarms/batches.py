"""Alarms on their way to disk, many frames in one transaction. A frame is acknowledged when it is there, and not before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from prometheus_client import Counter, Histogram

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.alarms import queries
from fengsui.features.alarms.model import LONGEST_NUMBER, LONGEST_TEXT, AlarmHost, plain, priority_of
from fengsui.features.alarms.ports import AlarmReceived
from fengsui.loops import keep, surprises
from fengsui.store import Store, write_apart
from fengsui.wire.dc09.events import Report

log = structlog.get_logger(__name__)
NAME: Final = "alarm-batches"
BATCH_S: Final = 0.005
MOST_FRAMES: Final = 1_000
"""Of one transaction."""
MOST_ANSWERS: Final = 8
"""To one frame that came again and again before it was on disk."""
REPEAT_S: Final = 300.0
"""So long after it came last, a frame of the same account, number and body is the same alarm sent again."""

STORED = Counter(
    "fengsui_alarms_total", "Alarms of hosts: new ones on disk, frames sent again, frames that were not stored", ["outcome"]
)
NEW, REPEATED, NOT_STORED, UNFIT = (STORED.labels(one) for one in ("new", "repeated", "not stored", "unfit"))
LATENCY = Histogram(
    "fengsui_alarm_commit_seconds",
    "From a frame's arrival to its alarm on disk",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
Done = Callable[[bool], None]
"""Told once: whether the frame is on disk."""


@dataclass(slots=True, eq=False)
class Frame:
    """A right frame with its events, not on disk yet. Times: seconds since 1970, `began_s` of the monotonic clock."""

    host: AlarmHost
    key: str
    sequence: str
    encrypted: bool
    sent_at: float | None
    reports: tuple[Report, ...]
    first_at: float
    began_s: float
    last_at: float = 0.0
    repeats: int = 0
    done: list[Done] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    """Of the alarms that it made; none where it was on disk already."""

    def rows(self) -> list[dict[str, Any]]:
        """As they are stored."""
        return [self._row(at, one) for at, one in enumerate(self.reports)]

    def _row(self, ordinal: int, one: Report) -> dict[str, Any]:
        host = self.host
        point = None if one.meaning.user else host.point_at(one.number)
        return {
            **{"body_key": self.key, "ordinal": ordinal, "host_id": host.id, "account": host.account, "site": host.site},
            **{"area": host.area, "section": plain(one.area, 16), "number": plain(one.number, LONGEST_NUMBER)},
            **{"is_user": one.meaning.user, "point_id": None if point is None else point.id},
            **{"point": "" if point is None else point.name, "point_kind": "" if point is None else point.kind},
            **{"camera": "" if point is None else point.camera, "code_table": one.table, "code": one.code},
            **{"known": one.meaning.known, "change": one.change.value, "category": one.meaning.category.value},
            **{"priority": priority_of(one), "text": plain(one.text, LONGEST_TEXT), "sequence": self.sequence},
            **{"encrypted": self.encrypted, "held_back": one.old, "sent_at": self.sent_at},
            **{"first_at": self.first_at, "last_at": max(self.first_at, self.last_at), "repeats": self.repeats},
        }


class AlarmBatches:
    """A storm of alarms is one commit for many. `most`: frames that wait for theirs."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, most: int) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._most = most
        self._frames: dict[str, Frame] = {}
        """By key, those that no transaction has taken yet, in their order."""
        self._under_way = 0
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._started_at = 0.0
        self._stood_still_since: float | None = None

    async def start(self) -> None:
        """Raises StorageFault."""
        async with self._store.reading() as tx:
            self._stood_still_since = await queries.last_at(tx)
        self._started_at = self._clock.now().timestamp()
        self._task = keep(NAME, self._write)

    async def stop(self) -> None:
        """What is not on disk is not acknowledged: it is sent again when the node is back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def waiting(self) -> int:
        """Frames that are not on disk yet."""
        return len(self._frames) + self._under_way

    def add(self, frame: Frame) -> bool:
        """Its `done` is called once it is on disk, or cannot be. False when too many wait."""
        before = self._frames.get(frame.key)
        if before is not None:  # sent again before it was on disk
            before.repeats += 1
            before.last_at = frame.first_at
            before.done += frame.done
            while len(before.done) > MOST_ANSWERS:
                before.done.pop(0)(False)
            return True
        if self.waiting >= self._most:
            return False
        self._frames[frame.key] = frame
        self._due.set()
        return True

    async def _write(self) -> None:
        if self._frames:  # begun anew after a failure: what waited then is not forgotten
            self._due.set()
        while True:
            await self._due.wait()
            await asyncio.sleep(BATCH_S)  # gathers what a storm brings
            self._due.clear()
            while self._frames:
                await self._write_some()

    async def _write_some(self) -> None:
        keys = list(self._frames)[:MOST_FRAMES]
        taken = [self._frames.pop(key) for key in keys]
        self._under_way = len(taken)
        try:
            refused = await write_apart(taken, self._store_frames)
        except StorageFault as fault:
            log.error("alarms could not be stored; their hosts get no acknowledgement and send them again", why=str(fault))
            self._end(taken, NOT_STORED)
            return
        except BaseException:
            self._end(taken, NOT_STORED)
            raise
        finally:
            self._under_way = 0
        for frame, why in refused:
            log.error("an alarm cannot be stored and is not acknowledged", account=frame.host.account, why=str(why))
        unfit = {frame for frame, _ in refused}
        self._end([frame for frame in taken if frame in unfit], UNFIT)
        self._tell([frame for frame in taken if frame not in unfit])

    def _since(self) -> float:
        """From when on a frame counts as sent before. While the node stood still nobody could be acknowledged: that time is
        left out, so that what was on disk when the node died joins however late it comes again."""
        now = self._clock.now().timestamp()
        if self._stood_still_since is not None and now < self._started_at + REPEAT_S:
            return min(now, self._stood_still_since) - REPEAT_S
        return now - REPEAT_S

    async def _store_frames(self, frames: Sequence[Frame]) -> None:
        since, made = self._since(), list[int]()
        async with self._store.transaction(act=False) as tx:
            seen = await queries.seen(tx, [one.key for one in frames], since)
            new = [one for one in frames if one.key not in seen]
            rows = [row for one in new for row in one.rows()]
            if rows:
                made = await queries.add_alarms(tx, rows)
            again = [
                {"b_key": one.key, "more": one.repeats + 1, "at": max(one.first_at, one.last_at)}
                for one in frames
                if one.key in seen
            ]
            if again:
                await queries.add_repeats(tx, again, since)
        at = 0
        for one in new:
            one.ids = made[at : at + len(one.reports)]
            at += len(one.reports)

    def _tell(self, frames: list[Frame]) -> None:
        now_s = self._clock.monotonic_s()
        for frame in frames:
            for done in frame.done:
                with surprises(NAME):
                    done(True)
            LATENCY.observe(max(0.0, now_s - frame.began_s))
            if frame.ids:
                NEW.inc(len(frame.ids))
                REPEATED.inc(frame.repeats)
            else:
                REPEATED.inc(frame.repeats + 1)
        for frame in frames:
            for id, one in zip(frame.ids, frame.reports, strict=False):
                self._bus.publish(
                    AlarmReceived(id, frame.host.area, priority_of(one), one.meaning.category.value, one.change.value)
                )

    def _end(self, frames: list[Frame], why: Any) -> None:
        for frame in frames:
            why.inc()
            for done in frame.done:
                with surprises(NAME):
                    done(False)
