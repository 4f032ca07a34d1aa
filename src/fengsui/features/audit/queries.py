"""All SQL of the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.audit.tables import audit


async def add(tx: AsyncConnection, **line: object) -> None:
    """One more line."""
    await tx.execute(sa.insert(audit).values(**line))
