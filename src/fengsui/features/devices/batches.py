"""What devices told is written in batches: registrations before they are answered, times of keep-alives now and then."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import NamedTuple

import structlog
from prometheus_client import Counter

from fengsui.bus import Bus
from fengsui.errors import StorageFault
from fengsui.features.devices import queries
from fengsui.features.devices.door import Claim, Door, Lines, NoDoor, Word
from fengsui.features.devices.model import DeviceState, Peer
from fengsui.features.devices.ports import DeviceCameOnline
from fengsui.features.devices.rows import binding_of
from fengsui.store import Store
from fengsui.wire.sip.headers import response_to
from fengsui.wire.sip.message import SipRequest, SipResponse

log = structlog.get_logger(__name__)
BATCH_S = 0.01

REGISTRATIONS = Counter("fengsui_registrations_total", "REGISTER requests by outcome", ["outcome"])
BATCH_ROWS = Counter("fengsui_registration_rows_total", "Registrations written to disk")

Reply = Callable[[SipRequest, SipResponse, Peer], None]


class Accepted(NamedTuple):
    """A registration that is not on disk yet, and so not answered. `lines`: of the answer."""

    state: DeviceState
    claim: Claim
    lines: Lines
    came_online: bool
    restarted: bool


class Batches:
    """A storm of registrations is one commit for many."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        self._bus = bus
        self._accepted: list[Accepted] = []
        self._due = asyncio.Event()
        self._touched: dict[str, float] = {}
        self.door: Door = NoDoor()
        self.reply: Reply = lambda *_: None

    @property
    def waiting(self) -> int:
        """Registrations that are not on disk yet."""
        return len(self._accepted)

    def add(self, accepted: Accepted) -> None:
        """Answered once it is on disk."""
        self._accepted.append(accepted)
        self._due.set()

    def touch(self, code: str, seen_at: float) -> None:
        """The device was heard; written with others by `write_touched`."""
        self._touched[code] = seen_at

    async def write(self) -> None:
        """Until cancelled. A 200 to REGISTER leaves only after its batch is on disk."""
        while True:
            await self._due.wait()
            await asyncio.sleep(BATCH_S)  # gathers what a storm brings
            self._due.clear()
            batch, self._accepted = self._accepted, []
            rows = {one.state.code: binding_of(one.state) for one in batch}
            try:
                async with self._store.transaction() as tx:
                    await queries.write_bindings(tx, list(rows.values()))
            except StorageFault as fault:
                # Not on disk, so not acknowledged: the devices try again.
                log.error("registrations could not be stored", why=str(fault), count=len(rows))
                self.door.forget([one.claim for one in batch if one.claim.token])
                REGISTRATIONS.labels("not stored").inc(len(rows))
                continue
            BATCH_ROWS.inc(len(rows))
            REGISTRATIONS.labels("ok").inc(len(batch))
            self.door.answer([Word(one.claim, 200, one.lines) for one in batch if one.claim.token])
            for state, claim, lines, came_online, restarted in batch:
                if claim.request is not None:
                    self.reply(claim.request, answer_to(claim.request, claim.peer, 200, lines), claim.peer)
                if came_online or restarted:
                    self._bus.publish(DeviceCameOnline(state.code, restarted))

    async def write_touched(self) -> None:
        """When devices were last heard, since the last call."""
        touched, self._touched = self._touched, {}
        if not touched:
            return
        try:
            async with self._store.transaction() as tx:
                await queries.touch(tx, [{"b_code": code, "seen": at} for code, at in touched.items()])
        except StorageFault as fault:
            log.error("keep-alive times could not be stored", why=str(fault))


def answer_to(request: SipRequest, peer: Peer, status: int, lines: Lines) -> SipResponse:
    """The answer to a REGISTER, with these header lines."""
    return response_to(request, status, source=(peer.host, peer.port), to_tag=secrets.token_hex(4), extra=lines)
