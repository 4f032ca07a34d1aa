"""The days of every camera: reckoned in the background from the index of footage, kept, and summed by area."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

import structlog

from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.access import CameraFacts, Scope
from fengsui.features.cameras import Cameras
from fengsui.features.completeness import queries
from fengsui.features.completeness.lapses import Lapses
from fengsui.features.completeness.model import (
    COUNTS_S,
    Day,
    DayFacts,
    DueHours,
    Gap,
    Reason,
    Span,
    UnusableDay,
    clipped,
    day_of,
    days_between,
    gaps_of,
    has_leapt,
    parts_of,
    within,
    without,
)
from fengsui.features.completeness.model import facts_of as sums_of
from fengsui.features.recording import Calendar, FootageAway, Period, Piece, Recording
from fengsui.loops import keep
from fengsui.media import Engine, EngineError
from fengsui.store import Store

log = structlog.get_logger(__name__)
FIRST_S: Final = 30.0
AGAIN_S: Final = 60.0
SHARE: Final = 10.0
"""It pauses so many times as long as it took: with many cameras today is some minutes old."""
FRESH_S: Final = 30.0
"""Nothing is said yet of what came just now: it is on its way to the disk."""
SETTLES_S: Final = 120.0
"""A day is reckoned for the last time so long after it ended."""
REACH_DAYS: Final = 92
KEPT_DAYS: Final = 400
AT_ONCE: Final = 200
"""Cameras that are reckoned together."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the days of some cameras are reckoned from."""

    pieces: Sequence[Piece]
    periods: Sequence[Period]
    down: Sequence[Reason]
    lapses: Sequence[Reason]
    leapt: Sequence[Span]
    """Never was: the clock was set over it."""


class Reckoned(NamedTuple):
    """One day of a camera. `parts`: of a day on which it came to another place, before and from then; else none."""

    day: Day
    facts: DayFacts
    gaps: list[Gap]
    parts: tuple[DayFacts, ...]


