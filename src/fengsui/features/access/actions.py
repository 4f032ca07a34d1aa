"""Signing in and out, and the decision at the door."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import queries
from fengsui.features.access.api_tokens import PREFIX, ApiTokens
from fengsui.features.access.decision import CameraFacts, Decision, Person, Place, Refused, Scope, decide, scope_of
from fengsui.features.access.first_people import TRAINED_UNTIL, FirstPerson
from fengsui.features.access.model import (
    Disabled,
    LockedOut,
    MustChangePassword,
    MustEnrol,
    NotSignedIn,
    PasskeyNeeded,
    PasskeyRefused,
    Principal,
    SecondFactorNeeded,
    Tries,
    UnknownSignIn,
    WeakPassword,
    WrongCode,
    WrongPassword,
)
from fengsui.features.access.passkeys import Origin, Passkeys
from fengsui.features.access.persons import Persons, role_of
from fengsui.features.access.ports import Directory, StandingOf, no_standing
from fengsui.features.access.posts import EVERY_CLASS, Function
from fengsui.features.access.refusals import AccountClosed
from fengsui.features.access.second_factor import SecondFactors
from fengsui.settings import AccessSection, SignInSection
from fengsui.store import Store

MIN_PASSWORD = 10
MAX_TRIES_KEPT = 10_000
SESSION_CACHE_S = 3.0
USED_EVERY_S = 30.0


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session. `token` is shown once and kept only as a hash."""

    token: str
    principal: Principal
    must_change_password: bool
    expires_at: float


@dataclass(frozen=True, slots=True)
class Account:
    """How a user signs in. `policy`: off, optional or required."""

    policy: Literal["off", "optional", "required"]
    authenticator: bool
    passkeys: int
    must_enrol: bool
    full_name: str


