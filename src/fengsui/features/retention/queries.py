"""All SQL about retention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.retention.model import Hold, Mark, Removal, camera_of
from fengsui.features.retention.tables import footage_holds, footage_marks, footage_removals
from fengsui.store import insert_sealed, update_sealed, upsert

DIGEST_BYTES = 32
REMOVED_OF = sa.select(footage_removals.c.camera)
"""Cameras of which footage was removed."""
REMOVAL_ROWS = sa.select(footage_removals).order_by(footage_removals.c.id)


def _hold(row: sa.Row[Any]) -> Hold:
    who = row.reason, row.asked_by, row.approved_by
    return Hold(row.id, row.camera, row.since, row.until, row.case_number, *who, row.held_at, row.review_at, row.asked_unit)


async def holds(tx: AsyncConnection) -> list[Hold]:
    """Those that nobody released. One that was changed past the node holds all the same, and is told where seals are looked at."""
    query = sa.select(footage_holds).where(footage_holds.c.released_at == 0.0).order_by(footage_holds.c.id)
    return [_hold(row) for row in (await tx.execute(query)).all()]


async def hold(tx: AsyncConnection, id: int) -> Hold | None:
    """None: there is none, or it was released."""
    where = (footage_holds.c.id == id) & (footage_holds.c.released_at == 0.0)
    row = (await tx.execute(sa.select(footage_holds).where(where).with_for_update())).one_or_none()
    return None if row is None else _hold(row)


async def span(tx: AsyncConnection, camera: str, id: int) -> tuple[float, float] | None:
    """What a hold of this camera is, or was until it was released, about; seconds since 1970."""
    where = (footage_holds.c.id == id) & (footage_holds.c.camera == camera)
    row = (await tx.execute(sa.select(footage_holds.c.since, footage_holds.c.until).where(where))).one_or_none()
    return None if row is None else (row.since, row.until)


async def add_hold(tx: AsyncConnection, one: Hold) -> Hold:
    """With the number that it gets."""
    columns = ("camera", "since", "until", "case_number", "reason", "asked_by", "approved_by", "held_at", "review_at", "asked_unit")
    values = {name: getattr(one, name) for name in columns}
    return _hold(await insert_sealed(tx, footage_holds, {**values, "released_at": 0.0, "released_by": ""}))


async def marks(tx: AsyncConnection, now: float) -> list[Mark]:
    """Those whose time is not over."""
    query = sa.select(footage_marks).where(footage_marks.c.held_until > now)
    return [Mark(**row._mapping) for row in (await tx.execute(query)).all()]


async def add_marks(tx: AsyncConnection, some: Sequence[Mark], now: float) -> None:
    """New ones, and those that are there already; others whose time is over are forgotten."""
    await tx.execute(sa.delete(footage_marks).where(footage_marks.c.held_until <= now))
    columns = ["camera", "since", "until", "reason", "held_until"]
    await tx.execute(upsert(tx, footage_marks, ["key"], columns), [asdict(one) for one in some])


async def release(tx: AsyncConnection, id: int, at: float, by: str) -> None:
    """Its footage is again as old as it is."""
    await update_sealed(tx, footage_holds, footage_holds.c.id == id, {"released_at": at, "released_by": by})


async def add_removals(tx: AsyncConnection, removals: Sequence[Removal]) -> None:
    """What is going to be removed."""
    columns = ("camera", "stream", "day", "why", "since", "until", "removed_at", "policy", "data_class", "root")
    rows = [
        {name: getattr(one, name) for name in columns} | {"bytes": one.size, "digests": b"".join(one.digests)} for one in removals
    ]
    if rows:
        await tx.execute(sa.insert(footage_removals), rows)


async def removals_of(tx: AsyncConnection, camera: str, since_day: str, limit: int) -> list[Removal]:
    """The youngest days first."""
    rows = footage_removals.c
    query = sa.select(footage_removals).where((rows.camera == camera) & (rows.day >= since_day))
    found = (await tx.execute(query.order_by(rows.day.desc(), rows.id.desc()).limit(limit))).all()
    return [removal_of(row) for row in found]


def removal_of(row: sa.Row[Any]) -> Removal:
    """As it was written, or changed since."""
    digests = tuple(row.digests[at : at + DIGEST_BYTES] for at in range(0, len(row.digests), DIGEST_BYTES))
    facts = row.stream, row.day, row.why, row.since, row.until, row.bytes, digests
    return Removal(*facts, row.removed_at, row.policy, row.data_class, row.root)


async def removal_at(tx: AsyncConnection, stream: str, since: float, until: float) -> Removal | None:
    """The newest of anything of this stream between the times."""
    rows = footage_removals.c
    where = (rows.camera == camera_of(stream)) & (rows.stream == stream) & (rows.since < until) & (rows.until > since)
    query = sa.select(footage_removals).where(where).order_by(rows.removed_at.desc(), rows.id.desc()).limit(1)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else removal_of(row)


async def removed_until(tx: AsyncConnection, camera: str, now: float) -> float | None:
    """As `Removal.ended_by`: when the youngest of what was removed of this camera ended."""
    rows = footage_removals.c
    ended = sa.case(((rows.until <= rows.removed_at) & (rows.until <= now), rows.until), else_=rows.since)
    query = sa.select(sa.func.max(ended)).where((rows.camera == camera) & (rows.since <= now))
    found = (await tx.execute(query)).scalar()
    return None if found is None else float(found)


async def forget_removals(tx: AsyncConnection, before: float) -> None:
    """The audit log has their roots."""
    await tx.execute(sa.delete(footage_removals).where(footage_removals.c.removed_at < before))
