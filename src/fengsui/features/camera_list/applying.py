"""Does an edit: each camera that is as it was seen, its record first, some hundreds in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fengsui.errors import FengsuiError, NodeFault, OperatorFault
from fengsui.features.access import CameraClass, Function, Principal, Refusal
from fengsui.features.approvals import Approvals
from fengsui.features.audit import Act, Acts, Audit, begin_acts, told_changes
from fengsui.features.audit import Result as Recorded
from fengsui.features.camera_list.model import CameraChanged, Edit, Outcome, Result, Row, seen_of
from fengsui.features.camera_list.planning import Planning, notes_of
from fengsui.features.cameras import AreaChange, Camera, ClassChange, class_notice
from fengsui.features.device_files import FilePlan, plans, write_many
from fengsui.features.policy import Notice, Policy
from fengsui.store import Store


@dataclass(slots=True)
class Ready:
    """A row that is as it was seen, and may be written."""

    row: Row
    camera: Camera
    notes: dict[str, Any]
    file: FilePlan | None
    who: Principal
    notice: tuple[Notice, int] | None = None
    """For the owner whose camera it was or becomes, with the classes that it is about."""

    @property
    def writes(self) -> bool:
        """One person's part of it is not empty."""
        return bool(self.notes) or (self.file is not None and bool(self.file.after))


