"""What people show to prove who they are: passwords, codes of an authenticator, passkeys. Wrong ones are counted, and lock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple
from weakref import WeakValueDictionary

from fengsui.clock import SteadyTime
from fengsui.errors import StorageFault
from fengsui.features.access import queries
from fengsui.features.access.guesses import Guesses
from fengsui.features.access.hashing import Hashing
from fengsui.features.access.model import (
    Disabled,
    FactorNeeded,
    NotSignedIn,
    PasskeyNeeded,
    PasskeyRefused,
    PasskeysToSettle,
    Principal,
    ProofNeeded,
    SecondFactorNeeded,
    WeakPassword,
    WrongCode,
    WrongPassword,
)
from fengsui.features.access.passkeys import Origin, Passkeys
from fengsui.features.access.persons import Persons
from fengsui.features.access.provider_errors import ProofNeedsAuthenticator, ProofNeedsSignIn, ProviderAccount
from fengsui.features.access.refusals import AccountClosed
from fengsui.features.access.second_factor import SecondFactors
from fengsui.features.access.signing_in import Account, NewFactor
from fengsui.settings import SignInSection
from fengsui.store import Store

MIN_PASSWORD = 10
FRESH_S: Final = 300.0
"""A sign-in at an identity provider is a proof for so long."""
TOLD_S: Final = 7 * 86_400.0
"""Each sign-in tells of a new factor for so long: the first one may be the stranger's."""


class FactorProof(NamedTuple):
    """What somebody shows anew: a code of the authenticator, or the answer of a passkey on the pages at `origin`."""

    code: str
    credential: dict[str, Any] | None
    origin: Origin


