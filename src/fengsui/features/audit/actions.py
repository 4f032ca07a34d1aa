"""Records acts before they take effect: many at once in one write to disk. No record, no act."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from prometheus_client import Counter, Gauge, Histogram

from fengsui.audit_settings import AuditSection
from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.features.audit.acts import Act
from fengsui.features.audit.checkpoints import Checkpoint, checkpoint_of
from fengsui.features.audit.copies import Copies
from fengsui.features.audit.done import Acts, note, undone
from fengsui.features.audit.folder import checkpoint_files, segments
from fengsui.features.audit.folding import Folding, Try
from fengsui.features.audit.index import Index
from fengsui.features.audit.known import CARRIED_FROM, Known, carried_from
from fengsui.features.audit.log import AuditLog, stamp
from fengsui.features.audit.looks import Looks
from fengsui.features.audit.model import ABSENT, NODE, Actor, AuditUnavailable, Entry, Ground, Result, Stranger, record_of
from fengsui.features.audit.owed import Owed
from fengsui.features.audit.verification import kept_for
from fengsui.loops import keep

log = structlog.get_logger(__name__)
BATCH, MAX_WAITING = 500, 20_000
WAIT_LIMIT_S = 2.0
"""The disk has that long; then the act is refused."""
FAILS_AFTER_S = 1.0
TICK_S, DAY_S, CLOCK_JUMP_S = 1.0, 86_400.0, 2.0
INDEX_CHANGED = "{rows} rows of the log's index were not as its files say: changed past the node, and made anew from the files"
RECORDS = Counter("fengsui_audit_records", "Records written", ["act", "result"])
REFUSED = Counter("fengsui_audit_refused", "Acts refused because no record could be written")
BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.2, 1)
COMMIT_S = Histogram("fengsui_audit_commit_seconds", "One group of records to disk", buckets=BUCKETS_S)
UNSIGNED = Gauge("fengsui_audit_unsigned", "Records that no checkpoint speaks for yet")


class Audit:
    """The only writer of the audit log. `start` before anything is recorded."""

    def __init__(self, files: AuditLog, index: Index, copies: Copies, clock: Clock, settings: AuditSection) -> None:
        self.files = files
        self.index = index
        self.known = Known(files)
        self.policy = ""
        """Name and version of the policy pack in force, for every record."""
        self.floor_days = 0
        """Records are kept for that long whatever the settings say; by the policy pack."""
        self.copies = copies
        self._clock = clock
        self._settings = settings
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="audit")
        self._waiting: deque[tuple[Entry, asyncio.Future[int]]] = deque()
        self._owed = Owed()
        self._folding = Folding()
        self._refusals = Folding(named=True)
        self._refused: dict[Try, tuple[Actor, Ground]] = {}
        self._looks = Looks()
        self._clock_offset_s = 0.0
        self._wanted = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._committing: asyncio.Task[None] | None = None
        self._clock_faulty = False
        self._failing_since_s: float | None = None
        self._looked_at_age_s = -DAY_S

    async def start(self, version: str = "") -> None:
        """Opens the files. Raises AuditUnavailable, AuditLogTaken."""
        await self._in_thread(self.files.open)
        await self.known.load()
        await self.index.start(self._tell_index_changed)
        self._tasks = [keep("audit", self._commit_all), keep("audit-time", self._keep_time)]
        await self.copies.start()
        if self.files.unclean:
            log.warning("the audit log was not ended by a stop of the node", what=self.files.unclean)
            self.record_end(NODE, Act.LOG_UNCLEAN, "audit log", detail=self.files.unclean)
        self.record_end(NODE, Act.NODE_START, detail=version)
        self._clock_offset_s = self._clock.now().timestamp() - self._clock.monotonic_s()

    async def stop(self) -> None:
        """Writes what waits, signs it and pushes the last checkpoint."""
        self._tell_folded(self._folding.rest())
        self._tell_refused(self._refusals.rest())
        self._tell_looks(self._looks.rest(self._now))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._committing is not None:  # what the disk is taking is told to whoever waits; what it refuses is tried again below
            await asyncio.wait([self._committing])
        try:
            while self._owed or self._waiting:
                await self._commit_some()
            self.record_end(NODE, Act.NODE_STOP)  # the last record of all: the next start looks for it
            await self._commit_some()
        except AuditUnavailable as error:
            self._refuse_all(error)
        await self._in_thread(self.files.close)
        await self.known.save()
        await self.copies.stop()
        await self.index.stop()
        self._thread.shutdown()

    async def _in_thread(self, act: Callable[[], object]) -> None:
        # Whoever waits may be cancelled, as at the end; what is to be written is written all the same, and in its order.
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, act))

    async def _tell_index_changed(self, rows: int) -> None:
        log.error("the index of the audit log was not as the log's files say; it is made anew", rows=rows)
        await self.record(NODE, Act.DATABASE_CHANGED, "audit index", detail=INDEX_CHANGED.format(rows=rows), result=Result.REFUSED)

    async def record(
        self,
        who: Actor,
        act: Act,
        target: str = "",
        *,
        range: str = "",
        detail: str = "",
        result: Result = Result.ALLOWED,
        under: Ground | None = None,
        recipient: str = "",
        acts: Acts | None = None,
    ) -> None:
        """On disk when this returns. `under` None: what the door opened to `who` by; `recipient`: who gets something by it.

        `acts`: where it is noted, whoever acts, so that `not_done` takes it back when what it is about comes to nothing.

        Raises AuditUnavailable: then the act must not happen.
        """
        if len(self._waiting) >= MAX_WAITING:
            REFUSED.inc()
            raise AuditUnavailable(what=f"{MAX_WAITING} records wait")
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        entry = self._entry(who, act, target, range, detail, result, under, recipient)
        self._waiting.append((entry, future))
        self._wanted.set()
        try:
            async with asyncio.timeout(WAIT_LIMIT_S):
                await future
        except TimeoutError:
            if not _is_written(future):  # else it was in the same moment
                REFUSED.inc()
                self._note_failure()
                raise AuditUnavailable(what=f"the disk did not answer within {WAIT_LIMIT_S:g} s") from None
        except asyncio.CancelledError:
            if _is_written(future):
                self._take_back(future.result(), entry, "whoever asked was gone")
            raise
        except AuditUnavailable:
            REFUSED.inc()
            raise
        note(future.result(), entry)
        if acts is not None:
            acts.written.append((future.result(), entry))

    def not_done(self, acts: Acts, why: str) -> None:
        """A request came to nothing: what it has on record as allowed is taken back. `why`: the code of its answer."""
        for sequence, entry in acts.written:
            self._take_back(sequence, entry, why)

    def _take_back(self, sequence: int, entry: Entry, why: str) -> None:
        if entry.result is Result.ALLOWED:
            self._owed.add(undone(sequence, entry, why, stamp(self._clock)))
            self._wanted.set()

    def record_end(
        self,
        who: Actor,
        act: Act,
        target: str = "",
        *,
        range: str = "",
        detail: str = "",
        under: Ground | None = None,
        recipient: str = "",
    ) -> None:
        """For what takes a right away, or only tells: it goes on in any case, and its record is written as soon as that can be."""
        self._owed.add(self._entry(who, act, target, range, detail, Result.ALLOWED, under, recipient))
        self._wanted.set()

    @property
    def fails(self) -> bool:
        """Whether something is to go on record for a while and cannot: what goes on only on record ends (rule A30)."""
        since_s = self._failing_since_s if self._owed or self._waiting else None
        return since_s is not None and self._clock.monotonic_s() - since_s >= FAILS_AFTER_S

    async def record_stranger(self, who: Stranger, act: Act, *, result: Result, detail: str, target: str | None = None) -> None:
        """A try that proves nobody, folded (see `folding`); `target`: the name that is claimed where nothing else is given."""
        wanted = who.name if target is None else target
        one = self._folding.take(Try(act, result, who.name, who.address, wanted, detail), self._clock.monotonic_s())
        if one is not None:
            await self.record(replace(who, name=one.name, address=one.address), act, one.target, detail=detail, result=result)

    async def record_refused(self, who: Actor, act: Act, target: str, *, operation: str, detail: str, under: Ground) -> None:
        """A right that is missing: on disk when this returns, and the same again within a minute as a number (see `folding`).

        `operation`: what exactly was asked for, of which `act` is the kind. Raises AuditUnavailable.
        """
        one = Try(act, Result.REFUSED, who.name, who.address, target, detail, f"{operation} {under.ticket}")
        if self._refusals.take(one, self._clock.monotonic_s()) is None:
            return
        self._refused[one] = (who, under)
        await self.record(who, act, target, detail=detail, result=Result.REFUSED, under=under)

    @asynccontextmanager
    async def looking(self, who: Actor, act: Act, target: str, *, range: str) -> AsyncIterator[None]:
        """Around a look that a page takes again and again: on disk before it begins, and the same again as a number (see `looks`).

        The right to it is decided each time, before. Raises AuditUnavailable.
        """
        look = self._entry(who, act, target, range, "", Result.ALLOWED)
        if self.fails:  # nothing goes on that could not go on record (rule A30)
            REFUSED.inc()
            raise AuditUnavailable(what="records wait")
        if self._looks.again(look, self._clock.monotonic_s()):
            yield
            return
        await self.record(who, act, target, range=range)
        yield
        self._looks.answered(look, self._clock.monotonic_s())

    def _entry(
        self,
        who: Actor,
        act: Act,
        target: str,
        range: str,
        detail: str,
        result: Result,
        under: Ground | None = None,
        recipient: str = "",
    ) -> Entry:
        ground = who.ground if under is None else under
        return Entry(
            at=stamp(self._clock),
            clock_error=self._clock.error(),
            act=act,
            result=result,
            person=who.name,
            unit=who.unit or ABSENT,
            role=who.role or ABSENT,
            ticket=ground.ticket or ABSENT,
            case=ground.case or ABSENT,
            purpose=ground.purpose or ABSENT,
            legal_basis=ground.legal_basis or ABSENT,
            object=target,
            range=range or ABSENT,
            detail=detail,
            recipient=recipient or ABSENT,
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
                    await self._commit_whole()
                except AuditUnavailable as error:
                    self._refuse_all(error)
                    break
                except Exception as error:  # whoever waits is refused at once, and does not act; `keep` begins anew
                    self._refuse_all(AuditUnavailable(what=f"{type(error).__name__}"))
                    raise

    async def _commit_whole(self) -> None:
        # The loop may be ended while the disk writes: what follows the write is done all the same.
        self._committing = asyncio.create_task(self._commit_some(), name="audit-commit")
        await asyncio.shield(self._committing)

    async def _commit_some(self) -> None:
        room = min(BATCH, self.files.room)
        owed = self._owed.take(room)
        untold = self._owed.untold() if len(owed) < room else ""
        told = [self._entry(NODE, Act.LOG_UNTOLD, "audit log", "", untold, Result.ALLOWED)] if untold else []
        taken: list[tuple[Entry, asyncio.Future[int]]] = []
        while self._waiting and len(taken) < room - len(owed) - len(told):
            entry, future = self._waiting.popleft()
            if not future.done():  # who did not wait so long was refused, and does nothing that is to be recorded
                taken.append((entry, future))
        if not owed and not told and not taken:
            return
        entries = [*owed, *told, *(entry for entry, _ in taken)]
        began_s = self._clock.monotonic_s()
        try:
            await self._in_thread(lambda: self.files.commit(entries))
        except AuditUnavailable:
            self._owed.give_back(owed)
            self._waiting.extendleft(reversed(taken))
            raise
        except Exception:  # not again: an entry that no log takes would keep all others from it
            self._owed.lose(owed)
            self._waiting.extendleft(reversed(taken))
            raise
        self._failing_since_s = None
        COMMIT_S.observe(self._clock.monotonic_s() - began_s)
        if told:
            self._owed.told()
        first = self.files.sequence - len(taken) + 1
        for sequence, (entry, future) in enumerate(taken, first):
            if future.done():  # while the disk wrote
                self._take_back(sequence, entry, f"the disk did not answer within {WAIT_LIMIT_S:g} s, or whoever asked was gone")
            else:
                future.set_result(sequence)
        for entry in entries:
            RECORDS.labels(entry.act.value, entry.result.value).inc()
        self._owed.count()
        await self._in_thread(self.files.sign_when_due)
        self._tell_followers()

    def _tell_followers(self) -> None:
        UNSIGNED.set(self.files.unsigned)
        self.index.grown()
        self.copies.grown()

    def _refuse_all(self, error: AuditUnavailable) -> None:
        log.error("the audit log cannot be written; acts are refused", what=error.facts["what"], acts=len(self._waiting))
        self._owed.count()
        self._note_failure()
        while self._waiting:
            _, future = self._waiting.popleft()
            if not future.done():
                future.set_exception(AuditUnavailable(**error.facts))

    def _note_failure(self) -> None:
        if self._failing_since_s is None:
            self._failing_since_s = self._clock.monotonic_s()

    async def _keep_time(self) -> None:
        """Once a second: owed records, folded tries, checkpoints, the clock's error; once a day: the age of the oldest file."""
        while True:
            await asyncio.sleep(TICK_S)
            self._tell_folded(self._folding.due(self._clock.monotonic_s()))
            self._tell_refused(self._refusals.due(self._clock.monotonic_s()))
            self._tell_looks(self._looks.due(self._clock.monotonic_s(), self._now))
            if self._owed:
                self._wanted.set()
            await self._in_thread(self.files.sign_when_due)
            self._tell_followers()
            await self.known.keep_up()
            self._look_at_clock()
            if self._clock.monotonic_s() >= self._looked_at_age_s + DAY_S:
                self._looked_at_age_s = self._clock.monotonic_s()
                try:
                    await self.remove_old()
                except (OSError, FengsuiError) as error:
                    log.warning("old audit files could not be removed", what=str(error))

    def _tell_folded(self, counted: Iterable[tuple[Try, int]]) -> None:
        for one, count in counted:
            who = Stranger(one.name, one.address)
            self._owed.add(self._entry(who, one.act, one.target, "", f"{one.detail}; {count} more times", one.result))

    def _tell_refused(self, counted: Iterable[tuple[Try, int]]) -> None:
        for one, count in counted:
            who, under = self._refused[one]
            said = f"{one.detail}; {count} more times"
            self._owed.add(self._entry(who, one.act, one.target, "", said, Result.REFUSED, under))
        self._refused = {one: whose for one, whose in self._refused.items() if one in self._refusals}

    def _tell_looks(self, told: Iterable[Entry]) -> None:
        for entry in told:
            self._owed.add(entry)

    def _now(self, entry: Entry) -> Entry:
        return msgspec.structs.replace(entry, at=stamp(self._clock), clock_error=self._clock.error())

    def _look_at_clock(self) -> None:
        error = self._clock.error()
        faulty = error == "unsynchronised" or (error.isdigit() and int(error) > self._settings.clock_error_limit_s * 1e6)
        if faulty and not self._clock_faulty:
            log.warning("the clock is not to be trusted; audit records say so", error=error)
        self._clock_faulty = faulty
        offset_s = self._clock.now().timestamp() - self._clock.monotonic_s()
        jump_s = offset_s - self._clock_offset_s
        self._clock_offset_s = offset_s
        if abs(jump_s) > CLOCK_JUMP_S:
            log.warning("the clock was set; the order of the audit log is its numbers, not its times", by_s=round(jump_s, 1))
            self.record_end(NODE, Act.CLOCK_SET, detail=f"{jump_s:+.1f} s")

    async def remove_old(self) -> None:
        """Removes files past the time they are kept; the removal is recorded and signed first. Raises OSError, FengsuiError."""
        days = max(self._settings.keep_days, self.floor_days)
        until = await asyncio.to_thread(_older_than, self.files, self._clock.now(), days)
        if until:
            await self._carry(until)
            kept = f"kept {days} days"
            await self.record(NODE, Act.LOG_REMOVED, "audit log", range=f"1-{until}", detail=kept)
            await self.signed()  # a removal that no checkpoint speaks for could be anybody's
            await self._in_thread(lambda: self.files.remove(until))
            await self.index.forget(until)

    async def _carry(self, until: int) -> None:
        """What the node must know for ever is written anew before its file goes: it would believe the next best."""
        for one in await self.known.until(until):
            said = f"{CARRIED_FROM}{carried_from(one) or one.sequence}"
            await self.record(NODE, Act(one.act), one.object, range=said, detail=one.detail, result=Result(one.result))

    async def signed(self) -> None:
        """A checkpoint speaks for every record so far. Raises AuditUnavailable."""
        signed = await asyncio.get_running_loop().run_in_executor(self._thread, lambda: self.files.sign_when_due(now=True))
        if not signed:
            raise AuditUnavailable(what="no checkpoint could be written")


def _is_written(future: asyncio.Future[int]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _older_than(files: AuditLog, now: datetime, days: int) -> int:
    """The last record of the files that were wholly kept for so long; 0 when none was.

    By the checkpoints, as the verifier has it: a clock that was set forward makes nothing old.
    """
    until, known = 0, segments(files.folder)
    limit, key = (now - timedelta(days=days)).isoformat(), files.signer.public
    signed: list[Checkpoint] = []
    for one, following in pairwise(known):
        with following.path.open("rb") as stream:
            line = stream.readline()
        if not line or record_of(line).at >= limit:
            break
        signed = signed or [found for path in checkpoint_files(files.folder) for found in _checkpoints(path, key)]
        times = [made.at for made in signed if made.last >= following.first - 1]
        if not times or kept_for([*times, now.isoformat()]) < timedelta(days=days):
            break
        until = following.first - 1
        assert one.first <= until
    return until


def _checkpoints(path: Path, key: Ed25519PublicKey) -> Iterator[Checkpoint]:
    for line in path.read_bytes().split(b"\n")[:-1]:
        if (found := checkpoint_of(line, key)) is not None:
            yield found
