"""Signing in through an identity provider: the flow's states, and the account that each person of the provider has here.

A state is used once, within minutes, on the workstation and in the browser where it began; everything about it stays in memory.
Accounts are found by issuer and subject, never by a name. What groups give is set anew at each sign-in and ends by itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError

from fengsui.clock import Clock
from fengsui.features.access import queries
from fengsui.features.access.actions import Access
from fengsui.features.access.group_mapping import WAITS, Changes, Given, begins, changes, conflict
from fengsui.features.access.model import Disabled, WrongCode
from fengsui.features.access.posts import POST_TEXTS, Post
from fengsui.features.access.provider import Begun, Identity, Provider
from fengsui.features.access.provider_errors import NameHeld, NoMappedGroup, NotBegun, ProviderDenied, UnknownProvider, UnusableName
from fengsui.features.access.refusals import PostsConflict
from fengsui.features.access.signing_in import Record, SignedIn
from fengsui.features.access.workstation import same_workstation
from fengsui.features.audit import NODE, Act, Audit, Stranger
from fengsui.settings import SignInSection
from fengsui.store import Store

FLOW_LIFE_S = 600.0
MAX_FLOWS, MAX_FLOWS_OF_ADDRESS = 10_000, 200
NAME = re.compile(r"[^\s<>\"'/\\]{2,47}")
WORD = re.compile(r"[a-z_]{1,40}")


@dataclass(slots=True)
class Attempt:
    """One request of a sign-in, and whom it turned out to be about, for the record. `known`: the known workstation's cookie."""

    provider: str
    flow: str
    """The cookie with which it began."""
    address: str
    workstation: str
    known: str = ""
    name: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Flow:
    """Begun at a workstation; `until_s` on the monotonic clock. `user_id`: waits for that person's own second factor only."""

    begun: Begun
    cookie: bytes
    address: str
    workstation: str
    until_s: float
    user_id: int = 0


@dataclass(slots=True)
class _Flows:
    """Bounded: a flood from one address pushes out its own, not another's."""

    kept: OrderedDict[str, _Flow] = field(default_factory=OrderedDict)

    def add(self, key: str, flow: _Flow, now_s: float) -> None:
        """A key that is there is replaced."""
        while self.kept and next(iter(self.kept.values())).until_s <= now_s:
            self.kept.popitem(last=False)
        theirs = [one for one, kept in self.kept.items() if kept.address == flow.address]
        if len(theirs) >= MAX_FLOWS_OF_ADDRESS:
            self.kept.pop(theirs[0])
        if len(self.kept) >= MAX_FLOWS:
            self.kept.popitem(last=False)
        self.kept.pop(key, None)
        self.kept[key] = flow


