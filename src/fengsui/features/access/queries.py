"""All SQL about people, their appointments and units, and sessions. Times: seconds since 1970."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.features.access.personnel_numbers import key_of
from fengsui.features.access.posts import Function, posts_with
from fengsui.features.access.tables import (
    api_tokens,
    appointments,
    passkeys,
    recovery_codes,
    sessions,
    totp_steps_used,
    units,
    users,
)
from fengsui.store import insert_sealed, is_row_whole, update_sealed

Row = sa.Row[Any]
MAX_TOTP_STEPS = 500
"""Of one user: far more than anybody types within what a clock is set back."""
_HELD = users.join(appointments, appointments.c.user_id == users.c.id)
ADMINISTRATORS = (
    sa.select(users.c.name, users.c.vetted_on, users.c.undertaking_on, users.c.training_until)
    .select_from(_HELD)
    .where(
        appointments.c.post.in_([post.value for post in posts_with(Function.MANAGE_PEOPLE)]),
        appointments.c.area == "",
        appointments.c.ended_at.is_(None),
        appointments.c.given_by_group == "",
        sa.not_(users.c.disabled),
    )
    .distinct()
    .order_by(users.c.name)
)
"""Enabled security administrators of the whole node with their dates; those by an identity provider's groups do not count."""


async def user_by_name(tx: AsyncConnection, name: str) -> Row | None:
    """The user, None when unknown."""
    return (await tx.execute(sa.select(users).where(users.c.name == name))).first()


async def user_by_id(tx: AsyncConnection, user_id: int) -> Row | None:
    """The user, None when unknown."""
    return (await tx.execute(sa.select(users).where(users.c.id == user_id))).first()


async def user_by_subject(tx: AsyncConnection, issuer: str, subject: str) -> Row | None:
    """The account of whom an identity provider knows by `subject`, None when there is none yet."""
    where = (users.c.issuer == issuer) & (users.c.subject == subject)
    return (await tx.execute(sa.select(users).where(where))).first()


async def count_users(tx: AsyncConnection) -> int:
    """How many users there are."""
    return int((await tx.execute(sa.select(sa.func.count()).select_from(users))).scalar_one())


async def change_user(tx: AsyncConnection, user_id: int, *, take_over: bool = False, **facts: object) -> None:
    """Some columns of one user. `take_over`: what was changed past the node stands from now on, as whoever asks has seen it."""
    await update_sealed(tx, users, users.c.id == user_id, facts, take_over=take_over)


async def sessions_of(tx: AsyncConnection, user_id: int) -> Sequence[Row]:
    """A user's sessions."""
    return (await tx.execute(sa.select(sessions).where(sessions.c.user_id == user_id))).all()


async def add_user(tx: AsyncConnection, **facts: object) -> int:
    """A new user; the name must be free. The id."""
    return int((await insert_sealed(tx, users, facts)).id)


async def set_password(tx: AsyncConnection, user_id: int, password_hash: str) -> None:
    """Replaces the password; it need not be changed again."""
    changed = {"password_hash": password_hash, "must_change_password": False}
    await update_sealed(tx, users, users.c.id == user_id, changed)


async def add_session(tx: AsyncConnection, *, session: str, now: float, **facts: object) -> None:
    """A new session."""
    await insert_sealed(tx, sessions, {"id": session, "created_at": now, "used_at": now, **facts})


async def use_session(tx: AsyncConnection, session: str, now: float) -> None:
    """Somebody works in it, unless it is locked."""
    where = (sessions.c.id == session) & (sessions.c.locked_at == 0)
    await tx.execute(sa.update(sessions).where(where).values(used_at=now))


async def change_session(tx: AsyncConnection, session: str, **facts: object) -> bool:
    """Some columns of one session; whether there is such a one."""
    return await update_sealed(tx, sessions, sessions.c.id == session, facts) == 1


async def unattended_sessions(tx: AsyncConnection, used: float, future: float) -> Sequence[Row]:
    """Sessions at a screen, with their users' names, that are not locked and were last used before `used` or after `future`."""
    joined = sa.select(sessions, users.c.name).join(users, users.c.id == sessions.c.user_id)
    idle = (sessions.c.used_at < used) | (sessions.c.used_at > future)
    return (await tx.execute(joined.where(sessions.c.at_screen, sessions.c.locked_at == 0, idle).limit(1_000))).all()


