"""What people show to prove who they are: passwords, codes of an authenticator, passkeys. Wrong ones are counted, and lock."""

from __future__ import annotations

from typing import Any, NamedTuple

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
    Principal,
    SecondFactorNeeded,
    WeakPassword,
    WrongCode,
    WrongPassword,
)
from fengsui.features.access.passkeys import Origin, Passkeys
from fengsui.features.access.persons import Persons
from fengsui.features.access.provider_errors import ProofNeedsAuthenticator, ProviderAccount
from fengsui.features.access.refusals import AccountClosed
from fengsui.features.access.second_factor import SecondFactors
from fengsui.features.access.signing_in import Account
from fengsui.settings import SignInSection
from fengsui.store import Store

MIN_PASSWORD = 10


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
        if self._settings.second_factor == "off":
            return
        if user.totp_confirmed:
            if not code:
                raise SecondFactorNeeded()  # told only to whoever knows the password
            try:
                await self._second_factors.verify(user.id, code)
            except WrongCode:
                self._guesses.wrong(*tried)
                raise
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
        tried = (principal.name, principal.address, f"session {principal.session}")
        self._guesses.refuse_locked(*tried)
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, principal.user_id)
        if user is not None and user.totp_confirmed:
            try:
                await self._second_factors.verify(user.id, proof)
            except WrongCode:
                self._guesses.wrong(*tried)
                raise
        elif user is not None and user.provider:
            raise ProofNeedsAuthenticator()
        elif user is None or not await self._hashing.matches(user.password_hash, proof, known=True):
            self._guesses.wrong(*tried)
            raise WrongPassword()

    async def factor(self, principal: Principal, proof: FactorProof) -> None:
        """That it is still this person, by the second factor; a password is none.

        Raises FactorNeeded, WrongCode, PasskeyRefused, LockedOut.
        """
        tried = (principal.name, principal.address, f"session {principal.session}")
        self._guesses.refuse_locked(*tried)
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, principal.user_id)
        try:
            if proof.credential is not None:
                if await self._passkeys.finish_sign_in(proof.origin, proof.credential) != principal.user_id:
                    raise PasskeyRefused(why="another person's key")
            elif proof.code and user is not None and user.totp_confirmed:
                await self._second_factors.verify(user.id, proof.code)
            else:
                raise FactorNeeded()
        except (WrongCode, PasskeyRefused):
            self._guesses.wrong(*tried)
            raise

    async def signs_in_by_factor(self, principal: Principal) -> bool:
        """Whether signing in itself proves the second factor of this person."""
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, principal.user_id)
        has = user is not None and (bool(user.totp_confirmed) or bool(await self._passkeys.of(principal.user_id)))
        return has and self._settings.second_factor != "off"

    async def unlock(self, principal: Principal, password: str, code: str) -> None:
        """That it is still this person, by what signing in takes: the password, and the code of whoever has an authenticator
        where the policy wants one. The password of a provider's account is not ours: its authenticator alone.

        Raises WrongPassword, WrongCode, SecondFactorNeeded, PasskeyNeeded, LockedOut, ProofNeedsAuthenticator.
        """
        tried = (principal.name, principal.address, f"session {principal.session}")
        self._guesses.refuse_locked(*tried)
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, principal.user_id)
        if user is not None and user.provider:
            await self.again(principal, code)
            return
        if user is None or not await self._hashing.matches(user.password_hash, password, known=True):
            self._guesses.wrong(*tried)
            raise WrongPassword()
        await self.second_factor(user, code, tried)

    async def unlock_by_passkey(self, principal: Principal, origin: Origin, answer: dict[str, Any]) -> None:
        """By a key of this person, asked for by this session. Raises PasskeyRefused, LockedOut."""
        tried = (principal.name, principal.address, f"session {principal.session}")
        self._guesses.refuse_locked(*tried)
        try:
            await self._passkeys.finish_unlock(origin, answer, principal.user_id, principal.session)
        except PasskeyRefused:
            self._guesses.wrong(*tried)
            raise

    async def new_password(self, principal: Principal, old: str, new: str) -> str:
        """The hash of `new`, once `old` is proved. Raises WrongPassword, WeakPassword, LockedOut, ProviderAccount."""
        tried = (principal.name, principal.address, f"session {principal.session}")
        self._guesses.refuse_locked(*tried)
        if len(new) < MIN_PASSWORD:
            raise WeakPassword()
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, principal.user_id)
        if user is not None and user.provider:
            raise ProviderAccount(provider=user.provider)
        if user is None or not await self._hashing.matches(user.password_hash, old, known=True):
            self._guesses.wrong(*tried)
            raise WrongPassword()
        return await self.hash(new)

    async def hash(self, password: str) -> str:
        """Argon2id; off the loop, for it is slow on purpose."""
        return await self._hashing.hash(password)

    async def account(self, principal: Principal) -> Account:
        """What the console must know of the user's own sign-in."""
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, principal.user_id)
        keys = await self._passkeys.of(principal.user_id)
        if user is None:
            raise NotSignedIn()
        ways = bool(user.totp_confirmed), len(keys)
        return Account(self._settings.second_factor, *ways, principal.must_enrol, user.full_name, user.provider)

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
        async with self._store.reading() as tx:
            user = await queries.user_by_id(tx, principal.user_id)
        return bool(user is not None and user.must_change_password)
