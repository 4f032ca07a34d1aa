"""All SQL about retention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.retention.model import Hold, Removal, camera_of
from fengsui.features.retention.tables import footage_holds, footage_removals
from fengsui.store import insert_sealed, update_sealed

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


async def add_hold(tx: AsyncConnection, one: Hold) -> Hold:
    """With the number that it gets."""
    columns = ("camera", "since", "until", "case_number", "reason", "asked_by", "approved_by", "held_at", "review_at", "asked_unit")
    values = {name: getattr(one, name) for name in columns}
    return _hold(await insert_sealed(tx, footage_holds, {**values, "released_at": 0.0, "released_by": ""}))


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


async def removed_until(tx: AsyncConnection, camera: str) -> float | None:
    """When the youngest of what was removed of this camera ended."""
    query = sa.select(sa.func.max(footage_removals.c.until)).where(footage_removals.c.camera == camera)
    found = (await tx.execute(query)).scalar()
    return None if found is None else float(found)


async def forget_removals(tx: AsyncConnection, before: float) -> None:
    """The audit log has their roots."""
    await tx.execute(sa.delete(footage_removals).where(footage_removals.c.removed_at < before))
