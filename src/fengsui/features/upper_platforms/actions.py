"""Upper platforms as they are entered, and our registration at each: kept up, made anew when it is lost, ended when it is over."""

from __future__ import annotations

import asyncio
import random
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.clock import Clock
from fengsui.errors import NodeFault
from fengsui.features.access import PlatformFunction, Platforms, Principal
from fengsui.features.alarms import KeyUnreadable
from fengsui.features.audit import NODE, Act, Audit, AuditUnavailable
from fengsui.features.devices import NoAnswer, Peer
from fengsui.features.upper_platforms import queries
from fengsui.features.upper_platforms.model import (
    MOST_UPPERS,
    Granted,
    LinkState,
    Liveness,
    NotTaken,
    Standing,
    TooManyUppers,
    UnknownUpper,
    UnusableUpper,
    Upper,
    UpperAway,
    UpperKnown,
    check_share,
    is_at,
)
from fengsui.features.upper_platforms.ports import Keys, Registration, Upward
from fengsui.loops import keep
from fengsui.store import Store, written
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.gb28181.manscdp import Keepalive

log = structlog.get_logger(__name__)
NAME: Final = "upper-platform"
RETRY_S: Final = 60.0
"""At least so long after an attempt in vain, and up to a fifth more (§9.1.2.1)."""
BEAT_ANSWER_S: Final = 8.0
GOODBYE_S: Final = 2.0
NAMED_A_RECORD: Final = 20
FORGOTTEN: Final = frozenset((401, 403, 404, 481))
"""Answers to a keep-alive by which a platform says that it does not have us."""


@dataclass(slots=True)
class KnownUpper:
    """`password` None: its row was changed past the node. `peer`: where it has us, or is just asked to; None: it has not."""

    upper: Upper
    password: str | None
    standing: Standing
    peer: Peer | None = None
    edition: Edition = Edition.V2016
    registration: Registration | None = None
    granted_s: int = 0
    task: asyncio.Task[None] | None = None
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    """Its connection is gone."""


