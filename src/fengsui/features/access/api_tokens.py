"""Tokens for programs: some of their owner's functions, until a day. Shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import SteadyTime
from fengsui.features.access import queries
from fengsui.features.access.decision import Refused, decide
from fengsui.features.access.model import Principal, UnknownToken
from fengsui.features.access.persons import Persons, role_of
from fengsui.features.access.posts import Function
from fengsui.store import Store

PREFIX = "fsk_"
"""Lets scanners of source code know a token when they see one."""
USED_EVERY_S = 60.0
FUTURE_S = 60.0
"""A token made later than this from now: the clock was set back, and who knows how far its end is."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token as its owner sees it. Times: seconds since 1970, 0 for never."""

    id: int
    name: str
    functions: tuple[str, ...]
    area: str
    """Beyond it nothing is opened; empty: as far as its owner's rights reach."""
    networks: tuple[str, ...]
    """From elsewhere nothing is opened; none: from anywhere."""
    created_at: float
    expires_at: float
    used_at: float


class ApiTokens:
    """Made and ended by their owner; they end with the owner's account."""

    def __init__(self, store: Store, time: SteadyTime, persons: Persons, *, factor_required: bool = False) -> None:
        self._store = store
        self._time = time
        self._persons = persons
        self._factor_required = factor_required
        self._looked_s = time.now_s()

    async def of(self, user_id: int) -> list[ApiToken]:
        """The user's tokens, the oldest first."""
        async with self._store.reading() as tx:
            rows = await queries.api_tokens_of(tx, user_id)
        return [_token(row) for row in rows]

    async def make(
        self, who: Principal, name: str, functions: Iterable[Function], days: int, *, area: str = "", networks: Iterable[str] = ()
    ) -> tuple[ApiToken, str]:
        """The token and its text. `networks`: as CIDR. Raises Refusal for a function that the owner lacks, or lacks in `area`."""
        wanted = sorted(set(functions))
        now = self._time.now_s()
        within = who.person.restricted_to(wanted, area)
        for function in wanted:
            decision = decide(within, function, now=now)
            if isinstance(decision, Refused):
                raise decision.error
        text = PREFIX + secrets.token_urlsafe(32)
        async with self._store.transaction() as tx:
            await queries.add_api_token(
                tx,
                user_id=who.user_id,
                token_hash=hashed(text),
                name=name,
                functions=" ".join(wanted),
                area=area,
                networks=" ".join(networks),
                created_at=now,
                expires_at=now + days * 86_400,
                used_at=0.0,
            )
        return (await self.of(who.user_id))[-1], text

    async def remove(self, user_id: int, token: int) -> str:
        """It opens nothing from now on; its name in place of a session. Raises UnknownToken."""
        async with self._store.transaction() as tx:
            row = await queries.remove_api_token(tx, user_id, token)
            if row is None:
                raise UnknownToken()
        return _session_of(row)

    @staticmethod
    async def remove_of(tx: AsyncConnection, user_id: int) -> list[str]:
        """A password or a factor was changed: every token of the user ends with it. Names in place of sessions, to be told."""
        return [_session_of(row) for row in await queries.remove_api_tokens_of(tx, user_id)]

    async def ended_since_last_look(self) -> list[str]:
        """Names, as principals bear them in place of a session, of tokens whose end came."""
        now = self._time.now_s()
        async with self._store.reading() as tx:
            rows = await queries.api_tokens_between(tx, self._looked_s, now)
        self._looked_s = now
        return [_session_of(row) for row in rows]

    async def holder(self, text: str, address: str) -> Principal | None:
        """Who holds the token, with its functions alone.

        None when it is unknown, has ended, is used from elsewhere, or its owner is disabled or must set password or factor first.
        """
        now = self._time.now_s()
        async with self._store.reading() as tx:
            row = await queries.api_token_with_user(tx, hashed(text))
        if row is None or row.disabled or now >= row.expires_at or row.created_at > now + FUTURE_S:
            return None
        without_factor = not (row.totp_confirmed or row.passkeys or row.provider)  # a provider's sign-in proves its own
        if row.must_change_password or (self._factor_required and without_factor) or not _from(row.networks, address):
            return None
        if now > row.used_at + USED_EVERY_S:
            async with self._store.transaction() as tx:
                await queries.use_api_token(tx, row.id, now)
        owner = await self._persons.get(row.user_id)
        if owner is None:
            return None
        person = owner.restricted_to((Function(word) for word in row.functions.split()), row.area)
        bound = bool(row.networks)
        return Principal(person, _session_of(row), address, role=role_of(person, now), is_program=True, has_networks=bound)


def _session_of(row: queries.Row) -> str:
    """What a token bears in place of a session: never that of another one, while a removed row's number is given again."""
    return f"token-{row.token_hash[:12]}"


def hashed(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


def _from(networks: str, address: str) -> bool:
    """Whether the address lies in one of the networks; none: anywhere."""
    if not networks:
        return True
    try:
        here = ipaddress.ip_address(address)
        return any(here in ipaddress.ip_network(one) for one in networks.split())
    except ValueError:
        return False


def _token(row: queries.Row) -> ApiToken:
    bounds = row.area, tuple(row.networks.split())
    return ApiToken(row.id, row.name, tuple(row.functions.split()), *bounds, row.created_at, row.expires_at, row.used_at)
