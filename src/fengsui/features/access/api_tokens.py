"""Tokens for programs: some of their owner's functions, until a day. Shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

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
    created_at: float
    expires_at: float
    used_at: float


class ApiTokens:
    """Made and ended by their owner; they end with the owner's account."""

    def __init__(self, store: Store, time: SteadyTime, persons: Persons) -> None:
        self._store = store
        self._time = time
        self._persons = persons
        self._looked_s = time.now_s()

    async def of(self, user_id: int) -> list[ApiToken]:
        """The user's tokens, the oldest first."""
        async with self._store.reading() as tx:
            rows = await queries.api_tokens_of(tx, user_id)
        return [_token(row) for row in rows]

    async def make(self, who: Principal, name: str, functions: Iterable[Function], days: int) -> tuple[ApiToken, str]:
        """The token and its text. Raises Refusal for a function that the owner lacks."""
        wanted = sorted(set(functions))
        now = self._time.now_s()
        for function in wanted:
            decision = decide(who.person, function, now=now)
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

    async def ended_since_last_look(self) -> list[str]:
        """Names, as principals bear them in place of a session, of tokens whose end came."""
        now = self._time.now_s()
        async with self._store.reading() as tx:
            rows = await queries.api_tokens_between(tx, self._looked_s, now)
        self._looked_s = now
        return [_session_of(row) for row in rows]

    async def holder(self, text: str, address: str) -> Principal | None:
        """Who holds the token, with its functions alone; None when it is unknown, has ended, or its owner is disabled."""
        now = self._time.now_s()
        async with self._store.reading() as tx:
            row = await queries.api_token_with_user(tx, hashed(text))
        if row is None or row.disabled or now >= row.expires_at or row.created_at > now + FUTURE_S:
            return None
        if now > row.used_at + USED_EVERY_S:
            async with self._store.transaction() as tx:
                await queries.use_api_token(tx, row.id, now)
        owner = await self._persons.get(row.user_id)
        if owner is None:
            return None
        person = owner.restricted_to(Function(word) for word in row.functions.split())
        return Principal(person, _session_of(row), address, role=role_of(person, now), is_program=True)


def _session_of(row: queries.Row) -> str:
    """What a token bears in place of a session: never that of another one, while a removed row's number is given again."""
    return f"token-{row.token_hash[:12]}"


def hashed(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


def _token(row: queries.Row) -> ApiToken:
    return ApiToken(row.id, row.name, tuple(row.functions.split()), row.created_at, row.expires_at, row.used_at)