class UpperPlatforms:
    """Of one node. `own`: its code."""

    def __init__(
        self, store: Store, clock: Clock, audit: Audit, platforms: Platforms, keys: Keys, upward: Upward, own: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._platforms = platforms
        self._keys = keys
        self._upward = upward
        self._own = own
        self._known: dict[str, KnownUpper] = {}
        self._changing = asyncio.Lock()
        self._begun = False
        self.retry_s = RETRY_S

    async def start(self) -> None:
        """Reads them all. Raises StorageFault."""
        await self._read()

    def begin(self) -> None:
        """Registers at each, once the SIP port is open."""
        self._begun = True
        for known in self._known.values():
            self._follow(known)

    async def stop(self) -> None:
        """Says goodbye to all of them at once."""
        self._begun = False
        await asyncio.gather(*(self._end(known) for known in self._known.values()))

    async def _read(self) -> None:
        async with self._store.reading() as tx:
            rows = {one.upper.code: one for one in await queries.all_uppers(tx)}
        for code in [code for code, known in self._known.items() if code not in rows or rows[code].upper != known.upper]:
            await self._end(self._known.pop(code))
        for code, kept in rows.items():
            if code not in self._known:
                self._known[code] = known = self._entered(kept)
                self._follow(known)
        entered = (PlatformFunction.READ_CATALOGUE,)
        self._platforms.entered = {code: entered for code, known in self._known.items() if known.password is not None}

    def _entered(self, kept: queries.Kept) -> KnownUpper:
        now = self._clock.now().timestamp()
        try:
            if not kept.whole:
                raise KeyUnreadable()
            password = self._keys.opened(kept.upper.code, kept.sealed_password).decode()
        except KeyUnreadable:
            log.error("the row of an upper platform is not as the node wrote it; nothing is sent there", platform=kept.upper.code)
            return KnownUpper(kept.upper, None, Standing(LinkState.DISTRUSTED, now))
        return KnownUpper(kept.upper, password, Standing(LinkState.JOINING, now))

    def all(self) -> list[KnownUpper]:
        """By name."""
        return sorted(self._known.values(), key=lambda one: (one.upper.name, one.upper.code))

    def get(self, id: int) -> KnownUpper:
        """Raises UnknownUpper."""
        found = next((one for one in self._known.values() if one.upper.id == id), None)
        if found is None:
            raise UnknownUpper()
        return found

    def linked(self, code: str, peer: Peer) -> KnownUpper | None:
        """The platform of this code, if it has us and this may be it."""
        known = self._known.get(code)
        return known if known is not None and known.peer is not None and is_at(peer, known.peer) else None

    def faults(self) -> list[tuple[NodeFault, datetime]]:
        """For the node's page: platforms that do not have us."""
        return [
            (_away(one), datetime.fromtimestamp(one.standing.since, UTC))
            for one in self.all()
            if one.standing.state not in (LinkState.ONLINE, LinkState.JOINING)
        ]

    async def add(self, who: Principal, wanted: Upper, password: str) -> KnownUpper:
        """`wanted`: without number and time. Raises UnusableUpper, UpperKnown, TooManyUppers, AuditUnavailable, StorageFault."""
        if wanted.code == self._own:
            raise UnusableUpper(why_zh="编码是本节点自己的", why_en="the code is this node's own")
        check_share(wanted.share, self._own)
        async with self._changing:
            if wanted.code in self._known:
                raise UpperKnown(platform=wanted.code)
            if len(self._known) >= MOST_UPPERS:
                raise TooManyUppers(limit=MOST_UPPERS)
            await self._audit.record(who, Act.UPPER_PLATFORM_ADD, wanted.code, detail=_said(wanted))
            for some in _named(wanted):
                await self._audit.record(who, Act.UPPER_PLATFORM_ADD, wanted.code, detail=some)
            made = replace(wanted, made_at=self._clock.now().timestamp())
            try:
                async with self._written() as tx:
                    await queries.add_upper(tx, made, self._keys.sealed(made.code, password.encode()))
            except IntegrityError as error:
                raise UpperKnown(platform=wanted.code) from error
            return self._known[wanted.code]

    async def remove(self, who: Principal, id: int) -> None:
        """Unregisters there. Raises UnknownUpper, AuditUnavailable, StorageFault."""
        async with self._changing:
            upper = self.get(id).upper
            await self._audit.record(who, Act.UPPER_PLATFORM_REMOVE, upper.code, detail=_said(upper))
            async with self._written() as tx:
                await queries.remove_upper(tx, id)

    def _written(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return written(self._store, self._changing, self._read)

    # ── one registration ─────────────────────────────────────────────

    def connection_lost(self, number: int) -> None:
        """A SIP connection is gone."""
        for known in self._known.values():
            if known.peer is not None and known.peer.connection == number:
                known.cut.set()

    def _follow(self, known: KnownUpper) -> None:
        if self._begun and known.task is None and known.password is not None:
            known.task = keep(NAME, lambda: self._hold(known))

    async def _end(self, known: KnownUpper) -> None:
        """Goodbye, if it has us; never raises for what the platform does."""
        if known.task is not None:
            known.task.cancel()
            await asyncio.gather(known.task, return_exceptions=True)
            known.task = None
        registration, peer = known.registration, known.peer
        if peer is None:
            return
        known.registration = known.peer = None
        where, said = known.standing.address or peer.host, "unregistered at"
        if registration is not None and known.password is not None:
            try:
                async with asyncio.timeout(2 * GOODBYE_S):
                    await registration.register(known.password, 0, timeout_s=GOODBYE_S)
            except (NoAnswer, NotTaken, TimeoutError):
                said = "the unregistering was not answered at"
        self._upward.leave(peer)
        await self._on_record(known, f"{said} {where}")

    async def _hold(self, known: KnownUpper) -> None:
        """Registered as long as it can be: when it is lost, again at once, and after each attempt in vain a pause."""
        while True:
            joined_s = self._clock.monotonic_s()
            if await self._joined(known):
                why = await self._stay(known)
                await self._lost(known, LinkState.AWAY, why)
                if self._clock.monotonic_s() >= joined_s + known.upper.keepalive_s:
                    continue  # it had us for a while: it is no attempt in vain
            await asyncio.sleep(self.retry_s * random.uniform(1.0, 1.2))

    async def _joined(self, known: KnownUpper) -> bool:
        """At the first of its addresses that takes us."""
        assert known.password is not None, "nothing is sent to one that is distrusted"
        state, fault = LinkState.AWAY, ""
        for address in known.upper.addresses:
            peer = None
            try:
                peer = await self._upward.reach(known.upper, address)
                known.cut.clear()
                known.peer = peer  # it asks as soon as it has us, which may be before we have read that it has
                known.registration = registration = self._upward.registration(known.upper, peer)  # it may have us before we know
                granted = await registration.register(known.password, known.upper.expires_s)
            except NotTaken as error:
                state, fault = LinkState.REFUSED, f"{address}: {error}"
            except (NoAnswer, OSError, TimeoutError) as error:
                fault = f"{address}: {error}" if str(error) else f"{address}: no connection"
            else:
                await self._online(known, str(address), peer, registration, granted)
                return True
            known.peer = known.registration = None
            if peer is not None:
                self._upward.leave(peer)
        await self._lost(known, state, fault)
        return False

    async def _online(self, known: KnownUpper, address: str, peer: Peer, registration: Registration, granted: Granted) -> None:
        now = self._clock.now().timestamp()
        known.peer, known.registration, known.edition = peer, registration, granted.edition
        known.standing = Standing(LinkState.ONLINE, now, address, now)
        known.granted_s = granted.for_s
        await self._on_record(known, f"registered at {address} for {granted.for_s} s")

    async def _lost(self, known: KnownUpper, state: LinkState, fault: str) -> None:
        peer, known.peer, known.registration = known.peer, None, None
        if peer is not None:
            self._upward.leave(peer)
        before = known.standing
        if before.state is state:
            before.fault = fault[:256]
            return
        known.standing = Standing(state, self._clock.now().timestamp(), before.address, before.heard_at, fault[:256])
        log.warning("an upper platform does not have us", platform=known.upper.code, state=state.value, why=fault)
        await self._on_record(known, f"{state.value}: {fault}"[:256])

    async def _on_record(self, known: KnownUpper, detail: str) -> None:
        """Nothing opens by it: what cannot be written does not end a registration."""
        with suppress(AuditUnavailable):
            await self._audit.record(NODE, Act.UPPER_PLATFORM_LINK, known.upper.code, detail=detail)

    async def _stay(self, known: KnownUpper) -> str:
        """Until it does not have us any longer: why."""
        loop, upper = asyncio.get_running_loop(), known.upper
        liveness = Liveness(upper.keepalive_s, known.granted_s, loop.time())
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(liveness.due_s()):
                    await known.cut.wait()
                return "the connection ended"
            if liveness.must_renew(now_s=loop.time()):
                assert known.registration is not None and known.password is not None, "it is online"
                try:
                    granted = await known.registration.register(known.password, upper.expires_s)
                except (NoAnswer, NotTaken) as error:
                    return f"the registration was not renewed: {error}"
                liveness.renewed(granted.for_s, now_s=loop.time())
                continue
            status = await self._beat(known)
            if status in FORGOTTEN:
                return f"a keep-alive was answered with {status}"
            if not liveness.beaten(answered=200 <= status < 300, now_s=loop.time()):
                return f"{liveness.missed} keep-alives were not answered"

    async def _beat(self, known: KnownUpper) -> int:
        """The status of the answer; 0: none came."""
        assert known.peer is not None, "it is online"
        body = Keepalive(self._upward.next_sn(), self._own, "OK")
        try:
            status = await self._upward.tell(known.upper, known.peer, body, known.edition, timeout_s=BEAT_ANSWER_S)
        except NoAnswer:
            return 0
        known.standing.heard_at = self._clock.now().timestamp()
        return status


def _away(one: KnownUpper) -> UpperAway:
    return UpperAway(name=one.upper.name, why=one.standing.fault or one.standing.state.value)


def _said(upper: Upper) -> str:
    """For the record: never its password."""
    where = ", ".join(str(one) for one in upper.addresses)
    shared = f"areas {' '.join(upper.share.areas) or 'none'}, {len(upper.share.cameras)} cameras by name"
    return f"{upper.name}: {upper.transport} {where}; {shared}"


def _named(upper: Upper) -> list[str]:
    """For the record: the cameras that it is given one by one, and as what."""
    said = [one.code + (f" as {one.as_code}" if one.as_code else "") for one in upper.share.cameras]
    return [f"cameras by name: {', '.join(said[at : at + NAMED_A_RECORD])}" for at in range(0, len(said), NAMED_A_RECORD)]
