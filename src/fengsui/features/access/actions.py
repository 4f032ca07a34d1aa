"""Signing in and out, and the decision at the door."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import queries
from fengsui.features.access.model import (
    ROLES,
    Disabled,
    Function,
    LockedOut,
    MustChangePassword,
    NotAllowed,
    NotSignedIn,
    Principal,
    Tries,
    WeakPassword,
    WrongPassword,
)
from fengsui.settings import SignInSection
from fengsui.store import Store

MIN_PASSWORD = 10
FIRST_USER = "admin"
MAX_TRIES_KEPT = 10_000
SESSION_CACHE_S = 5.0


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session. `token` is shown once and kept only as a hash."""

    token: str
    principal: Principal
    must_change_password: bool
    expires_at: float


class Access:
    """The one door."""

    def __init__(self, store: Store, clock: Clock, settings: SignInSection, ticket_key: bytes) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._ticket_key = ticket_key
        self._hasher = PasswordHasher()
        self._tries: dict[str, Tries] = {}
        self._known: dict[str, tuple[float, Principal, float]] = {}
        self._on_session_end: list[Callable[[str], None]] = []
        self._nobody_hash = self._hasher.hash(secrets.token_hex(16))

    def on_session_end(self, act: Callable[[str], None]) -> None:
        """`act` is called with the id of each session that ends."""
        self._on_session_end.append(act)

    async def ensure_first_user(self, password: str | None = None) -> str | None:
        """Makes the first administrator on an empty store and gives its password; None when there are users already.

        A given `password` (of the demonstration) need not be changed at the first sign-in; a generated one must.
        """
        async with self._store.transaction() as tx:
            if await queries.count_users(tx):
                return None
            chosen = password or secrets.token_urlsafe(9)
            hashed = await asyncio.to_thread(self._hasher.hash, chosen)
            now = self._clock.now().timestamp()
            must_change = password is None
            await queries.add_user(
                tx, name=FIRST_USER, password_hash=hashed, role="administrator", must_change=must_change, now=now
            )
            return chosen

    async def sign_in(self, name: str, password: str, address: str) -> SignedIn:
        """Raises WrongPassword, LockedOut."""
        self._refuse_locked(name, address)
        async with self._store.reading() as tx:
            user = await queries.user_by_name(tx, name)
        # An unknown name costs the same time as a wrong password.
        hashed = self._nobody_hash if user is None else user.password_hash
        if not await self._matches(hashed, password) or user is None:
            self._count_wrong(name, address)
            raise WrongPassword()
        if user.disabled:
            raise Disabled()  # told only to whoever knows the password
        for key in (f"name:{name}", f"address:{address}"):
            self._tries.pop(key, None)
        token, session = secrets.token_urlsafe(32), secrets.token_hex(12)
        now = self._clock.now().timestamp()
        async with self._store.transaction() as tx:
            await queries.add_session(tx, token_hash=_hashed(token), session=session, user_id=user.id, now=now, address=address)
            await queries.change_user(tx, user.id, signed_in_at=now)
        principal = Principal(user.id, user.name, user.role, session, address, bool(user.must_change_password))
        return SignedIn(token, principal, bool(user.must_change_password), now + self._settings.longest_s)

    async def principal_of(self, token: str, address: str) -> Principal:
        """Who holds `token`. Raises NotSignedIn."""
        hashed, now = _hashed(token), self._clock.now().timestamp()
        known = self._known.get(hashed)
        if known is not None and now < known[0] + SESSION_CACHE_S and now < known[2]:
            return known[1]
        async with self._store.reading() as tx:
            found = await queries.session_with_user(tx, hashed)
        if found is None or found.disabled or now > found.created_at + self._settings.longest_s:
            self._known.pop(hashed, None)
            raise NotSignedIn()
        principal = Principal(found.user_id, found.name, found.role, found.id, address, bool(found.must_change_password))
        if len(self._known) > MAX_TRIES_KEPT:
            self._known.clear()
        self._known[hashed] = (now, principal, found.created_at + self._settings.longest_s)
        return principal

    async def must_change_password(self, principal: Principal) -> bool:
        """Whether this user still has a generated password."""
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, principal.user_id)
        return bool(user is not None and user.must_change_password)

    async def sign_out(self, token: str, principal: Principal) -> None:
        """Ends the session and with it every picture that it opened."""
        async with self._store.transaction() as tx:
            await queries.remove_session(tx, _hashed(token))
        self._known.pop(_hashed(token), None)
        self._tell_ended([principal.session])

    def _tell_ended(self, sessions: Iterable[str]) -> None:
        for session in sessions:
            for act in self._on_session_end:
                act(session)

    async def change_password(self, principal: Principal, old: str, new: str) -> None:
        """Raises WrongPassword, WeakPassword, LockedOut."""
        self._refuse_locked(principal.name, principal.address)
        if len(new) < MIN_PASSWORD:
            raise WeakPassword()
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, principal.user_id)
        if user is None or not await self._matches(user.password_hash, old):
            self._count_wrong(principal.name, principal.address)
            raise WrongPassword()
        hashed = await asyncio.to_thread(self._hasher.hash, new)
        async with self._store.transaction() as tx:
            await queries.set_password(tx, principal.user_id, hashed)
            ended = await self.end_sessions_of(tx, principal.user_id, but=principal.session)
        self.forget_sessions(ended)

    def check(self, principal: Principal, function: Function) -> None:
        """The decision. Raises NotAllowed, MustChangePassword."""
        if principal.must_change_password:
            raise MustChangePassword()
        if function not in ROLES.get(principal.role, frozenset()):
            raise NotAllowed(function=function.value)

    def media_ticket(self, source: str, session: str, expires_unix: int) -> str:
        """The signed right to read one source (docs/design/seams.md); the caller has passed `check`."""
        payload = _base64(f"{source}|{session}|{expires_unix}".encode())
        return f"{payload}.{_base64(hmac.digest(self._ticket_key, payload.encode(), hashlib.sha256))}"

    async def hash(self, password: str) -> str:
        """Argon2id; off the loop, for it is slow on purpose."""
        return await asyncio.to_thread(self._hasher.hash, password)

    def locked_names(self) -> set[str]:
        """Names that are locked now after wrong passwords."""
        now_s = self._clock.monotonic_s()
        return {key[5:] for key, tries in self._tries.items() if key.startswith("name:") and now_s < tries.locked_until_s}

    def unlock(self, name: str) -> None:
        """Forgets the wrong passwords of a name, and opens the locked addresses: theirs is among them."""
        now_s = self._clock.monotonic_s()
        self._tries.pop(f"name:{name}", None)
        for key in [one for one, tries in self._tries.items() if one.startswith("address:") and now_s < tries.locked_until_s]:
            self._tries.pop(key)

    async def end_sessions_of(self, tx: AsyncConnection, user_id: int, but: str = "") -> list[str]:
        """Takes a user's sessions away, except `but`; `forget_sessions` with what this returns once that is on disk."""
        found = [one for one in await queries.sessions_of(tx, user_id) if one.id != but]
        for one in found:
            await queries.remove_session(tx, one.token_hash)
        return [one.id for one in found]

    def forget_sessions(self, sessions: Iterable[str]) -> None:
        """Ends what these sessions opened."""
        self._known.clear()
        self._tell_ended(sessions)

    async def _matches(self, hashed: str, password: str) -> bool:
        try:
            return await asyncio.to_thread(self._hasher.verify, hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _refuse_locked(self, name: str, address: str) -> None:
        now_s = self._clock.monotonic_s()
        for key in (f"name:{name}", f"address:{address}"):
            tries = self._tries.get(key)
            if tries is not None and now_s < tries.locked_until_s:
                raise LockedOut(seconds=int(tries.locked_until_s - now_s) + 1)

    def _count_wrong(self, name: str, address: str) -> None:
        if len(self._tries) > MAX_TRIES_KEPT:
            self._tries.clear()
        now_s = self._clock.monotonic_s()
        for key, factor in ((f"name:{name}", 1), (f"address:{address}", 4)):
            tries = self._tries.setdefault(key, Tries())
            limit = self._settings.wrong_passwords_limit * factor
            tries.count(now_s=now_s, limit=limit, lockout_s=self._settings.lockout_s)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
