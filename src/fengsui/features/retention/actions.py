"""Removes footage when its time is over, and when room is needed what is older than its floor: each time on record first."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from fengsui.clock import Clock
from fengsui.errors import FengsuiError, NodeFault, StorageFault
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.completeness import Completeness
from fengsui.features.device_files import key_targets
from fengsui.features.policy import DataClass, Pack, Policy
from fengsui.features.recording import FootageAway
from fengsui.features.retention import queries
from fengsui.features.retention.holds import Holds
from fengsui.features.retention.model import (
    DAY_S,
    KEPT_DAYS,
    STREAMS,
    Bounds,
    Cut,
    Folder,
    Forecast,
    NothingMayGo,
    NothingRuled,
    NotRemoved,
    Removal,
    ReviewOverdue,
    SecondTierRoom,
    Storage,
    StorageShort,
    Why,
    camera_of,
    cuts_of,
)
from fengsui.features.retention.records import Records
from fengsui.features.retention.removals import removals_of
from fengsui.features.retention.taking import Taking
from fengsui.features.second_tier import SecondTier
from fengsui.loops import keep
from fengsui.media import Engine, EngineError, OldFootage
from fengsui.store import Store

log = structlog.get_logger(__name__)
FIRST_S: Final = 45.0
LOOK_S: Final = 60.0
AGAIN_S: Final = 3600.0
"""A folder that did not let go is tried again."""
FORECAST_S: Final = 3600.0
FORECAST_DAYS: Final = 7
LEAST_OF_A_DAY: Final = 1 / 24
AT_ONCE: Final = 1_000
"""Files that are removed together."""
MOVED_AT_ONCE: Final = 200
"""The same where each is asked of a bucket: none of them can be held meanwhile."""
BURSTS: Final = 3
"""Room is made for so many times what was written since the last look."""
REMOVED = Counter("fengsui_footage_removed_files_total", "Footage files removed, by why: ceiling (too old), space", ["why"])
REMOVED_BYTES = Counter("fengsui_footage_removed_bytes_total", "Bytes of them", ["why"])
SHORT = Gauge("fengsui_footage_short_folders", "Footage folders that are nearly full of what must be kept (A51)")
SURPLUS = Gauge("fengsui_footage_surplus_files", "Footage files beyond their ceiling that could not be removed (A51)")
DAYS = Gauge("fengsui_footage_storage_days", "At the rate of the last days: until nothing is free, and how many days fit", ["of"])
for _why in ("ceiling", "space"):
    REMOVED.labels(_why)
    REMOVED_BYTES.labels(_why)


Where = tuple[str, bool]
"""A folder, and of which files of it: that have moved to the second tier, or that lie here."""


class Retention:
    """`ahead`: bytes above a folder's reserve that are kept free for what comes next. What lies here goes first, and what has moved
    to the second tier after it: no room here waits for a bucket."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        audit: Audit,
        policy: Policy,
        completeness: Completeness,
        engine: Engine,
        holds: Holds,
        ahead: int,
        second_tier: SecondTier,
        records: Records,
    ) -> None:
        self._records = records
        self._second_tier = second_tier
        self._taking = Taking(audit, engine, second_tier)
        self._moves_after = second_tier.moves_after
        self._store = store
        self._clock = clock
        self._audit = audit
        self._policy = policy
        self._completeness = completeness
        self._engine = engine
        self._ahead = ahead
        self._written = 0
        self._unwritten: list[Removal] = []
        """On record, and not yet in the database."""
        self._faults: dict[str, tuple[NodeFault, datetime]] = {}
        self._stuck: dict[Where, float] = {}
        """When files were last not let go of."""
        self._surplus: dict[Where, tuple[int, str]] = {}
        """Files beyond their ceiling that could not be removed, and why."""
        self._silent: set[str] = set()
        """Folders of whose files the bucket does not answer, which is on record."""
        self._told: set[int] = set()
        """Holds whose overdue review is on record."""
        self._reckoned_s: float | None = None
        self._loop: asyncio.Task[None] | None = None
        self.holds = holds
        completeness.removed_until = self.removed_until
        self.storage: Storage | None = None
        """As reckoned within the last hour; None: not yet."""

    async def start(self) -> None:
        """Reads what is held. Raises StorageFault."""
        await self.holds.read()

    def begin(self) -> None:
        """The footage folders are open."""
        self._loop = keep("footage-retention", self._run)

    async def stop(self) -> None:
        """A removal that is under way is finished; what is not is finished by the next start."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
            with contextlib.suppress(StorageFault):  # `fengsui check` names what the database lacks
                await self._write_removals()

    async def _run(self) -> None:
        await asyncio.sleep(FIRST_S)
        while True:
            try:
                await self.look()
            except (FengsuiError, EngineError, OSError) as fault:
                log.warning("old footage is not looked at now", why=str(fault))
            await asyncio.sleep(LOOK_S)

    def faults(self) -> list[tuple[NodeFault, datetime]]:
        """For the node's page, each with when it was first seen."""
        return list(self._faults.values())

    def _note(self, kind: type[NodeFault], fault: NodeFault | None) -> bool:
        """Whether it is new."""
        before = self._faults.pop(kind.code, None)
        if fault is not None:
            self._faults[kind.code] = fault, self._clock.now() if before is None else before[1]
        return fault is not None and before is None

    # Looking

    async def look(self) -> None:
        """Once over all footage. Raises FootageAway, AuditUnavailable, StorageFault, EngineError."""
        overdue = self.holds.overdue()
        self._note(ReviewOverdue, ReviewOverdue(count=len(overdue)) if overdue else None)
        for one in overdue:
            if one.id not in self._told:
                self._told.add(one.id)
                said = f"hold {one.id}, case {one.case_number}: its review is overdue"
                self._audit.record_end(NODE, Act.FOOTAGE_ALARM, one.camera, detail=said)
        await self.holds.classify()
        await self._write_removals()
        if self._engine.footage_counters().looking:  # the index does not have all of it yet
            return
        now = self._clock.now().timestamp()
        folders = await asyncio.to_thread(self._folders)
        wanted = self._wanted()
        nearly_full = [one for one in folders if one.left < wanted]
        if not await self._completeness.believes_clock(now):  # it would make everything old
            return
        pack = self._policy.effective
        said = ", ".join(one.path for one in nearly_full)
        self._note(NothingRuled, NothingRuled(folders=said) if nearly_full and pack is None else None)
        if pack is not None:
            await self._end_of_time(pack, now, [(one.path, False) for one in folders])
            await self._make_room(pack, now, nearly_full, wanted)
            await self._end_of_time(pack, now, [(one.path, True) for one in folders])
            await self._forecast(pack)

    def _folders(self) -> list[Folder]:
        room = self._engine.footage_room()
        return [Folder(str(path), free, reserve, path.stat().st_dev) for path, free, reserve in room]

    def _wanted(self) -> int:
        """Bytes above the reserve: more where much is written."""
        counters = self._engine.footage_counters()
        written = counters.bytes + counters.fetched_bytes
        since, self._written = written - self._written, written
        return max(self._ahead, BURSTS * since)

    async def _bounds(self, pack: Pack, streams: Iterable[str]) -> dict[str, Bounds]:
        """Of each stream."""
        named = list(streams)
        async with self._store.reading() as tx:
            keys = await key_targets(tx, sorted({camera_of(stream) for stream in named}))
        of_all, of_keys = Bounds.of(pack, DataClass.VIDEO), Bounds.of(pack, DataClass.KEY_TARGET_VIDEO)
        return {stream: of_keys if camera_of(stream) in keys else of_all for stream in named}

    async def bounds_of(self, camera: str) -> Bounds | None:
        """None: no pack is in force."""
        pack = self._policy.effective
        return None if pack is None else (await self._bounds(pack, [f"{camera}/main"]))[f"{camera}/main"]

    async def bounds_of_all(self, cameras: Sequence[str]) -> dict[str, Bounds]:
        """By camera; empty: no pack is in force. Raises StorageFault."""
        pack = self._policy.effective
        found = {} if pack is None else await self._bounds(pack, [f"{code}/main" for code in cameras])
        return {camera_of(stream): bounds for stream, bounds in found.items()}

    async def beyond(self, at: float) -> set[str]:
        """Cameras with footage that was beyond its ceiling by then, and is not held. Raises EngineError, StorageFault."""
        pack, zone = self._policy.effective, self._completeness.zone
        if pack is None:
            return set()
        ceilings = [Bounds.of(pack, one) for one in (DataClass.VIDEO, DataClass.KEY_TARGET_VIDEO)]
        bounds = await self._older_than(pack, max(one.over_before(at, zone) for one in ceilings))
        cuts = cuts_of(bounds, await self.holds.kept(), "ceiling", at, zone)
        return await asyncio.to_thread(self._with_old_footage, cuts)

    def _with_old_footage(self, cuts: Sequence[Cut]) -> set[str]:
        """Cameras. Each stream is asked about by itself: the oldest files of all may be those of one."""
        return {camera_of(cut[0]) for cut in cuts if self._engine.old_footage([cut], 1)}

    def kept_since(self, now: float) -> float:
        """What began before this is not worth fetching: of some class it would be removed at once. Without a pack nothing is."""
        pack, zone = self._policy.effective, self._completeness.zone
        classes = (DataClass.VIDEO, DataClass.KEY_TARGET_VIDEO)
        return 0.0 if pack is None else max(Bounds.of(pack, one).over_before(now, zone) for one in classes)

    async def _older_than(self, pack: Pack, before: float) -> dict[str, Bounds]:
        oldest = await asyncio.to_thread(self._engine.oldest_footage)
        return await self._bounds(pack, [stream for stream, at_us in oldest if at_us < before * 1e6])

    # Removing

    async def _end_of_time(self, pack: Pack, now: float, places: Sequence[Where]) -> None:
        """Rule A51: what has reached its ceiling goes, day by day."""
        ceilings = [Bounds.of(pack, one) for one in (DataClass.VIDEO, DataClass.KEY_TARGET_VIDEO)]
        zone = self._completeness.zone
        bounds = await self._older_than(pack, max(one.over_before(now, zone) for one in ceilings))
        if not bounds:  # what did not go is gone by hand, or is no longer too old
            self._surplus.clear()
            self._silent.clear()
        for where in places if bounds else ():
            while not self._waits(where):
                gone, left = await self._remove(bounds, "ceiling", now, where)
                if left:
                    self._surplus[where] = len(left), left[0][1]
                    if where[0] in self._silent:  # tried again at the next look: it may answer by then
                        break
                    self._stuck[where] = self._clock.monotonic_s()
                elif not gone:
                    self._surplus.pop(where, None)
                    break
        found = list(self._surplus.values())
        count = sum(files for files, _ in found)
        SURPLUS.set(count)
        self._note(NotRemoved, NotRemoved(count=count, why=found[0][1]) if found else None)

    def _waits(self, where: Where) -> bool:
        """What could not be removed is not tried, and not recorded, each minute."""
        failed_s = self._stuck.get(where)
        return failed_s is not None and self._clock.monotonic_s() - failed_s < AGAIN_S

    async def _make_room(self, pack: Pack, now: float, nearly_full: Sequence[Folder], wanted: int) -> None:
        """The oldest beyond its floor; where there is none, an alarm."""
        stuck: list[str] = []
        bounds = await self._older_than(pack, now) if nearly_full else {}
        for folder in nearly_full:
            missing = wanted + wanted // 4 - folder.left
            where = folder.path, False  # what is in the second tier takes no room here
            while missing > 0 and not self._waits(where):
                gone, left = await self._remove(bounds, "space", now, where, missing)
                missing -= gone
                if left:
                    self._stuck[where] = self._clock.monotonic_s()
                if not gone:
                    break
            room = next((one for one in await asyncio.to_thread(self._folders) if one.path == folder.path), folder)
            if room.left < wanted:
                stuck.append(folder.path)
        SHORT.set(len(stuck))
        if self._note(NothingMayGo, NothingMayGo(folders=", ".join(stuck)) if stuck else None):
            log.error("footage folders are nearly full of what must be kept", folders=stuck)
            for path in stuck:
                said = "nearly full, and all that is in it is younger than its floor, or held: nothing is removed"
                self._audit.record_end(NODE, Act.FOOTAGE_ALARM, path, detail=said)

    async def _remove(
        self, bounds: dict[str, Bounds], why: Why, now: float, where: Where, enough: float = inf
    ) -> tuple[int, list[tuple[Path, str]]]:
        """The oldest that may go, up to so many bytes. Bytes that are gone, and what is left with why.

        What has moved goes without `deciding`, for a bucket may take its time: what is held meanwhile is none of it (`leaving`).
        """
        moved = where[1]
        if moved and (left := await self._silence(bounds, why, now, where)):
            return 0, left
        try:
            return await self._remove_chosen(bounds, why, now, where, enough)
        finally:
            self.holds.going = []

    async def _remove_chosen(
        self, bounds: dict[str, Bounds], why: Why, now: float, where: Where, enough: float
    ) -> tuple[int, list[tuple[Path, str]]]:
        moved = where[1]
        async with self.holds.deciding:
            files = await self._choose(bounds, why, now, where, enough)
            if not files:
                return 0, []
            removals = removals_of(files, bounds, why, now, self._completeness.zone, self._policy.label)
            await asyncio.gather(*(self._record(one) for one in removals))
            self._unwritten += removals
            if moved:
                self.holds.leaving = [(camera_of(one.stream), one.start_us / 1e6, one.end_us / 1e6) for one in files]
            else:
                count, gone, left = await self._taking.away(removals, files, moved, self._completeness.zone)
        if moved:
            try:
                count, gone, left = await self._taking.away(removals, files, moved, self._completeness.zone)
            finally:
                self.holds.leaving = []
        for path, what in left:
            stream = next((one.stream for one in files if one.path == path), "")
            self._audit.record_end(NODE, Act.FOOTAGE_ALARM, camera_of(stream), detail=f"not removed: {path}: {what}")
        if moved and left:
            await self._silence(bounds, why, now, where)  # whether that is why
        REMOVED.labels(why).inc(count)
        REMOVED_BYTES.labels(why).inc(gone)
        log.info("old footage was removed", why=why, files=count, bytes=gone, left=len(left))
        await self._write_removals()
        return gone, left

    async def _choose(self, bounds: dict[str, Bounds], why: Why, now: float, where: Where, enough: float) -> list[OldFootage]:
        """The oldest that may go, up to so many bytes: said to go, but for what a clip is asked of at this very moment."""
        files, bytes_ = list[OldFootage](), 0
        for one in await self._oldest(bounds, why, now, where):
            if bytes_ >= enough or (where[1] and len(files) >= MOVED_AT_ONCE):
                break
            files.append(one)
            bytes_ += one.bytes
        self.holds.going = [(camera_of(one.stream), one.start_us / 1e6, one.end_us / 1e6) for one in files]
        held = await self.holds.kept(why) if files else []
        return [one for one in files if not any(hold.touches(one.stream, one.start_us, one.end_us) for hold in held)]

    async def _oldest(self, bounds: dict[str, Bounds], why: Why, now: float, where: Where) -> list[OldFootage]:
        """That may go, with regard to what is held now. Raises EngineError."""
        folder, moved = where
        cuts = cuts_of(bounds, await self.holds.kept(why), why, now, self._completeness.zone)

        def found() -> list[OldFootage]:
            some = self._engine.old_footage(cuts, AT_ONCE, folder, not moved)
            return [one for one in some if self._second_tier.has(one.path) is moved]

        return await asyncio.to_thread(found)

    async def _silence(self, bounds: dict[str, Bounds], why: Why, now: float, where: Where) -> list[tuple[Path, str]]:
        """What cannot be removed now because the bucket does not answer. It is asked before anything is on record, and before
        anything is chosen for good; a removal that is sent to a silent bucket may still happen long after it was given up."""
        files = await self._oldest(bounds, why, now, where)
        try:
            await asyncio.to_thread(self._second_tier.refuse_silent, [one.path for one in files])
        except OSError as error:
            if where[0] not in self._silent:
                self._silent.add(where[0])
                said = f"not removed: {len(files)} files that have moved to the second tier: {error}"
                self._audit.record_end(NODE, Act.FOOTAGE_ALARM, where[0], detail=said)
            return [(one.path, str(error)) for one in files]
        self._silent.discard(where[0])
        return []

    async def _record(self, one: Removal) -> None:
        """Before anything goes. Rule A53; raises AuditUnavailable."""
        await self._audit.record(NODE, Act.FOOTAGE_REMOVE, one.camera, range=one.range, detail=one.facts)

    async def _write_removals(self) -> None:
        """Raises StorageFault: they are tried again."""
        if not self._unwritten:
            return
        some = list(self._unwritten)
        async with self._store.transaction(act=False) as tx:
            await queries.add_removals(tx, some)
            await queries.forget_removals(tx, self._clock.now().timestamp() - KEPT_DAYS * DAY_S)
        del self._unwritten[: len(some)]

    async def removals_of(self, camera: str, days: int, limit: int) -> list[Removal]:
        """Of days since so many, the youngest first. Raises StorageFault."""
        async with self._store.reading() as tx:
            return await queries.removals_of(tx, camera, self._completeness.first_day(days).name, limit)

    async def removed_until(self, camera: str) -> float | None:
        """Up to when footage of this camera was removed, seconds since 1970; None: none was. Raises StorageFault."""
        now = self._clock.now().timestamp()
        async with self._store.reading() as tx:
            stored = await queries.removed_until(tx, camera, now)
        told = [one.ended_by(now) for one in self._unwritten if one.camera == camera]
        return max((at for at in (*told, stored) if at is not None), default=None)

    # Forecast

    def _window(self) -> tuple[float, float]:
        return self._completeness.first_day(FORECAST_DAYS + 1).since, self._completeness.first_day(1).since

    def _a_day(self, oldest_us: int, bytes_: int) -> float | None:
        since, until = self._window()
        days = (until - max(since, oldest_us / 1e6)) / DAY_S
        return bytes_ / days if days >= LEAST_OF_A_DAY else None

    async def forecast_of(self, camera: str) -> Forecast:
        """Of all its streams. Raises FootageAway."""
        since, until = (int(at * 1e6) for at in self._window())
        stored, away, oldest, rates = 0, 0, list[float](), list[float]()
        tiers = self._moves_after is not None
        for stream in STREAMS:
            try:
                found = await asyncio.to_thread(self._engine.stored_footage, since, until, f"{camera}/{stream}", tiers)
            except EngineError as error:
                raise FootageAway() from error
            for _, oldest_us, bytes_, between, moved in found:
                stored, away = stored + bytes_, away + moved
                oldest.append(oldest_us / 1e6)
                rate = self._a_day(oldest_us, between)
                rates += [] if rate is None else [rate]
        return Forecast(sum(rates) if rates else None, stored, away, min(oldest, default=None))

    async def _forecast(self, pack: Pack) -> None:
        now_s = self._clock.monotonic_s()
        if self._reckoned_s is not None and now_s - self._reckoned_s < FORECAST_S:
            return
        since, until = (int(at * 1e6) for at in self._window())
        after = self._moves_after
        found = await asyncio.to_thread(self._engine.stored_footage, since, until, None, after is not None)
        bounds = await self._bounds(pack, [stream for stream, *_ in found])
        rates = {stream: rate for stream, oldest, _, between, _ in found if (rate := self._a_day(oldest, between)) is not None}
        needed = sum(rate * bounds[stream].floor for stream, rate in rates.items())
        stored, away = sum(bytes_ for _, _, bytes_, _, _ in found), sum(moved for *_, moved in found)
        here = needed if after is None else sum(rate * min(after, bounds[stream].floor) for stream, rate in rates.items())
        second = None if after is None else SecondTierRoom(after, away, needed - here)
        folders = await asyncio.to_thread(self._folders)
        self.storage = told = Storage(folders, sum(rates.values()) or None, stored - away, here, second)
        self._reckoned_s = now_s
        await self._records.forget()
        for of, days in (("full", told.full_in), ("holds", told.holds)):
            DAYS.labels(of).set(float("nan") if days is None else days)
        giga = {"needed": f"{told.needed / 1e9:.0f}", "have": f"{(told.left + told.stored) / 1e9:.0f}"}
        self._note(StorageShort, StorageShort(**giga) if told.is_short else None)