class SingleSignOn:
    """Every provider of the settings."""

    def __init__(
        self, store: Store, clock: Clock, access: Access, audit: Audit, settings: SignInSection, providers: Iterable[Provider]
    ) -> None:
        self.providers: Mapping[str, Provider] = {one.name: one for one in providers}
        self._store = store
        self._clock = clock
        self._access = access
        self._audit = audit
        self._settings = settings
        self._flows = _Flows()
        self._waiting = _Flows()
        """By cookie: who has still to type the code of an own authenticator."""
        self._taking_in = asyncio.Lock()

    async def start(self) -> None:
        """What groups give stands in the log from the beginning. Raises AuditUnavailable."""
        for one in self.providers.values():
            await self._audit.record(NODE, Act.PROVIDER_MAPPING, one.name, detail=f"{one.settings.issuer}: {one.mapping}")

    def _provider(self, name: str) -> Provider:
        found = self.providers.get(name)
        if found is None:
            raise UnknownProvider(provider=name[:16])
        return found

    async def begin(self, attempt: Attempt, redirect_uri: str) -> str:
        """The provider's address for the browser; `attempt.flow`: a fresh cookie's value. Raises UnknownProvider, ProviderAway."""
        provider = self._provider(attempt.provider)
        state, now_s = secrets.token_urlsafe(32), self._clock.monotonic_s()
        begun = Begun(
            attempt.provider, redirect_uri, secrets.token_urlsafe(32), secrets.token_urlsafe(48), self._clock.now().timestamp()
        )
        address = await provider.address_for(begun, state)
        flow = _Flow(begun, _digest(attempt.flow), attempt.address, attempt.workstation, now_s + FLOW_LIFE_S)
        self._flows.add(state, flow, now_s)
        return address

    async def finish(self, attempt: Attempt, record: Record, *, state: str, code: str, error: str, issuer: str) -> SignedIn:
        """With the provider's answer as the browser brought it; `record` as for `Access.sign_in`.

        Raises NotBegun, ProviderDenied, ProviderAway, TokenRefused, UnusableName, NameHeld, NoMappedGroup, PostsConflict, Disabled,
        LockedOut, AccountClosed, SecondFactorNeeded (then `prove` finishes it), AuditUnavailable.
        """
        provider = self._provider(attempt.provider)
        begun = self._spent(self._flows, state, attempt).begun
        if error or not code:
            raise ProviderDenied(why=error if WORD.fullmatch(error) else "no code")
        identity = await provider.identity(begun, code, issuer)
        user = await self._taken_in(provider, identity, attempt)
        if not identity.second_factor and self._settings.second_factor != "off" and user.totp_confirmed:
            now_s = self._clock.monotonic_s()
            waits = _Flow(begun, _digest(attempt.flow), attempt.address, attempt.workstation, now_s + FLOW_LIFE_S, user.id)
            self._waiting.add(_digest(attempt.flow).hex(), waits, now_s)
        return await self._admitted(user, attempt, record, "", elsewhere=identity.second_factor)

    async def prove(self, attempt: Attempt, record: Record, code: str) -> SignedIn:
        """With the code of the own authenticator. Raises NotBegun, WrongCode, Disabled, LockedOut, AccountClosed."""
        attempt.detail = "own authenticator"
        self._provider(attempt.provider)
        key = _digest(attempt.flow).hex()
        waits = self._spent(self._waiting, key, attempt)
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, waits.user_id)
        if user is None or user.disabled:
            raise Disabled()
        attempt.name = user.name
        try:
            return await self._admitted(user, attempt, record, code)
        except WrongCode:
            self._waiting.add(key, waits, self._clock.monotonic_s())
            raise

    async def _admitted(
        self, user: queries.Row, attempt: Attempt, record: Record, code: str, *, elsewhere: bool = False
    ) -> SignedIn:
        tried = self._tried(user.name, attempt)
        self._access.guesses.refuse_locked(*tried)
        self._access.proofs.refuse_lapsed(user)
        if not elsewhere:
            await self._access.proofs.second_factor(user, code, tried)
        self._access.guesses.right(*tried)
        return await self._access.begin(user, attempt.address, attempt.workstation, record, factor_elsewhere=elsewhere)

    def _tried(self, name: str, attempt: Attempt) -> tuple[str, str, str]:
        return name, attempt.address, self._access.guesses.known(attempt.known, name)

    def _spent(self, flows: _Flows, key: str, attempt: Attempt) -> _Flow:
        """It opens nothing again. Raises NotBegun, also where another browser or workstation shows it."""
        found = flows.kept.pop(key, None)
        home = found is not None and (
            hmac.compare_digest(found.cookie, _digest(attempt.flow))
            and found.begun.provider == attempt.provider
            and self._clock.monotonic_s() < found.until_s
            and same_workstation(
                self._settings.workstation,
                began_address=found.address,
                began_browser=found.workstation,
                address=attempt.address,
                browser=attempt.workstation,
            )
        )
        if found is None or not home:
            self._access.guesses.wrong("", attempt.address)
            raise NotBegun()
        return found

    async def _taken_in(self, provider: Provider, identity: Identity, attempt: Attempt) -> queries.Row:
        """The account of that person with what the groups of now give: made where there is none yet. One at a time."""
        wanted = provider.mapping.given_to(identity.groups)
        issuer, now = provider.settings.issuer, self._access.steady.now_s()
        attempt.detail = f"groups: {', '.join(identity.groups)[:300]}"
        async with self._taking_in:
            async with self._store.reading() as tx:
                user = await queries.user_by_subject(tx, issuer, identity.subject)
                held = [] if user is None else await queries.appointments_of(tx, [user.id])
                same = await queries.namesakes(tx, identity.personnel_number, 0 if user is None else user.id)
                theirs = await queries.appointments_of(tx, [one.id for one in same])
            attempt.name = user.name if user is not None else _name(provider, identity)
            if user is not None and user.disabled:
                raise Disabled()
            self._access.guesses.refuse_locked(*self._tried(attempt.name, attempt))
            clash = conflict(held, wanted, now, theirs)
            given = () if clash else wanted
            if user is None and given:
                user = await self._made(provider, identity, attempt, given)
            elif user is not None:
                await self._set(provider, identity, user, changes(held, given, now), attempt)
            if clash:
                raise _conflict(clash)
            if user is None or not given:
                raise NoMappedGroup()
            return user

    async def _made(self, provider: Provider, identity: Identity, attempt: Attempt, given: tuple[Given, ...]) -> queries.Row:
        """Without dates of rule A9: where they are asked for, the account waits for the security administrator to enter them."""
        async with self._store.reading() as tx:
            if await queries.user_by_name(tx, attempt.name) is not None:
                raise NameHeld(name=attempt.name)
        by = _by(provider, attempt)
        await self._audit.record(by, Act.USER_ADD, attempt.name, detail=f"subject {identity.subject}"[:300])
        for one in given:
            await self._audit.record(by, Act.APPOINTMENT_ADD, attempt.name, detail=_said(one))
        now = self._access.steady.now_s()
        try:
            async with self._store.transaction() as tx:
                made = await queries.add_user(
                    tx,
                    name=attempt.name,
                    full_name=identity.full_name,
                    personnel_number=identity.personnel_number,
                    password_hash=await self._access.proofs.hash(secrets.token_urlsafe(32)),  # known to nobody
                    must_change_password=False,
                    created_at=now,
                    provider=provider.name,
                    issuer=provider.settings.issuer,
                    subject=identity.subject,
                )
                for one in given:
                    await queries.add_appointment(tx, user_id=made, **_facts(one, provider, now))
                user = await queries.user_by_id(tx, made)
        except IntegrityError as error:
            raise NameHeld(name=attempt.name) from error
        assert user is not None, "made in this transaction"
        self._access.persons.forget(made)
        return user

    async def _set(self, provider: Provider, identity: Identity, user: queries.Row, found: Changes, attempt: Attempt) -> None:
        """Records, then makes the changes; without any appointment left by groups every session ends."""
        by, now = _by(provider, attempt), self._access.steady.now_s()
        for old in found.ended:
            what = f"{old.post} in {old.area or '*'} by the group {old.given_by_group}"
            await self._audit.record(by, Act.APPOINTMENT_END, user.name, detail=what)
        for one in found.added:
            await self._audit.record(by, Act.APPOINTMENT_ADD, user.name, detail=_said(one))
        ended: list[str] = []
        async with self._store.transaction() as tx:
            for old in found.ended:
                await queries.end_appointment(tx, old.id, at=now, by=by.name)
            for one in found.added:
                await queries.add_appointment(tx, user_id=user.id, **_facts(one, provider, now))
            for old in found.kept:
                await queries.extend_appointment(tx, old.id, now + provider.settings.hold_s)
            told = {"provider": provider.name} | ({"full_name": identity.full_name} if identity.full_name else {})
            told |= {"personnel_number": identity.personnel_number} if identity.personnel_number else {}
            await queries.change_user(tx, user.id, take_over=False, **told)
            if not found.added and not found.kept:
                ended = await self._access.end_sessions_of(tx, user.id)
        self._access.persons.forget(user.id)
        self._access.forget_sessions(ended)


