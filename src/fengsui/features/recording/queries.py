"""All SQL about recording."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.recording.calendar import Hours
from fengsui.features.recording.model import Period, Piece, Plan
from fengsui.features.recording.tables import recording_periods, recording_plans, recording_plans_other, recording_plans_past
from fengsui.store import upsert

COLUMNS = tuple(column.name for column in recording_plans.columns if not column.primary_key)
AT_ONCE = 500
PLANNED = sa.select(recording_plans.c.camera)
"""Cameras with a plan."""


async def plans(tx: AsyncConnection, *, other: bool = False) -> list[Plan]:
    """All that are not off, by camera; `other`: of the other streams."""
    table = _table(other=other)
    rows: Sequence[sa.Row[Any]] = (await tx.execute(sa.select(table).order_by(table.c.camera))).all()
    return [_plan(row) for row in rows]


def _table(*, other: bool) -> sa.Table:
    return recording_plans_other if other else recording_plans


def _plan(row: sa.Row[Any]) -> Plan:
    return Plan(row.camera, row.mode, row.stream, row.set_at, row.set_by, _hours(row.hours), row.before_s, row.after_s)


def _hours(text: str) -> tuple[Hours, ...]:
    return tuple(Hours(tuple(days), begin, end) for days, begin, end in json.loads(text))


async def keep(tx: AsyncConnection, camera: str, plan: Plan | None, *, other: bool = False) -> None:
    """Instead of the one before; None: off. `other`: of its other stream."""
    table = _table(other=other)
    if plan is None:
        await tx.execute(sa.delete(table).where(table.c.camera == camera))
    else:
        await tx.execute(upsert(tx, table, ["camera"], COLUMNS), [_row(plan)])


def _row(plan: Plan) -> dict[str, object]:
    hours = json.dumps([[one.days, one.begin, one.end] for one in plan.hours])
    who = {"set_at": plan.set_at, "set_by": plan.set_by, "before_s": plan.before_s, "after_s": plan.after_s}
    return {"camera": plan.camera, "mode": plan.mode, "stream": plan.stream, "hours": hours, **who}


async def keep_past(tx: AsyncConnection, plan: Plan, until: float) -> None:
    """So long it held."""
    columns = [column.name for column in recording_plans_past.columns if not column.primary_key]
    await tx.execute(upsert(tx, recording_plans_past, ["camera", "set_at"], columns), [{**_row(plan), "until": until}])


async def past_since(tx: AsyncConnection, since: float, camera: str = "") -> list[Piece]:
    """Plans of before that held after this time, by camera; of one, or of all."""
    past = recording_plans_past
    query = sa.select(past).where(past.c.until > since).order_by(past.c.camera, past.c.set_at)
    if camera:
        query = query.where(past.c.camera == camera)
    return [Piece(_plan(row), row.until) for row in (await tx.execute(query)).all()]


async def periods(tx: AsyncConnection, since: float, cameras: Sequence[str] | None = None) -> list[Period]:
    """Times in which something happened that lasted beyond this one, by camera, ascending; of some cameras, or of all."""
    table, found = recording_periods, list[Period]()
    query = sa.select(table).where(table.c.until > since).order_by(table.c.camera, table.c.at, table.c.stream)
    parts = [None] if cameras is None else [cameras[at : at + AT_ONCE] for at in range(0, len(cameras), AT_ONCE)]
    for part in parts:
        rows = await tx.execute(query if part is None else query.where(table.c.camera.in_(part)))
        found += [_period(row) for row in rows]
    return found


async def open_periods(tx: AsyncConnection) -> list[Period]:
    """Those that are not known to be over, in the order in which they began."""
    table = recording_periods
    return [_period(row) for row in await tx.execute(sa.select(table).where(~table.c.ended).order_by(table.c.at))]


def _period(row: sa.Row[Any]) -> Period:
    return Period(row.camera, row.stream, row.cause, row.at, row.since, row.until, row.ended)


async def keep_periods(tx: AsyncConnection, some: Sequence[Period]) -> None:
    """New, longer than before, or over."""
    columns = [column.name for column in recording_periods.columns if not column.primary_key]
    if some:
        await tx.execute(upsert(tx, recording_periods, ["camera", "at", "stream"], columns), [asdict(one) for one in some])


async def forget_past(tx: AsyncConnection, before: float) -> None:
    """What held no longer by then, and what had happened."""
    await tx.execute(sa.delete(recording_periods).where(recording_periods.c.until < before))
    await tx.execute(sa.delete(recording_plans_past).where(recording_plans_past.c.until < before))


async def remove_all(tx: AsyncConnection, cameras: Sequence[str]) -> None:
    """Off, all of them."""
    for at in range(0, len(cameras), AT_ONCE):
        for table in (recording_plans, recording_plans_other):
            await tx.execute(sa.delete(table).where(table.c.camera.in_(cameras[at : at + AT_ONCE])))
