"""Alarms on their way to disk, many frames in one transaction. A frame is acknowledged when it is there, and not before."""

from __future__ import annotations

import asyncio
from collections import Counter as Counted
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, Final

import structlog
from prometheus_client import Counter, Histogram

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.alarms import queries
from fengsui.features.alarms.frames import Frame
from fengsui.features.alarms.opened import OpenAlarms
from fengsui.features.alarms.ports import AlarmReceived, AlarmSilenceChanged
from fengsui.features.alarms.repeat_window import RepeatWindow
from fengsui.loops import keep, surprises
from fengsui.store import Store, write_apart

log = structlog.get_logger(__name__)
NAME: Final = "alarm-batches"
BATCH_S: Final = 0.005
MOST_ROWS: Final = 1_000
"""Alarms of one transaction, and those of the frame in which the number is reached."""
MOST_ANSWERS: Final = 8
"""To one frame that came again and again before it was on disk."""
SHARE: Final = 4
"""One account fills no more than so much of the room: a quarter, or the alarms of one frame where that is more."""
MOST_OF_A_FRAME: Final = 64
EVER: Final = 0.0
"""Since then: all that is on disk."""
MOST_IN_DOUBT: Final = 20_000
"""Frames of which the database did not say whether they are on disk; what is beyond is not told when it turns out to be."""

