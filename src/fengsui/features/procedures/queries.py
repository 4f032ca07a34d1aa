"""All SQL about procedures and their runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import Scope, classes_of
from fengsui.features.procedures.model import Definition, Procedure
from fengsui.features.procedures.run_model import Entry, Run
from fengsui.features.procedures.tables import procedure_entries, procedure_runs, procedure_versions, procedures
from fengsui.store import Versioned

_kept = Versioned(procedures, procedure_versions, "procedure_id")
_version = procedure_versions.c
_run = procedure_runs.c
_entry = procedure_entries.c
_RUN = [_run[one.name] for one in fields(Run)]
_ENTRY = [_entry[one.name] for one in fields(Entry)]


class Version(NamedTuple):
    """A procedure as it was. `is_removed`: no run begins with it."""

    procedure: Procedure
    is_removed: bool


def _row(one: Procedure) -> dict[str, Any]:
    names = ("name", "area", "is_on", "is_mandatory", "version", "changed_at", "changed_by")
    return {name: getattr(one, name) for name in names} | {"definition": msgspec.json.encode(one.definition).decode()}


def _procedure(id: int, row: sa.Row[Any]) -> Procedure:
    definition = msgspec.json.decode(row.definition, type=Definition)
    facts = row.name, row.area, row.is_on, row.is_mandatory, definition
    return Procedure(id, *facts, row.version, row.changed_at, row.changed_by)


async def all_of(tx: AsyncConnection) -> list[Procedure]:
    """All that there are."""
    return [_procedure(row.id, row) for row in (await tx.execute(sa.select(procedures))).all()]


async def add(tx: AsyncConnection, one: Procedure) -> Procedure:
    """With the number that it gets, which no other ever had."""
    return replace(one, id=await _kept.add(tx, _row(one)))


async def change(tx: AsyncConnection, one: Procedure) -> None:
    """What stood before stays among its versions."""
    await _kept.change(tx, one.id, _row(one))


async def remove(tx: AsyncConnection, one: Procedure) -> None:
    """Its versions stay, and runs that began go on."""
    await _kept.remove(tx, one.id, _row(one))


async def versions(tx: AsyncConnection, id: int, limit: int) -> list[Version]:
    """Of a procedure, the newest first."""
    return [Version(_procedure(id, row), row.is_removed) for row in await _kept.newest(tx, id, limit)]


async def definition_of(tx: AsyncConnection, run: Run) -> Definition:
    """Of the version that it began with."""
    where = (_version.procedure_id == run.procedure) & (_version.version == run.version)
    return msgspec.json.decode((await tx.execute(sa.select(_version.definition).where(where))).scalar_one(), type=Definition)


# Runs


def _facts(run: Run) -> dict[str, Any]:
    return {one.name: getattr(run, one.name) for one in fields(Run) if one.name != "id"}


async def add_run(tx: AsyncConnection, run: Run) -> int:
    """Its number."""
    return int((await tx.execute(sa.insert(procedure_runs).values(_facts(run)).returning(_run.id))).scalar_one())


async def keep_run(tx: AsyncConnection, run: Run, entries: Sequence[Entry]) -> None:
    """Where it stands, with what is new."""
    await tx.execute(sa.update(procedure_runs).where(_run.id == run.id).values(_facts(run)))
    rows = [{"run_id": run.id, **{field.name: getattr(one, field.name) for field in fields(Entry)}} for one in entries]
    if rows:
        await tx.execute(sa.insert(procedure_entries), rows)


async def run_of(tx: AsyncConnection, id: int) -> Run | None:
    """Whoever asks."""
    row = (await tx.execute(sa.select(*_RUN).where(_run.id == id))).one_or_none()
    return None if row is None else Run(*row)


async def entries_of(tx: AsyncConnection, ids: Collection[int]) -> dict[int, list[Entry]]:
    """By run, the first first."""
    found: dict[int, list[Entry]] = {id: [] for id in ids}
    query = sa.select(_entry.run_id, *_ENTRY).where(_entry.run_id.in_(list(ids))).order_by(_entry.run_id, _entry.ordinal)
    for row in (await tx.execute(query)).all():
        found[row[0]].append(Entry(*row[1:]))
    return found


async def runs_about(tx: AsyncConnection, alarms: Collection[int], incidents: Collection[int]) -> list[Run]:
    """Of these alarms and of these incidents, the newest first."""
    where = _run.alarm.in_(list(alarms)) | _run.incident.in_(list(incidents))
    return [Run(*row) for row in (await tx.execute(sa.select(*_RUN).where(where).order_by(_run.id.desc()))).all()]


def _held(scopes: Sequence[Scope]) -> sa.ColumnElement[bool]:
    if any(scope.everything for scope in scopes):
        return sa.true()
    prefixes = dict[str, int]()
    for prefix, classes in (pair for scope in scopes for pair in scope.areas):
        prefixes[prefix] = prefixes.get(prefix, 0) | classes
    found = []
    for prefix, classes in sorted(prefixes.items()):
        seen = ["", *(one.value for one in classes_of(classes))] if classes else []
        found.append(_run.area.startswith(prefix, autoescape=True) & _run.camera_class.in_(seen))
    return sa.or_(sa.false(), *found)


async def runs(
    tx: AsyncConnection, scopes: Sequence[Scope], *, skipped: bool, is_open: bool, before: int | None, limit: int
) -> list[Run]:
    """The newest first. `skipped`: only those with skips that no supervisor has seen; `is_open`: only those under way."""
    where = _held(scopes)
    if skipped:
        where &= (_run.skipped > 0) & _run.reviewed_at.is_(None)
    if is_open:
        where &= _run.step != ""
    if before is not None:
        where &= _run.id < before
    return [Run(*row) for row in (await tx.execute(sa.select(*_RUN).where(where).order_by(_run.id.desc()).limit(limit))).all()]