class Proofs:
    """Says whose proof it is; what follows from that is not decided here."""

    def __init__(
        self,
        store: Store,
        steady: SteadyTime,
        settings: SignInSection,
        persons: Persons,
        guesses: Guesses,
        second_factors: SecondFactors,
        passkeys: Passkeys,
    ) -> None:
        self._store = store
        self._steady = steady
        self._settings = settings
        self._persons = persons
        self._guesses = guesses
        self._second_factors = second_factors
        self._passkeys = passkeys
        self._hashing = Hashing()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def counted(self, principal: Principal) -> AsyncIterator[None]:
        """Around what somebody who is signed in shows, one thing at a time: what is wrong counts, and locks. Raises LockedOut."""
        tried = (principal.name, principal.address, f"session {principal.session}")
        turn = self._turns.setdefault(principal.session, asyncio.Lock())
        async with turn:  # else as many are compared at once as anybody sends, before the first one counts
            self._guesses.refuse_locked(*tried)
            try:
                yield
            except (WrongCode, WrongPassword, PasskeyRefused):
                self._guesses.wrong(*tried)
                raise

    async def by_password(self, name: str, password: str, address: str, *, code: str, known: str) -> queries.Row:
        """The user whose password it is. `known`: the cookie of a workstation on which somebody signed in before.

        Raises WrongPassword, LockedOut, TooManyTries, Disabled, AccountClosed, SecondFactorNeeded, PasskeyNeeded, WrongCode.
        """
        tried = (name, address, self._guesses.known(known, name))
        self._guesses.refuse_locked(*tried)
        async with self._store.reading() as tx:
            user = await queries.user_by_name(tx, name)
        hashed = self._hashing.nobody if user is None else user.password_hash
        if not await self._hashing.matches(hashed, password, known=bool(tried[2])) or user is None:
            self._guesses.wrong(*tried)
            raise WrongPassword()
        self._guesses.refuse_locked(*tried)  # guesses that were compared at the same time
        if user.disabled:
            raise Disabled()  # told only to whoever knows the password
        self.refuse_lapsed(user)
        await self.second_factor(user, code, tried)
        self._guesses.right(*tried)
        return user

    async def by_passkey(self, origin: Origin, answer: dict[str, Any], address: str) -> queries.Row:
        """The user whose passkey answers. Raises PasskeyRefused, Disabled, AccountClosed, LockedOut."""
        self._guesses.refuse_locked("", address)
        try:
            user_id = await self._passkeys.finish_sign_in(origin, answer)
        except PasskeyRefused:
            self._guesses.wrong("", address)
            raise
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, user_id)
        if user is None or user.disabled:
            raise Disabled()
        self.refuse_lapsed(user)
        return user

    async def second_factor(self, user: queries.Row, code: str, tried: tuple[str, str, str]) -> None:
        """`tried`: what a wrong code counts for. Raises SecondFactorNeeded, PasskeyNeeded, WrongCode."""
        try:
            await self._second_factor(user, code)
        except WrongCode:
            self._guesses.wrong(*tried)
            raise

    async def _second_factor(self, user: queries.Row, code: str) -> None:
        if self._settings.second_factor == "off":
            return
        if user.totp_confirmed:
            if not code:
                raise SecondFactorNeeded()  # told only to whoever knows the password
            await self._second_factors.verify(user.id, code)
        elif await self._passkeys.of(user.id):
            raise PasskeyNeeded()

    def refuse_lapsed(self, user: queries.Row) -> None:
        """Raises AccountClosed."""
        closes_at, (why_zh, why_en) = self._persons.lapse(user)
        if self._steady.now_s() >= closes_at:
            raise AccountClosed(why_zh=why_zh, why_en=why_en)

    async def again(self, principal: Principal, proof: str) -> None:
        """That it is still this person: a code of the authenticator, or the password of whoever has none.

        Raises WrongCode, WrongPassword, LockedOut, ProofNeedsAuthenticator.
        """
        async with self.counted(principal):
            user = await self._user(principal)
            if user is not None and user.totp_confirmed:
                await self._second_factors.verify(user.id, proof)
            elif user is not None and user.provider:
                raise ProofNeedsAuthenticator()
            else:
                await self._refuse_wrong_password(user, proof)

    async def factor(self, principal: Principal, proof: FactorProof) -> None:
        """That it is still this person, by the second factor; a password is none.

        Raises FactorNeeded, WrongCode, PasskeyRefused, LockedOut.
        """
        async with self.counted(principal):
            user = await self._user(principal)
            if proof.credential is not None:
                if await self._passkeys.finish_sign_in(proof.origin, proof.credential) != principal.user_id:
                    raise PasskeyRefused(why="another person's key")
            elif proof.code and user is not None and user.totp_confirmed:
                await self._second_factors.verify(user.id, proof.code)
            else:
                raise FactorNeeded()

    async def fresh(self, principal: Principal, proof: FactorProof) -> None:
        """Before a way to sign in comes or goes: the second factor, or the password of whoever has no factor yet.

        Whoever has neither here came by an identity provider, within the last five minutes.
        Raises FactorNeeded, ProofNeeded, WrongCode, WrongPassword, PasskeyRefused, LockedOut, ProofNeedsSignIn.
        """
        user = await self._user(principal)
        if user is not None and (user.totp_confirmed or await self._passkeys.of(user.id)):
            await self.factor(principal, proof)
        elif user is not None and user.provider:
            async with self._store.reading() as tx:
                began = [one.created_at for one in await queries.sessions_of(tx, user.id) if one.id == principal.session]
            if not began or self._steady.now_s() > began[0] + FRESH_S:
                raise ProofNeedsSignIn(provider=user.provider)
        elif not proof.code:
            raise ProofNeeded()
        else:
            async with self.counted(principal):
                await self._refuse_wrong_password(user, proof.code)

    async def _user(self, principal: Principal) -> queries.Row | None:
        async with self._store.reading() as tx:
            return await queries.user_by_id(tx, principal.user_id)

    async def _refuse_wrong_password(self, user: queries.Row | None, password: str) -> None:
        if user is None or not await self._hashing.matches(user.password_hash, password, known=True):
            raise WrongPassword()

    async def signs_in_by_factor(self, principal: Principal) -> bool:
        """Whether signing in itself proves the second factor of this person."""
        user = await self._user(principal)
        has = user is not None and (bool(user.totp_confirmed) or bool(await self._passkeys.of(principal.user_id)))
        return has and self._settings.second_factor != "off"

    async def unlock(self, principal: Principal, password: str, code: str) -> None:
        """That it is still this person, by what signing in takes: the password, and the code of whoever has an authenticator
        where the policy wants one. The password of a provider's account is not ours: its authenticator alone.

        Raises WrongPassword, WrongCode, SecondFactorNeeded, PasskeyNeeded, LockedOut, ProofNeedsAuthenticator.
        """
        user = await self._user(principal)
        if user is not None and user.provider:
            await self.again(principal, code)
            return
        async with self.counted(principal):
            await self._refuse_wrong_password(user, password)
            if user is not None:
                await self._second_factor(user, code)

    async def unlock_by_passkey(self, principal: Principal, origin: Origin, answer: dict[str, Any]) -> None:
        """By a key of this person, asked for by this session. Raises PasskeyRefused, LockedOut."""
        async with self.counted(principal):
            await self._passkeys.finish_unlock(origin, answer, principal.user_id, principal.session)

    async def new_password(self, principal: Principal, old: str, new: str, *, keep: bool | None, proof: FactorProof) -> str:
        """The hash of `new`, once `old` is proved. `keep`: whether the passkeys stay; that they end takes one of them, or a code.

        Raises WrongPassword, WeakPassword, LockedOut, ProviderAccount, PasskeysToSettle, and what `factor` raises.
        """
        if len(new) < MIN_PASSWORD:
            raise WeakPassword()
        user = await self._user(principal)
        if user is not None and user.provider:
            raise ProviderAccount(provider=user.provider)
        async with self.counted(principal):
            await self._refuse_wrong_password(user, old)
        keys = await self._passkeys.of(principal.user_id)
        if keys and keep is None:
            raise PasskeysToSettle(count=len(keys), names=", ".join(one.name for one in keys))
        if keys and not keep:
            await self.factor(principal, proof)
        return await self.hash(new)

    async def hash(self, password: str) -> str:
        """Argon2id; off the loop, for it is slow on purpose."""
        return await self._hashing.hash(password)

    async def account(self, principal: Principal) -> Account:
        """What the console must know of the user's own sign-in."""
        user = await self._user(principal)
        keys = await self._passkeys.of(principal.user_id)
        if user is None:
            raise NotSignedIn()
        ways = bool(user.totp_confirmed), len(keys)
        new = [NewFactor("passkey", one.name, one.created_at) for one in keys]
        if user.totp_confirmed:
            new.append(NewFactor("authenticator", "", await self._second_factors.began(user.id)))
        told = tuple(one for one in new if one.added_at > self._steady.now_s() - TOLD_S)
        return Account(self._settings.second_factor, *ways, principal.must_enrol, user.full_name, user.provider, told)

    async def name_on_record(self, claimed: str) -> str:
        """As whom a try to sign in is recorded: a name that nobody has may be a password in the wrong field."""
        try:
            async with self._store.reading() as tx:
                found = await queries.user_by_name(tx, claimed)
        except StorageFault:
            found = None
        return claimed if found is not None else self._guesses.pseudonym(claimed)

    async def must_change_password(self, principal: Principal) -> bool:
        """Whether this user still has a generated password."""
        user = await self._user(principal)
        return bool(user is not None and user.must_change_password)
