"""Device files from a table: read and judged whole before anything is written; then all rows or none, or the right ones."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import FengsuiError, OperatorFault
from fengsui.features.access import Function, Place, Principal
from fengsui.features.audit import Act
from fengsui.features.device_files import queries
from fengsui.features.device_files.actions import Files
from fengsui.features.device_files.check_texts import is_error
from fengsui.features.device_files.columns import SheetRow, columns_of, rows_of
from fengsui.features.device_files.judging import Checked, scored
from fengsui.features.device_files.model import IN_FORCE, STATE_TEXTS, WRITTEN_FREELY, FileState, Issue, Values
from fengsui.features.device_files.sheets import Sheet, read_sheet
from fengsui.kept_work import KeptWork, Work

A_STEP: Final = 100
MOST_KEPT: Final = 8
MOST_ROWS: Final = 200_000
"""Imports in memory at once, and rows in all of them."""


class Phase(StrEnum):
    """How far an import is."""

    READING = "reading"
    CHECKING = "checking"
    READY = "ready"
    """Nothing is written yet."""
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"


class Outcome(StrEnum):
    """What a row does."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    FAULTY = "faulty"


class Mode(StrEnum):
    """Whether faulty rows keep the others back."""

    ALL = "all"
    RIGHT = "right"


class UnknownImport(OperatorFault):
    """Somebody else's, or of an hour ago."""

    code = "file.import_unknown"
    status = 404
    zh = "没有这次导入,或已超过一小时"
    en = "There is no such import, or it is more than an hour old"
    remedy_zh = "请重新上传"
    remedy_en = "Send the table again"


class NotReady(OperatorFault):
    """Being read, or written already."""

    code = "file.import_not_ready"
    status = 409
    zh = "这次导入现在不能写入"
    en = "This import cannot be written now"
    remedy_zh = "请等待检查结束;已写入的请重新上传"
    remedy_en = "Wait for the checks; one that is written is sent anew"


class FaultyRows(OperatorFault):
    """All or nothing, and not all are right."""

    code = "file.import_faulty"
    status = 409
    zh = "有 {count} 行有错误,“全部或不导入”没有写入任何档案"
    en = "{count} rows are faulty: “all or nothing” has written nothing"
    remedy_zh = "请改正后重新上传,或选择“只导入正确的行”"
    remedy_en = "Mend and send them again, or bring in the right rows alone"


class ImportStale(OperatorFault):
    """Files changed since they were compared."""

    code = "file.import_stale"
    status = 409
    zh = "检查之后 {file} 等档案已被他人修改,没有写入任何档案"
    en = "Somebody has changed {file} since the check: nothing was written"
    remedy_zh = "请重新上传,按最新的档案再检查一次"
    remedy_en = "Send the table again: it is compared with the files of now"


class Busy(OperatorFault):
    """Too many at once."""

    code = "file.import_busy"
    status = 503
    zh = "正在进行的导入过多"
    en = "Too many imports at once"
    remedy_zh = "请稍后再试"
    remedy_en = "Try again later"


@dataclass(slots=True)
class JudgedRow:
    """A row with what the checks say. `before`: the version of the file that it was compared with; 0 for none."""

    row: SheetRow
    values: Values
    outcome: Outcome
    before: int
    checked: Checked
    area: str


@dataclass(slots=True)
class Import(Work):
    """One table under way."""

    name: str = ""
    digest: str = ""
    phase: Phase = Phase.READING
    sheet: Sheet | None = None
    columns: Mapping[int, str] = field(default_factory=dict)
    rows: list[JudgedRow] = field(default_factory=list)
    written: int = 0

    def counts(self) -> dict[Outcome, int]:
        """Rows by what they do."""
        found = dict.fromkeys(Outcome, 0)
        for one in self.rows:
            found[one.outcome] += 1
        return found

    def faulty(self) -> list[JudgedRow]:
        """In the order of the table."""
        return [one for one in self.rows if one.outcome is Outcome.FAULTY]

    def begin(self, phase: Phase, total: int) -> None:
        """The next phase."""
        self.phase = phase
        self.count_from(total)

    def fail(self, error: FengsuiError) -> None:
        """It came to nothing; the table is let go."""
        self.error, self.phase, self.sheet = error, Phase.FAILED, None

    def took_s(self) -> float:
        """Since the table came, or until it was done."""
        return (self.clock() if self.ended is None else self.ended) - self.begun