async def session_with_user(tx: AsyncConnection, token_hash: str) -> Row | None:
    """The session, its user's state, and how many passkeys the user has; None as well for one that the node did not begin so."""
    keys = sa.select(sa.func.count()).select_from(passkeys).where(passkeys.c.user_id == users.c.id).scalar_subquery()
    names = ("must_change_password", "disabled", "totp_confirmed")
    joined = sa.select(sessions, *(users.c[name] for name in names), keys.label("passkeys")).join(
        users, users.c.id == sessions.c.user_id
    )
    row = (await tx.execute(joined.where(sessions.c.token_hash == token_hash))).first()
    return row if row is not None and is_row_whole(tx, sessions, row) else None


async def sessions_before(tx: AsyncConnection, created: float, used: float, future: float) -> Sequence[Row]:
    """Sessions that began before `created` or after `future`, or were last used before `used`."""
    where = (sessions.c.created_at < created) | (sessions.c.used_at < used) | (sessions.c.created_at > future)
    return (await tx.execute(sa.select(sessions).where(where).limit(1_000))).all()


async def api_tokens_between(tx: AsyncConnection, after: float, until: float) -> Sequence[Row]:
    """Tokens that ended after `after` and by `until`."""
    where = (api_tokens.c.expires_at > after) & (api_tokens.c.expires_at <= until)
    return (await tx.execute(sa.select(api_tokens).where(where))).all()


async def remove_session(tx: AsyncConnection, token_hash: str) -> None:
    """Ends a session."""
    await tx.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))


async def totp_steps(tx: AsyncConnection, user_id: int) -> frozenset[int]:
    """Steps of 30 s whose code has opened once."""
    rows = await tx.execute(sa.select(totp_steps_used.c.step).where(totp_steps_used.c.user_id == user_id))
    return frozenset(int(step) for step in rows.scalars())


async def use_totp_step(tx: AsyncConnection, user_id: int, step: int) -> None:
    """Its code opens no more; the lowest are forgotten beyond `MAX_TOTP_STEPS`."""
    mine = totp_steps_used.c.user_id == user_id
    await tx.execute(sa.insert(totp_steps_used).values(user_id=user_id, step=step))
    kept = sa.select(totp_steps_used.c.step).where(mine).order_by(totp_steps_used.c.step.desc()).limit(MAX_TOTP_STEPS)
    await tx.execute(sa.delete(totp_steps_used).where(mine & totp_steps_used.c.step.not_in(kept)))


async def forget_totp_steps(tx: AsyncConnection, user_id: int) -> None:
    """The secret is another one."""
    await tx.execute(sa.delete(totp_steps_used).where(totp_steps_used.c.user_id == user_id))


async def add_recovery_codes(tx: AsyncConnection, user_id: int, hashes: Sequence[str]) -> None:
    """New codes beside those there are."""
    for one in hashes:
        await insert_sealed(tx, recovery_codes, {"user_id": user_id, "code_hash": one})


async def remove_recovery_codes(tx: AsyncConnection, user_id: int) -> None:
    """All of a user."""
    await tx.execute(sa.delete(recovery_codes).where(recovery_codes.c.user_id == user_id))


async def spend_recovery_code(tx: AsyncConnection, user_id: int, code_hash: str) -> bool:
    """Whether there was such a code; it is gone now."""
    where = (recovery_codes.c.user_id == user_id) & (recovery_codes.c.code_hash == code_hash)
    row = (await tx.execute(sa.select(recovery_codes).where(where))).first()
    if row is None or not is_row_whole(tx, recovery_codes, row):
        return False
    return (await tx.execute(sa.delete(recovery_codes).where(where))).rowcount == 1


async def count_recovery_codes(tx: AsyncConnection, user_id: int) -> int:
    """How many a user has left."""
    statement = sa.select(sa.func.count()).select_from(recovery_codes).where(recovery_codes.c.user_id == user_id)
    return int((await tx.execute(statement)).scalar_one())


