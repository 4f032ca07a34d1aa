"""All SQL about work on alarms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarm_work.tables import alarm_steps
from fengsui.features.alarms import LEAST_URGENT, Alarm, alarms_table

_alarm = alarms_table.c


class Step(NamedTuple):
    """One act about one alarm. `at`: seconds since 1970; `user_id`: None for the node itself."""

    at: float
    user_id: int | None
    who: str
    act: str
    was: str
    became: str
    detail: str


async def change(tx: AsyncConnection, alarm: Alarm, values: Mapping[str, Any]) -> bool:
    """False: it is no longer as it was read."""
    where = (_alarm.id == alarm.id) & (_alarm.version == alarm.version)
    done = await tx.execute(sa.update(alarms_table).where(where).values(**values, version=alarm.version + 1))
    return done.rowcount == 1


async def add_step(tx: AsyncConnection, alarm_id: int, step: Step) -> None:
    """Behind those before."""
    await tx.execute(sa.insert(alarm_steps).values(alarm_id=alarm_id, **step._asdict()))


async def steps(tx: AsyncConnection, alarm_id: int) -> list[Step]:
    """The oldest first."""
    columns = [alarm_steps.c[name] for name in Step._fields]
    rows = await tx.execute(sa.select(*columns).where(alarm_steps.c.alarm_id == alarm_id).order_by(alarm_steps.c.id))
    return [Step(*row) for row in rows]


async def due(tx: AsyncConnection, now: float, limit: int) -> list[int]:
    """Whose clock has run out, the most urgent first, of each priority the longest ago first."""
    found: list[int] = []
    for priority in range(1, LEAST_URGENT + 1):
        where = (_alarm.priority == priority) & (_alarm.due_at <= now)
        query = sa.select(_alarm.id).where(where).order_by(_alarm.due_at).limit(limit - len(found))
        found += (await tx.execute(query)).scalars()
    return found
