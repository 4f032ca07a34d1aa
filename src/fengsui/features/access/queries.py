"""All SQL about people and sessions. Times: seconds since 1970."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access.tables import api_tokens, passkeys, recovery_codes, sessions, users

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


async def add_session(
    tx: AsyncConnection, *, token_hash: str, session: str, user_id: int, now: float, address: str, workstation: str
) -> None:
    """A new session."""
    values = {"token_hash": token_hash, "id": session, "user_id": user_id, "created_at": now, "used_at": now, "address": address}
    await tx.execute(sa.insert(sessions).values(**values, workstation=workstation))


async def use_session(tx: AsyncConnection, token_hash: str, now: float) -> None:
    """Somebody works in it."""
    await tx.execute(sa.update(sessions).where(sessions.c.token_hash == token_hash).values(used_at=now))


async def session_with_user(tx: AsyncConnection, token_hash: str) -> Row | None:
    """The session, its user's name, role and state, and how many passkeys the user has."""
    keys = sa.select(sa.func.count()).select_from(passkeys).where(passkeys.c.user_id == users.c.id).scalar_subquery()
    names = ("name", "role", "must_change_password", "disabled", "totp_confirmed")
    joined = sa.select(sessions, *(users.c[name] for name in names), keys.label("passkeys")).join(
        users, users.c.id == sessions.c.user_id
    )
    return (await tx.execute(joined.where(sessions.c.token_hash == token_hash))).first()


async def remove_session(tx: AsyncConnection, token_hash: str) -> None:
    """Ends a session."""
    await tx.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))


async def add_recovery_codes(tx: AsyncConnection, user_id: int, hashes: Sequence[str]) -> None:
    """New codes beside those there are."""
    await tx.execute(sa.insert(recovery_codes), [{"user_id": user_id, "code_hash": one} for one in hashes])


async def remove_recovery_codes(tx: AsyncConnection, user_id: int) -> None:
    """All of a user."""
    await tx.execute(sa.delete(recovery_codes).where(recovery_codes.c.user_id == user_id))


async def spend_recovery_code(tx: AsyncConnection, user_id: int, code_hash: str) -> bool:
    """Whether there was such a code; it is gone now."""
    where = (recovery_codes.c.user_id == user_id) & (recovery_codes.c.code_hash == code_hash)
    return (await tx.execute(sa.delete(recovery_codes).where(where))).rowcount == 1


async def count_recovery_codes(tx: AsyncConnection, user_id: int) -> int:
    """How many a user has left."""
    statement = sa.select(sa.func.count()).select_from(recovery_codes).where(recovery_codes.c.user_id == user_id)
    return int((await tx.execute(statement)).scalar_one())


async def passkeys_of(tx: AsyncConnection, user_id: int) -> Sequence[Row]:
    """A user's keys, the oldest first."""
    return (await tx.execute(sa.select(passkeys).where(passkeys.c.user_id == user_id).order_by(passkeys.c.id))).all()


async def passkey_by_credential(tx: AsyncConnection, credential: str) -> Row | None:
    """The key of that id (base64url)."""
    return (await tx.execute(sa.select(passkeys).where(passkeys.c.credential == credential))).first()


async def add_passkey(tx: AsyncConnection, **facts: object) -> None:
    """A new key."""
    await tx.execute(sa.insert(passkeys).values(**facts))


async def use_passkey(tx: AsyncConnection, passkey: int, *, sign_count: int, now: float) -> None:
    """It opened a session."""
    await tx.execute(sa.update(passkeys).where(passkeys.c.id == passkey).values(sign_count=sign_count, used_at=now))


async def remove_passkey(tx: AsyncConnection, user_id: int, passkey: int) -> bool:
    """Whether the user had it."""
    where = (passkeys.c.id == passkey) & (passkeys.c.user_id == user_id)
    return (await tx.execute(sa.delete(passkeys).where(where))).rowcount == 1


async def remove_passkeys_of(tx: AsyncConnection, user_id: int) -> None:
    """All of a user."""
    await tx.execute(sa.delete(passkeys).where(passkeys.c.user_id == user_id))


async def api_tokens_of(tx: AsyncConnection, user_id: int) -> Sequence[Row]:
    """A user's tokens, the oldest first."""
    return (await tx.execute(sa.select(api_tokens).where(api_tokens.c.user_id == user_id).order_by(api_tokens.c.id))).all()


async def add_api_token(tx: AsyncConnection, **facts: object) -> None:
    """A new token."""
    await tx.execute(sa.insert(api_tokens).values(**facts))


async def api_token_with_user(tx: AsyncConnection, token_hash: str) -> Row | None:
    """The token with its owner's name, role and state."""
    columns = users.c.name.label("user_name"), users.c.role, users.c.disabled
    joined = sa.select(api_tokens, *columns).join(users, users.c.id == api_tokens.c.user_id)
    return (await tx.execute(joined.where(api_tokens.c.token_hash == token_hash))).first()


async def use_api_token(tx: AsyncConnection, token: int, now: float) -> None:
    """A program used it."""
    await tx.execute(sa.update(api_tokens).where(api_tokens.c.id == token).values(used_at=now))


async def remove_api_token(tx: AsyncConnection, user_id: int, token: int) -> bool:
    """Whether the user had it."""
    where = (api_tokens.c.id == token) & (api_tokens.c.user_id == user_id)
    return (await tx.execute(sa.delete(api_tokens).where(where))).rowcount == 1
