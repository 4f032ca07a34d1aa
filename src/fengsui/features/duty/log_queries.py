"""SQL about shift logs, standing orders and handovers. Times: seconds since 1970. Entries and orders are never changed."""

from __future__ import annotations

import json

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.duty.log_model import NO_ORDERS, Down, Entry, EntryKind, Handover, Orders, ShiftFigures
from fengsui.features.duty.queries import Row
from fengsui.features.duty.tables import handovers, log_entries, standing_orders


async def last_entry(tx: AsyncConnection, centre: int) -> int:
    """The number of the centre's newest entry; 0 without any."""
    query = sa.select(sa.func.max(log_entries.c.number)).where(log_entries.c.centre == centre)
    return int((await tx.execute(query)).scalar_one() or 0)


async def add_entry(tx: AsyncConnection, one: Entry) -> None:
    """For good."""
    await tx.execute(sa.insert(log_entries).values(**{**one._asdict(), "kind": one.kind.value}))


async def entries(tx: AsyncConnection, centre: int, before: int, limit: int, kind: EntryKind | None = None) -> list[Entry]:
    """The newest first; only those before number `before`, 0: all; and of one kind, where one is named."""
    where = log_entries.c.centre == centre
    if before:
        where &= log_entries.c.number < before
    if kind is not None:
        where &= log_entries.c.kind == kind.value
    query = sa.select(log_entries).where(where).order_by(log_entries.c.number.desc()).limit(limit)
    return [entry_of(row) for row in (await tx.execute(query)).all()]


def entry_of(row: Row) -> Entry:
    """A stored one."""
    facts = (row.centre, row.number, row.shift, row.user_id, row.name, row.at)
    return Entry(*facts, EntryKind(row.kind), row.text, row.corrects)


async def orders(tx: AsyncConnection, centre: int, limit: int) -> list[Orders]:
    """The newest version first."""
    where = standing_orders.c.centre == centre
    query = sa.select(standing_orders).where(where).order_by(standing_orders.c.version.desc()).limit(limit)
    return [Orders(row.version, row.text, row.name, row.at) for row in (await tx.execute(query)).all()]


async def newest_orders(tx: AsyncConnection, centre: int) -> Orders:
    """Version 0 where there are none."""
    found = await orders(tx, centre, 1)
    return found[0] if found else NO_ORDERS


async def add_orders(tx: AsyncConnection, centre: int, user_id: int, one: Orders) -> None:
    """Another version."""
    await tx.execute(sa.insert(standing_orders).values(centre=centre, user_id=user_id, **one._asdict()))


async def add_handover(tx: AsyncConnection, one: Handover) -> None:
    """What is offered."""
    facts = {name: value for name, value in one._asdict().items() if name != "id"}
    lists = {name: json.dumps(facts[name], ensure_ascii=False) for name in ("down", "matters")}
    figures = None if one.figures is None else msgspec.json.encode(one.figures).decode()
    await tx.execute(sa.insert(handovers).values(**{**facts, **lists, "figures": figures}))


async def sign_handover(tx: AsyncConnection, one: Handover) -> None:
    """The successor has taken it over, and acknowledged this version of the orders and the log up to this entry."""
    signed = {"accepted_at": one.accepted_at, "orders": one.orders, "entry": one.entry}
    await tx.execute(sa.update(handovers).where(handovers.c.id == one.id).values(**signed))


async def offered(tx: AsyncConnection, shift: int) -> Handover | None:
    """What passes with the seat of this shift, as it was offered last."""
    where = (handovers.c.shift == shift) & (handovers.c.accepted_at == 0)
    row = (await tx.execute(sa.select(handovers).where(where).order_by(handovers.c.id.desc()).limit(1))).first()
    return None if row is None else _handover(row)


async def past_handovers(tx: AsyncConnection, centre: int, limit: int) -> list[Handover]:
    """Those that were signed by both, the newest first."""
    where = (handovers.c.centre == centre) & (handovers.c.accepted_at > 0)
    query = sa.select(handovers).where(where).order_by(handovers.c.id.desc()).limit(limit)
    return [_handover(row) for row in (await tx.execute(query)).all()]


def _handover(row: Row) -> Handover:
    return Handover(
        id=row.id,
        centre=row.centre,
        shift=row.shift,
        seat=row.seat,
        from_user=row.from_user,
        from_name=row.from_name,
        to_user=row.to_user,
        to_name=row.to_name,
        orders=row.orders,
        down=tuple(Down(*one) for one in json.loads(row.down)),
        down_in_all=row.down_in_all,
        matters=tuple(json.loads(row.matters)),
        remarks=row.remarks,
        offered_at=row.offered_at,
        accepted_at=row.accepted_at,
        entry=row.entry,
        figures=None if row.figures is None else msgspec.json.decode(row.figures, type=ShiftFigures),
    )