STORED = Counter(
    "fengsui_alarms_total", "Alarms of hosts: new ones on disk, frames sent again, frames that were not stored", ["outcome"]
)
NEW, REPEATED, NOT_STORED, UNFIT = (STORED.labels(one) for one in ("new", "repeated", "not stored", "unfit"))
LATENCY = Histogram(
    "fengsui_alarm_commit_seconds",
    "From a frame's arrival to its alarm on disk",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


class AlarmBatches:
    """A storm of alarms is one commit for many. `most`: alarms that wait for theirs."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, opened: OpenAlarms, most: int) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._most = most
        self._share = max(MOST_OF_A_FRAME, most // SHARE)
        self._window = RepeatWindow(store, clock)
        self._open = opened
        self._frames: dict[str, Frame] = {}
        """By key, those that no transaction has taken yet, in their order."""
        self._under_way: frozenset[str] = frozenset()
        """Keys of those of the transaction that is open."""
        self._rows = 0
        self._rows_of: Counted[str] = Counted()
        """Alarms that wait, by account."""
        self._in_doubt: OrderedDict[str, None] = OrderedDict()
        """Keys of frames that may be on disk and were told to nobody."""
        self._told_late: list[AlarmReceived] = []
        self._beside: list[AlarmReceived | AlarmSilenceChanged] = []
        """About alarms that stand for many points."""
        self._due = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises StorageFault."""
        await self._window.start()
        self._task = keep(NAME, self._write)

    async def stop(self) -> None:
        """What is not on disk is not acknowledged: it is sent again when the node is back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._window.stop()

    @property
    def waiting(self) -> int:
        """Frames that are not on disk yet."""
        return len(self._frames) + len(self._under_way)

    async def settled(self) -> None:
        """Returns once no frame waits to be on disk."""
        await self._idle.wait()

    def in_doubt(self, key: str) -> bool:
        """What is on disk under this key may have been told to nobody yet: sent through `add` again, it is."""
        return key in self._in_doubt or key in self._under_way

    def add(self, frame: Frame) -> bool:
        """Its `done` is called once it is on disk, or cannot be. False when too many wait, in all or of its account."""
        before = self._frames.get(frame.key)
        if before is not None:  # sent again before it was on disk
            before.repeats += 1
            before.last_at = frame.first_at
            before.done += frame.done
            while len(before.done) > MOST_ANSWERS:
                before.done.pop(0)(False)
            return True
        rows = len(frame.facts)
        if self._rows + rows > self._most or self._rows_of[frame.account] + rows > self._share:
            return False
        self._frames[frame.key] = frame
        self._rows += rows
        self._rows_of[frame.account] += rows
        self._idle.clear()
        self._due.set()
        return True

    def _leave(self, frames: Sequence[Frame]) -> None:
        """They wait no longer."""
        for one in frames:
            self._rows -= len(one.facts)
            self._rows_of[one.account] -= len(one.facts)
            if not self._rows_of[one.account]:
                del self._rows_of[one.account]

    async def _write(self) -> None:
        if self._frames:  # begun anew after a failure: what waited then is not forgotten
            self._due.set()
        while True:
            await self._due.wait()
            await asyncio.sleep(BATCH_S)  # gathers what a storm brings
            self._due.clear()
            while self._frames:
                await self._write_some()
            self._idle.set()

    def _next(self) -> Iterator[str]:
        for key, rows in zip(self._frames, accumulate(len(one.facts) for one in self._frames.values()), strict=True):
            yield key
            if rows >= MOST_ROWS:
                return

    async def _write_some(self) -> None:
        taken = [self._frames.pop(key) for key in list(self._next())]
        self._under_way = frozenset(one.key for one in taken)
        try:
            refused = await write_apart(taken, self._store_frames)
        except StorageFault as fault:
            log.error("alarms could not be stored; their hosts get no acknowledgement and send them again", why=str(fault))
            self._tell([one for one in taken if one.stored])
            self._doubt([one for one in taken if not one.stored])
            return
        except BaseException:
            self._tell([one for one in taken if one.stored])
            self._doubt([one for one in taken if not one.stored])
            raise
        finally:
            self._under_way = frozenset()
            self._leave(taken)
        for frame, why in refused:
            log.error("an alarm cannot be stored and is not acknowledged", account=frame.account, why=str(why))
        unfit = {frame for frame, _ in refused}
        self._end([frame for frame in taken if frame in unfit], UNFIT)
        self._tell([frame for frame in taken if frame not in unfit])

    async def _store_frames(self, frames: Sequence[Frame]) -> None:
        since, made, told_late = self._window.since(), list[int](), list[queries.News]()
        rows, late_shelved = list[dict[str, Any]](), set[int]()
        async with self._open.adding(), self._store.transaction(act=False) as tx:
            lasting = {one.key for one in frames if one.lasting}
            seen = await queries.seen(tx, [one.key for one in frames if not one.lasting], since)
            if lasting:
                seen |= await queries.seen(tx, lasting, EVER)
            new = [one for one in frames if one.key not in seen]
            rows = [row for one in new for row in one.rows()]
            if rows:
                for one in new:
                    one.tried = True
                made = await self._open.add(tx, rows)
            ends = list(accumulate(len(one.facts) for one in new))
            ids = [made[end - len(one.facts) : end] for one, end in zip(new, ends, strict=True)]
            for one, of_one in zip(new, ids, strict=True):
                if one.beside is not None:
                    await one.beside(tx, of_one)
            again = [
                {
                    **{"b_key": one.key, "more": one.repeats + 1, "at": max(one.first_at, one.last_at)},
                    "b_since": EVER if one.lasting else since,
                }
                for one in frames
                if one.key in seen
            ]
            if again:
                await queries.add_repeats(tx, again)
            if untold := {key for key in seen if key in self._in_doubt}:
                told_late = await queries.news(tx, untold - lasting, since)
                told_late += await queries.news(tx, untold & lasting, EVER)
                late_shelved = await queries.shelved_of(tx, untold, EVER if untold & lasting else since)
        shelved = {id for id, row in zip(made, rows, strict=True) if row["shelf_id"] is not None}
        for one, of_one in zip(new, ids, strict=True):
            one.ids = of_one
            one.shelved = frozenset(shelved.intersection(of_one)) if shelved else frozenset()
        for one in frames:
            one.stored = True
            self._in_doubt.pop(one.key, None)
        self._told_late += [AlarmReceived(*one, shelved=one.id in late_shelved) for one in told_late]
        self._beside += self._open.news
        self._open.news = []

    def _tell(self, frames: list[Frame]) -> None:
        now_s, new, repeated = self._clock.monotonic_s(), 0, 0
        for frame in frames:
            for done in frame.done:
                with surprises(NAME):
                    done(True)
            LATENCY.observe(max(0.0, now_s - frame.began_s))
            new += len(frame.ids)
            repeated += frame.repeats if frame.ids else frame.repeats + 1
        news, self._told_late = self._told_late, []
        NEW.inc(new + len(news))
        REPEATED.inc(repeated)
        for frame in frames:
            for id, one in zip(frame.ids, frame.facts, strict=False):
                facts = (one["area"], one["priority"], one["category"], one["change"], one["camera_class"])
                news.append(AlarmReceived(id, *facts, shelved=id in frame.shelved))
        beside, self._beside = self._beside, []
        for told in (*news, *beside):
            self._bus.publish(told)

    def _doubt(self, frames: list[Frame]) -> None:
        """Those that were to be made may be on disk: the answer to a commit can be lost."""
        for one in frames:
            if not one.tried:
                continue
            self._in_doubt[one.key] = None
            if len(self._in_doubt) > MOST_IN_DOUBT:
                self._in_doubt.popitem(last=False)
        self._end(frames, NOT_STORED)

    def _end(self, frames: list[Frame], why: Any) -> None:
        for frame in frames:
            why.inc()
            for done in frame.done:
                with surprises(NAME):
                    done(False)
