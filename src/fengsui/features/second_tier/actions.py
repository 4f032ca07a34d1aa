"""Moves closed footage to the second tier when it is old enough, or room is short, and lets go of what was brought back."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from fengsui.clock import Clock
from fengsui.errors import NodeFault
from fengsui.features.audit import NODE, Act, Audit
from fengsui.features.second_tier.model import (
    AWAY,
    DAY_S,
    HOUR_S,
    RESTORED,
    RESTORING,
    Batch,
    ChangedThere,
    HashesLost,
    InTheClear,
    NoHoles,
    NoRoomBack,
    SecondTierAway,
    begins,
    note_of,
)
from fengsui.features.second_tier.pieces import HASHES
from fengsui.features.second_tier.tier import HashesGone, IsHollow, Tier
from fengsui.loops import keep
from fengsui.media import Engine, EngineError
from fengsui.recording_settings import SecondTierSection

log = structlog.get_logger(__name__)
LOOK_S: Final = 60.0
COLD_S: Final = 900.0
"""What was brought back stays so long after it was last wanted."""
TELL_S: Final = HOUR_S
"""Between two records of what was brought back."""
SOONEST_S: Final = 2 * HOUR_S
"""A file lasts an hour; younger ones are still written, also where room is short."""
AT_ONCE: Final = 100
"""Files between two looks at what is oldest."""
STUB_BYTES: Final = 2 << 20
"""What stays of a file is smaller."""
MOVED = Counter("fengsui_second_tier_moved_files_total", "Footage files moved to the second tier")
MOVED_BYTES = Counter("fengsui_second_tier_moved_bytes_total", "Bytes of them")
FETCHED_BYTES = Gauge("fengsui_second_tier_fetched_bytes", "Bytes that were brought back since the start")
CHANGED = Gauge("fengsui_second_tier_changed_files", "Footage files of which the second tier gave back something else")
FAILED = Counter("fengsui_second_tier_failures_total", "Tries to move footage that failed")


class SecondTier:
    """`ahead`: bytes above a folder's reserve below which it is short of room. Without a place in the settings nothing moves."""

    def __init__(self, section: SecondTierSection, node: str, clock: Clock, audit: Audit, engine: Engine, ahead: int) -> None:
        """Raises WrongSettings."""
        self._section = section
        self._clock = clock
        self._audit = audit
        self._engine = engine
        self._ahead = ahead
        self._tier = Tier(section, node, clock.monotonic_s) if section.place else None
        self._done: set[Path] = set()
        """Days' folders in which nothing is left to move."""
        self._looked = False
        self._faults: dict[str, tuple[NodeFault, datetime]] = {}
        self._loop: asyncio.Task[None] | None = None
        self._told_changed = set[Path]()
        """Of which it is on record."""
        self._telling = Lock()
        """What was seen later is told later."""
        self._unlike = set[Path]()
        """Without hashes, and their objects are not what was sent, for all that is known: read once."""
        self._own: asyncio.AbstractEventLoop | None = None
        """Where faults are noted: whoever reads asks from threads of its own."""
        self._told_s = clock.monotonic_s()
        if self._tier is not None:
            engine.fetch_footage_by(self._fetch)

    def begin(self) -> None:
        """The footage folders are open."""
        if self._tier is not None:
            if self._section.goes_in_the_clear:
                fault = InTheClear(endpoint=self._section.endpoint)
                self._note(InTheClear, fault)
                log.warning("footage goes to the second tier in the clear", endpoint=self._section.endpoint)
            self._own = asyncio.get_running_loop()
            self._loop = keep("second-tier", self._run)

    async def stop(self) -> None:
        """What is on its way is given up: it stays here."""
        if self._tier is not None:
            self._tier.stopping.set()
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
            self._tell_returned()

    @property
    def moves_after(self) -> float | None:
        """Days after which footage moves; None: never."""
        return None if self._tier is None else max(self._section.after_hours * HOUR_S, SOONEST_S) / DAY_S

    def faults(self) -> list[tuple[NodeFault, datetime]]:
        """For the node's page, each with when it was first seen."""
        return list(self._faults.values())

    def _note(self, kind: type[NodeFault], fault: NodeFault | None) -> None:
        before = self._faults.pop(kind.code, None)
        if fault is not None:
            self._faults[kind.code] = fault, self._clock.now() if before is None else before[1]

    def _fetch(self, path: str, start: int, end: int) -> None:
        """For the media core, from its threads. Raises OSError."""
        assert self._tier is not None
        try:
            self._tier.fetch(Path(path), start, end)
        except OSError as error:
            log.warning("footage is not brought back", path=path, why=str(error))
            self._hand_over(error)
            raise
        self._hand_over(None)
        FETCHED_BYTES.set(self._tier.fetched_bytes)

    async def bring_back(self, path: str, start: int, end: int) -> None:
        """For whoever reads beside the node. Raises OSError."""
        if self._tier is None:
            raise OSError("this node has no second tier")
        await asyncio.to_thread(self._fetch, path, start, end)

    def _hand_over(self, error: OSError | None) -> None:
        """How it went, to the node's own thread; files are read here."""
        if self._own is None:
            return
        assert self._tier is not None
        with self._telling, suppress(RuntimeError):  # it has ended
            try:
                changed, fresh = self._tier.changed(self._told_changed)
            except OSError as unread:
                log.warning("what has changed in the second tier is not told now", why=str(unread))
                changed, fresh = self._told_changed, {}
            self._own.call_soon_threadsafe(self._note_fetch, error, changed, fresh)

    def _note_fetch(self, error: OSError | None, changed: set[Path], fresh: Mapping[Path, str]) -> None:
        full = error is not None and error.errno == errno.ENOSPC
        self._note(NoRoomBack, NoRoomBack(why=str(error)) if full else None)
        if not full and not isinstance(error, HashesGone):
            self._note(SecondTierAway, None if error is None else SecondTierAway(why=str(error)))
        self._tell_lost()
        self._tell_changed(changed, fresh)

    def _tell_lost(self) -> None:
        assert self._tier is not None
        lost = [path for path, is_lost in self._tier.unhashed.copy().items() if is_lost]
        self._note(HashesLost, HashesLost(count=len(lost), file=str(lost[0])) if lost else None)

    def _tell_changed(self, changed: set[Path], fresh: Mapping[Path, str]) -> None:
        """A file of which something else came back is on record once, and a fault until it is right again."""
        for path in fresh.keys() - self._told_changed:
            log.error("what the second tier gave back is not what was sent there", path=str(path), key=fresh[path])
            said = f"changed in the second tier, and not taken: {path}; object {fresh[path]}"
            self._audit.record_end(NODE, Act.FOOTAGE_ALARM, path.parents[2].name, detail=said)
        self._told_changed = self._told_changed & changed | fresh.keys()
        CHANGED.set(len(changed))
        one = next(iter(changed), None)
        self._note(ChangedThere, None if one is None else ChangedThere(count=len(changed), file=str(one)))

    def has(self, path: Path) -> bool:
        """Whether a file's pictures have moved."""
        return note_of(path).exists()

    def refuse_silent(self, paths: Sequence[Path]) -> None:
        """Raises OSError where the bucket does not answer; blocks for seconds at most."""
        if self._tier is not None:
            self._tier.refuse_silent(paths)

    def remove(self, paths: Sequence[Path]) -> list[tuple[Path, str]]:
        """Before files are removed for good: what the second tier has of them goes first. What is still there, with why; blocks."""
        if self._tier is not None:
            return self._tier.remove(paths)
        return [(path, "its pictures are in a second tier that this node does not have") for path in paths if self.has(path)]

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> int:
        """Moves what is to move, the oldest first, and says how many files did."""
        tier, moved = self._tier, 0
        if tier is None or self._audit.fails:  # no record, no act (rule A30)
            return 0
        try:
            folders = await asyncio.to_thread(self._engine.footage_room)
        except EngineError as error:
            log.warning("footage is not moved now", why=str(error))
            return 0
        now, passed = self._clock.now().timestamp(), set[Path]()
        tier.reserves = {Path(path): reserve for path, _, reserve in folders}
        await self._tell_restored(Path(path) for path, _, _ in folders)
        for path, free, reserve in folders:
            folder, short = Path(path), free - reserve < self._ahead
            before = now - max(SOONEST_S if short else self._section.after_hours * HOUR_S, SOONEST_S)
            while found := await asyncio.to_thread(self._oldest, folder, before, passed):
                batch = Batch(str(folder))
                try:
                    for file in found:
                        if not await self._move(tier, file, folder, batch):
                            return moved + batch.files
                        passed.add(file)
                finally:
                    self._tell_moved(batch)
                moved += batch.files
        self._looked = True
        await self._hash_again(tier)
        for file in tier.cold(COLD_S):
            await self._let_go(file)
        if self._clock.monotonic_s() - self._told_s >= TELL_S:
            self._tell_returned()
        return moved

    async def _hash_again(self, tier: Tier) -> None:
        """Of one file that somebody wanted and that has no hashes: each costs its whole object."""
        path = next((one for one in tier.unhashed.copy() if one not in self._unlike), None)
        if path is None:
            return
        try:
            if await asyncio.to_thread(tier.hash_again, path):
                log.info("footage in the second tier has its hashes again", path=str(path))
                tier.unhashed.pop(path, None)
            else:
                log.error("an object of the second tier is not known to be what was sent there", path=str(path))
                self._unlike.add(path)
        except FileNotFoundError as error:
            log.error("an object of the second tier is gone", path=str(path), why=str(error))
            self._unlike.add(path)
        except OSError as error:
            log.warning("the hashes of a file are not made now", path=str(path), why=str(error))
        self._tell_lost()

    def _tell_moved(self, batch: Batch) -> None:
        if batch.files:
            self._audit.record_end(NODE, Act.FOOTAGE_MOVE, self._section.place, range=batch.range, detail=batch.text)

    async def _tell_restored(self, folders: Iterable[Path]) -> None:
        """What was restored while the node did not run goes on record."""
        for folder in folders:
            with suppress(FileNotFoundError):
                said = f"{await asyncio.to_thread((folder / RESTORED).read_text)}; to {folder}"
                await self._audit.record(NODE, Act.FOOTAGE_RETURN, self._section.place, range="restored", detail=said)
                await asyncio.to_thread((folder / RESTORED).unlink)

    def _tell_returned(self) -> None:
        """What was brought back since this was said last."""
        assert self._tier is not None
        files, bytes_ = self._tier.returned()
        self._told_s = self._clock.monotonic_s()
        if bytes_:
            self._audit.record_end(NODE, Act.FOOTAGE_RETURN, self._section.place, detail=f"files {files}; bytes {bytes_}")

    def _oldest(self, folder: Path, before: float, passed: set[Path]) -> list[Path]:
        """Files that have not moved and began before, the oldest first; without those that were passed over."""
        found = list[tuple[float, Path]]()
        for day, files in self._days(folder):
            waits = False
            for name in files:
                if name.endswith(AWAY):
                    self._sweep(day, name, files)
                    continue
                if name.endswith(HASHES):
                    if not files & {name.removesuffix(HASHES), name.removesuffix(HASHES) + AWAY}:
                        (day / name).unlink(missing_ok=True)  # what a stop left of a file that is gone
                    continue
                at = begins(day.name, name)
                if at is None or name + AWAY in files:
                    continue
                waits = True
                if at < before and day / name not in passed:
                    found.append((at, day / name))
            last = begins(day.name, "235959.mp4")
            if not waits and last is not None and last + HOUR_S < before:
                self._done.add(day)
        return [path for _, path in sorted(found)[:AT_ONCE]]

    def _days(self, folder: Path) -> Iterator[tuple[Path, set[str]]]:
        for above, names, files in os.walk(folder):
            day = Path(above)
            names[:] = [name for name in names if day / name not in self._done]
            if files:
                yield day, set(files)

    def _sweep(self, day: Path, name: str, files: set[str]) -> None:
        """What a stop left: a note whose file was removed, or a file that was not let go of."""
        path = day / name.removesuffix(AWAY)
        tier = self._tier
        if tier is None:
            return
        if path.name not in files:
            coming = path.with_name(path.name + RESTORING)
            if coming.name in files:  # restoring was cut off; the note comes when all else is done
                coming.rename(path)
            else:
                tier.remove([path])
        elif not self._looked and path.stat().st_blocks * 512 > STUB_BYTES:
            tier.brought_back(path)

    async def _move(self, tier: Tier, path: Path, folder: Path, batch: Batch) -> bool:
        """One that is not closed, or gone, is passed over. False: the second tier takes nothing now."""
        try:
            away = await asyncio.to_thread(tier.copy, path, folder, self._clock.now().timestamp())
        except FileNotFoundError:
            return True
        except IsHollow as error:
            log.error("a footage file has neither its pictures nor a note", path=str(path), why=str(error))
            return True
        except OSError as error:
            FAILED.inc()
            log.warning("footage does not move to the second tier", path=str(path), why=str(error))
            self._note(SecondTierAway, SecondTierAway(why=str(error)))
            return False
        self._note(SecondTierAway, None)
        if away is None:
            return True
        batch.add(path, away.size)
        MOVED.inc()
        MOVED_BYTES.inc(away.size)
        await self._let_go(path)
        return True

    async def _let_go(self, path: Path) -> None:
        try:
            freed = await asyncio.to_thread(self._engine.hollow_footage, path)
            self._note(NoHoles, None)
            self._note(NoRoomBack, None)
            log.debug("footage was let go of", path=str(path), bytes=freed)
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno in (errno.EOPNOTSUPP, errno.ENOSYS):
                self._note(NoHoles, NoHoles(folder=str(path.parents[3])))
            log.warning("footage that has moved takes its room all the same", path=str(path), why=str(error))
