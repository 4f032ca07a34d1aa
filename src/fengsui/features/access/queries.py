"""All SQL about people and sessions. Times: seconds since 1970."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access.tables import sessions, users

Row = sa.Row[Any]


async def user_by_name(tx: AsyncConnection, name: str) -> Row | None:
    """The user, None when unknown."""
    return (await tx.execute(sa.select(users).where(users.c.name == name))).first()


async def user_by_id(tx: AsyncConnection, user_id: int) -> Row | None:
    """The user, None when unknown."""
    return (await tx.execute(sa.select(users).where(users.c.id == user_id))).first()


async def count_users(tx: AsyncConnection) -> int:
    """How many users there are."""
    return int((await tx.execute(sa.select(sa.func.count()).select_from(users))).scalar_one())


async def all_users(tx: AsyncConnection) -> Sequence[Row]:
    """Every user by name."""
    return (await tx.execute(sa.select(users).order_by(users.c.name))).all()


async def change_user(tx: AsyncConnection, user_id: int, **facts: object) -> None:
    """Some columns of one user."""
    await tx.execute(sa.update(users).where(users.c.id == user_id).values(**facts))


async def enabled_administrators(tx: AsyncConnection) -> int:
    """Who could still let others in."""
    where = (users.c.role == "administrator") & sa.not_(users.c.disabled)
    return int((await tx.execute(sa.select(sa.func.count()).select_from(users).where(where))).scalar_one())


async def sessions_of(tx: AsyncConnection, user_id: int) -> Sequence[Row]:
    """A user's sessions."""
    return (await tx.execute(sa.select(sessions).where(sessions.c.user_id == user_id))).all()


async def add_user(tx: AsyncConnection, *, name: str, password_hash: str, role: str, must_change: bool, now: float) -> None:
    """A new user; the name must be free."""
    values = {"name": name, "password_hash": password_hash, "role": role, "must_change_password": must_change, "created_at": now}
    await tx.execute(sa.insert(users).values(**values))


async def set_password(tx: AsyncConnection, user_id: int, password_hash: str) -> None:
    """Replaces the password; it need not be changed again."""
    changed = {"password_hash": password_hash, "must_change_password": False}
    await tx.execute(sa.update(users).where(users.c.id == user_id).values(**changed))


async def add_session(tx: AsyncConnection, *, token_hash: str, session: str, user_id: int, now: float, address: str) -> None:
    """A new session."""
    values = {"token_hash": token_hash, "id": session, "user_id": user_id, "created_at": now, "used_at": now, "address": address}
    await tx.execute(sa.insert(sessions).values(**values))


async def session_with_user(tx: AsyncConnection, token_hash: str) -> Row | None:
    """The session and its user's name and role."""
    joined = sa.select(sessions, users.c.name, users.c.role, users.c.must_change_password, users.c.disabled).join(
        users, users.c.id == sessions.c.user_id
    )
    return (await tx.execute(joined.where(sessions.c.token_hash == token_hash))).first()


async def remove_session(tx: AsyncConnection, token_hash: str) -> None:
    """Ends a session."""
    await tx.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))
