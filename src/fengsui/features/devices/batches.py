"""What devices told, written in batches: registrations before they take effect, times of keep-alives now and then."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.errors import StorageFault
from fengsui.features.devices import queries
from fengsui.features.devices.door import Claim, Door, Lines, NoDoor, Word
from fengsui.features.devices.model import DeviceState, Peer
from fengsui.features.devices.rows import binding_of
from fengsui.store import Store, write_apart
from fengsui.wire.sip.headers import response_to
from fengsui.wire.sip.message import SipRequest, SipResponse

log = structlog.get_logger(__name__)
BATCH_S = 0.01

REGISTRATIONS = Counter("fengsui_registrations_total", "REGISTER requests by outcome", ["outcome"])
CHALLENGED, DROPPED = (REGISTRATIONS.labels(outcome) for outcome in ("challenged", "dropped"))
BATCH_ROWS = Counter("fengsui_registration_rows_total", "Registrations written to disk")

Reply = Callable[[SipRequest, SipResponse, Peer], None]
Unanswered = Callable[[SipRequest, Peer], None]
Update = Callable[[AsyncConnection, list[dict[str, Any]]], Awaitable[None]]


@dataclass(frozen=True, slots=True, eq=False)
class Accepted:
    """A registration that is not on disk yet: neither in force nor answered. `lines`: of the answer. Times: seconds since 1970."""

    claim: Claim
    call_id: str
    edition: int
    registered_at: float
    expires_at: float
    lines: Lines

    def is_another(self, peer: Peer, call_id: str) -> bool:
        """Whether a second registration of the code, while this one is written, comes from another device."""
        return self.call_id != call_id and self.claim.peer.host != peer.host

    def row(self) -> dict[str, Any]:
        """As it is stored."""
        return binding_of(
            DeviceState(
                self.claim.code,
                peer=self.claim.peer,
                call_id=self.call_id,
                edition=self.edition,
                user_agent=self.claim.user_agent[:256],
                registered_at=self.registered_at,
                expires_at=self.expires_at,
                last_seen_at=self.registered_at,
            )
        )


class Batches:
    """A storm of registrations is one commit for many. `most`: that wait for theirs."""

    def __init__(self, store: Store, most: int) -> None:
        self._store = store
        self._most = most
        self._accepted: list[Accepted] = []
        self._newest: dict[str, Accepted] = {}
        """By code, until it is in force or given up."""
        self._due = asyncio.Event()
        self._touched: dict[str, float] = {}
        self._moved: dict[str, Peer] = {}
        self._writing = asyncio.Lock()
        self.door: Door = NoDoor()
        self.reply: Reply = lambda *_: None
        self.unanswered: Unanswered = lambda *_: None
        self.take_effect: Callable[[Accepted], None] = lambda _: None
        """Called for each that is on disk, before its answer leaves."""

    @property
    def waiting(self) -> int:
        """Registrations that are not on disk yet."""
        return len(self._accepted)

    def newest(self, code: str) -> Accepted | None:
        """The device's registration that is being written."""
        return self._newest.get(code)

    def add(self, accepted: Accepted) -> bool:
        """In force and answered once it is on disk. False when too many wait."""
        if len(self._accepted) >= self._most:
            return False
        self._accepted.append(accepted)
        self._newest[accepted.claim.code] = accepted
        self._due.set()
        return True

    def withdraw(self, code: str) -> None:
        """What this device has asked for shall not come into force: it has left, or was removed."""
        self._newest.pop(code, None)

    def touch(self, code: str, seen_at: float) -> None:
        """The device was heard; written with others by `write_touched`."""
        self._touched[code] = seen_at

    def move(self, code: str, peer: Peer | None) -> None:
        """The device is reached elsewhere since it registered; None: where it registered. Written by `write_touched`."""
        if peer is None:
            self._moved.pop(code, None)
        else:
            self._moved[code] = peer

    @contextlib.asynccontextmanager
    async def none_of(self, code: str) -> AsyncIterator[None]:
        """While no registration is written; those of this device do not come into force."""
        async with self._writing:
            self.withdraw(code)
            yield
            self.withdraw(code)
            self._touched.pop(code, None)
            self._moved.pop(code, None)

    async def write(self) -> None:
        """Until cancelled. A 200 to REGISTER leaves only after its batch is on disk."""
        while True:
            await self._due.wait()
            await asyncio.sleep(BATCH_S)  # gathers what a storm brings
            self._due.clear()
            async with self._writing:
                await self._write_taken()

    async def _write_taken(self) -> None:
        taken, self._accepted = self._accepted, []
        batch = [one for one in taken if one.claim.code in self._newest]
        self._give_up([one for one in taken if one.claim.code not in self._newest], None)
        try:
            refused = await write_apart(list({one.claim.code: one.row() for one in batch}.values()), self._write)
        except StorageFault as fault:
            # Not on disk, so neither in force nor acknowledged: the devices try again.
            log.error("registrations could not be stored", why=str(fault), count=len(batch))
            self._give_up(batch, None)
            return
        except BaseException:
            self._give_up(batch, None)
            raise
        for row, why in refused:
            log.error("a registration cannot be stored and is refused", device=row["code"], why=str(why))
        unfit = {row["code"] for row, _ in refused}
        self._give_up([one for one in batch if one.claim.code in unfit], 400)
        self._tell([one for one in batch if one.claim.code not in unfit])

    async def _write(self, rows: Sequence[dict[str, Any]]) -> None:
        async with self._store.transaction() as tx:
            await queries.write_bindings(tx, list(rows))

    def _tell(self, stored: list[Accepted]) -> None:
        if not stored:
            return
        BATCH_ROWS.inc(len({one.claim.code for one in stored}))
        REGISTRATIONS.labels("ok").inc(len(stored))
        for one in stored:
            if one.claim.code in self._newest:
                self.take_effect(one)
            if self._newest.get(one.claim.code) is one:
                del self._newest[one.claim.code]
        self.door.answer([Word(one.claim, 200, one.lines) for one in stored if one.claim.token])
        for one in stored:
            if one.claim.request is not None:
                self.reply(one.claim.request, answer_to(one.claim.request, one.claim.peer, 200, one.lines), one.claim.peer)

    def _give_up(self, lost: list[Accepted], status: int | None) -> None:
        """They come into force no more. `status`: of the answer; None: none, so that they are sent again, and then are new."""
        if not lost:
            return
        REGISTRATIONS.labels("not stored").inc(len({one.claim.code for one in lost}))
        for one in lost:
            if self._newest.get(one.claim.code) is one:
                del self._newest[one.claim.code]
        by_door = [one.claim for one in lost if one.claim.token]
        if status is None:
            self.door.forget(by_door)
            for one in lost:
                if one.claim.request is not None:
                    self.unanswered(one.claim.request, one.claim.peer)
            return
        self.door.answer([Word(claim, status, ()) for claim in by_door])
        for one in lost:
            if (request := one.claim.request) is not None:
                self.reply(request, answer_to(request, one.claim.peer, status, ()), one.claim.peer)

    async def write_touched(self) -> None:
        """When devices were last heard, and where they are reached now, since the last call."""
        touched, self._touched = self._touched, {}
        moved, self._moved = self._moved, {}
        places = [{"b_code": code, "b_transport": at.transport, "b_host": at.host, "b_port": at.port} for code, at in moved.items()]
        try:
            refused = await self._update(queries.touch, [{"b_code": code, "seen": at} for code, at in touched.items()])
            refused += await self._update(queries.move, places)
        except StorageFault as fault:
            log.error("keep-alive times could not be stored", why=str(fault))
            self._moved = moved | self._moved  # a time comes again with the next keep-alive, a place only when it changes
            return
        except asyncio.CancelledError:  # the node stops while this is written: it is written at the end
            self._touched, self._moved = touched | self._touched, moved | self._moved
            raise
        for row, why in refused:
            log.error("a keep-alive time cannot be stored", device=row["b_code"], why=str(why))

    async def _update(self, statement: Update, rows: list[dict[str, Any]]) -> list[tuple[dict[str, Any], Exception]]:
        async def write(some: Sequence[dict[str, Any]]) -> None:
            async with self._store.transaction() as tx:
                await statement(tx, list(some))

        return await write_apart(rows, write)


def answer_to(request: SipRequest, peer: Peer, status: int, lines: Lines) -> SipResponse:
    """The answer to a REGISTER, with these header lines."""
    return response_to(request, status, source=(peer.host, peer.port), to_tag=secrets.token_hex(4), extra=lines)
