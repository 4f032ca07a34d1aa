"""All SQL about alarms that pass from one duty centre to the next. Times: seconds since 1970."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarm_work.tables import alarm_steps
from fengsui.features.alarms import alarms_table, in_work
from fengsui.features.alarms import passes_table as alarm_passes
from fengsui.store import insert_sealed, is_row_whole, update_sealed

_alarm, _pass, _step = alarms_table.c, alarm_passes.c, alarm_steps.c
OPEN: Final[sa.ColumnElement[bool]] = sa.literal_column("alarm_passes.ended_at IS NULL")
"""As the index has it."""


class Pass(NamedTuple):
    """An alarm that a centre passed on to another. `is_whole`: as the node wrote it, else nobody believes it."""

    id: int
    alarm_id: int
    from_centre: int
    to_centre: int
    why: str
    at: float
    is_whole: bool = True


class Hop(NamedTuple):
    """From a centre to the next one, as it stands now. `before`: what was so since then was so long enough; `vacant`: nobody has
    been on shift there since then, either."""

    centre: int
    area: str
    following: int
    before: float
    vacant: bool


def passed_to(centre: int) -> sa.ColumnElement[bool]:
    """Alarms that were passed on to it and that it may see to."""
    return _alarm.id.in_(sa.select(_pass.alarm_id).where((_pass.to_centre == centre) & OPEN))


async def open_passes(tx: AsyncConnection) -> list[Pass]:
    """The oldest first."""
    rows = (await tx.execute(sa.select(alarm_passes).where(OPEN).order_by(_pass.id))).all()
    return [_read(tx, row) for row in rows]


def _read(tx: AsyncConnection, row: sa.Row[Any]) -> Pass:
    whole = is_row_whole(tx, alarm_passes, row)
    return Pass(row.id, row.alarm_id, row.from_centre, row.to_centre, row.why, row.at, whole)


async def add(tx: AsyncConnection, one: Pass) -> Pass:
    """With its number."""
    facts = {"alarm_id": one.alarm_id, "from_centre": one.from_centre, "to_centre": one.to_centre, "why": one.why, "at": one.at}
    row = await insert_sealed(tx, alarm_passes, {**facts, "ended_at": None, "ended_why": ""})
    return one._replace(id=int(row.id))


async def end(tx: AsyncConnection, ids: Collection[int], at: float, why: str) -> None:
    """From then on its centre may see to none of these any more."""
    where = _pass.id.in_(list(ids)) & OPEN
    await update_sealed(tx, alarm_passes, where, {"ended_at": at, "ended_why": why})


def _some(where: Iterable[sa.ColumnElement[bool]]) -> sa.Exists:
    return sa.exists(sa.select(sa.literal(1)).select_from(_other).where(*where))


_other = alarm_passes.alias("other")


async def stranded(tx: AsyncConnection) -> list[int]:
    """Alarms that were passed on and that nobody has taken, the most urgent first."""
    passed = _some([_other.c.alarm_id == _alarm.id])
    where = in_work() & (_alarm.priority > 0) & _alarm.owner_id.is_(None) & passed
    return list((await tx.execute(sa.select(_alarm.id).where(where).order_by(_alarm.priority, _alarm.id))).scalars())


async def waiting(tx: AsyncConnection, hop: Hop, limit: int, known: Collection[int]) -> list[int]:
    """Alarms that nobody has taken and that pass by this hop now, the most urgent first.

    Of its own area those that were passed on by nobody; of others those that it got itself, so long ago, and that never were where
    they would go. `known`: the centres that there are. What passed to one that was given up goes on from where it came from.
    """
    of, came = _other.c, sa.func.coalesce(_other.c.ended_at, _other.c.at)
    there = of.to_centre.in_(list(known))
    elsewhere = there | (of.from_centre == hop.following)
    own = _alarm.area.startswith(hop.area, autoescape=True) & ~_some([of.alarm_id == _alarm.id, elsewhere])
    got = _some([of.alarm_id == _alarm.id, of.to_centre == hop.centre, came <= hop.before])
    been = ((of.from_centre == hop.centre) & there) | (of.from_centre == hop.following) | (of.to_centre == hop.following)
    late: sa.ColumnElement[bool] = sa.true()
    if not hop.vacant:
        told = sa.select(sa.func.max(_step.at)).where((_step.alarm_id == _alarm.id) & (_step.act == "overdue"))
        late = (_alarm.escalated == 2) & (told.scalar_subquery() <= hop.before)
    where = in_work() & (_alarm.priority > 0) & _alarm.owner_id.is_(None) & late
    where &= own | (got & ~_some([of.alarm_id == _alarm.id, been]))
    query = sa.select(_alarm.id).where(where).order_by(_alarm.priority, _alarm.id).limit(limit)
    return list((await tx.execute(query)).scalars())
