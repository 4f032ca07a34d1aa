"""The time of sessions: when they end, and that nobody has to ask for that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import structlog

from fengsui.clock import SteadyTime
from fengsui.errors import StorageFault
from fengsui.features.access import queries
from fengsui.features.access.api_tokens import ApiTokens
from fengsui.features.access.screen_lock import FUTURE_S, ScreenLock
from fengsui.settings import SignInSection
from fengsui.store import Store

TICK_S, SWEEP_S = 0.5, 2.0
log = structlog.get_logger(__name__)


class SessionTime:
    """Ends what has expired and locks what nobody works in. `cut` ends what a session opened."""

    def __init__(
        self,
        store: Store,
        steady: SteadyTime,
        settings: SignInSection,
        tokens: ApiTokens,
        screens: ScreenLock,
        cut: Callable[[Iterable[str]], None],
    ) -> None:
        self._store = store
        self._steady = steady
        self._settings = settings
        self._tokens = tokens
        self._screens = screens
        self._cut = cut

    def until(self, found: queries.Row, now: float) -> float:
        """When a session ends; 0 for one that began in the future: the clock was set back, and the node started anew."""
        if found.created_at > now + FUTURE_S:
            return 0.0
        return float(min(found.created_at + self._settings.longest_s, found.used_at + self._settings.idle_s))

    async def keep(self) -> None:
        """Until cancelled: looks at the clock, and ends what has expired together with its pictures."""
        swept_s = 0.0
        while True:
            await asyncio.sleep(TICK_S)
            now = self._steady.now_s()
            if now < swept_s + SWEEP_S:
                continue
            swept_s = now
            try:
                await self._end_expired(now)
                await self._screens.lock_unattended()
            except StorageFault as error:
                log.warning("expired sessions could not be ended", what=str(error))

    async def _end_expired(self, now: float) -> None:
        async with self._store.reading() as tx:
            old = await queries.sessions_before(tx, now - self._settings.longest_s, now - self._settings.idle_s, now + FUTURE_S)
        for one in old:
            await self.end(one.token_hash, one.id)
        if ended := await self._tokens.ended_since_last_look():
            self._cut(ended)

    async def end(self, hashed: str, session: str) -> None:
        """One session, and what it opened."""
        async with self._store.transaction() as tx:
            await queries.remove_session(tx, hashed)
        self._cut([session])
