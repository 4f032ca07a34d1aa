"""The administrator's work on users: list, make, disable, give a new password, unlock."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from fengsui.clock import Clock
from fengsui.features.access import queries
from fengsui.features.access.actions import Access
from fengsui.features.access.model import LastAdministrator, NameTaken, OwnUser, Principal, UnknownUser
from fengsui.store import Store

PASSWORD_BYTES = 9
"""Twelve characters: typed once, then replaced by the user's own."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user as the administrator sees one. `*_at`: seconds since 1970, 0 for never."""

    id: int
    name: str
    role: str
    disabled: bool
    locked: bool
    must_change_password: bool
    created_at: float
    signed_in_at: float


class People:
    """Users. Whoever calls has passed the door and written the audit record."""

    def __init__(self, store: Store, clock: Clock, access: Access) -> None:
        self._store = store
        self._clock = clock
        self._access = access

    async def all(self) -> list[Person]:
        """By name."""
        async with self._store.reading() as tx:
            rows = await queries.all_users(tx)
        locked = self._access.locked_names()
        return [
            Person(
                id=row.id,
                name=row.name,
                role=row.role,
                disabled=bool(row.disabled),
                locked=row.name in locked,
                must_change_password=bool(row.must_change_password),
                created_at=row.created_at,
                signed_in_at=row.signed_in_at,
            )
            for row in rows
        ]

    async def get(self, user_id: int) -> Person:
        """Raises UnknownUser."""
        found = next((person for person in await self.all() if person.id == user_id), None)
        if found is None:
            raise UnknownUser()
        return found

    async def add(self, name: str, role: str) -> tuple[Person, str]:
        """The new user and the first password, which is kept nowhere. Raises NameTaken."""
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        hashed = await self._access.hash(password)
        try:
            async with self._store.transaction() as tx:
                now = self._clock.now().timestamp()
                await queries.add_user(tx, name=name, password_hash=hashed, role=role, must_change=True, now=now)
        except IntegrityError as error:
            raise NameTaken(name=name) from error
        return next(person for person in await self.all() if person.name == name), password

    async def set_disabled(self, who: Principal, user_id: int, *, disabled: bool) -> Person:
        """Ends the sessions of a disabled user. Raises UnknownUser, OwnUser, LastAdministrator."""
        await self.get(user_id)
        if user_id == who.user_id:
            raise OwnUser()
        ended: list[str] = []
        async with self._store.transaction() as tx:
            await queries.change_user(tx, user_id, disabled=disabled)
            if not await queries.enabled_administrators(tx):
                raise LastAdministrator()
            if disabled:
                ended = await self._access.end_sessions_of(tx, user_id)
        self._access.forget_sessions(ended)
        return await self.get(user_id)

    async def reset_password(self, who: Principal, user_id: int) -> str:
        """A new first password; second factor, passkeys and sessions end: for whoever lost them. Raises UnknownUser, OwnUser."""
        person = await self.get(user_id)
        if user_id == who.user_id:
            raise OwnUser()
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        hashed = await self._access.hash(password)
        async with self._store.transaction() as tx:
            await queries.change_user(tx, user_id, password_hash=hashed, must_change_password=True)
            await self._access.second_factors.forget(tx, user_id)
            await queries.remove_passkeys_of(tx, user_id)
            ended = await self._access.end_sessions_of(tx, user_id)
        self._access.forget_sessions(ended)
        self._access.unlock(person.name)
        return password

    async def unlock(self, user_id: int) -> None:
        """Raises UnknownUser."""
        self._access.unlock((await self.get(user_id)).name)
