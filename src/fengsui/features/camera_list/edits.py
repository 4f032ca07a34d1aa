"""Edits under way, in memory: looked through beside the loop's other work, then done; each is its maker's alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

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
    LookStopped,
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
from fengsui.kept_work import KeptWork, Work

A_STEP: Final = 200
MOST_KEPT: Final = 12
MOST_ROWS: Final = 200_000
"""Edits in memory at once, and cameras in all of them: some hundred megabytes."""


@dataclass(slots=True)
class EditUnderWay(Work):
    """One edit of one person."""

    edit: Edit = field(default_factory=Edit)
    codes: Sequence[str] = ()
    phase: Phase = Phase.LOOKING
    rows: list[Row] = field(default_factory=list)
    stopped: bool = False

    def begin(self, phase: Phase, total: int) -> None:
        """The next phase."""
        self.phase = phase
        self.count_from(total)

    def fail(self, error: FengsuiError) -> None:
        """It came to nothing."""
        self.error, self.phase = error, Phase.FAILED

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


class CameraEdits:
    """Previews and what becomes of them."""

    def __init__(self, planning: Planning, applying: Applying, approvals: Approvals, audit: Audit, clock: Clock) -> None:
        self._planning = planning
        self._applying = applying
        self._approvals = approvals
        self._audit = audit
        self._now = clock.monotonic_s
        self._kept = KeptWork[EditUnderWay](self._now, most=MOST_KEPT, most_rows=MOST_ROWS, busy=EditBusy, unknown=UnknownEdit)

    async def stop(self) -> None:
        """Ends what is under way: what is written stays written, each row with its record."""
        await self._kept.stop()

    async def begin(self, who: Principal, edit: Edit, codes: Sequence[str], said: str) -> EditUnderWay:
        """Looks the cameras through in the background. Raises NothingToDo, TooManyCameras, EditBusy, AuditUnavailable."""
        if edit.empty or not codes:
            raise NothingToDo()
        if len(codes) > MOST:
            raise TooManyCameras(count=len(codes), most=MOST)
        number = self._kept.next_number()
        one = EditUnderWay(number, who.user_id, self._now, self._now(), rows_most=len(codes), edit=edit, codes=codes)
        one.begin(Phase.LOOKING, len(codes))
        self._kept.take_in(one)
        try:
            await self._audit.record(who, Act.CAMERA_EDIT, str(number), detail=f"looked through, {len(codes)} cameras: {said}")
        except BaseException:
            self._kept.drop(one)
            raise
        self._kept.run(one, self._look(who, one))
        return one

    def mine(self, who: Principal) -> list[EditUnderWay]:
        """One's own that are kept, the newest first."""
        return self._kept.of(who.user_id)

    def get(self, who: Principal, number: int) -> EditUnderWay:
        """One's own. Raises UnknownEdit."""
        return self._kept.get(who.user_id, number)

    async def _look(self, who: Principal, one: EditUnderWay) -> None:
        left = await self._approvals.left(who)
        for at in range(0, len(one.codes), A_STEP):
            if one.stopped:
                one.rows.clear()
                raise LookStopped()
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
            one.phase = Phase.READY
            self._kept.rests(one)
            raise
        self._kept.run(one, self._apply(who, one, wanted, reason.strip()))
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
        """No further cameras are looked through, or changed. Raises UnknownEdit, EditNotReady, AuditUnavailable."""
        one = self.get(who, number)
        if one.phase not in (Phase.LOOKING, Phase.APPLYING):
            raise EditNotReady()
        one.stopped = True
        await self._audit.record(who, Act.CAMERA_EDIT, str(number), detail=f"stopped after {one.done} of {one.total}")
        return one