class Applying:
    """`some` is called again and again; what it cannot do is said in the rows."""

    def __init__(self, store: Store, audit: Audit, planning: Planning, approvals: Approvals, policy: Policy) -> None:
        self._store = store
        self._audit = audit
        self._planning = planning
        self._approvals = approvals
        self._policy = policy

    async def some(self, who: Principal, edit: Edit, rows: Sequence[Row], reason: str) -> None:
        """Each row has its result afterwards. Raises NodeFault: then a row without a result was not written."""
        who = await self._planning.access.renewed(who)
        ready = await self._ready(who, edit, rows)
        await self.refused(who, [row for row in rows if row.error is not None and row.result is not None])
        trouble = await self._write(edit, [one for one in ready if one.writes], reason)
        for one in ready:
            if one.row.result is not None:
                continue
            if any(change.request for change in one.row.changes):
                trouble = await self._ask(edit, one, reason) or trouble
            else:
                one.row.result = Result.ASKED if one.row.outcome is Outcome.ASK else Result.DONE
        if trouble is not None:
            raise trouble

    async def refused(self, who: Principal, rows: Sequence[Row]) -> None:
        """Each row that is refused before anything of it is on record gets its record. Raises AuditUnavailable."""
        await asyncio.gather(*(self._record_refused(who, row.code, row.error) for row in rows if row.error is not None))

    async def _record_refused(self, who: Principal, code: str, error: FengsuiError) -> None:
        under = None
        if isinstance(error, Refusal):
            if error.recorded:
                return
            error.recorded, under = True, error.ground
        await self._audit.record(who, Act.CAMERA_CHANGE, code, detail=error.code, result=Recorded.REFUSED, under=under)

    async def _ready(self, who: Principal, edit: Edit, rows: Sequence[Row]) -> list[Ready]:
        """What was changed since the preview, or may not be changed any more, is named and left as it is."""
        codes = [row.code for row in rows]
        planning = self._planning
        found = await planning.cameras.many(codes)
        files = await plans(planning.files, who, codes, edit.file) if edit.file else {}
        ready = []
        for row in rows:
            now = found.get(row.code)
            try:
                if now is None or not now[1] or seen_of(now[0]) != row.seen:
                    raise CameraChanged(camera=row.code)
                file = files.get(row.code)
                if file is not None and file.version != row.version:
                    raise CameraChanged(camera=row.code)
                if file is not None and file.error is not None:
                    raise file.error
                ground = planning.access.check(who, Function.MANAGE_DEVICES, now[0].facts)
            except OperatorFault as error:
                _fail(row, error)
                continue
            notes = notes_of(edit, now[0], row.changes)
            one = Ready(row, now[0], notes, file, replace(who, ground=ground))
            if "camera_class" in notes:
                one.notice = class_notice(now[0].facts, planning.cameras.class_of(notes["camera_class"]))
            ready.append(one)
        return ready

    async def _write(self, edit: Edit, ready: Sequence[Ready], reason: str) -> NodeFault | None:
        """What keeps the rest from being recorded, where something does."""
        acts = begin_acts()
        recorded = await asyncio.gather(*(self._record(one, acts) for one in ready), return_exceptions=True)
        kept: list[Ready] = []
        trouble: NodeFault | None = None
        for one, fault in zip(ready, recorded, strict=True):
            if fault is None:
                kept.append(one)
            elif isinstance(fault, FengsuiError):  # no record, no act
                _fail(one.row, fault)
                trouble = fault if isinstance(fault, NodeFault) else trouble
            else:
                self._audit.not_done(acts, NodeFault.code)
                raise fault
        written = list(acts.written)
        try:
            refused = await self._stored(edit, kept, reason) if kept else {}
        except FengsuiError as error:
            acts.written = written
            self._audit.not_done(acts, error.code)
            for one in kept:
                _fail(one.row, error)
            if isinstance(error, NodeFault):
                raise
            return trouble
        except BaseException:  # the node stops, or a surprise: what was not committed is not on record as done
            self._audit.not_done(acts, NodeFault.code)
            raise
        for one in kept:
            if (why := refused.get(one.row.code)) is not None:
                _fail(one.row, why)
        undone = {one.row.code for one in ready if one.row.result is Result.FAILED}
        acts.written = [(sequence, entry) for sequence, entry in written if entry.object in undone]
        self._audit.not_done(acts, CameraChanged.code)
        return trouble

    async def _record(self, one: Ready, acts: Acts) -> None:
        """Also of what its owner is told: one transaction must not wait for the disk of the log, hundreds of times."""
        camera, notes = one.camera, one.notes
        if notes:
            said = told_changes({name: getattr(camera, name) for name in notes}, notes)
            await self._audit.record(one.who, Act.CAMERA_CHANGE, camera.code, detail=said)
        if one.file is not None and one.file.after:
            await self._audit.record(one.who, Act.FILE_WRITE, camera.code, detail=one.file.said)
        if one.notice is not None:
            await self._policy.owners.record(acts, camera.facts, *one.notice)

    async def _stored(self, edit: Edit, ready: Sequence[Ready], reason: str) -> dict[str, OperatorFault]:
        """Why some are not written after all: what became of them between the look and the transaction."""
        planning, codes = self._planning, [one.row.code for one in ready]
        async with self._store.transaction() as tx:
            now = await planning.cameras.held(tx, codes)
            refused: dict[str, OperatorFault] = {
                one.row.code: CameraChanged(camera=one.row.code)
                for one in ready
                if one.row.code not in now or not now[one.row.code][1] or seen_of(now[one.row.code][0]) != one.row.seen
            }
            if edit.own_area is not None:  # the preview did not ask a second person: the device must not have moved it since
                placed = [one.row.code for one in ready if "own_area" in one.notes and one.row.code not in refused]
                moves = await planning.cameras.shown_with_in(tx, placed, edit.own_area)
                refused |= {code: CameraChanged(camera=code) for code, (was, becomes) in moves.items() if was != becomes}
            versions = {
                one.row.code: one.row.version
                for one in ready
                if one.file is not None and one.file.after and one.row.code not in refused
            }
            if versions:
                refused |= await write_many(tx, planning.files, ready[0].who, versions, edit.file, reason)
            notes = {one.row.code: one.notes for one in ready if one.notes and one.row.code not in refused}
            if notes:
                await planning.cameras.write_many(tx, notes)
            for one in ready:
                if one.row.code in notes and one.notice is not None:
                    await self._policy.owners.write(tx, one.camera.facts, *one.notice)
        return refused

    async def _ask(self, edit: Edit, one: Ready, reason: str) -> NodeFault | None:
        """What takes two persons, as with a single camera; what keeps the rest from being asked for, where something does."""
        wanted = next(change for change in one.row.changes if change.request)
        kind, content = _request(wanted.field, one.row.code, edit, self._planning)
        acts = begin_acts()
        try:
            await self._approvals.ask(one.who, kind, content, reason)
        except FengsuiError as error:
            self._audit.not_done(acts, error.code)
            _fail(one.row, error)
            if one.writes:
                one.row.result = Result.PARTLY
            return error if isinstance(error, NodeFault) else None
        except BaseException:
            self._audit.not_done(acts, NodeFault.code)
            raise
        one.row.result = Result.ASKED
        return None


def _request(field: str, code: str, edit: Edit, planning: Planning) -> tuple[str, Mapping[str, str]]:
    if field == "own_area":
        return AreaChange.name, {"camera": code, "area": edit.own_area or ""}
    new = planning.cameras.class_of(CameraClass(edit.camera_class) if edit.camera_class else None)
    return ClassChange.name, {"camera": code, "class": new.value}


def _fail(row: Row, error: FengsuiError) -> None:
    row.error, row.result = error, Result.FAILED
