"""Edits under way, in memory: looked through beside the loop's other work, then done; each is its maker's alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

import structlog

from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.features.access import Principal, Refusal
from fengsui.features.approvals import MAX_PENDING, Approvals, ReasonMissing, TooMany
from fengsui.features.audit import Act, Audit
from fengsui.features.camera_list.applying import Applying
from fengsui.features.camera_list.model import (
    MOST,
    Edit,
    EditBusy,
    EditNotReady,
    EditStopped,
    NothingLeft,
    NothingToDo,
    Outcome,
    Phase,
    Result,
    Row,
    TooManyCameras,
    UnknownEdit,
)
from fengsui.features.camera_list.planning import Planning

log = structlog.get_logger(__name__)
A_STEP: Final = 200
KEPT_S: Final = 3_600.0
MOST_KEPT: Final = 6
"""Edits in memory at once; the oldest that nobody works on gives way."""


@dataclass(slots=True)
class EditUnderWay:
    """One edit of one person. `clock`: seconds that only grow."""

    number: int
    user_id: int
    edit: Edit
    codes: Sequence[str]
    clock: Callable[[], float]
    begun: float
    phase: Phase = Phase.LOOKING
    done: int = 0
    total: int = 0
    step: float = 0.0
    ended: float | None = None
    rows: list[Row] = field(default_factory=list)
    stopped: bool = False
    error: FengsuiError | None = None
    task: asyncio.Task[None] | None = None

    def begin(self, phase: Phase, total: int) -> None:
        """The next phase."""
        self.phase, self.done, self.total, self.step, self.ended = phase, 0, total, self.clock(), None

    def counts(self) -> dict[Outcome, int]:
        """Rows by what the edit would do."""
        found = dict.fromkeys(Outcome, 0)
        for row in self.rows:
            found[row.outcome] += 1
        return found

    def results(self) -> dict[Result, int]:
        """Rows by what it did."""
        found = dict.fromkeys(Result, 0)
        for row in self.rows:
            if row.result is not None:
                found[row.result] += 1
        return found

    def took_s(self) -> float:
        """Of this phase, until now or its end."""
        return (self.clock() if self.ended is None else self.ended) - self.step

    def seconds_left(self) -> float | None:
        """Of this phase, by its pace until now."""
        if self.ended is not None or not self.done:
            return None
        return self.took_s() / self.done * (self.total - self.done)


class CameraEdits:
    """Previews and what becomes of them."""

    def __init__(self, planning: Planning, applying: Applying, approvals: Approvals, audit: Audit, clock: Clock) -> None:
        self._planning = planning
        self._applying = applying
        self._approvals = approvals
        self._audit = audit
        self._now = clock.monotonic_s
        self._kept: dict[int, EditUnderWay] = {}
        self._numbers = count(1)

    async def stop(self) -> None:
        """Ends what is under way: what is written stays written, each row with its record."""
        tasks = [one.task for one in self._kept.values() if one.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def begin(self, who: Principal, edit: Edit, codes: Sequence[str], said: str) -> EditUnderWay:
        """Looks the cameras through in the background. Raises NothingToDo, TooManyCameras, EditBusy, AuditUnavailable."""
        if edit.empty or not codes:
            raise NothingToDo()
        if len(codes) > MOST:
            raise TooManyCameras(count=len(codes), most=MOST)
        self._make_room(who.user_id)
        now = self._now()
        one = EditUnderWay(next(self._numbers), who.user_id, edit, codes, self._now, now)
        one.begin(Phase.LOOKING, len(codes))
        await self._audit.record(who, Act.CAMERA_EDIT, str(one.number), detail=f"looked through, {len(codes)} cameras: {said}")
        self._kept[one.number] = one
        one.task = asyncio.create_task(self._kept_to_its_end(one, self._look(who, one)))
        return one

    def _make_room(self, user_id: int) -> None:
        """One's own of before that is at rest goes, and what is old."""
        at_rest = [one for one in self._kept.values() if one.ended is not None]
        for one in at_rest:
            if one.user_id == user_id or (one.ended or 0.0) + KEPT_S < self._now():
                self._kept.pop(one.number, None)
        if len(self._kept) >= MOST_KEPT:
            oldest = min((one for one in self._kept.values() if one.ended is not None), key=lambda one: one.number, default=None)
            if oldest is None:
                raise EditBusy()
            del self._kept[oldest.number]

    def get(self, who: Principal, number: int) -> EditUnderWay:
        """One's own. Raises UnknownEdit."""
        one = self._kept.get(number)
        if one is None or one.user_id != who.user_id:
            raise UnknownEdit()
        return one

    async def _kept_to_its_end(self, one: EditUnderWay, work: Awaitable[None]) -> None:
        try:
            await work
        except FengsuiError as error:
            one.error, one.phase = error, Phase.FAILED
        except Exception as error:  # the outermost place of a task that nobody awaits: logged whole, told as failed
            log.exception("an edit of many cameras failed", what=str(error))
            one.error, one.phase = FengsuiError(), Phase.FAILED
        finally:
            one.ended = self._now()

    async def _look(self, who: Principal, one: EditUnderWay) -> None:
        left = await self._approvals.left(who)
        for at in range(0, len(one.codes), A_STEP):
            rows = await self._planning.rows(who, one.edit, one.codes[at : at + A_STEP])
            await self._applying.refused(who, [row for row in rows if isinstance(row.error, Refusal)])  # rights that are missing
            for row in rows:
                if row.outcome is Outcome.ASK and any(one.request for one in row.changes):
                    left -= 1
                    if left < 0:
                        row.outcome, row.error = Outcome.REFUSED, TooMany(limit=MAX_PENDING)
                one.rows.append(row)
            one.done = len(one.rows)
            await asyncio.sleep(0)
        one.phase = Phase.READY

    async def apply(self, who: Principal, number: int, reason: str) -> EditUnderWay:
        """Does what is not refused, in the background.

        Raises UnknownEdit, EditNotReady, NothingLeft, ReasonMissing, AuditUnavailable.
        """
        one = self.get(who, number)
        if one.phase is not Phase.READY:
            raise EditNotReady()
        counts = one.counts()
        if counts[Outcome.ASK] and not reason.strip():
            raise ReasonMissing()
        wanted = [row for row in one.rows if row.outcome in (Outcome.CHANGE, Outcome.ASK)]
        if not wanted:
            raise NothingLeft()
        said = ", ".join(f"{outcome} {number}" for outcome, number in counts.items())
        one.begin(Phase.APPLYING, len(wanted))
        try:
            detail = f"begun: {said}" + (f"; {reason.strip()}" if reason.strip() else "")
            await self._audit.record(who, Act.CAMERA_EDIT, str(number), detail=detail)
        except FengsuiError:
            one.phase, one.ended = Phase.READY, self._now()
            raise
        one.task = asyncio.create_task(self._kept_to_its_end(one, self._apply(who, one, wanted, reason.strip())))
        return one

    async def _apply(self, who: Principal, one: EditUnderWay, wanted: Sequence[Row], reason: str) -> None:
        error: FengsuiError | None = None
        for at in range(0, len(wanted), A_STEP):
            some = wanted[at : at + A_STEP]
            if one.stopped and error is None:
                error = EditStopped()
            if error is None:
                try:
                    await self._applying.some(who, one.edit, some, reason)
                except FengsuiError as fault:
                    error = fault
            for row in some:
                if row.result is None and error is not None:
                    row.result, row.error = Result.FAILED, error
            one.done = min(len(wanted), at + A_STEP)
        one.phase = Phase.DONE

    async def halt(self, who: Principal, number: int) -> EditUnderWay:
        """No further cameras are changed. Raises UnknownEdit, EditNotReady, AuditUnavailable."""
        one = self.get(who, number)
        if one.phase is not Phase.APPLYING:
            raise EditNotReady()
        one.stopped = True
        await self._audit.record(who, Act.CAMERA_EDIT, str(number), detail=f"stopped after {one.done} of {one.total}")
        return one
