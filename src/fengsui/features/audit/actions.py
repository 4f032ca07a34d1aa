"""Records acts before they take effect: many at once in one write to disk. No record, no act."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import structlog
from prometheus_client import Counter, Gauge, Histogram

from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.features.audit.copies import Copies
from fengsui.features.audit.folder import segments
from fengsui.features.audit.index import Index
from fengsui.features.audit.log import AuditLog, stamp
from fengsui.features.audit.model import ABSENT, NODE, Act, Actor, AuditUnavailable, Entry, Result, Stranger, record_of
from fengsui.settings import AuditSection

log = structlog.get_logger(__name__)
BATCH, MAX_WAITING, MAX_OWED, MAX_FOLDED = 500, 20_000, 1_000, 10_000
WAIT_LIMIT_S = 2.0
"""The disk has that long; then the act is refused."""
TICK_S, FOLD_S, DAY_S = 1.0, 60.0, 86_400.0
RECORDS = Counter("fengsui_audit_records", "Records written", ["act", "result"])
REFUSED = Counter("fengsui_audit_refused", "Acts refused because no record could be written")
BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.2, 1)
COMMIT_S = Histogram("fengsui_audit_commit_seconds", "One group of records to disk", buckets=BUCKETS_S)
UNSIGNED = Gauge("fengsui_audit_unsigned", "Records that no checkpoint speaks for yet")
OWED = Gauge("fengsui_audit_owed", "Ended acts whose record waits for the log")


class Audit:
    """The only writer of the audit log. `start` before anything is recorded."""

    def __init__(self, files: AuditLog, index: Index, copies: Copies, clock: Clock, settings: AuditSection) -> None:
        self.files = files
        self.index = index
        self.policy = ""
        """Name and version of the policy pack in force, for every record."""
        self.floor_days = 0
        """Records are kept for that long whatever the settings say; by the policy pack."""
        self.copies = copies
        self._clock = clock
        self._settings = settings
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="audit")
        self._waiting: deque[tuple[Entry, asyncio.Future[None]]] = deque()
        self._owed: deque[Entry] = deque(maxlen=MAX_OWED)
        self._folded: dict[tuple[str, str, str], tuple[float, int]] = {}
        self._wanted = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._clock_faulty = False
        self._looked_at_age_s = -DAY_S

    async def start(self, version: str = "") -> None:
        """Opens the files. Raises AuditUnavailable, AuditLogTaken."""
        await self._in_thread(self.files.open)
        await self.index.start()
        self._tasks = [asyncio.create_task(self._commit_all()), asyncio.create_task(self._keep_time())]
        await self.copies.start()
        self.record_end(NODE, Act.NODE_START, detail=version)

    async def stop(self) -> None:
        """Writes what waits, signs it and pushes the last checkpoint."""
        self.record_end(NODE, Act.NODE_STOP)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            while self._owed or self._waiting:
                await self._commit_some()
        except AuditUnavailable as error:
            self._refuse_all(error)
        await self._in_thread(self.files.close)
        await self.copies.stop()
        await self.index.stop()
        self._thread.shutdown()

    async def _in_thread(self, act: Callable[[], object]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, act)

    async def record(
        self, who: Actor, act: Act, target: str = "", *, range: str = "", detail: str = "", result: Result = Result.ALLOWED
    ) -> None:
        """On disk when this returns. Raises AuditUnavailable: then the act must not happen."""
        if len(self._waiting) >= MAX_WAITING:
            REFUSED.inc()
            raise AuditUnavailable(what=f"{MAX_WAITING} records wait")
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((self._entry(who, act, target, range, detail, result), future))
        self._wanted.set()
        try:
            async with asyncio.timeout(WAIT_LIMIT_S):
                await future
        except TimeoutError:
            REFUSED.inc()
            raise AuditUnavailable(what=f"the disk did not answer within {WAIT_LIMIT_S:g} s") from None
        except AuditUnavailable:
            REFUSED.inc()
            raise

    def record_end(self, who: Actor, act: Act, target: str = "", *, range: str = "", detail: str = "") -> None:
        """For what takes a right away, or only tells: it goes on in any case, and its record is written as soon as that can be."""
        self._owed.append(self._entry(who, act, target, range, detail, Result.ALLOWED))
        self._wanted.set()

    async def record_stranger(self, who: Stranger, act: Act, *, result: Result, detail: str) -> None:
        """A try that proves nobody: the first at once, repetitions within a minute as one record with their number.

        So that nobody without a right can fill the disk and thereby stop the node.
        """
        key, now_s = (who.name, who.address, detail), self._clock.monotonic_s()
        since_s, count = self._folded.get(key, (now_s - FOLD_S, 0))
        if now_s < since_s + FOLD_S or len(self._folded) >= MAX_FOLDED:
            self._folded[key if key in self._folded else ("", "", detail)] = (since_s, count + 1)
            return
        self._folded[key] = (now_s, 0)
        await self.record(who, act, who.name, detail=detail, result=result)

    def _entry(self, who: Actor, act: Act, target: str, range: str, detail: str, result: Result) -> Entry:
        return Entry(
            at=stamp(self._clock),
            clock_error=self._clock.error(),
            act=act,
            result=result,
            person=who.name,
            unit=who.unit or ABSENT,
            role=who.role or ABSENT,
            object=target,
            range=range or ABSENT,
            detail=detail,
            workstation=who.workstation or ABSENT,
            session=who.session,
            address=who.address,
            policy=self.policy or ABSENT,
        )

    async def _commit_all(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._waiting or self._owed:
                try:
                    await self._commit_some()
                except AuditUnavailable as error:
                    self._refuse_all(error)
                    break

    async def _commit_some(self) -> None:
        room = min(BATCH, self.files.room)
        owed = [self._owed.popleft() for _ in range(min(room, len(self._owed)))]
        taken = [self._waiting.popleft() for _ in range(min(room - len(owed), len(self._waiting)))]
        entries = [*owed, *(entry for entry, _ in taken)]
        began_s = self._clock.monotonic_s()
        try:
            await self._in_thread(lambda: self.files.commit(entries))
        except AuditUnavailable:
            self._owed.extendleft(reversed(owed))
            self._waiting.extendleft(reversed(taken))
            raise
        COMMIT_S.observe(self._clock.monotonic_s() - began_s)
        for _, future in taken:
            if not future.done():
                future.set_result(None)
        for entry in entries:
            RECORDS.labels(entry.act.value, entry.result.value).inc()
        OWED.set(len(self._owed))
        await self._in_thread(self.files.sign_when_due)
        self._tell_followers()

    def _tell_followers(self) -> None:
        UNSIGNED.set(self.files.unsigned)
        self.index.grown()
        self.copies.grown()

    def _refuse_all(self, error: AuditUnavailable) -> None:
        log.error("the audit log cannot be written; acts are refused", what=error.facts["what"], acts=len(self._waiting))
        OWED.set(len(self._owed))
        while self._waiting:
            _, future = self._waiting.popleft()
            if not future.done():
                future.set_exception(AuditUnavailable(**error.facts))

    async def _keep_time(self) -> None:
        """Once a second: owed records, folded tries, checkpoints, the clock's error; once a day: the age of the oldest file."""
        while True:
            await asyncio.sleep(TICK_S)
            self._tell_folded()
            if self._owed:
                self._wanted.set()
            await self._in_thread(self.files.sign_when_due)
            self._tell_followers()
            self._look_at_clock()
            if self._clock.monotonic_s() >= self._looked_at_age_s + DAY_S:
                self._looked_at_age_s = self._clock.monotonic_s()
                try:
                    await self.remove_old()
                except (OSError, FengsuiError) as error:
                    log.warning("old audit files could not be removed", what=str(error))

    def _tell_folded(self) -> None:
        now_s = self._clock.monotonic_s()
        for key in [key for key, (since_s, _) in self._folded.items() if now_s >= since_s + FOLD_S]:
            (name, address, detail), (_, count) = key, self._folded.pop(key)
            if count:
                entry = self._entry(Stranger(name, address), Act.SIGN_IN, name, "", f"{detail}; {count} more times", Result.FAILED)
                self._owed.append(entry)

    def _look_at_clock(self) -> None:
        error = self._clock.error()
        faulty = error == "unsynchronised" or (error.isdigit() and int(error) > self._settings.clock_error_limit_s * 1e6)
        if faulty and not self._clock_faulty:
            log.warning("the clock is not to be trusted; audit records say so", error=error)
        self._clock_faulty = faulty

    async def remove_old(self) -> None:
        """Removes files past the time they are kept; the removal is recorded first. Raises OSError, FengsuiError."""
        days = max(self._settings.keep_days, self.floor_days)
        limit = (self._clock.now() - timedelta(days=days)).isoformat()
        until = await asyncio.to_thread(_older_than, self.files, limit)
        if until:
            kept = f"kept {days} days"
            await self.record(NODE, Act.LOG_REMOVED, "audit log", range=f"1-{until}", detail=kept)
            await self._in_thread(lambda: self.files.remove(until))
            await self.index.forget(until)

    async def signed(self) -> None:
        """A checkpoint speaks for every record so far. Raises AuditUnavailable."""
        signed = await asyncio.get_running_loop().run_in_executor(self._thread, lambda: self.files.sign_when_due(now=True))
        if not signed:
            raise AuditUnavailable(what="no checkpoint could be written")


def _older_than(files: AuditLog, limit: str) -> int:
    """The last record of the files that are wholly older than `limit`; 0 when none is."""
    until = 0
    known = segments(files.folder)
    for one, following in pairwise(known):
        with following.path.open("rb") as stream:
            line = stream.readline()
        if not line or record_of(line).at >= limit:
            break
        until = following.first - 1
        assert one.first <= until
    return until
