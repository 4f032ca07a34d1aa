"""All SQL about work on alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarm_work.pass_queries import passed_to
from fengsui.features.alarm_work.tables import alarm_steps
from fengsui.features.alarms import LEAST_URGENT, Alarm, alarms_table, in_work

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


async def change(tx: AsyncConnection, alarm: Alarm, values: Mapping[str, Any], folded: int | None = None) -> bool:
    """False: it is no longer as it was read, or more like it came than `folded`."""
    where = (_alarm.id == alarm.id) & (_alarm.version == alarm.version)
    if folded is not None:
        where &= _alarm.folded == folded
    done = await tx.execute(sa.update(alarms_table).where(where).values(**values, version=alarm.version + 1))
    return done.rowcount == 1


async def raise_priority(tx: AsyncConnection, alarm: Alarm, values: Mapping[str, Any]) -> bool:
    """Its source stays what it was. False: it is no longer as it was read."""
    came = sa.func.coalesce(_alarm.raised_from, alarm.priority)
    return await change(tx, alarm, {**values, "raised_from": came})


async def add_step(tx: AsyncConnection, alarm_id: int, step: Step) -> None:
    """Behind those before."""
    await tx.execute(sa.insert(alarm_steps).values(alarm_id=alarm_id, **step._asdict()))


async def add_steps(tx: AsyncConnection, ids: Sequence[int], step: Step) -> None:
    """The same of many alarms."""
    if ids:
        await tx.execute(sa.insert(alarm_steps), [{"alarm_id": id, **step._asdict()} for id in ids])


async def steps(tx: AsyncConnection, alarm_id: int) -> list[Step]:
    """The oldest first."""
    columns = [alarm_steps.c[name] for name in Step._fields]
    rows = await tx.execute(sa.select(*columns).where(alarm_steps.c.alarm_id == alarm_id).order_by(alarm_steps.c.id))
    return [Step(*row) for row in rows]


class Waiting(NamedTuple):
    """How many nobody has taken, and the priority of the most urgent; 0: there is none."""

    alarms: int
    priority: int


def _within(area: str, centre: int) -> sa.ColumnElement[bool]:
    """With what was passed on to a centre; 0: none."""
    here = _alarm.area.startswith(area, autoescape=True)
    return in_work() & (here | passed_to(centre) if centre else here)


class Taken(NamedTuple):
    """One that is somebody's."""

    id: int
    priority: int
    site: str
    point: str
    owner: str
    area: str
    camera_class: str


async def taken_in(tx: AsyncConnection, area: str, of: int | None, limit: int, centre: int = 0) -> list[Taken]:
    """This person's (None: anybody's), the most urgent first."""
    theirs = _alarm.owner_id.is_not(None) if of is None else _alarm.owner_id == of
    query = sa.select(*(_alarm[name] for name in Taken._fields)).where(_within(area, centre) & theirs)
    return [Taken(*row) for row in await tx.execute(query.order_by(_alarm.priority, _alarm.id).limit(limit))]


async def count_taken_in(tx: AsyncConnection, area: str, centre: int = 0) -> int:
    """Somebody's."""
    query = sa.select(sa.func.count()).where(_within(area, centre) & _alarm.owner_id.is_not(None))
    return int((await tx.execute(query)).scalar_one())


async def taken_by(tx: AsyncConnection, user_id: int, area: str, centre: int = 0) -> list[int]:
    """This person's, the oldest first; nobody else changes them before the transaction ends."""
    query = sa.select(_alarm.id).where(_within(area, centre) & (_alarm.owner_id == user_id)).order_by(_alarm.id)
    return list((await tx.execute(query.with_for_update())).scalars())


async def hold(tx: AsyncConnection, id: int) -> None:
    """What is read of it from here on stays so until the transaction ends."""
    await tx.execute(sa.select(_alarm.id).where(_alarm.id == id).with_for_update())


async def waiting_in(tx: AsyncConnection, area: str, centre: int = 0) -> Waiting:
    """That nobody has taken."""
    query = sa.select(sa.func.count(), sa.func.min(_alarm.priority)).where(_within(area, centre) & _alarm.owner_id.is_(None))
    count, priority = (await tx.execute(query)).one()
    return Waiting(count, priority or 0)


async def due(tx: AsyncConnection, now: float, limit: int) -> list[int]:
    """Whose clock has run out, the most urgent first, of each priority the longest ago first."""
    found: list[int] = []
    for priority in range(1, LEAST_URGENT + 1):
        where = (_alarm.priority == priority) & (_alarm.due_at <= now)
        query = sa.select(_alarm.id).where(where).order_by(_alarm.due_at).limit(limit - len(found))
        found += (await tx.execute(query)).scalars()
    return found
