"""All SQL about bookmarks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.audit import Ground
from fengsui.features.bookmarks.model import LONGEST, MICROSECOND, Bookmark, Span, Withdrawn
from fengsui.features.bookmarks.tables import bookmarks
from fengsui.store import insert_sealed, is_row_whole, update_sealed

LONGEST_US = LONGEST // MICROSECOND
_rows = bookmarks.c
BOOKMARKED = sa.select(bookmarks.c.camera)
"""Cameras with bookmarks."""


def _bookmark(row: sa.Row[Any]) -> Bookmark:
    withdrawn = Withdrawn(row.withdrawn_at, row.withdrawn_by, row.withdrawn_why) if row.withdrawn_at else None
    ground = Ground(row.ticket, row.case_number, row.purpose, row.legal_basis)
    who = row.author_id, row.author, row.unit
    return Bookmark(
        row.id, row.camera, Span(row.since_us, row.until_us), row.text, *who, ground, row.made_at, row.edited_at, withdrawn
    )


async def within(tx: AsyncConnection, camera: str, span: Span, *, withdrawn: bool, limit: int) -> list[Bookmark]:
    """Of a camera, those that touch the span, ascending; one that was changed past the node is not believed."""
    where = (_rows.camera == camera) & (_rows.since_us >= span.since_us - LONGEST_US) & (_rows.since_us <= span.until_us)
    where &= _rows.until_us >= span.since_us
    if not withdrawn:
        where &= _rows.withdrawn_at == 0.0
    query = sa.select(bookmarks).where(where).order_by(_rows.since_us, _rows.id).limit(limit)
    return [_bookmark(row) for row in (await tx.execute(query)).all() if is_row_whole(tx, bookmarks, row)]


async def one(tx: AsyncConnection, camera: str, id: int) -> Bookmark | None:
    """In force, and as the node wrote it; None: there is none. Nobody else changes it until the transaction ends."""
    where = (_rows.id == id) & (_rows.camera == camera) & (_rows.withdrawn_at == 0.0)
    row = (await tx.execute(sa.select(bookmarks).where(where).with_for_update())).one_or_none()
    return None if row is None or not is_row_whole(tx, bookmarks, row) else _bookmark(row)


async def counts(tx: AsyncConnection, camera: str, author_id: int, since: float) -> tuple[int, int]:
    """How many the camera has in force, and how many this person has made since then (seconds since 1970)."""
    of_camera = sa.select(sa.func.count()).where((_rows.camera == camera) & (_rows.withdrawn_at == 0.0))
    of_person = sa.select(sa.func.count()).where((_rows.author_id == author_id) & (_rows.made_at >= since))
    return int((await tx.execute(of_camera)).scalar_one()), int((await tx.execute(of_person)).scalar_one())


async def add(tx: AsyncConnection, given: Bookmark) -> Bookmark:
    """With the number that it gets."""
    row = {
        "camera": given.camera,
        "since_us": given.span.since_us,
        "until_us": given.span.until_us,
        "text": given.text,
        "author_id": given.author_id,
        "author": given.author,
        "unit": given.unit,
        "ticket": given.ground.ticket,
        "case_number": given.ground.case,
        "purpose": given.ground.purpose,
        "legal_basis": given.ground.legal_basis,
        "made_at": given.made_at,
        "edited_at": 0.0,
        "withdrawn_at": 0.0,
        "withdrawn_by": "",
        "withdrawn_why": "",
    }
    return _bookmark(await insert_sealed(tx, bookmarks, row))


async def change(tx: AsyncConnection, id: int, text: str, at: float) -> None:
    """Other words; those of before stand in the audit log."""
    await update_sealed(tx, bookmarks, _rows.id == id, {"text": text, "edited_at": at})


async def withdraw(tx: AsyncConnection, id: int, how: Withdrawn) -> None:
    """The row stays."""
    told = {"withdrawn_at": how.at, "withdrawn_by": how.by, "withdrawn_why": how.why}
    await update_sealed(tx, bookmarks, _rows.id == id, told)
