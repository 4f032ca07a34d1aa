"""Figures of a day, a week or a month, for whoever works at a desk or reads what was done there."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, NamedTuple

from fengsui.clock import Clock
from fengsui.features.access import Scope
from fengsui.features.alarm_figures import queries
from fengsui.features.alarm_figures.model import (
    STEPS,
    Period,
    Place,
    Span,
    Step,
    Waits,
    deceptive,
    period_of,
    rising,
    waits_of,
)
from fengsui.features.alarm_figures.queries import Counted, Of, Verdicts
from fengsui.features.alarms import Alarm, Alarms, Limits
from fengsui.features.devices import Devices, UnknownDevice
from fengsui.features.dispatch import LIMITS_S, Dispatch, Status, Task, TaskState
from fengsui.features.incidents import Incidents
from fengsui.store import Store

MOST_LISTED: Final = 10
GOOD_S: Final[dict[Span, float]] = {"day": 15.0, "week": 300.0, "month": 1_200.0}
"""So long figures are told again as they were counted: those of a month are seconds of work where many alarms come."""
Key = tuple[tuple[Scope, ...], str, Span]
MOST_TASKS: Final = 20_000
"""Of the newest; a city sends fewer in a month."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one span. `areas`, `categories`: how many now and in the span before. `makers`: verdicts by who made the device, or by the
    protocol where nobody says."""

    period: Period
    counted: Sequence[Counted]
    areas: Mapping[str, tuple[int, int]]
    categories: Mapping[str, tuple[int, int]]
    waits: Sequence[Waits]
    rising: Sequence[tuple[Place, Alarm]]
    deceptive: Sequence[tuple[Place, Alarm]]
    makers: Sequence[Verdicts]
    units: Mapping[Status, int]


class Rooms(NamedTuple):
    """Where what is counted is known."""

    alarms: Alarms
    devices: Devices
    incidents: Incidents
    dispatch: Dispatch


class AlarmFigures:
    """Reads; keeps nothing but what it has just counted."""

    def __init__(self, store: Store, clock: Clock, zone: tzinfo, limits: Limits, rooms: Rooms) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._limits = limits
        self._alarms, self._devices, self._incidents, self._dispatch = rooms
        self._known: dict[Key, tuple[float, Figures]] = {}
        self._counting: dict[Key, asyncio.Lock] = {}
        self._one = asyncio.Semaphore(1)
        """Alarms that come are stored meanwhile: whoever looks at figures takes one connection, and waits for the others."""

    async def of(self, scopes: Sequence[Scope], area: str, span: Span) -> Figures:
        """Of the areas of one's own within `area`, as they were a moment ago at most. Raises StorageFault."""
        key = (tuple(scopes), area, span)
        async with self._counting.setdefault(key, asyncio.Lock()):
            known, now = self._known.get(key), self._clock.monotonic_s()
            if known is None or now - known[0] > GOOD_S[span]:
                async with self._one:
                    known = now, await self._count(scopes, area, span)
                self._forget(now)
                self._known[key] = known
            return known[1]

    def _forget(self, now: float) -> None:
        """What is too old for anybody, and locks that nobody holds."""
        for key in [key for key, (at, _) in self._known.items() if now - at > GOOD_S[key[2]]]:
            del self._known[key]
        for key in [key for key, lock in self._counting.items() if not lock.locked() and key not in self._known]:
            del self._counting[key]

    async def _count(self, scopes: Sequence[Scope], area: str, span: Span) -> Figures:
        period, of = period_of(span, self._clock.now().astimezone(self._zone)), Of(scopes, area)
        async with self._store.reading() as tx:
            counted = await queries.by_slot(tx, of, period)
            kinds = await queries.by_area_and_kind(tx, of, period)
            places = await queries.places(tx, of, period)
            verdicts = await queries.verdicts(tx, of, period)
            waits = await queries.waits(tx, of, period)
        tasks = await self._dispatch.sent_since(scopes, area, period.since, MOST_TASKS)
        opened = await self._incidents.opened(sorted({one.incident for one in tasks}))
        units = Counter(one.status for one in await self._dispatch.units(scopes, area, ""))
        steep, false = rising(places, MOST_LISTED), deceptive(places, MOST_LISTED)
        known = await self._alarms.many(scopes, {one.last for one in (*steep, *false)})
        return Figures(
            period,
            counted,
            _summed((area, now, before) for area, _, now, before in kinds),
            _summed((category, now, before) for _, category, now, before in kinds),
            self._waits({**waits, **task_waits(tasks, opened)}),
            [(one, known[one.last]) for one in steep if one.last in known],
            [(one, known[one.last]) for one in false if one.last in known],
            self._by_maker(verdicts),
            units,
        )

    def _waits(self, counted: Mapping[tuple[Step, int], Mapping[int, int]]) -> list[Waits]:
        found = []
        for step in STEPS:
            for priority in (1, 2, 3):
                told = waits_of(step, priority, counted.get((step, priority), {}), self._limit(step, priority))
                found += [told] if told is not None else []
        return found

    def _limit(self, step: Step, priority: int) -> float | None:
        of = {"seen": self._limits.claimed, "verified": self._limits.verified, "closed": self._limits.closed}.get(step)
        if of is not None:
            return of[priority - 1]
        accepted, _, arrived, _ = LIMITS_S[priority]
        return {"accepted": accepted, "arrived": arrived}.get(step)

    def _by_maker(self, verdicts: Iterable[Verdicts]) -> list[Verdicts]:
        """Most false ones first."""
        sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for one in verdicts:
            both = sums[one.protocol, self._maker_of(one.device)]
            both[0] += one.real
            both[1] += one.false
        found = [Verdicts(protocol, maker, real, false) for (protocol, maker), (real, false) in sums.items()]
        return sorted(found, key=lambda one: (-one.false, -one.real, one.protocol, one.device))[:MOST_LISTED]

    def _maker_of(self, device: str) -> str:
        try:
            return self._devices.get(device).maker if device else ""
        except UnknownDevice:
            return ""


def _summed(some: Iterable[tuple[str, int, int]]) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    for name, now, before in some:
        known = sums.get(name, (0, 0))
        sums[name] = known[0] + now, known[1] + before
    return sums


def task_waits(tasks: Iterable[Task], opened: Mapping[int, float]) -> dict[tuple[Step, int], Counter[int]]:
    """From an incident's opening to its first task, and from a task's sending to its acceptance and arrival, by step and priority.

    `opened`: by incident, seconds since 1970. Pure.
    """
    found: dict[tuple[Step, int], Counter[int]] = defaultdict(Counter)
    first: dict[int, Task] = {}
    steps: tuple[tuple[Step, TaskState], ...] = (("accepted", TaskState.ACCEPTED), ("arrived", TaskState.ARRIVED))
    for one in tasks:
        sent = one.stamps[TaskState.SENT]
        if one.incident not in first or sent < first[one.incident].stamps[TaskState.SENT]:
            first[one.incident] = one
        for step, state in steps:
            if state in one.stamps:
                found[step, one.priority][max(0, int(one.stamps[state] - sent))] += 1
    for id, one in first.items():
        if id in opened:
            found["assigned", one.priority][max(0, int(one.stamps[TaskState.SENT] - opened[id]))] += 1
    return found