class Completeness:
    """What was due and is missing. Days that are over are reckoned once; today again and again."""

    def __init__(
        self, store: Store, clock: Clock, cameras: Cameras, recording: Recording, engine: Engine, calendar: Calendar
    ) -> None:
        self._store = store
        self._clock = clock
        self._cameras = cameras
        self._recording = recording
        self._engine = engine
        self.zone = calendar.zone
        self._lapses = Lapses(store, clock, cameras, recording, engine)
        self._calendar = replace(calendar, past={})
        self._due = DueHours(self._calendar)
        self._settled: dict[str, str] = {}
        """Camera → its last day that is reckoned for good, empty: none; of those that were asked for."""
        self._today = self._kinds_kept = ""
        self._doubted = False
        self.removed_until: Callable[[str], Awaitable[float | None]] = _nothing_removed
        """Of a camera up to when footage was removed, seconds since 1970; set at composition."""
        self._hear: Callable[[Mapping[str, Sequence[Gap]]], Awaitable[None]] | None = None
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """A run begins. Raises StorageFault."""
        await self._lapses.start()
        async with self._store.reading() as tx:
            kinds = await queries.day_kinds(tx, self.first_day(1).name)
        self._calendar = replace(self._calendar, past={date.fromisoformat(day): kind for day, kind in kinds.items()})
        self._due = DueHours(self._calendar)

    def begin(self) -> None:
        """Devices can be spoken to."""
        self._lapses.begin()
        self._loop = keep("recording-days", self._run)

    async def stop(self) -> None:
        """Nothing is reckoned any more."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        await self._lapses.stop()

    async def _run(self) -> None:
        await asyncio.sleep(FIRST_S)
        while True:
            begun_s = self._clock.monotonic_s()
            try:
                await self.reckon()
            except (FootageAway, StorageFault) as fault:
                log.warning("the days of recording are not reckoned now", why=str(fault))
            await asyncio.sleep(max(AGAIN_S, SHARE * (self._clock.monotonic_s() - begun_s)))

    async def reckon(self) -> None:
        """Every day that is not reckoned for good; those that are over are then settled, if the clock is believed.

        Raises FootageAway, StorageFault.
        """
        now = self._clock.now().timestamp()
        believed = await self.believes_clock(now)
        horizon = self.first_day(REACH_DAYS)
        if believed:
            await self._keep_kinds(horizon, now)
        pieces = await self._recording.pieces(horizon.since)
        touched, over = set[str](), dict[str, list[str]]()
        codes = sorted(pieces)
        for at in range(0, len(codes), AT_ONCE):
            some = codes[at : at + AT_ONCE]
            placed, moved = await self._cameras.facts(some), await self._cameras.kept.moved(some)
            await self._learn(some)
            known = await self._known({code: pieces[code] for code in some if code in placed}, horizon.since, now)
            rows, parts = list[dict[str, object]](), list[dict[str, object]]()
            moves = {code: one.left_at for code, one in moved.items()}
            reckoned = await asyncio.to_thread(self._days, known, horizon, now, moves)
            if self._hear is not None:
                await self._hear({code: [gap for one in days for gap in one.gaps] for code, days in reckoned.items()})
            for code, days in reckoned.items():
                was = moved.get(code)
                for day, facts, _, of_places in days:
                    rows.append(queries.row_of(placed[code] if was is None else was.facts_of(day.since, day.until), facts))
                    if was is not None and of_places:
                        parts += queries.rows_of_parts(tuple(reversed(was.places_of(day.since, day.until))), of_places)
                    touched.add(day.name)
                    if believed and day.until + SETTLES_S < now:
                        over.setdefault(day.name, []).append(code)
            async with self._store.transaction(act=False) as tx:
                await queries.keep_days(tx, rows)
                await queries.keep_parts(tx, rows, parts)
        for name in sorted(touched):  # a day is settled with its sums: whatever ends this before, it is reckoned again
            async with self._store.transaction(act=False) as tx:
                await queries.sum_areas(tx, [name])
                await queries.settle(tx, name, over.get(name, []))
            self._settled |= dict.fromkeys(over.get(name, []), name)
        if believed:
            async with self._store.transaction(act=False) as tx:
                await queries.forget(tx, horizon.since, self.first_day(KEPT_DAYS).name)
            await self._recording.forget(horizon.since)

    async def _keep_kinds(self, horizon: Day, now: float) -> None:
        """A day that is over stays what it was: a holiday that is taken out of the settings later changes nothing of it."""
        days = {day.name: date.fromisoformat(day.name) for day in days_between(self.zone, horizon.since, now)}
        if self._kinds_kept == max(days):
            return
        async with self._store.transaction(act=False) as tx:
            await queries.keep_day_kinds(tx, {name: self._calendar.kind(day) for name, day in days.items()})
        self._kinds_kept = max(days)

    def on_gaps(self, hear: Callable[[Mapping[str, Sequence[Gap]]], Awaitable[None]]) -> None:
        """`hear` is awaited with the gaps of each camera's days before these can be settled; what it raises lets none be."""
        self._hear = hear

    async def reckon_again(self, camera: str, since: float) -> None:
        """Footage has come to days that were over. Days of which some was removed stay as they were: they would seem to lack it.

        Raises StorageFault.
        """
        day = datetime.fromtimestamp(since, self.zone).date().isoformat()
        if (removed := await self.removed_until(camera)) is not None:
            day = max(day, (datetime.fromtimestamp(removed, self.zone).date() + timedelta(days=1)).isoformat())
        async with self._store.transaction(act=False) as tx:
            await queries.unsettle(tx, camera, day)
        self._settled.pop(camera, None)

    async def believes_clock(self, now: float) -> bool:
        """One that was set wrongly neither ends a day for good nor makes anything old. A34."""
        believed = self._clock.error().isdigit()
        if not believed:
            async with self._store.reading() as tx:
                believed = not has_leapt(await queries.runs(tx), now)
        if not believed and not self._doubted:
            log.warning("the clock has leapt and nobody vouches for it: no day is settled, nothing is forgotten")
        self._doubted = not believed
        return believed

    async def _learn(self, cameras: Sequence[str]) -> None:
        """Which of their days are reckoned for good."""
        today = self.first_day(1).name
        if today < self._today:  # the clock was ahead
            self._settled.clear()
        self._today = today
        unknown = [code for code in cameras if code not in self._settled]
        if unknown:
            async with self._store.reading() as tx:
                found = await queries.settled(tx, unknown, self.first_day(REACH_DAYS).name, today)
            self._settled |= {code: found.get(code, "") for code in unknown}

    async def _known(self, pieces: Mapping[str, Sequence[Piece]], since: float, now: float) -> dict[str, Known]:
        async with self._store.reading() as tx:
            down, leapt = await queries.down_between(tx, since, now)
            lapses = await queries.lapses(tx, list(pieces), since, now)
        on_event = [code for code, some in pieces.items() if any(one.plan.mode == "event" for one in some)]
        periods = await self._recording.periods(on_event, since) if on_event else {}
        return {code: Known(some, periods.get(code, []), down, lapses.get(code, []), leapt) for code, some in pieces.items()}

    def _days(
        self, known: Mapping[str, Known], horizon: Day, now: float, moves: Mapping[str, float] = MappingProxyType({})
    ) -> dict[str, list[Reckoned]]:
        """Of each camera the days that are not reckoned for good. `moves`: when those left that came back elsewhere. Blocks.
        Raises FootageAway.
        """
        found: dict[str, list[Reckoned]] = {}
        for code, one in known.items():
            since = max(horizon.since, one.pieces[0].plan.set_at)
            last = self._settled.get(code, "")
            days = [day for day in days_between(self.zone, since, now) if day.name > last]
            if days:
                at, some = moves.get(code, 0.0), found.setdefault(code, [])
                for day, due, gaps, filled in self._gaps(one, days, now):
                    parts = parts_of(day, at, due, gaps, filled) if day.since < at < day.until else ()
                    some.append(Reckoned(day, sums_of(day.name, due, gaps, filled), gaps, parts))
        return found

    def _gaps(
        self, known: Known, days: Sequence[Day], now: float
    ) -> Iterator[tuple[Day, Mapping[str, Sequence[Span]], list[Gap], list[Span]]]:
        """Of ascending days: what was due by stream, what is missing, and what of it the device recorded alone. Blocks."""
        footage: dict[str, list[Span]] = {}
        fetched: dict[str, list[Span]] = {}
        for day in days:
            due = self._due_of(known, day, now)
            gaps, filled = list[Gap](), list[Span]()
            for stream, spans in due.items():
                if stream not in footage:
                    until = days[-1].until + COUNTS_S
                    footage[stream], fetched[stream] = self._footage(stream, days[0].since - COUNTS_S, until)
                kept = footage[stream]
                first = bisect_right(kept, day.since - COUNTS_S, key=lambda one: one.until)
                recorded = kept[first : bisect_left(kept, day.until + COUNTS_S, key=lambda one: one.since)]
                if not fetched[stream] and _covers(recorded, spans):  # as most days of most cameras are
                    continue
                begins = any(one.since <= day.since < one.until for one in recorded[:2])
                ends = any(one.since < day.until <= one.until for one in recorded[-2:])
                beside = [] if begins and ends else self._due_beside(known, day, now).get(stream, [])
                found = gaps_of(spans, recorded, [*known.down, *known.lapses], beside)
                gaps += [gap._replace(stream=stream) for gap in found]
                filled += within(fetched[stream], spans)
            yield day, due, sorted(gaps, key=lambda gap: gap.since), filled

    def _due_of(self, known: Known, day: Day, now: float) -> dict[str, list[Span]]:
        due = self._due.of(known.pieces, day, now - FRESH_S, known.periods)
        return due if not known.leapt else {stream: without(spans, known.leapt) for stream, spans in due.items()}

    def _due_beside(self, known: Known, day: Day, now: float) -> dict[str, list[Span]]:
        """What is due shortly before and after a day: a gap over midnight is as long as it is."""
        found: dict[str, list[Span]] = {}
        for at, bounds in ((day.since - 1, (day.since - COUNTS_S, day.since)), (day.until, (day.until, day.until + COUNTS_S))):
            other = day_of(self.zone, datetime.fromtimestamp(at, self.zone).date())
            for stream, spans in self._due_of(known, other, now).items():
                found.setdefault(stream, []).extend(clipped(spans, *bounds))
        return found

    def _footage(self, stream: str, since: float, until: float) -> tuple[list[Span], list[Span]]:
        """All of it, and what of it was fetched from the device. Blocks. Raises FootageAway."""
        whole = not self._engine.footage_counters().looking
        try:
            micros = int(since * 1e6), int(until * 1e6)
            found, fetched = self._engine.footage(stream, *micros), self._engine.fetched_footage(stream, *micros)
        except EngineError as error:
            raise FootageAway() from error
        if not whole or self._engine.footage_counters().looking:  # what is not in the index yet is no gap
            raise FootageAway()
        return _spans(found), _spans(fetched)

    def first_day(self, days: int) -> Day:
        """The first of so many days, of which today is the last."""
        today = datetime.fromtimestamp(self._clock.now().timestamp(), self.zone).date()
        return day_of(self.zone, today - timedelta(days=days - 1))

    def day(self, name: str) -> Day:
        """By a name that a day of the node's own has."""
        return day_of(self.zone, date.fromisoformat(name))

    def asked_day(self, text: str) -> Day:
        """Raises UnusableDay."""
        try:
            day = day_of(self.zone, date.fromisoformat(text))
        except (ValueError, OverflowError):
            raise UnusableDay(day=text[:32], kept=REACH_DAYS) from None
        if not self.first_day(REACH_DAYS).name <= day.name <= self.first_day(1).name:
            raise UnusableDay(day=text[:32], kept=REACH_DAYS)
        return day

    async def days_of(self, camera: str, days: int) -> list[DayFacts]:
        """A camera's last days that had a plan, ascending; today up to a moment ago. Raises FootageAway, StorageFault."""
        since = self.first_day(days)
        async with self._store.reading() as tx:
            kept = {one.day: one for one in await queries.days_of(tx, camera, since.name, self.first_day(1).name)}
        now = self._clock.now().timestamp()
        pieces = await self._recording.pieces_of(camera, self.first_day(REACH_DAYS).since)
        if pieces:
            await self._learn([camera])
            known = await self._known({camera: pieces}, since.since, now)
            fresh = await asyncio.to_thread(self._days, known, since, now)
            kept |= {day.name: facts for day, facts, _, _ in fresh.get(camera, [])}
        return [kept[day] for day in sorted(kept) if kept[day].due_s > 0]

    async def first_recorded(self, cameras: Sequence[str], days: int) -> dict[str, str]:
        """Camera → of so many days, of which today is the last and left out, the first on which something that was due was
        recorded, whether or not it is still there. Raises StorageFault.
        """
        async with self._store.reading() as tx:
            return await queries.first_recorded(tx, cameras, self.first_day(days).name, self.first_day(1).name)

    async def gaps_of(self, camera: str, day: Day) -> list[Gap] | None:
        """What is missing of a camera's day; None: more than when it was reckoned. Raises FootageAway, StorageFault."""
        now = self._clock.now().timestamp()
        pieces = await self._recording.pieces_of(camera, self.first_day(REACH_DAYS).since)
        if not pieces:
            return []
        await self._learn([camera])
        known = (await self._known({camera: pieces}, day.since, day.until))[camera]
        found = await asyncio.to_thread(lambda: [gap for _, _, gaps, _ in self._gaps(known, [day], now) for gap in gaps])
        if day.name > self._settled.get(camera, ""):
            return found
        async with self._store.reading() as tx:
            kept = {one.day: one.missing_s for one in await queries.days_of(tx, camera, day.name, day.name)}
        missing_s = sum(gap.until - gap.since for gap in found)
        return None if missing_s > kept.get(day.name, missing_s) + COUNTS_S else found

    async def by_area(self, scope: Scope, area: str, days: int) -> tuple[int, Sequence[queries.Row]]:
        """The areas below `area` that `scope` holds cameras of, by the next level at which there is more than one."""
        since, today = self.first_day(days).name, self.first_day(1).name
        async with self._store.reading() as tx:
            for length in range(min(len(area) + 2, 6), 8, 2):
                rows = await queries.area_days(tx, scope, area, since, today, length)
                if length == 6 or len({row.part for row in rows}) > 1:
                    return length, rows
        return 6, []

    async def worst(self, scope: Scope, area: str, day: Day, limit: int) -> list[tuple[str, CameraFacts, DayFacts]]:
        """Name, place and day of the cameras that lack the most on a day, of those that `scope` holds, where they were then."""
        async with self._store.reading() as tx:
            rows = await queries.worst(tx, scope, area, day.name, limit)
        codes = [row.camera for row in rows]
        known = await self._cameras.kept.many(codes)
        return [
            (camera.name, camera.facts_of(day.since, day.until), queries.facts_in(row))
            for row in rows
            if (camera := known.get(row.camera)) is not None and camera.is_within(scope, day.since, day.until)
        ]


async def _nothing_removed(camera: str) -> float | None:
    return None


def _covers(recorded: Sequence[Span], due: Sequence[Span]) -> bool:
    """All of what was due lies in one span that was recorded."""
    return any(all(one.since <= span.since and span.until <= one.until for span in due) for one in recorded)


def _spans(micros: Sequence[tuple[int, int]]) -> list[Span]:
    return [Span(start / 1e6, end / 1e6) for start, end in micros]
