"""All SQL about alarm sources and what they reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.alarm_intake.tables import alarm_intakes, alarm_sources
from fengsui.features.alarms import alarms_table, in_work
from fengsui.store import SealedRow, insert_sealed, is_row_whole, update_sealed

FIGURES: Final = ("heard_at", "taken", "repeated", "refused", "unproven", "fault_at", "fault")


async def sources(tx: AsyncConnection) -> list[tuple[SealedRow, bool]]:
    """Each with whether the node wrote it so."""
    rows = (await tx.execute(sa.select(alarm_sources).order_by(alarm_sources.c.id))).all()
    return [(row, is_row_whole(tx, alarm_sources, row)) for row in rows]


async def add_source(tx: AsyncConnection, row: Mapping[str, Any]) -> SealedRow:
    """With its number. Raises IntegrityError for a name that is there."""
    return await insert_sealed(tx, alarm_sources, row)


async def renew_secret(tx: AsyncConnection, id: int, sealed_secret: str) -> None:
    """The one of before opens nothing."""
    await update_sealed(tx, alarm_sources, alarm_sources.c.id == id, {"sealed_secret": sealed_secret})


async def remove_source(tx: AsyncConnection, id: int) -> None:
    """Its alarms stay, and so do the ids under which they came."""
    await tx.execute(sa.delete(alarm_sources).where(alarm_sources.c.id == id))


async def write_figures(tx: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """`b_id`, and the figures with `f_` before their names; of one that is gone, nothing."""
    given = sa.bindparam
    where = alarm_sources.c.id == given("b_id")
    change = (
        sa.update(alarm_sources)
        .where(where)
        .values(
            heard_at=given("f_heard_at"),
            taken=given("f_taken"),
            repeated=given("f_repeated"),
            refused=given("f_refused"),
            unproven=given("f_unproven"),
            fault_at=given("f_fault_at"),
            fault=given("f_fault"),
        )
    )
    await tx.execute(change, list(rows))


class Taken(NamedTuple):
    """An alarm that is on disk. `said`: digest of its body; `left_out`: cameras that are not shown with it."""

    said: str
    alarm_id: int
    at: float
    left_out: str
    subject: str


async def taken(tx: AsyncConnection, key: str) -> Taken | None:
    """By its key; None: it is not there."""
    row = alarm_intakes.c
    query = sa.select(row.said, row.alarm_id, row.at, row.left_out, row.subject).where(row.key == key)
    found = (await tx.execute(query)).one_or_none()
    return None if found is None else Taken(*found)


async def add_taken(tx: AsyncConnection, key: str, source: str, one: Taken) -> None:
    """In the transaction of its alarm."""
    await tx.execute(sa.insert(alarm_intakes).values(key=key, source=source, **one._asdict()))


async def end_subject(tx: AsyncConnection, source: str, subject: str) -> None:
    """It is over, as its source says; what is done about its alarms goes on."""
    alarm = alarms_table.c
    where = in_work() & (alarm.account == source) & (alarm.protocol == "cap") & (alarm.section == subject)
    await tx.execute(sa.update(alarms_table).where(where).values(active=False))
