"""A screen at which nobody works is locked: its session opens nothing until the person proves to be there again (rule A10).

Only pointer and keyboard count as work, which the console reports: the requests that it makes by itself keep no session alive. A
session that was shown by cookie is one at a screen; whoever shows a token has none, and each request counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

import structlog

from fengsui.clock import SteadyTime
from fengsui.errors import OperatorFault, StorageFault
from fengsui.features.access import queries
from fengsui.features.access.credentials import Credential
from fengsui.features.access.model import NotSignedIn, Principal
from fengsui.features.access.signing_in import Account
from fengsui.store import Store

log = structlog.get_logger(__name__)
FUTURE_S = 60.0
"""What lies further ahead than this was written before the clock was set back and the node started anew."""
Way = Literal["password", "password-and-code", "code", "passkey"]


class ScreenLocked(OperatorFault):
    """The session is locked."""

    code = "access.screen_locked"
    status = 401
    zh = "屏幕已锁定"
    en = "The screen is locked"
    remedy_zh = "请在锁屏页面以登录时的方式解锁"
    remedy_en = "Unlock it on the lock page, the way you sign in"

    def __init__(self, *, name: str, session: str) -> None:
        super().__init__()
        self.name = name
        """Whose session it is."""
        self.session = session


def ways_to_unlock(account: Account) -> list[Way]:
    """What signing in takes, except at an identity provider: there only an authenticator of this node helps."""
    if account.provider:
        return ["code"] if account.authenticator else []
    keys: list[Way] = ["passkey"] if account.passkeys else []
    if account.policy == "off":
        return ["password", *keys]
    if account.authenticator:
        return ["password-and-code", *keys]
    return keys or ["password"]


class Unattended(NamedTuple):
    """A session that was locked because nobody worked in it."""

    name: str
    session: str


class ScreenLock:
    """Locks and unlocks sessions. `cut` ends what a session opened, `let_back` lets it open things again."""

    def __init__(
        self,
        store: Store,
        steady: SteadyTime,
        limit_s: float,
        cut: Callable[[Iterable[str]], None],
        let_back: Callable[[str], None],
    ) -> None:
        self.limit_s = limit_s
        self._store = store
        self._steady = steady
        self._cut = cut
        self._let_back = let_back
        self._on_lock: list[Callable[[Unattended], None]] = []
        self._owed: set[str] = set()
        """Locked, and not on disk yet."""

    def on_lock(self, act: Callable[[Unattended], None]) -> None:
        """`act` is called with each session that the node itself locks."""
        self._on_lock.append(act)

    def open_until(self, found: queries.Row, shown: Credential) -> float:
        """When the session is locked unless somebody works in it; 0 where it is locked."""
        if found.locked_at or found.id in self._owed:
            return 0.0
        if not found.at_screen and shown.browser is None:
            return float("inf")
        return float(found.used_at + self.limit_s) if found.used_at <= self._steady.now_s() + FUTURE_S else 0.0

    async def is_locked(self, who: Principal) -> bool:
        """Whether the session is locked by now."""
        async with self._store.reading() as tx:
            found = next((one for one in await queries.sessions_of(tx, who.user_id) if one.id == who.session), None)
        if found is None or found.id in self._owed:
            return True
        return bool(found.locked_at or (found.at_screen and self._steady.now_s() > found.used_at + self.limit_s))

    async def lock(self, session: str) -> None:
        """What the session opened is closed, and it opens nothing more: at once, and on disk as soon as that can be."""
        self._owed.add(session)
        self._cut([session])
        try:
            await self._write(session)
        except StorageFault as error:
            log.warning("a locked screen is not on disk yet", what=str(error))

    async def _write(self, session: str) -> None:
        async with self._store.transaction() as tx:
            await queries.change_session(tx, session, locked_at=self._steady.now_s())
        self._owed.discard(session)

    async def unlock(self, who: Principal) -> None:
        """The person has proved to be there. Raises NotSignedIn when the session has ended meanwhile."""
        async with self._store.transaction() as tx:
            if not await queries.change_session(tx, who.session, locked_at=0.0, used_at=self._steady.now_s()):
                raise NotSignedIn()
        self._owed.discard(who.session)
        self._let_back(who.session)

    async def work(self, who: Principal) -> None:
        """Somebody moved the pointer or pressed a key."""
        async with self._store.transaction() as tx:
            await queries.use_session(tx, who.session, self._steady.now_s())

    async def lock_unattended(self) -> None:
        """All in which nobody has worked for the limit; and what could not be written before. Raises StorageFault."""
        for session in list(self._owed):
            await self._write(session)
        now = self._steady.now_s()
        async with self._store.reading() as tx:
            found = await queries.unattended_sessions(tx, now - self.limit_s, now + FUTURE_S)
        for one in found:
            await self.lock(one.id)
            for act in self._on_lock:
                act(Unattended(one.name, one.id))
