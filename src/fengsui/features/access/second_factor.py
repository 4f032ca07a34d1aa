"""The second factor: time-based codes (RFC 6238) and recovery codes. Secrets are sealed; a code opens once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.features.access import queries
from fengsui.features.access.model import NoEnrolment, SecondFactorInUse, WrongCode
from fengsui.store import Store

STEP_S = 30
RECOVERY_CODES = 10
ISSUER = "Fengsui"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters that are read as another."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs; shown once, in force once a first code proved it."""

    secret: str
    """Base32."""
    uri: str
    """`otpauth://…`, for a QR code."""


class SecondFactors:
    """Keeps the sealed secrets. `key`: 32 octets that never leave the node's key folder."""

    def __init__(self, store: Store, clock: Clock, key: bytes) -> None:
        self._store = store
        self._clock = clock
        self._seal = AESGCM(key)

    async def begin(self, user_id: int, name: str) -> Enrolment:
        """A new secret that waits for its first code. Raises SecondFactorInUse."""
        secret = pyotp.random_base32()
        async with self._store.transaction() as tx:
            user = await queries.user_by_id(tx, user_id)
            if user is None or user.totp_confirmed:
                raise SecondFactorInUse()
            await queries.change_user(tx, user_id, totp_secret=self._sealed(user_id, secret), totp_confirmed=False)
            await queries.forget_totp_steps(tx, user_id)
        return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER))

    async def confirm(self, user_id: int, code: str) -> list[str]:
        """The first code puts the secret in force; the recovery codes, told once. Raises NoEnrolment, WrongCode."""
        async with self._store.transaction() as tx:
            user = await queries.user_by_id(tx, user_id)
            if user is None or not user.totp_secret or user.totp_confirmed:
                raise NoEnrolment()
            step = self._step_of(user_id, user.totp_secret, code, used=frozenset())
            await queries.change_user(tx, user_id, totp_confirmed=True)
            await queries.use_totp_step(tx, user_id, step)
            return await self._new_recovery_codes(tx, user_id)

    async def renew_recovery_codes(self, user_id: int, code: str) -> list[str]:
        """New recovery codes; the old ones end. Raises NoEnrolment, WrongCode."""
        async with self._store.transaction() as tx:
            await self._prove(tx, user_id, code)
            return await self._new_recovery_codes(tx, user_id)

    async def end(self, tx: AsyncConnection, user_id: int, code: str) -> None:
        """The user gives the factor up, with a last code. Raises NoEnrolment, WrongCode."""
        await self._prove(tx, user_id, code)
        await self.forget(tx, user_id)

    @staticmethod
    async def forget(tx: AsyncConnection, user_id: int) -> None:
        """Takes factor and recovery codes away: whoever lost the telephone begins anew."""
        await queries.change_user(tx, user_id, totp_secret="", totp_confirmed=False)
        await queries.forget_totp_steps(tx, user_id)
        await queries.remove_recovery_codes(tx, user_id)

    async def verify(self, user_id: int, code: str) -> None:
        """A time code that was not used yet, or a recovery code, which is spent by it. Raises WrongCode."""
        async with self._store.transaction() as tx:
            await self._prove(tx, user_id, code)

    async def began(self, user_id: int) -> float:
        """When the authenticator was put in force: the step of its first code. Seconds since 1970, 0 where there is none."""
        async with self._store.reading() as tx:
            return min(await queries.totp_steps(tx, user_id), default=0) * float(STEP_S)

    async def recovery_codes_left(self, user_id: int) -> int:
        """Codes not spent yet."""
        async with self._store.reading() as tx:
            return await queries.count_recovery_codes(tx, user_id)

    async def _prove(self, tx: AsyncConnection, user_id: int, code: str) -> None:
        user = await queries.user_by_id(tx, user_id)
        if user is None or not user.totp_confirmed:
            raise NoEnrolment()
        plain = code.replace(" ", "").replace("-", "").lower()
        if len(plain) > 6:
            if not await queries.spend_recovery_code(tx, user_id, _hashed(plain)):
                raise WrongCode()
            return
        step = self._step_of(user_id, user.totp_secret, plain, used=await queries.totp_steps(tx, user_id))
        try:
            await queries.use_totp_step(tx, user_id, step)
        except IntegrityError as error:
            raise WrongCode() from error  # the same code, a moment before

    def _step_of(self, user_id: int, sealed: str, code: str, *, used: frozenset[int]) -> int:
        """The 30 s step in which `code` is right: now or one beside it, and not one of `used`, so that none opens twice.

        Each step is remembered, not the latest alone: after the clock was set back, codes of now open, those seen before do not.
        """
        secret = pyotp.TOTP(self._opened(user_id, sealed))
        now = int(self._clock.now().timestamp()) // STEP_S
        for step in (now, now - 1, now + 1):
            if step not in used and secret.verify(code, for_time=step * STEP_S):
                return step
        raise WrongCode()

    async def _new_recovery_codes(self, tx: AsyncConnection, user_id: int) -> list[str]:
        codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
        await queries.remove_recovery_codes(tx, user_id)
        await queries.add_recovery_codes(tx, user_id, [_hashed(code) for code in codes])
        return [f"{code[:5]}-{code[5:]}" for code in codes]

    def _sealed(self, user_id: int, secret: str) -> str:
        nonce = secrets.token_bytes(12)
        return (nonce + self._seal.encrypt(nonce, secret.encode(), str(user_id).encode())).hex()

    def _opened(self, user_id: int, sealed: str) -> str:
        octets = bytes.fromhex(sealed)
        try:
            return self._seal.decrypt(octets[:12], octets[12:], str(user_id).encode()).decode()
        except InvalidTag as error:  # another node's database, or a row put under another user
            raise NoEnrolment() from error


def _hashed(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