async def passkeys_of(tx: AsyncConnection, user_id: int) -> Sequence[Row]:
    """A user's keys, the oldest first."""
    rows = (await tx.execute(sa.select(passkeys).where(passkeys.c.user_id == user_id).order_by(passkeys.c.id))).all()
    return [row for row in rows if is_row_whole(tx, passkeys, row)]


async def passkey_by_credential(tx: AsyncConnection, credential: str) -> Row | None:
    """The key of that id (base64url)."""
    row = (await tx.execute(sa.select(passkeys).where(passkeys.c.credential == credential))).first()
    return row if row is not None and is_row_whole(tx, passkeys, row) else None


async def add_passkey(tx: AsyncConnection, **facts: object) -> None:
    """A new key."""
    await insert_sealed(tx, passkeys, facts)


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
    await insert_sealed(tx, api_tokens, facts)


async def api_token_with_user(tx: AsyncConnection, token_hash: str) -> Row | None:
    """The token with its owner's state; None as well for one that the node did not make so."""
    keys = sa.select(sa.func.count()).select_from(passkeys).where(passkeys.c.user_id == users.c.id).scalar_subquery()
    owner = (users.c[name] for name in ("disabled", "must_change_password", "totp_confirmed", "provider"))
    joined = sa.select(api_tokens, *owner, keys.label("passkeys")).join(users, users.c.id == api_tokens.c.user_id)
    row = (await tx.execute(joined.where(api_tokens.c.token_hash == token_hash))).first()
    return row if row is not None and is_row_whole(tx, api_tokens, row) else None


async def use_api_token(tx: AsyncConnection, token: int, now: float) -> None:
    """A program used it."""
    await tx.execute(sa.update(api_tokens).where(api_tokens.c.id == token).values(used_at=now))


async def remove_api_tokens_of(tx: AsyncConnection, user_id: int) -> Sequence[Row]:
    """All of a user; what they were."""
    return (await tx.execute(sa.delete(api_tokens).where(api_tokens.c.user_id == user_id).returning(api_tokens))).all()


async def remove_api_token(tx: AsyncConnection, user_id: int, token: int) -> Row | None:
    """What the user had; None for no such token."""
    where = (api_tokens.c.id == token) & (api_tokens.c.user_id == user_id)
    return (await tx.execute(sa.delete(api_tokens).where(where).returning(api_tokens))).first()


_WITH_UNIT = sa.select(users, sa.func.coalesce(units.c.name, "").label("unit_name"), units.c.area.label("unit_area")).select_from(
    users.outerjoin(units, units.c.id == users.c.unit_id)
)


async def namesakes(tx: AsyncConnection, personnel_number: str, but: int) -> Sequence[Row]:
    """Other accounts of the human being with this number, disabled ones too; none for the empty one."""
    key = key_of(personnel_number)
    where = (sa.func.ltrim(sa.func.upper(users.c.personnel_number), "0") == key) & (users.c.id != but)
    return (await tx.execute(sa.select(users).where(where).order_by(users.c.id))).all() if key else []


async def all_people(tx: AsyncConnection) -> Sequence[Row]:
    """Every user by name, with the unit."""
    return (await tx.execute(_WITH_UNIT.order_by(users.c.name))).all()


async def people_with(tx: AsyncConnection, posts: Sequence[str]) -> Sequence[Row]:
    """Enabled users with an appointment to one of these posts that is not withdrawn, by name, with the unit."""
    holding = sa.select(appointments.c.user_id).where(appointments.c.post.in_(posts), appointments.c.ended_at.is_(None))
    where = users.c.id.in_(holding) & sa.not_(users.c.disabled)
    return (await tx.execute(_WITH_UNIT.where(where).order_by(users.c.name))).all()


async def person(tx: AsyncConnection, user_id: int) -> Row | None:
    """One user with the unit."""
    return (await tx.execute(_WITH_UNIT.where(users.c.id == user_id))).first()


async def appointments_of(tx: AsyncConnection, user_ids: Sequence[int] | None, *, ended: bool = False) -> Sequence[Row]:
    """Appointments of some users (None: of all), the oldest first; `ended`: those that were withdrawn too."""
    statement = sa.select(appointments).order_by(appointments.c.id)
    if user_ids is not None:
        statement = statement.where(appointments.c.user_id.in_(user_ids))
    if not ended:
        statement = statement.where(appointments.c.ended_at.is_(None))
    return (await tx.execute(statement)).all()