class Imports:
    """Tables that are being brought in, in memory."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._now = files.judging.monotonic
        self._kept = KeptWork[Import](self._now, most=MOST_KEPT, most_rows=MOST_ROWS, busy=Busy, unknown=UnknownImport)

    async def stop(self) -> None:
        """Ends what is under way."""
        await self._kept.stop()

    async def begin(self, who: Principal, name: str, octets: bytes) -> Import:
        """Reads and judges a table in the background; nothing is written. Raises Busy, AuditUnavailable."""
        now, digest = self._now(), hashlib.sha256(octets).hexdigest()
        one = Import(self._kept.next_number(), who.user_id, self._now, now, name=name, digest=digest)
        self._kept.take_in(one)
        try:
            await self._files.audit.record(who, Act.FILE_IMPORT, name, detail=f"looked through, sha256 {digest}")
        except BaseException:
            self._kept.drop(one)
            raise
        self._kept.run(one, self._prepare(who, one, octets))
        return one

    def get(self, who: Principal, number: int) -> Import:
        """One's own. Raises UnknownImport."""
        return self._kept.get(who.user_id, number)

    async def _prepare(self, who: Principal, one: Import, octets: bytes) -> None:
        one.sheet = sheet = await asyncio.to_thread(read_sheet, octets)
        one.columns = columns_of(sheet)
        rows = await asyncio.to_thread(lambda: list(rows_of(sheet, one.columns)))
        self._kept.grow(one, len(rows))
        await self._judge(who, one, rows)
        one.phase = Phase.READY

    async def _judge(self, who: Principal, one: Import, rows: Sequence[SheetRow]) -> None:
        judging = self._files.judging
        one.begin(Phase.CHECKING, len(rows))
        codes = list(dict.fromkeys(row.code for row in rows if row.code))
        async with self._files.store.reading() as tx:
            stored = await queries.several(tx, [code[:20] for code in codes])
        merged = [self._merged(row, stored.get(row.code)) for row in rows]
        by_code = {row.code: values for row, values in zip(rows, merged, strict=True)}
        places = await judging.places_of([code for code in codes if len(code) <= 32], by_code)
        found = await self._alike(stored, rows, merged)
        judge, seen, access = judging.judge(), dict[str, int](), self._files.access
        for at in range(0, len(rows), A_STEP):
            part = list(zip(rows, merged, strict=True))[at : at + A_STEP]

            def look(part: Any = part) -> list[JudgedRow]:
                judged = []
                for row, values in part:
                    others = queries.others_of(row.code, queries.keys_of(values), found)
                    checked = judging.checked(values, others, judge)
                    more = list(row.issues)
                    doubted = {issue.field for issue in more}
                    area = judging.area_of(row.code, values)
                    if (first := seen.setdefault(row.code, row.number)) != row.number and row.code:
                        more.append(Issue("code.twice", "device_code", {"row": first}))
                    where = (places.get(row.code), Place(row.code, area))
                    if not all(access.may(who, Function.MANAGE_DEVICES, place) for place in where if place is not None):
                        more.append(Issue("row.scope", "device_code", {}))
                    old = stored.get(row.code)
                    more.extend(_locked(old, values))
                    issues = [*more, *(issue for issue in checked.issues if issue.field not in doubted)]
                    outcome = _outcome(issues, old, values)
                    judged.append(
                        JudgedRow(
                            row, values, outcome, old.version if old is not None else 0, replace(checked, issues=issues), area
                        )
                    )
                return judged

            one.rows += await asyncio.to_thread(look)
            one.done = len(one.rows)

    def _merged(self, row: SheetRow, old: Any) -> dict[str, str]:
        """A column that the table lacks stays as it is."""
        before = queries.fields_of(old) if old is not None else {}
        return {key: value for key, value in {**before, **row.values}.items() if value}

    async def _alike(
        self, stored: Mapping[str, Any], rows: Sequence[SheetRow], merged: Sequence[Values]
    ) -> dict[str, dict[str, list[str]]]:
        """What files and rows have in common, the rows instead of the files that they change."""
        keys = [queries.keys_of(values) for values in merged]
        async with self._files.store.reading() as tx:
            found = await queries.alike(tx, keys)
        for by_value in found.values():
            for value, codes in by_value.items():
                by_value[value] = [code for code in codes if code not in stored]
        for row, own in zip(rows, keys, strict=True):
            for name, value in own.items():
                same = found[name].setdefault(value, [])
                if value and row.code not in same:
                    same.append(row.code)
        return found

    async def commit(self, who: Principal, number: int, mode: Mode) -> Import:
        """Writes the rows, in one transaction. Raises UnknownImport, NotReady, FaultyRows, ImportStale, AuditUnavailable."""
        one = self.get(who, number)
        if one.phase is not Phase.READY:
            raise NotReady()
        counts = one.counts()
        if mode is Mode.ALL and counts[Outcome.FAULTY]:
            raise FaultyRows(count=counts[Outcome.FAULTY])
        one.begin(Phase.WRITING, counts[Outcome.NEW] + counts[Outcome.CHANGED])
        try:
            said = ", ".join(f"{outcome} {number}" for outcome, number in counts.items())
            await self._files.audit.record(who, Act.FILE_IMPORT, one.name, detail=f"{mode}: {said}; sha256 {one.digest}")
            async with self._files.store.transaction() as tx:
                await self._write(tx, who, one)
            one.written, one.phase = one.total, Phase.DONE
        finally:
            one.phase = one.phase if one.phase is Phase.DONE else Phase.READY
            self._kept.rests(one)
        return one

    async def _write(self, tx: AsyncConnection, who: Principal, one: Import) -> None:
        files, note = self._files, f"{one.name} {one.digest[:12]}"
        wanted = [row for row in one.rows if row.outcome in (Outcome.NEW, Outcome.CHANGED)]
        now = await queries.several(tx, [row.row.code for row in wanted])
        for row in wanted:
            if (now[row.row.code].version if row.row.code in now else 0) != row.before:
                raise ImportStale(file=row.row.code)
        fresh = [row for row in wanted if row.outcome is Outcome.NEW]
        for at in range(0, len(fresh), queries.A_QUERY):
            part = fresh[at : at + queries.A_QUERY]
            await queries.add(tx, [{**files.new_row(who, row.row.code, row.values), **scored(row.checked)} for row in part])
            draft = FileState.DRAFT
            await queries.add_versions(
                tx,
                [
                    files.version_row(who, row.row.code, 1, "import", draft, row.values, f"{note} #{row.row.number}", "")
                    for row in part
                ],
            )
            await queries.set_failings(tx, {row.row.code: {issue.check for issue in row.checked.issues} for row in part})
            one.done += len(part)
        for row in wanted:
            if row.outcome is Outcome.CHANGED:
                await files.write_in(tx, who, row.row.code, row.values, seen=row.before, note=f"{note} #{row.row.number}")
                one.done += 1
        await self._judge_others(tx, wanted)

    async def _judge_others(self, tx: AsyncConnection, wanted: Sequence[JudgedRow]) -> None:
        """Files of before that are like one of the rows."""
        mine = {row.row.code for row in wanted}
        found = await queries.alike(tx, [queries.keys_of(row.values) for row in wanted])
        others = {code for by_value in found.values() for codes in by_value.values() for code in codes} - mine
        await self._files.judging.judge_anew(tx, sorted(others), [])


def _locked(old: Any, values: Values) -> list[Issue]:
    """Why the file of a row cannot be changed."""
    if old is None:
        return []
    state = FileState(old.state)
    before = queries.fields_of(old)
    if before == values:
        return []
    if state not in WRITTEN_FREELY | IN_FORCE or (state in IN_FORCE and json.loads(old.change)):
        zh, en = STATE_TEXTS[state]
        return [Issue("row.locked", "device_code", {"state_zh": zh, "state_en": en})]
    if state in IN_FORCE and before.get("status") != values.get("status"):
        return [Issue("row.status", "status", {"was": before.get("status", "")})]
    return []


def _outcome(issues: Sequence[Issue], old: Any, values: Values) -> Outcome:
    if any(is_error(issue) for issue in issues):
        return Outcome.FAULTY
    if old is None:
        return Outcome.NEW
    return Outcome.SAME if queries.fields_of(old) == values else Outcome.CHANGED
