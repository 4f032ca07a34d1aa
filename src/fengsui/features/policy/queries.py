"""All SQL of policy packs. States: coming, in-force, past, dropped. Times: seconds since 1970, 0 for not yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.policy.tables import owner_notices, owner_notices_read, policy_packs

Row = sa.Row[Any]
_all = policy_packs.c
PACK_IN_FORCE = sa.select(_all.octets).where(_all.state == "in-force").order_by(_all.number.desc()).limit(1)
"""The signed file."""


async def everything(tx: AsyncConnection) -> Sequence[Row]:
    """The newest first."""
    return (await tx.execute(sa.select(policy_packs).order_by(_all.number.desc()))).all()


async def in_state(tx: AsyncConnection, state: str) -> Row | None:
    """The pack in force, or the one that comes."""
    return (await tx.execute(sa.select(policy_packs).where(_all.state == state).order_by(_all.number.desc()))).first()


async def newest_version(tx: AsyncConnection, name: str) -> int:
    """The highest of that name that was ever in force; 0 when none was."""
    where = (_all.name == name) & _all.state.in_(("in-force", "past"))
    return int((await tx.execute(sa.select(sa.func.max(_all.version)).where(where))).scalar() or 0)


async def digest_of(tx: AsyncConnection, name: str, version: int) -> str:
    """Of that version as it was in force, empty when it never was."""
    where = (_all.name == name) & (_all.version == version) & _all.state.in_(("in-force", "past"))
    return str((await tx.execute(sa.select(_all.digest).where(where))).scalar() or "")


async def add(tx: AsyncConnection, **facts: object) -> None:
    """One more."""
    await tx.execute(sa.insert(policy_packs).values(**facts))


async def end_in_force(tx: AsyncConnection, now: float) -> None:
    """What was in force is past."""
    await tx.execute(sa.update(policy_packs).where(_all.state == "in-force").values(state="past", until_at=now))


async def drop_coming(tx: AsyncConnection, request: str) -> None:
    """It will not come."""
    await tx.execute(sa.update(policy_packs).where((_all.state == "coming") & (_all.request == request)).values(state="dropped"))


async def drop_all_coming(tx: AsyncConnection) -> None:
    """Nothing waits."""
    await tx.execute(sa.update(policy_packs).where(_all.state == "coming").values(state="dropped"))


async def coming_is_in_force(tx: AsyncConnection, request: str, now: float) -> bool:
    """Whether the pack of that request was coming; it is in force now."""
    where = (_all.state == "coming") & (_all.request == request)
    changed = await tx.execute(sa.update(policy_packs).where(where).values(state="in-force", from_at=now))
    return changed.rowcount == 1


async def add_notice(tx: AsyncConnection, **facts: object) -> None:
    """One more for owners; none is changed or removed."""
    await tx.execute(sa.insert(owner_notices).values(**facts))


async def newest_notices(tx: AsyncConnection, limit: int) -> Sequence[Row]:
    """The newest first."""
    return (await tx.execute(sa.select(owner_notices).order_by(owner_notices.c.id.desc()).limit(limit))).all()


async def last_read(tx: AsyncConnection, user_id: int) -> int:
    """The last notice that this owner has acknowledged; 0: none."""
    read = sa.select(owner_notices_read.c.last).where(owner_notices_read.c.user_id == user_id)
    return int((await tx.execute(read)).scalar() or 0)


async def set_read(tx: AsyncConnection, user_id: int, last: int, now: float) -> None:
    """Never back."""
    if last > await last_read(tx, user_id):
        await tx.execute(sa.delete(owner_notices_read).where(owner_notices_read.c.user_id == user_id))
        await tx.execute(sa.insert(owner_notices_read).values(user_id=user_id, last=last, at=now))
