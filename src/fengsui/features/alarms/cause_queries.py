"""All SQL about alarms that count with the one of their place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarms.causes import CODE, TABLE
from fengsui.features.alarms.queries import Zone, in_work
from fengsui.features.alarms.tables import alarms

_alarm = alarms.c


async def count_with(tx: AsyncConnection, ids: Collection[int], parent: int) -> list[int]:
    """Alarms that nobody has taken count with another from now on: which. Their clocks are those of that one."""
    where = _alarm.id.in_(list(ids)) & (_alarm.state == "open") & _alarm.owner_id.is_(None)
    values = {"state": "folded", "folded_into": parent, "due_at": None, "version": _alarm.version + 1}
    return list((await tx.execute(sa.update(alarms).where(where).values(values).returning(_alarm.id))).scalars())


async def of_places(tx: AsyncConnection) -> list[int]:
    """Alarms of a place that are still in work, verified or not."""
    where = in_work() & (_alarm.code_table == TABLE) & (_alarm.code == CODE)
    return list((await tx.execute(sa.select(_alarm.id).where(where))).scalars())


async def end_counted(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]], parents: Collection[int]) -> None:
    """`b_` and a name of `Zone`: what a host told to be over. An alarm of a place is over when all that counts with it is."""
    folded = _alarm.folded_into.in_(list(parents)) & sa.literal_column("folded_into IS NOT NULL")  # as the index has it
    where = sa.and_(folded, *(_alarm[name] == sa.bindparam(f"b_{name}") for name in Zone._fields))
    over = sa.update(alarms).where(where).values(active=False)
    for row in rows:  # one by one: a list of numbers is written anew into each statement, which goes for no many at once
        await tx.execute(over, dict(row))
    other = alarms.alias("other")
    going_on = sa.exists(sa.select(sa.literal(1)).select_from(other).where(other.c.folded_into == _alarm.id, other.c.active))
    await tx.execute(sa.update(alarms).where(_alarm.id.in_(list(parents)), ~going_on).values(active=False))
