"""What a desk has before it: the queue counted, and what came in the last hour and day against what a person can bear."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

import structlog

from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import CameraClass, Scope
from fengsui.features.alarm_work.load_model import DAY_MINUTES, MINUTE_S, SPANS, Load, Often, Rates
from fengsui.features.alarms import Alarm, Alarms, Waiting
from fengsui.features.duty import Duty
from fengsui.loops import keep, surprises

log = structlog.get_logger(__name__)
NAME: Final = "alarm-load"
READ_EVERY_S: Final = 2.0
AT_ONCE: Final = 2_000
STALE_S: Final = 86_400.0


class Span(NamedTuple):
    """Of an hour or a day. `frequent`, `chattering`: each with its newest alarm."""

    minutes: int
    rates: Rates
    frequent: list[tuple[Often, Alarm]]
    chattering: list[tuple[Often, Alarm]]


class Summary(NamedTuple):
    """`at`: now; `desks`: on duty now, at least one is counted with; `counted_from`: points are told apart since then."""

    at: float
    waiting: list[Waiting]
    desks: int
    spans: list[Span]
    counted_from: float
    shelves: int
    shelved: int
    """With those that count with them."""


class AlarmLoad:
    """Reads what is new every two seconds; a page costs one look at the queue's index."""

    def __init__(self, clock: Clock, alarms: Alarms, duty: Duty) -> None:
        self._clock = clock
        self._alarms = alarms
        self._duty = duty
        self._load = Load()
        self._read: int | None = None
        """The number of the last alarm that is counted."""
        self._reading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """The last day is read behind everything else."""
        self._task = keep(NAME, self._watch)

    async def stop(self) -> None:
        """It is counted anew when the node is back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            more = False
            with surprises(NAME):
                try:
                    more = await self.catch_up()
                except StorageFault as fault:
                    log.error("what alarms come cannot be counted", why=str(fault))
            await asyncio.sleep(0 if more else READ_EVERY_S)

    def _minute(self) -> int:
        return int(self._clock.now().timestamp() // MINUTE_S)

    async def catch_up(self) -> bool:
        """Counts what came since the last time; whether there is more. Raises StorageFault."""
        async with self._reading:
            if self._read is None:
                self._read = await self._alarms.before((self._minute() + 1 - DAY_MINUTES) * MINUTE_S)
            came, upto = await self._alarms.arrived(self._read, AT_ONCE)
            more = upto - self._read >= AT_ONCE
            self._read = upto
            self._load.add(came, self._minute())
            return more

    def _desks(self, scopes: Sequence[Scope], area: str) -> int:
        """Seats on duty that see alarms there."""
        centres = {one.id: one.area for one in self._duty.centres()}
        found = [centres.get(shift.centre, "") for shift in self._duty.all_lasting()]
        here = [one for one in found if one.startswith(area) or area.startswith(one)]
        return sum(any(scope.touches(one) for scope in scopes) for one in here)

    async def summary(self, scopes: Sequence[Scope], area: str, top: int) -> Summary:
        """Of the areas of one's own within `area`. Raises StorageFault."""
        at = self._clock.now().timestamp()
        waiting = await self._alarms.waiting_by_kind(scopes, area, at - STALE_S)
        desks, spans = self._desks(scopes, area), list[Span]()

        def holds(of: str, camera_class: str) -> bool:
            seen = CameraClass(camera_class) if camera_class else None
            return of.startswith(area) and any(scope.holds(of, seen) for scope in scopes)

        minute = int(at // MINUTE_S)
        tops = {
            minutes: (self._load.frequent(holds, minutes, top), self._load.chattering(holds, minutes, top)) for minutes in SPANS
        }
        known = await self._alarms.many(scopes, {one.last for pair in tops.values() for some in pair for one in some})
        for minutes, pair in tops.items():
            frequent, chatters = ([(one, known[one.last]) for one in some if one.last in known] for some in pair)
            spans.append(Span(minutes, self._load.rates(holds, minute, minutes, desks), frequent, chatters))
        since = max(self._load.points_since, minute + 1 - DAY_MINUTES)
        shelves, shelved = await self._alarms.shelved_in(scopes, area)
        return Summary(at, waiting, desks, spans, since * MINUTE_S, shelves, shelved)