class Access:
    """The one door."""

    def __init__(
        self, store: Store, clock: Clock, settings: SignInSection, rules: AccessSection, ticket_key: bytes, factor_key: bytes
    ) -> None:
        self.second_factors = SecondFactors(store, clock, factor_key)
        self.passkeys = Passkeys(store, clock)
        self.persons = Persons(store, clock, rules.prerequisites)
        self.persons.on_change(lambda _: self._known.clear())
        self.api_tokens = ApiTokens(store, clock, self.persons)
        self.rules = rules
        self.directory: Directory | None = None
        """Set at composition, before anybody asks about a camera."""
        self.standing_of: StandingOf = no_standing
        """What duty, tickets and policy say; set at composition."""
        self._store = store
        self._clock = clock
        self._settings = settings
        self._ticket_key = ticket_key
        self._hasher = PasswordHasher()
        self._tries: dict[str, Tries] = {}
        self._known: dict[str, tuple[float, Principal, float]] = {}
        self._ended: dict[str, None] = {}
        self._on_session_end: list[Callable[[str], None]] = []
        self._nobody_hash = self._hasher.hash(secrets.token_hex(16))

    def on_session_end(self, act: Callable[[str], None]) -> None:
        """`act` is called with the id of each session that ends."""
        self._on_session_end.append(act)

    async def ensure_first_people(self, people: Iterable[FirstPerson]) -> bool:
        """Makes the first accounts on an empty store, each for every area and class; False when there are users already."""
        async with self._store.transaction() as tx:
            if await queries.count_users(tx):
                return False
            now = self._clock.now()
            today = now.date().isoformat()
            for one in people:
                dates = (today, today, TRAINED_UNTIL) if one.prepared else ("", "", "")
                user = await queries.add_user(
                    tx,
                    name=one.name,
                    full_name=one.full_name,
                    password_hash=await self.hash(one.password),
                    must_change_password=not one.prepared,
                    created_at=now.timestamp(),
                    **dict(zip(("vetted_on", "undertaking_on", "training_until"), dates, strict=True)),
                )
                facts = {"post": one.post, "area": "", "classes": EVERY_CLASS, "valid_from": now.timestamp()}
                await queries.add_appointment(tx, user_id=user, made_at=now.timestamp(), made_by="", **facts)
            return True

    async def sign_in(self, name: str, password: str, address: str, *, code: str = "", workstation: str = "") -> SignedIn:
        """Raises WrongPassword, LockedOut, Disabled, AccountClosed, SecondFactorNeeded, PasskeyNeeded, WrongCode."""
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
        self._refuse_lapsed(user)
        await self._prove_second_factor(user, code, address)
        for key in _tried(name, address):
            self._tries.pop(key, None)
        return await self._begin(user, address, workstation)

    async def _prove_second_factor(self, user: queries.Row, code: str, address: str) -> None:
        if self._settings.second_factor == "off":
            return
        if user.totp_confirmed:
            if not code:
                raise SecondFactorNeeded()  # told only to whoever knows the password
            try:
                await self.second_factors.verify(user.id, code)
            except WrongCode:
                self._count_wrong(user.name, address)
                raise
        elif await self.passkeys.of(user.id):
            raise PasskeyNeeded()

    async def sign_in_by_passkey(self, origin: Origin, answer: dict[str, Any], address: str, workstation: str) -> SignedIn:
        """Raises PasskeyRefused, Disabled, AccountClosed, LockedOut."""
        self._refuse_locked("", address)
        try:
            user_id = await self.passkeys.finish_sign_in(origin, answer)
        except PasskeyRefused:
            self._count_wrong("", address)
            raise
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, user_id)
        if user is None or user.disabled:
            raise Disabled()
        self._refuse_lapsed(user)
        return await self._begin(user, address, workstation)

    def _refuse_lapsed(self, user: queries.Row) -> None:
        closes_at, (why_zh, why_en) = self.persons.lapse(user)
        if self._clock.now().timestamp() >= closes_at:
            raise AccountClosed(why_zh=why_zh, why_en=why_en)

    async def _begin(self, user: queries.Row, address: str, workstation: str) -> SignedIn:
        token, session = secrets.token_urlsafe(32), secrets.token_hex(12)
        now = self._clock.now().timestamp()
        ended: list[str] = []
        async with self._store.transaction() as tx:
            if self._settings.one_workstation:
                ended = await self.end_sessions_of(tx, user.id)
            await queries.add_session(
                tx,
                token_hash=_hashed(token),
                session=session,
                user_id=user.id,
                now=now,
                address=address,
                workstation=workstation[:256],
            )
            await queries.change_user(tx, user.id, signed_in_at=now)
            found = await queries.session_with_user(tx, _hashed(token))
        if ended:
            self.forget_sessions(ended)
        person = await self.persons.get(user.id)
        if found is None or person is None:
            raise NotSignedIn()  # disabled between password and session
        principal = self._principal(found, person, address)
        return SignedIn(token, principal, bool(user.must_change_password), now + self._settings.longest_s)

    def _principal(self, found: queries.Row, person: Person, address: str) -> Principal:
        has_factor = bool(found.totp_confirmed or found.passkeys)
        return Principal(
            person,
            found.id,
            address,
            bool(found.must_change_password),
            must_enrol=self._settings.second_factor == "required" and not has_factor,
            workstation=found.workstation,
            role=role_of(person, self._clock.now().timestamp()),
        )

    async def principal_of(self, token: str, address: str) -> Principal:
        """Who holds `token`: a person's session or a program's token. Raises NotSignedIn."""
        hashed, now = _hashed(token), self._clock.now().timestamp()
        known = self._known.get(hashed)
        if known is not None and now < known[0] + SESSION_CACHE_S and now < known[2]:
            return known[1]
        if token.startswith(PREFIX):
            program = await self.api_tokens.holder(token, address)
            if program is None:
                raise NotSignedIn()
            return program
        async with self._store.reading() as tx:
            found = await queries.session_with_user(tx, hashed)
        until = 0.0 if found is None else min(found.created_at + self._settings.longest_s, found.used_at + self._settings.idle_s)
        if found is None or found.disabled or now > until:
            self._known.pop(hashed, None)
            if found is not None and now > until:
                await self._end_expired(hashed, found.id)
            raise NotSignedIn()
        if now > found.used_at + USED_EVERY_S:
            async with self._store.transaction() as tx:
                await queries.use_session(tx, hashed, now)
        person = await self.persons.get(found.user_id)
        if person is None:
            raise NotSignedIn()
        principal = self._principal(found, person, address)
        if len(self._known) > MAX_TRIES_KEPT:
            self._known.clear()
        self._known[hashed] = (now, principal, found.created_at + self._settings.longest_s)
        return principal

    async def _end_expired(self, hashed: str, session: str) -> None:
        async with self._store.transaction() as tx:
            await queries.remove_session(tx, hashed)
        self._tell_ended([session])

    async def sessions(self, user_id: int) -> list[queries.Row]:
        """A user's sessions, the newest first."""
        async with self._store.reading() as tx:
            found = await queries.sessions_of(tx, user_id)
        return sorted(found, key=lambda one: -float(one.created_at))

    async def end_session(self, user_id: int, session: str) -> None:
        """Ends one session of a user and every picture that it opened. Raises UnknownSignIn."""
        async with self._store.transaction() as tx:
            found = [one for one in await queries.sessions_of(tx, user_id) if one.id == session]
            if not found:
                raise UnknownSignIn()
            await queries.remove_session(tx, found[0].token_hash)
        self.forget_sessions([session])

    async def account(self, principal: Principal) -> Account:
        """What the console must know of the user's own sign-in."""
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, principal.user_id)
        keys = await self.passkeys.of(principal.user_id)
        return Account(
            policy=self._settings.second_factor,
            authenticator=bool(user is not None and user.totp_confirmed),
            passkeys=len(keys),
            must_enrol=principal.must_enrol,
            full_name=user.full_name if user is not None else "",
        )

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
            self._ended[session] = None
            if len(self._ended) > MAX_TRIES_KEPT:
                self._ended.pop(next(iter(self._ended)))
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

    def decide(
        self, person: Person, function: Function, what: CameraFacts | Place | None = None, footage_age_s: float | None = None
    ) -> Decision:
        """The decision now, with what duty, tickets and policy say."""
        standing = self.standing_of(person.user_id, function, what)
        return decide(
            person,
            function,
            what,
            now=self._clock.now().timestamp(),
            footage_age_s=footage_age_s,
            age_limit_s=standing.age_limit_s,
            ticket=standing.ticket,
            on_duty=standing.on_duty,
        )

    def decide_or_refuse(self, person: Person, function: Function, what: CameraFacts | Place | None = None) -> None:
        """For somebody who does not ask themselves, such as a successor. Raises Refusal."""
        decision = decide(person, function, what, now=self._clock.now().timestamp())
        if isinstance(decision, Refused):
            raise decision.error

    async def prove_again(self, principal: Principal, proof: str) -> None:
        """That it is still this person: a code of the authenticator, or the password of whoever has none.

        Raises WrongCode, WrongPassword, LockedOut.
        """
        self._refuse_locked(principal.name, principal.address)
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, principal.user_id)
        if user is not None and user.totp_confirmed:
            try:
                await self.second_factors.verify(user.id, proof)
            except WrongCode:
                self._count_wrong(principal.name, principal.address)
                raise
        elif user is None or not await self._matches(user.password_hash, proof):
            self._count_wrong(principal.name, principal.address)
            raise WrongPassword()

    def check(
        self,
        principal: Principal,
        function: Function,
        what: CameraFacts | Place | None = None,
        footage_age_s: float | None = None,
    ) -> None:
        """The decision at the door. Raises Refusal, MustChangePassword, MustEnrol."""
        if principal.must_change_password:
            raise MustChangePassword()
        self.check_enrolled(principal)
        decision = self.decide(principal.person, function, what, footage_age_s)
        if isinstance(decision, Refused):
            raise decision.error

    def may(self, principal: Principal, function: Function, what: CameraFacts | Place | None = None) -> bool:
        """The decision where a refusal is no act: what is left out is not asked for."""
        return not isinstance(self.decide(principal.person, function, what), Refused)

    async def still_may(self, principal: Principal, function: Function, what: CameraFacts | Place | None = None) -> bool:
        """For what goes on: whether the same person would be let in now, by the appointments of now."""
        try:
            now = await self.renewed(principal)
        except NotSignedIn:
            return False
        return not isinstance(self.decide(now.person, function, what), Refused)

    async def renewed(self, principal: Principal) -> Principal:
        """The same session with the rights of now. Raises NotSignedIn when it has ended or the account is gone."""
        person = await self.persons.get(principal.user_id)
        if person is None or principal.session in self._ended:
            raise NotSignedIn()
        if principal.is_program:
            person = replace(person, withheld=principal.person.withheld)
        return replace(principal, person=person)

    def scope(self, principal: Principal, function: Function) -> Scope:
        """Where a function is in force now, for lists."""
        return scope_of(principal.person, function, now=self._clock.now().timestamp())

    def functions(self, principal: Principal) -> list[Function]:
        """What the console may offer."""
        return principal.person.functions(self._clock.now().timestamp())

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

    def forget_cached(self) -> None:
        """What is known of sessions is read anew: a second factor came or went."""
        self._known.clear()

    @staticmethod
    def check_enrolled(principal: Principal) -> None:
        """Raises MustEnrol."""
        if principal.must_enrol:
            raise MustEnrol()

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
        for key in _tried(name, address):
            tries = self._tries.get(key)
            if tries is not None and now_s < tries.locked_until_s:
                raise LockedOut(seconds=int(tries.locked_until_s - now_s) + 1)

    def _count_wrong(self, name: str, address: str) -> None:
        if len(self._tries) > MAX_TRIES_KEPT:
            self._tries.clear()
        now_s = self._clock.monotonic_s()
        for key in _tried(name, address):
            tries = self._tries.setdefault(key, Tries())
            limit = self._settings.wrong_passwords_limit * (4 if key.startswith("address:") else 1)
            tries.count(now_s=now_s, limit=limit, lockout_s=self._settings.lockout_s)


def _tried(name: str, address: str) -> tuple[str, ...]:
    """What wrong tries are counted for; a passkey's answer names nobody."""
    return (f"name:{name}", f"address:{address}") if name else (f"address:{address}",)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
