"""SQL of alarms as they come, many at once. Times: seconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarms.tables import alarms

_YES_OR_NO: Final = ("is_user", "known", "encrypted", "held_back", "tested", "unarmed")
_ARRIVED: Final = (
    *(
        "body_key",
        "ordinal",
        "host_id",
        "account",
        "site",
        "area",
        "section",
        "number",
        "point_id",
        "point",
        "point_kind",
        "camera",
    ),
    *("code_table", "code", "change", "category", "priority", "text", "sequence", "sent_at", "first_at", "last_at", "repeats"),
    *("protocol", "device", "camera_class", "method", "alarm_type", "event_type", "told_priority", "longitude", "latitude"),
    *("state", "folded_into", "due_at", "shelf_id"),
)
"""What is written of an alarm when it comes; the rest is as the table has it."""
_yes_or_no, _arrived = itemgetter(*_YES_OR_NO), itemgetter(*_ARRIVED)
TOGETHER: Final = (400, 40)
"""Rows of one statement, the most first (SQLite takes 32,766 values in one). Its driver's thread needs Python for each statement
anew, and waits for it while a storm is read: rows one by one would stand still until the storm is over."""


def _insert(rows: int) -> str:
    columns = _YES_OR_NO + _ARRIVED
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {alarms.name} ({', '.join(columns)}) VALUES {', '.join([row] * rows)}"


_INSERTS: Final = {rows: _insert(rows) for rows in (1, *TOGETHER)}


async def add_alarms(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Their numbers, in the order given.

    SQLite would be given one statement a row to tell them. Whoever writes there writes alone: its newest rows are ours. They go to
    its driver as they are, for SQLAlchemy looks at each value of a storm's rows.
    """
    if tx.dialect.name != "sqlite":
        insert = sa.insert(alarms).returning(alarms.c.id, sort_by_parameter_order=True)
        return list((await tx.execute(insert, list(rows))).scalars())
    values, at = [(*map(int, _yes_or_no(row)), *_arrived(row)) for row in rows], 0
    for many in TOGETHER:
        while len(values) - at >= many:
            await tx.exec_driver_sql(_INSERTS[many], tuple(chain.from_iterable(values[at : at + many])))
            at += many
    if at < len(values):
        await tx.exec_driver_sql(_INSERTS[1], values[at:])
    last = int((await tx.execute(sa.select(sa.func.max(alarms.c.id)))).scalar_one())
    return list(range(last - len(rows) + 1, last + 1))
