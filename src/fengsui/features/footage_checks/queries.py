"""All SQL of the checks of footage. Days: `year-month-day` of the node's zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import CameraFacts, Scope
from fengsui.features.completeness import within_scope
from fengsui.features.footage_checks.model import KeptFacts, Try
from fengsui.features.footage_checks.tables import footage_kept_days, footage_try_days
from fengsui.store import upsert

Row = sa.Row[Any]
_kept, _tries = footage_kept_days.c, footage_try_days.c
KEPT_COLUMNS = tuple(column.name for column in footage_kept_days.columns if not column.primary_key)
TRY_COLUMNS = tuple(column.name for column in footage_try_days.columns if not column.primary_key)


def _place(facts: CameraFacts, day: str) -> dict[str, object]:
    return {"camera": facts.code, "day": day, "area": facts.area, "camera_class": str(facts.camera_class)}


def row_of(facts: CameraFacts, day: str, one: KeptFacts) -> dict[str, object]:
    """A camera's day as it is kept."""
    days = {"duty_days": one.duty, "ceiling_days": one.ceiling, "kept_days": one.kept, "planned_days": one.planned}
    return {**_place(facts, day), **days, "state": one.state, "over": one.over}


async def keep(tx: AsyncConnection, day: str, rows: Sequence[Mapping[str, object]]) -> None:
    """All cameras of a day, as it is now."""
    await tx.execute(sa.delete(footage_kept_days).where(_kept.day == day))
    if rows:
        await tx.execute(sa.insert(footage_kept_days), list(rows))


async def last_day(tx: AsyncConnection, today: str) -> str | None:
    """The last one, up to today, of which there is a camera."""
    found: str | None = await tx.scalar(sa.select(sa.func.max(_kept.day)).where(_kept.day <= today))
    return found


async def add_try(tx: AsyncConnection, facts: CameraFacts, day: str, one: Try) -> None:
    """Counts it to the camera's day; of failures the last is kept."""
    where = (_tries.camera == facts.code) & (_tries.day == day)
    before = (await tx.execute(sa.select(footage_try_days).where(where))).one_or_none()
    tries, played = (0, 0) if before is None else (before.tries, before.played)
    failed: dict[str, object] = {"failed_at": None, "failed_moment": None, "failed_why": ""}
    if before is not None:
        failed = {name: getattr(before, name) for name in failed}
    if one.outcome != "played":
        failed = {"failed_at": one.at, "failed_moment": one.moment, "failed_why": one.outcome}
    row = {**_place(facts, day), "tries": tries + 1, "played": played + (one.outcome == "played"), **failed}
    await tx.execute(upsert(tx, footage_try_days, ["camera", "day"], TRY_COLUMNS), [row])


def _part(area: Any, length: int) -> sa.ColumnElement[str]:
    first: sa.ColumnElement[int] = sa.literal_column("1")  # bound numbers would be two expressions for PostgreSQL
    digits: sa.ColumnElement[int] = sa.literal_column(str(int(length)))
    return sa.func.substr(area, first, digits).label("part")


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


async def kept_by_area(tx: AsyncConnection, scope: Scope, area: str, day: str, length: int) -> Sequence[Row]:
    """`part` (areas cut to `length` digits), `met`, `young`, `short`, `over`."""
    part = _part(_kept.area, length)
    counts: list[Any] = [_count(_kept.state == state).label(state) for state in ("met", "young", "short")]
    where = (_kept.day == day) & _kept.area.startswith(area, autoescape=True)
    query = sa.select(part, *counts, _count(_kept.over).label("over"))
    query = query.where(where & within_scope(scope, _kept.area, _kept.camera_class)).group_by(part)
    return (await tx.execute(query)).all()


async def tries_by_area(tx: AsyncConnection, scope: Scope, area: str, since: str, length: int) -> Sequence[Row]:
    """`part`, `tries`, `played`, of days from `since` on."""
    part = _part(_tries.area, length)
    sums: list[Any] = [sa.func.sum(_tries[name]).label(name) for name in ("tries", "played")]
    where = (_tries.day >= since) & _tries.area.startswith(area, autoescape=True)
    query = sa.select(part, *sums).where(where & within_scope(scope, _tries.area, _tries.camera_class)).group_by(part)
    return (await tx.execute(query)).all()


async def not_kept(tx: AsyncConnection, scope: Scope, area: str, day: str, limit: int, *, over: bool) -> Sequence[Row]:
    """Cameras that fall short, the shortest first; or those that are over."""
    which = _kept.over if over else _kept.state == "short"
    where = (_kept.day == day) & which & _kept.area.startswith(area, autoescape=True)
    order = _kept.kept_days.desc() if over else _kept.kept_days - _kept.duty_days
    query = sa.select(footage_kept_days).where(where & within_scope(scope, _kept.area, _kept.camera_class))
    return (await tx.execute(query.order_by(order, _kept.camera).limit(limit))).all()


async def not_played(tx: AsyncConnection, scope: Scope, area: str, since: str, limit: int) -> Sequence[Row]:
    """Days of cameras on which a try failed, the latest first."""
    where = (_tries.day >= since) & (_tries.played < _tries.tries) & _tries.area.startswith(area, autoescape=True)
    query = sa.select(footage_try_days).where(where & within_scope(scope, _tries.area, _tries.camera_class))
    return (await tx.execute(query.order_by(_tries.failed_at.desc(), _tries.camera).limit(limit))).all()


async def forget(tx: AsyncConnection, day: str) -> None:
    """What is older than anybody recounts."""
    await tx.execute(sa.delete(footage_kept_days).where(_kept.day < day))
    await tx.execute(sa.delete(footage_try_days).where(_tries.day < day))
