"""All SQL of clips."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.clips.tables import clip_files
from fengsui.store import insert_sealed, is_row_whole

AT_ONCE = 500


async def add(tx: AsyncConnection, request: str, from_us: int, facts: str, manifest: str) -> None:
    """One more; none is written over: each is a file that somebody has, or a try."""
    await insert_sealed(tx, clip_files, {"request": request, "from_us": from_us, "facts": facts, "manifest": manifest})


async def of_requests(tx: AsyncConnection, requests: Sequence[str]) -> list[tuple[str, str, str]]:
    """Request, facts and manifest of each as it was written, in order; what was changed past the node is left out."""
    found: list[tuple[str, str, str]] = []
    for at in range(0, len(requests), AT_ONCE):
        where = clip_files.c.request.in_(requests[at : at + AT_ONCE])
        rows = (await tx.execute(sa.select(clip_files).where(where).order_by(clip_files.c.id))).all()
        found += [(row.request, row.facts, row.manifest) for row in rows if is_row_whole(tx, clip_files, row)]
    return found
