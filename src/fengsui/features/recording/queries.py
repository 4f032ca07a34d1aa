"""All SQL about recording."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.recording.calendar import Hours
from fengsui.features.recording.model import Plan
from fengsui.features.recording.tables import recording_plans
from fengsui.store import upsert

COLUMNS = tuple(column.name for column in recording_plans.columns if not column.primary_key)


async def plans(tx: AsyncConnection) -> list[Plan]:
    """All that are not off, by camera."""
    rows: Sequence[sa.Row[Any]] = (await tx.execute(sa.select(recording_plans).order_by(recording_plans.c.camera))).all()
    return [Plan(row.camera, row.mode, row.stream, row.set_at, row.set_by, _hours(row.hours)) for row in rows]


def _hours(text: str) -> tuple[Hours, ...]:
    return tuple(Hours(tuple(days), begin, end) for days, begin, end in json.loads(text))


async def keep(tx: AsyncConnection, plan: Plan) -> None:
    """Instead of the one before."""
    hours = json.dumps([[one.days, one.begin, one.end] for one in plan.hours])
    who = {"set_at": plan.set_at, "set_by": plan.set_by}
    facts = {"camera": plan.camera, "mode": plan.mode, "stream": plan.stream, "hours": hours, **who}
    await tx.execute(upsert(tx, recording_plans, ["camera"], COLUMNS), [facts])


async def remove(tx: AsyncConnection, camera: str) -> None:
    """Off."""
    await tx.execute(sa.delete(recording_plans).where(recording_plans.c.camera == camera))
