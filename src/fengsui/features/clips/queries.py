"""All SQL of clips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.clips.tables import clip_files
from fengsui.store import insert_sealed, is_row_whole

AT_ONCE = 500


async def add(tx: AsyncConnection, request: str, from_us: int, facts: str, manifest: str) -> None:
    """One more; none is written over: each is a file that somebody has, or a try."""
    await insert_sealed(tx, clip_files, {"request": request, "from_us": from_us, "facts": facts, "manifest": manifest})


async def of_requests(tx: AsyncConnection, requests: Sequence[str], most: int) -> list[tuple[str, str, str]]:
    """Request, facts and manifest of each as it was written, in order, of a request the last `most`; what was changed past the
    node is left out.
    """
    found: list[tuple[str, str, str]] = []
    for at in range(0, len(requests), AT_ONCE):
        newest = sa.func.row_number().over(partition_by=clip_files.c.request, order_by=clip_files.c.id.desc())
        ranked = sa.select(clip_files, newest.label("place")).where(clip_files.c.request.in_(requests[at : at + AT_ONCE]))
        some = ranked.subquery()
        rows = (await tx.execute(sa.select(some).where(some.c.place <= most).order_by(some.c.id))).all()
        found += [(row.request, row.facts, row.manifest) for row in rows if is_row_whole(tx, clip_files, row)]
    return found


async def page(
    tx: AsyncConnection, request: str, *, before: int = 0, from_us: int | None = None, sha256: str = "", limit: int
) -> Sequence[sa.Row[Any]]:
    """Of one request, the last first. `before`: only such ids, 0: all; `from_us`: only what begins there; `sha256`: that has it."""
    where = [clip_files.c.request == request]
    if before:
        where.append(clip_files.c.id < before)
    if from_us is not None:
        where.append(clip_files.c.from_us == from_us)
    if sha256:
        where.append(clip_files.c.facts.contains(sha256, autoescape=True))
    return (await tx.execute(sa.select(clip_files).where(*where).order_by(clip_files.c.id.desc()).limit(limit))).all()


async def count(tx: AsyncConnection, requests: Sequence[str]) -> dict[str, int]:
    """How many there are of each."""
    found: dict[str, int] = {}
    for at in range(0, len(requests), AT_ONCE):
        where = clip_files.c.request.in_(requests[at : at + AT_ONCE])
        query = sa.select(clip_files.c.request, sa.func.count().label("files")).where(where).group_by(clip_files.c.request)
        found.update((row.request, int(row.files)) for row in await tx.execute(query))
    return found
