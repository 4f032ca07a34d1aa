"""All SQL about sightings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access import CameraClass, Scope
from fengsui.features.audit import Ground
from fengsui.features.bookmarks import Withdrawn
from fengsui.features.sightings.model import Sighting, Spot
from fengsui.features.sightings.tables import sightings
from fengsui.store import insert_sealed, is_row_whole, update_sealed

_rows = sightings.c


def _sighting(row: sa.Row[Any]) -> Sighting:
    spot = Spot(row.longitude, row.latitude, row.area, row.camera, row.camera_class)
    ground = Ground(row.ticket, row.case_number, row.purpose, row.legal_basis) if row.ticket else Ground()
    withdrawn = Withdrawn(row.withdrawn_at, row.withdrawn_by, row.withdrawn_why) if row.withdrawn_at else None
    who = row.author_id, row.author, row.unit
    return Sighting(row.id, row.kind, spot, row.at_us, row.text, row.case_number, *who, ground, row.made_at, withdrawn)


def _held(scope: Scope) -> sa.ColumnElement[bool]:
    """What of the table the scope holds: of a camera by its class, of a free place by the area alone."""
    if scope.everything:
        return sa.true()
    parts = [
        _rows.area.startswith(prefix, autoescape=True)
        & _rows.camera_class.in_(["", *(str(one) for one in CameraClass if Scope(((prefix, bits),)).holds(prefix, one))])
        for prefix, bits in scope.areas
    ]
    return sa.or_(sa.false(), *parts)


async def within(
    tx: AsyncConnection,
    scope: Scope,
    micros: tuple[int, int],
    *,
    area: str,
    case_number: str,
    withdrawn: bool,
    limit: int,
) -> list[Sighting]:
    """From when to when (microseconds since 1970), the newest first; one that was changed past the node is not believed."""
    where = (_rows.at_us >= micros[0]) & (_rows.at_us <= micros[1]) & _rows.area.startswith(area, autoescape=True) & _held(scope)
    if case_number:
        where &= _rows.case_number == case_number
    if not withdrawn:
        where &= _rows.withdrawn_at == 0.0
    query = sa.select(sightings).where(where).order_by(_rows.at_us.desc(), _rows.id.desc()).limit(limit)
    return [_sighting(row) for row in (await tx.execute(query)).all() if is_row_whole(tx, sightings, row)]


async def one(tx: AsyncConnection, scope: Scope, id: int) -> Sighting | None:
    """In force, within the scope, and as the node wrote it; None: there is none."""
    where = (_rows.id == id) & (_rows.withdrawn_at == 0.0) & _held(scope)
    row = (await tx.execute(sa.select(sightings).where(where).with_for_update())).one_or_none()
    return None if row is None or not is_row_whole(tx, sightings, row) else _sighting(row)


async def count_of(tx: AsyncConnection, author_id: int, since: float) -> int:
    """How many this person has noted since then (seconds since 1970)."""
    query = sa.select(sa.func.count()).where((_rows.author_id == author_id) & (_rows.made_at >= since))
    return int((await tx.execute(query)).scalar_one())


async def add(tx: AsyncConnection, given: Sighting) -> Sighting:
    """With the number that it gets."""
    spot, ground = given.spot, given.ground
    row = {
        **{"kind": given.kind, "camera": spot.camera, "camera_class": spot.camera_class, "area": spot.area},
        **{"longitude": spot.longitude, "latitude": spot.latitude, "at_us": given.at_us, "text": given.text},
        **{"case_number": given.case_number, "author_id": given.author_id, "author": given.author, "unit": given.unit},
        **{"ticket": ground.ticket, "purpose": ground.purpose, "legal_basis": ground.legal_basis, "made_at": given.made_at},
        **{"withdrawn_at": 0.0, "withdrawn_by": "", "withdrawn_why": ""},
    }
    return _sighting(await insert_sealed(tx, sightings, row))


async def withdraw(tx: AsyncConnection, id: int, how: Withdrawn) -> None:
    """The row stays."""
    told = {"withdrawn_at": how.at, "withdrawn_by": how.by, "withdrawn_why": how.why}
    await update_sealed(tx, sightings, _rows.id == id, told)
