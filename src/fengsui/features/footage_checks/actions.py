"""Reckons how long footage is kept, and tries whether it plays: in the background, at a bounded rate, each hour on record."""

from __future__ import annotations

import asyncio
import random
from collections import Counter as Tally
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from math import inf
from typing import Any, Final, NamedTuple

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.features.access import CameraFacts, Scope
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.cameras import Cameras, UnknownCamera
from fengsui.features.completeness import Completeness
from fengsui.features.footage_checks import queries
from fengsui.features.footage_checks.devices import DeviceTries
from fengsui.features.footage_checks.model import FAILURES, Figure, KeptFacts, Outcome, Try, moment_in
from fengsui.features.live import Recorders
from fengsui.features.recording import Piece, Plan, Recording
from fengsui.features.retention import Retention
from fengsui.loops import keep
from fengsui.media import Engine, EngineError
from fengsui.picture_worker import decoded_pictures
from fengsui.recording_settings import RecordingSection
from fengsui.store import Store

log = structlog.get_logger(__name__)
FIRST_S: Final = 60.0
AGAIN_S: Final = 60.0
SHARE: Final = 20.0
"""It pauses so many times as long as it took."""
ROUND_S: Final = 3600.0
"""Tries are put on record together."""
SURPLUS_AFTER_S: Final = 3600.0
"""What reaches its ceiling is removed within minutes; what is still there then is surplus."""
FRESH_S: Final = 120.0
"""What came just now is live rather than recorded."""
REACH_DAYS: Final = 92
FIGURE_DAYS: Final = 30
KEPT_DAYS: Final = 400
DAY_S: Final = 86_400.0
MOST_PASSED: Final = 20
"""Cameras without footage that are passed over in search of one to be tried."""
MOST_ASKED: Final = 5
"""Devices that are asked in search of one that lists a recording."""
DEVICE_DAYS: Final = 7
"""Of what devices recorded, no older moment is tried: what they keep for longer nobody says."""
MOST_NAMED: Final = 20
CAMERAS = Gauge(
    "fengsui_footage_kept_cameras", "Cameras that are to be recorded, by whether they keep footage as long as they must", ["state"]
)
OVER = Gauge("fengsui_footage_over_cameras", "Cameras with footage beyond its ceiling that is not held (A51)")
TRIES = Counter(
    "fengsui_footage_tries_total", "Random moments of recorded footage that were tried, by what came of it", ["outcome"]
)
for _outcome in ("played", *FAILURES):
    TRIES.labels(_outcome)


class AreaFigures(NamedTuple):
    """Rows of `queries.kept_by_area` of a day, and of `queries.tries_by_area` since another."""

    since: date
    day: date
    kept: Sequence[queries.Row]
    tries: Sequence[queries.Row]


