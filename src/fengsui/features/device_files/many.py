"""The same fields of many files at once: what each would become, and all of it in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import OperatorFault
from fengsui.features.access import Principal
from fengsui.features.audit import told_changes
from fengsui.features.device_files import queries
from fengsui.features.device_files.actions import Files, refuse_errors
from fengsui.features.device_files.checks import Judge
from fengsui.features.device_files.field_table import FOR_KEEPERS, FOR_MANY
from fengsui.features.device_files.model import (
    IN_FORCE,
    FileChanged,
    FileNotWhole,
    FileState,
    NotForMany,
    UnknownFile,
    Values,
)


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What an edit would make of one file. `version`: that it was made for; 0: there is none. `waits`: for a reviewer.

    `before`, `after`: of the fields of the edit that change.
    """

    version: int
    before: Values
    after: Values
    waits: frozenset[str] = frozenset()
    error: OperatorFault | None = None

    @property
    def said(self) -> str:
        """For its record."""
        return told_changes(dict(self.before), dict(self.after), FOR_KEEPERS)


def refuse_unfit_for_many(change: Values) -> None:
    """Raises NotForMany."""
    for key in change:
        if key not in FOR_MANY:
            raise NotForMany(field=key[:64])


async def plans(files: Files, who: Principal, codes: Sequence[str], change: Values) -> dict[str, FilePlan]:
    """What the edit would make of each file, as things are now."""
    async with files.store.reading() as tx:
        return await _plans(tx, files, who, codes, change, await queries.several(tx, codes))


async def _plans(
    tx: AsyncConnection, files: Files, who: Principal, codes: Sequence[str], change: Values, rows: Mapping[str, Any]
) -> dict[str, FilePlan]:
    keys = {code: queries.keys_of(queries.fields_of(row)) for code, row in rows.items()}
    found = await queries.alike(tx, keys.values())
    judge = files.judging.judge()

    def plan(code: str) -> FilePlan:
        row = rows.get(code)
        if row is None:
            return FilePlan(0, {}, {}, error=UnknownFile(file=code))
        if not queries.is_whole(tx, row):
            return FilePlan(row.version, {}, {}, error=FileNotWhole(file=code))
        return _plan(files, who, row, change, queries.others_of(code, keys[code], found), judge)

    return {code: plan(code) for code in codes}


def _plan(files: Files, who: Principal, row: Any, change: Values, others: Any, judge: Judge) -> FilePlan:
    before = queries.fields_of(row)
    after = {key: value for key, value in change.items() if before.get(key, "") != value}
    plan = FilePlan(row.version, {key: before.get(key, "") for key in after}, after)
    if not after:
        return plan
    values = _merged(before, after)
    checked = files.judging.checked(values, others, judge)
    try:
        refuse_errors([one for one in checked.issues if one.field in after])
        now, _, _ = files.becomes(who, row, values, checked if FileState(row.state) in IN_FORCE else None)
    except OperatorFault as error:
        return FilePlan(plan.version, plan.before, plan.after, error=error)
    waits = frozenset(key for key in after if now.get(key, "") != values.get(key, ""))
    return FilePlan(plan.version, plan.before, plan.after, waits)


def _merged(before: Values, after: Values) -> dict[str, str]:
    return {key: value for key, value in {**before, **after}.items() if value}


async def write_many(
    tx: AsyncConnection, files: Files, who: Principal, versions: Mapping[str, int], change: Values, note: str
) -> dict[str, OperatorFault]:
    """Writes the files that are still at the version named; why the others were not."""
    codes = list(versions)
    rows = await queries.several(tx, codes, to_write=True)
    planned = await _plans(tx, files, who, codes, change, rows)
    refused: dict[str, OperatorFault] = {}
    written, history = [], []
    for code, plan in planned.items():
        row = rows.get(code)
        if plan.error is not None or row is None:
            refused[code] = plan.error or UnknownFile(file=code)
        elif row.version != versions[code]:
            refused[code] = FileChanged(by=row.changed_by, version=row.version, seen=versions[code])
        elif plan.after:
            now, act, more = files.becomes(who, row, _merged(queries.fields_of(row), plan.after), None)
            stored = {name: value for name, value in row._mapping.items() if name != "seal"}
            written.append({**stored, **files.row_of(who, code, now), "version": row.version + 1, **more})
            state = FileState(row.state)
            history.append(files.version_row(who, code, row.version + 1, act, state, now, note, row.photo))
    await queries.write_whole(tx, written)
    await queries.add_versions(tx, history)
    await files.judging.judge_anew(tx, [row["code"] for row in written], [])
    return refused


async def file_states(files: Files, codes: Collection[str]) -> dict[str, tuple[FileState, bool]]:
    """Of those of these points that have a file: its state, and whether a change waits for a reviewer."""
    async with files.store.reading() as tx:
        found = await queries.states(tx, list(codes))
    return {code: (FileState(state), waits) for code, (state, waits) in found.items()}