def is_whole(tx: AsyncConnection, row: Row) -> bool:
    """Whether the account is as the node wrote it."""
    return is_row_whole(tx, users, row)


async def people_by_id(tx: AsyncConnection, user_ids: Sequence[int]) -> Sequence[Row]:
    """Users with their units, disabled ones too."""
    return (await tx.execute(_WITH_UNIT.where(users.c.id.in_(user_ids)))).all()


async def people_in_posts(tx: AsyncConnection, posts: Sequence[str], areas: Sequence[str]) -> Sequence[Row]:
    """Enabled users with an appointment to one of these posts for exactly one of these areas, in force or not, by name."""
    fitting = appointments.c.post.in_(posts) & appointments.c.area.in_(areas) & appointments.c.ended_at.is_(None)
    ids = sa.select(appointments.c.user_id).where(fitting)
    return (await tx.execute(_WITH_UNIT.where(users.c.id.in_(ids) & sa.not_(users.c.disabled)).order_by(users.c.name))).all()


async def add_appointment(tx: AsyncConnection, **facts: object) -> int:
    """A new one; its id."""
    return int((await tx.execute(sa.insert(appointments).values(**facts).returning(appointments.c.id))).scalar_one())


async def end_appointment(tx: AsyncConnection, appointment: int, *, at: float, by: str) -> None:
    """Withdrawn; the row stays, for it tells what one could see then."""
    where = (appointments.c.id == appointment) & appointments.c.ended_at.is_(None)
    await tx.execute(sa.update(appointments).where(where).values(ended_at=at, ended_by=by))


async def accept_appointment(tx: AsyncConnection, appointment: int, *, at: float, by: str) -> None:
    """What an identity provider's group gave is in force from now on."""
    where = (appointments.c.id == appointment) & appointments.c.ended_at.is_(None)
    await tx.execute(sa.update(appointments).where(where).values(valid_from=at, approved_by=by))


async def extend_appointment(tx: AsyncConnection, appointment: int, until: float) -> None:
    """It ends later (seconds since 1970)."""
    await tx.execute(sa.update(appointments).where(appointments.c.id == appointment).values(valid_until=until))


async def holders_of(tx: AsyncConnection, posts: Sequence[str], area: str, now: float | None) -> set[int]:
    """Enabled users who hold one of these posts for exactly `area` now; `now` None: everybody who ever held one.

    By this node: what an identity provider's groups give does not count.
    """
    wanted = appointments.c.post.in_(posts) & (appointments.c.area == area) & (appointments.c.given_by_group == "")
    if now is not None:
        wanted &= (
            appointments.c.ended_at.is_(None)
            & (appointments.c.valid_from <= now)
            & (appointments.c.valid_until.is_(None) | (appointments.c.valid_until > now))
            & sa.not_(users.c.disabled)
        )
    joined = appointments.join(users, users.c.id == appointments.c.user_id)
    return set((await tx.execute(sa.select(users.c.id).select_from(joined).where(wanted).distinct())).scalars())


async def all_units(tx: AsyncConnection) -> Sequence[Row]:
    """Every unit by area and name, with how many people belong to it."""
    count = sa.select(sa.func.count()).select_from(users).where(users.c.unit_id == units.c.id).scalar_subquery()
    return (await tx.execute(sa.select(units, count.label("people")).order_by(units.c.area, units.c.name))).all()


async def add_unit(tx: AsyncConnection, name: str, area: str) -> int:
    """Its id."""
    return int((await tx.execute(sa.insert(units).values(name=name, area=area).returning(units.c.id))).scalar_one())


async def change_unit(tx: AsyncConnection, unit: int, **facts: object) -> None:
    """Name or area."""
    await tx.execute(sa.update(units).where(units.c.id == unit).values(**facts))


async def remove_unit(tx: AsyncConnection, unit: int) -> None:
    """An empty one."""
    await tx.execute(sa.delete(units).where(units.c.id == unit))