def _digest(cookie: str) -> bytes:
    return hashlib.sha256(b"fengsui flow " + cookie.encode()).digest()


def _name(provider: Provider, identity: Identity) -> str:
    """Raises UnusableName."""
    if not NAME.fullmatch(identity.name) or not identity.name.isprintable():
        raise UnusableName(claim=provider.settings.name_claim)
    return f"{identity.name}@{provider.name}"


def _by(provider: Provider, attempt: Attempt) -> Stranger:
    """Who changes appointments: no account can have such a name."""
    return Stranger(f"single-sign-on/{provider.name}", attempt.address, attempt.workstation, role="identity-provider")


def _said(one: Given) -> str:
    """For the record."""
    return f"{one}; waits for a person of this node" if begins(one.post, 0.0) == WAITS else str(one)


def _facts(one: Given, provider: Provider, now: float) -> dict[str, object]:
    return {
        "post": one.post,
        "area": one.area,
        "classes": one.classes,
        "valid_from": begins(one.post, now),
        "valid_until": now + provider.settings.hold_s,
        "made_at": now,
        "made_by": f"single-sign-on/{provider.name}",
        "given_by_group": one.group,
    }


def _conflict(clash: tuple[Post, Post]) -> PostsConflict:
    (one_zh, one_en), (other_zh, other_en) = (POST_TEXTS[post] for post in clash)
    return PostsConflict(one_zh=one_zh, one_en=one_en, other_zh=other_zh, other_en=other_en)