class FootageChecks:
    """What is kept is reckoned of every camera; of what plays a sample is drawn."""

    def __init__(
        self,
        settings: RecordingSection,
        store: Store,
        clock: Clock,
        audit: Audit,
        cameras: Cameras,
        recording: Recording,
        completeness: Completeness,
        retention: Retention,
        engine: Engine,
        recorders: Recorders,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._audit = audit
        self._cameras = cameras
        self._recording = recording
        self._completeness = completeness
        self._retention = retention
        self._engine = engine
        self._chance = random.Random()
        self.devices = DeviceTries(recorders, engine, self._chance)
        self._written: list[dict[str, object]] | None = None
        """Of today, as they stand in the database."""
        self._reckoned = ""
        """The day of which it was last reckoned since the node began."""
        self._round_s: float | None = None
        """Since when tries are made that are not all on record; None: none is."""
        self._beginning = asyncio.Lock()
        """Both kinds of tries are of one round."""
        self._tried: Tally[Outcome] = Tally()
        self._failed: list[Try] = []
        self._loops: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """The footage folders are open."""
        tries = self._try_on(self.try_one, self._settings.probes_an_hour)
        of_devices = self._try_on(self.try_device, self._settings.device_probes_an_hour)
        self._loops = [keep("footage-kept", self._reckon), keep("footage-tries", tries), keep("device-footage-tries", of_devices)]

    async def stop(self) -> None:
        """What was tried is on record."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        self._end_round()

    # How long it is kept: M6

    async def _reckon(self) -> None:
        await asyncio.sleep(FIRST_S)
        while True:
            begun_s = self._clock.monotonic_s()
            try:
                await self.reckon()
            except (FengsuiError, EngineError) as fault:
                log.warning("how long footage is kept is not reckoned now", why=str(fault))
            await asyncio.sleep(max(AGAIN_S, SHARE * (self._clock.monotonic_s() - begun_s)))

    async def reckon(self) -> None:
        """Of every camera that is to be recorded, as it stands today. Raises StorageFault, EngineError."""
        now = self._clock.now().timestamp()
        if self._engine.footage_counters().looking or not await self._completeness.believes_clock(now):
            return
        today = self._completeness.first_day(1).name
        plans = await self._recording.pieces(self._completeness.first_day(REACH_DAYS).since)
        since = {
            code: planned_since(pieces)
            for code, pieces in plans.items()
            if pieces[-1].until == inf and pieces[-1].plan.mode != "off"
        }
        oldest = self._oldest(await asyncio.to_thread(self._engine.oldest_footage))
        bounds = await self._retention.bounds_of_all(sorted(since))
        beyond = await self._retention.beyond(now - SURPLUS_AFTER_S)
        placed = await self._cameras.facts(sorted(since))
        found = {
            code: KeptFacts(
                duty=bounds[code].floor,
                ceiling=bounds[code].ceiling,
                kept=0 if code not in oldest else self._days_between(oldest[code], now),
                planned=self._days_between(since[code], now),
                over=code in beyond,
            )
            for code in placed
            if code in bounds
        }
        found |= await self._without_loss({code: one for code, one in found.items() if one.state == "short"}, plans, now)
        rows = [queries.row_of(placed[code], today, one) for code, one in found.items()]
        if rows != self._written:
            async with self._store.transaction(act=False) as tx:
                await queries.keep(tx, today, rows)
                await queries.forget(tx, self._completeness.first_day(KEPT_DAYS).name)
            self._written = rows
        self._reckoned = today
        states = Tally(one.state for one in found.values())
        for state in ("met", "young", "short"):
            CAMERAS.labels(state).set(states[state])
        OVER.set(sum(one.over for one in found.values()))

    async def _without_loss(
        self, short: Mapping[str, KeptFacts], plans: Mapping[str, Sequence[Piece]], now: float
    ) -> dict[str, KeptFacts]:
        """Of cameras whose footage is short those that were not to be recorded all the time, and of which no day that was recorded
        is gone. Raises StorageFault.
        """
        by_duty: dict[int, list[str]] = {}
        for code, one in short.items():
            always = planned_since(plans[code], ("always",))
            if always == inf or self._days_between(always, now) < one.duty:
                by_duty.setdefault(one.duty, []).append(code)
        found: dict[str, KeptFacts] = {}
        for duty, codes in by_duty.items():
            recorded = await self._completeness.first_recorded(codes, duty)
            for code in codes:
                oldest = self._completeness.first_day(short[code].kept + 1).name
                if recorded.get(code, oldest) >= oldest:
                    found[code] = replace(short[code], lacks=False)
        return found

    def _oldest(self, found: Sequence[tuple[str, int]]) -> dict[str, float]:
        """By camera: the oldest of its streams."""
        oldest: dict[str, float] = {}
        for stream, at_us in found:
            code = stream.rpartition("/")[0]
            oldest[code] = min(at_us / 1e6, oldest.get(code, inf))
        return oldest

    def _days_between(self, since: float, now: float) -> int:
        zone = self._completeness.zone
        days = (datetime.fromtimestamp(now, zone).date() - datetime.fromtimestamp(since, zone).date()).days
        return max(0, days)

    # Whether it plays: M7

    def _try_on(self, attempt: Callable[[], Awaitable[Try | None]], an_hour: int) -> Callable[[], Coroutine[Any, Any, None]]:
        async def work() -> None:
            await asyncio.sleep(FIRST_S)
            while an_hour:
                try:
                    await attempt()
                except (FengsuiError, EngineError, OSError) as fault:
                    log.warning("no footage is tried now", why=str(fault))
                await asyncio.sleep(ROUND_S / an_hour)

        return work

    async def try_one(self) -> Try | None:
        """A random moment of a random camera; None: nothing is recorded. On record before. Raises AuditUnavailable, StorageFault,
        EngineError, OSError.
        """
        if self._engine.footage_counters().looking:
            return None
        plans = self._recording.plans()
        self._chance.shuffle(plans)
        for plan in plans[:MOST_PASSED]:
            placed = (await self._cameras.facts([plan.camera])).get(plan.camera)
            moment_us = None if placed is None else await self._moment(plan)
            if placed is not None and moment_us is not None:
                await self._begin_round()
                found = await self._try(placed, plan, moment_us)
                if found is not None:
                    return found
        return None

    async def _moment(self, plan: Plan) -> int | None:
        """Of footage within its time: what only a hold keeps is its case's alone (rule A52)."""
        now, zone = self._clock.now().timestamp(), self._completeness.zone
        bounds = await self._retention.bounds_of(plan.camera)
        since = 0.0 if bounds is None else bounds.over_before(now, zone)
        micros = int(max(self._completeness.first_day(REACH_DAYS).since, since) * 1e6), int((now - FRESH_S) * 1e6)
        return moment_in(await asyncio.to_thread(self._engine.footage, plan.name, *micros), self._chance)

    async def _try(self, placed: CameraFacts, plan: Plan, moment_us: int) -> Try | None:
        """None: it was removed meanwhile, which is no failure."""
        word, media = await asyncio.to_thread(self._engine.footage_at, plan.name, moment_us)
        if word == "removed":
            return None
        outcome = word if word != "shown" else ("played" if await decoded_pictures(media) else "undecoded")
        return await self._keep(placed, moment_us, next(one for one in ("played", *FAILURES) if one == outcome))

    async def try_device(self) -> Try | None:
        """The same of what a camera's device recorded itself; None: none that was asked lists a recording."""
        plans, now = self._recording.plans(), self._clock.now().timestamp()
        self._chance.shuffle(plans)
        for plan in plans[:MOST_ASKED]:
            try:
                camera = await self._cameras.get(plan.camera)
            except UnknownCamera:
                continue
            placed = (await self._cameras.facts([plan.camera])).get(plan.camera)
            if placed is None or self._cameras.status_of(camera) != "online":
                continue
            since = now - self._chance.uniform(ROUND_S, DEVICE_DAYS * DAY_S)
            await self._begin_round()
            moment_us = await self.devices.moment(camera, since)
            outcome = None if moment_us is None else await self.devices.play(camera, moment_us / 1e6)
            if moment_us is not None and outcome is not None:
                return await self._keep(placed, moment_us, outcome)
        return None

    async def _keep(self, placed: CameraFacts, moment_us: int, outcome: Outcome) -> Try:
        found = Try(placed.code, self._clock.now().timestamp(), moment_us / 1e6, outcome)
        async with self._store.transaction(act=False) as tx:
            await queries.add_try(tx, placed, self._completeness.first_day(1).name, found)
        self._tried[found.outcome] += 1
        TRIES.labels(found.outcome).inc()
        if found.outcome != "played":
            self._failed.append(found)
            log.warning("footage does not play", camera=found.camera, moment=_written(found.moment), why=found.outcome)
        return found

    async def _begin_round(self) -> None:
        """Raises AuditUnavailable."""
        async with self._beginning:
            now_s = self._clock.monotonic_s()
            if self._round_s is not None and now_s - self._round_s < ROUND_S:
                return
            self._end_round()
            most = self._settings.probes_an_hour + self._settings.device_probes_an_hour
            said = f"for an hour random moments of footage, and of what devices recorded, are tried, {most} at most"
            how = "the first second is decoded, no picture is shown or kept"
            await self._audit.record(NODE, Act.FOOTAGE_CHECK, detail=f"equipment check: {said}; {how}")
            self._round_s = now_s

    def _end_round(self) -> None:
        if self._round_s is None:
            return
        failed = "".join(f"; {one.camera} {_written(one.moment)}: {one.outcome}" for one in self._failed[:MOST_NAMED])
        more = "" if len(self._failed) <= MOST_NAMED else f"; and {len(self._failed) - MOST_NAMED} more"
        said = f"equipment check: {self._tried.total()} moments tried, {self._tried['played']} played{failed}{more}"
        self._audit.record_end(NODE, Act.FOOTAGE_CHECK, detail=said)
        self._round_s, self._tried, self._failed = None, Tally(), []

    # Figures

    @property
    def playable_target(self) -> float:
        """Percent."""
        return self._settings.playable_target_percent

    async def by_area(self, scope: Scope, area: str) -> AreaFigures:
        """Of the areas below `area` that `scope` holds cameras of, by the next level at which there is more than one.

        Raises StorageFault.
        """
        since = self._completeness.first_day(FIGURE_DAYS).name
        async with self._store.reading() as tx:
            day = await self._last_day(tx)
            for length in range(min(len(area) + 2, 6), 8, 2):
                kept = await queries.kept_by_area(tx, scope, area, day, length)
                tries = await queries.tries_by_area(tx, scope, area, since, length)
                if length == 6 or len({row.part for row in (*kept, *tries)}) > 1:
                    break
        return AreaFigures(date.fromisoformat(since), date.fromisoformat(day), kept, tries)

    async def _last_day(self, tx: AsyncConnection) -> str:
        """Of which it is reckoned what is kept: today, or one before until that is done."""
        today = self._completeness.first_day(1).name
        return today if self._reckoned == today else await queries.last_day(tx, today) or today

    async def shortfalls(self, scope: Scope, area: str, figure: Figure, limit: int) -> list[tuple[str, CameraFacts, queries.Row]]:
        """Name, place and facts of the cameras for which a figure is not whole, of those that `scope` holds today."""
        since = self._completeness.first_day(FIGURE_DAYS).name
        async with self._store.reading() as tx:
            if figure == "playable":
                rows = await queries.not_played(tx, scope, area, since, limit)
            else:
                rows = await queries.not_kept(tx, scope, area, await self._last_day(tx), limit, over=figure == "over")
        codes = list(dict.fromkeys(row.camera for row in rows))
        named = {one.code: one.name for one in await self._cameras.named(scope, codes)}
        placed = await self._cameras.facts(codes)
        return [(named[row.camera], placed[row.camera], row) for row in rows if row.camera in named and row.camera in placed]


def planned_since(pieces: Sequence[Piece], modes: Collection[str] = ("always", "schedule", "event")) -> float:
    """Since when it had such plans without a break, infinite: it has none now; ascending pieces, of which the last holds."""
    since = inf
    for piece in reversed(pieces):
        is_apart = since != inf and piece.until < since - 1
        if piece.plan.mode not in modes or is_apart:
            break
        since = piece.plan.set_at
    return since


def _written(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().isoformat(timespec="seconds")
