"""Passkeys (WebAuthn level 2): the device keeps the key, the person unlocks it; so one of them is both factors."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from fengsui.clock import Clock
from fengsui.features.access import queries
from fengsui.features.access.model import PasskeyRefused, UnknownPasskey
from fengsui.store import Store

CHALLENGE_LIFE_S = 120.0
MAX_CHALLENGES = 10_000
SIGN_IN = "sign in"
NAME = "烽燧 Fengsui"


@dataclass(frozen=True, slots=True)
class Origin:
    """The site a browser speaks from. `host` without port; `url` as browsers write an origin."""

    host: str
    url: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """One key of a user. Times: seconds since 1970, 0 for never."""

    id: int
    name: str
    created_at: float
    used_at: float


class Passkeys:
    """Registers and checks passkeys. A challenge is used once, within two minutes, by whom it was made for."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._challenges: dict[bytes, tuple[str, float]] = {}
        """What each was made for, and until when it counts."""

    async def of(self, user_id: int) -> list[Passkey]:
        """The user's keys, the oldest first."""
        async with self._store.reading() as tx:
            rows = await queries.passkeys_of(tx, user_id)
        return [Passkey(row.id, row.name, row.created_at, row.used_at) for row in rows]

    async def begin_registration(self, origin: Origin, user_id: int, name: str, session: str) -> dict[str, Any]:
        """Options for `navigator.credentials.create`; the answer counts in this session alone, which has proved who asks."""
        async with self._store.reading() as tx:
            rows = await queries.passkeys_of(tx, user_id)
        options = generate_registration_options(
            rp_id=origin.host,
            rp_name=NAME,
            user_name=name,
            user_id=str(user_id).encode(),
            challenge=self._challenge(_registering(user_id, session)),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential)) for row in rows],
        )
        found: dict[str, Any] = json.loads(options_to_json(options))
        return found

    async def finish_registration(self, origin: Origin, user_id: int, name: str, answer: dict[str, Any], session: str) -> Passkey:
        """Keeps the new key. Raises PasskeyRefused."""
        try:
            verified = verify_registration_response(
                credential=answer,
                expected_challenge=self._spent(answer, _registering(user_id, session)),
                expected_rp_id=origin.host,
                expected_origin=origin.url,
                require_user_verification=True,
            )
        except WebAuthnException as error:
            raise PasskeyRefused(why=str(error)[:200]) from error
        async with self._store.transaction() as tx:
            await queries.add_passkey(
                tx,
                user_id=user_id,
                credential=bytes_to_base64url(verified.credential_id),
                public_key=verified.credential_public_key.hex(),
                sign_count=verified.sign_count,
                name=name,
                created_at=self._clock.now().timestamp(),
                used_at=0.0,
            )
        return (await self.of(user_id))[-1]

    def begin_sign_in(self, origin: Origin) -> dict[str, Any]:
        """Options for `navigator.credentials.get`; the key itself tells who it is."""
        options = generate_authentication_options(
            rp_id=origin.host, challenge=self._challenge(SIGN_IN), user_verification=UserVerificationRequirement.REQUIRED
        )
        found: dict[str, Any] = json.loads(options_to_json(options))
        return found

    async def finish_sign_in(self, origin: Origin, answer: dict[str, Any]) -> int:
        """The id of the user whose key answered. Raises PasskeyRefused, also for a key whose counter went back (a copy)."""
        return await self._answered(origin, answer, SIGN_IN)

    async def begin_unlock(self, origin: Origin, user_id: int, session: str) -> dict[str, Any]:
        """As for a sign-in, but for the keys of this user alone, and the answer opens this session alone."""
        async with self._store.reading() as tx:
            rows = await queries.passkeys_of(tx, user_id)
        options = generate_authentication_options(
            rp_id=origin.host,
            challenge=self._challenge(_unlocking(session)),
            allow_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential)) for row in rows],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        found: dict[str, Any] = json.loads(options_to_json(options))
        return found

    async def finish_unlock(self, origin: Origin, answer: dict[str, Any], user_id: int, session: str) -> None:
        """That a key of this user answered what was asked for this session. Raises PasskeyRefused."""
        await self._answered(origin, answer, _unlocking(session), user_id)

    async def _answered(self, origin: Origin, answer: dict[str, Any], made_for: str, whose: int | None = None) -> int:
        """The id of the user whose key answered; with `whose`, a key of somebody else is not even looked at."""
        credential = answer.get("id")
        async with self._store.reading() as tx:
            row = await queries.passkey_by_credential(tx, credential if isinstance(credential, str) else "")
        if row is None or whose not in (None, row.user_id):
            raise PasskeyRefused(why="unknown key")
        try:
            verified = verify_authentication_response(
                credential=answer,
                expected_challenge=self._spent(answer, made_for),
                expected_rp_id=origin.host,
                expected_origin=origin.url,
                credential_public_key=bytes.fromhex(row.public_key),
                credential_current_sign_count=row.sign_count,
                require_user_verification=True,
            )
        except WebAuthnException as error:
            raise PasskeyRefused(why=str(error)[:200]) from error
        async with self._store.transaction() as tx:
            await queries.use_passkey(tx, row.id, sign_count=verified.new_sign_count, now=self._clock.now().timestamp())
        return int(row.user_id)

    @staticmethod
    async def remove(tx: AsyncConnection, user_id: int, passkey: int) -> None:
        """Raises UnknownPasskey."""
        if not await queries.remove_passkey(tx, user_id, passkey):
            raise UnknownPasskey()

    def _challenge(self, made_for: str) -> bytes:
        now_s = self._clock.monotonic_s()
        if len(self._challenges) >= MAX_CHALLENGES:
            self._challenges = {key: value for key, value in self._challenges.items() if value[1] > now_s}
        if len(self._challenges) >= MAX_CHALLENGES:
            self._challenges.clear()
        made = secrets.token_bytes(32)
        self._challenges[made] = (made_for, now_s + CHALLENGE_LIFE_S)
        return made

    def _spent(self, answer: dict[str, Any], wanted_for: str) -> bytes:
        """The challenge that is answered, if we made it for this lately; it is used up. Raises PasskeyRefused."""
        try:
            client = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
            challenge = base64url_to_bytes(client["challenge"])
        except (KeyError, TypeError, ValueError) as error:
            raise PasskeyRefused(why="malformed answer") from error
        made_for, until_s = self._challenges.pop(challenge, ("", 0.0))
        if made_for != wanted_for or self._clock.monotonic_s() > until_s:
            raise PasskeyRefused(why="unknown or old challenge")
        return challenge


def _registering(user_id: int, session: str) -> str:
    return f"register {user_id} {session}"


def _unlocking(session: str) -> str:
    return f"unlock {session}"
