"""The waiting list: who knocked and is not known. Bounded in all and by address; written behind, so that a flood costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from prometheus_client import Counter

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.devices import queries
from fengsui.features.devices.model import Peer
from fengsui.features.devices.ports import UnknownDevice, WaitingChanged
from fengsui.features.devices.shares import Shares
from fengsui.loops import keep
from fengsui.settings import SignallingSection
from fengsui.store import Store, write_apart
from fengsui.wire.sip.headers import without_controls

log = structlog.get_logger(__name__)
WRITE_EVERY_S = 2.0
DAY_S = 86_400.0

FORGOTTEN = Counter("fengsui_waiting_forgotten_total", "Knocks that are no longer, or were not, on the waiting list", ["why"])
BY_ADDRESS, BY_LIST, BY_AGE, NO_ROOM, UNFIT = (FORGOTTEN.labels(why) for why in ("address", "list", "age", "no room", "unfit"))


@dataclass(slots=True)
class WaitingDevice:
    """One entry. Times: seconds since 1970. `state`: waiting, refused or blocked."""

    code: str
    address: str
    transport: str
    maker: str
    first_seen_at: float
    last_seen_at: float
    attempts: int = 1
    state: str = "waiting"
    reason: str = "unknown"


class WaitingList:
    """Entries in memory, changed ones written every WRITE_EVERY_S. What an operator has decided is never forgotten for others."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, settings: SignallingSection) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._limit = settings.max_waiting_devices
        self._limit_per_address = settings.max_waiting_per_address
        self._longest_s = settings.waiting_days * DAY_S
        self._entries: dict[str, WaitingDevice] = {}
        self._undecided = Shares()
        self._changed: set[str] = set()
        """Entered, altered or forgotten since the last writing."""
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reads the list, as much of it as today's limits allow."""
        async with self._store.reading() as tx:
            rows = await queries.waiting(tx)
        for row in reversed(rows):
            entry = WaitingDevice(**row._mapping)
            if entry.state != "waiting" or self._make_room(entry.address):
                self._enter(entry)
            else:
                self._changed.add(entry.code)
        self._task = keep("waiting-list", self._write_behind)

    def all(self) -> list[WaitingDevice]:
        """Newest first."""
        return sorted(self._entries.values(), key=lambda entry: -entry.last_seen_at)

    def note(self, code: str, peer: Peer, maker: str) -> None:
        """Somebody unknown knocked. Whoever knocks again stays; a full list loses the oldest of the address that has most."""
        now = self._clock.now().timestamp()
        entry = self._entries.get(code)
        if entry is None:
            if not self._make_room(peer.host):
                NO_ROOM.inc()
                return
            self._enter(WaitingDevice(code, peer.host, peer.transport, without_controls(maker)[:200], now, now))
            self._bus.publish(WaitingChanged(code))
        else:
            entry.last_seen_at, entry.address, entry.transport = now, peer.host, peer.transport
            entry.attempts += 1
            self._share(entry)
        self._changed.add(code)

    def _make_room(self, address: str) -> bool:
        """For one more undecided entry of this address. False when the list is full of decisions."""
        oldest, why = None, BY_LIST
        if self._undecided.count(address) >= self._limit_per_address:
            oldest, why = self._undecided.oldest_of(address), BY_ADDRESS
        elif len(self._entries) >= self._limit:
            oldest = self._undecided.oldest_of_largest()
        if oldest is not None:
            self._forget(oldest)
            why.inc()
        return len(self._entries) < self._limit

    def _enter(self, entry: WaitingDevice) -> None:
        self._entries[entry.code] = entry
        self._share(entry)

    def _share(self, entry: WaitingDevice) -> None:
        if entry.state != "waiting":
            self._undecided.leave(entry.code)
            return
        self._undecided.touch(entry.code, entry.address)
        if self._undecided.count(entry.address) > self._limit_per_address:  # it came over from another address
            oldest = self._undecided.oldest_of(entry.address)
            assert oldest is not None, "it has more than none"
            self._forget(oldest)
            BY_ADDRESS.inc()

    def _forget(self, code: str) -> None:
        self._entries.pop(code, None)
        self._undecided.leave(code)
        self._changed.add(code)

    def forget_old(self) -> None:
        """Undecided entries that nobody has knocked for in `waiting_days`."""
        before = self._clock.now().timestamp() - self._longest_s
        for address in self._undecided.owners():
            while (code := self._undecided.oldest_of(address)) is not None and self._entries[code].last_seen_at < before:
                self._forget(code)
                self._bus.publish(WaitingChanged(code))
                BY_AGE.inc()

    def is_blocked(self, code: str) -> bool:
        """Whether an operator has blocked this code."""
        entry = self._entries.get(code)
        return entry is not None and entry.state == "blocked"

    async def decide(self, code: str, state: str) -> WaitingDevice:
        """`refused` (stays out, may knock again) or `blocked` (not even challenged). Raises UnknownDevice."""
        entry = self._entries.get(code)
        if entry is None:
            raise UnknownDevice(device=code)
        entry.state = state
        self._share(entry)
        async with self._store.transaction() as tx:
            await queries.write_waiting(tx, [asdict(entry)])
        self._bus.publish(WaitingChanged(code))
        return entry

    async def remove(self, code: str) -> None:
        """Takes an entry off, if it is there."""
        if code in self._entries:
            self._forget(code)
            async with self._store.transaction() as tx:
                await queries.remove_waiting(tx, [code])
            self._bus.publish(WaitingChanged(code))

    async def _write_behind(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            self.forget_old()
            await self._write()

    async def _write(self) -> None:
        changed, self._changed = self._changed, set()
        if not changed:
            return
        rows = [asdict(self._entries[code]) for code in changed if code in self._entries]
        gone = [code for code in changed if code not in self._entries]

        async def write(some: Sequence[dict[str, Any]]) -> None:
            async with self._store.transaction() as tx:
                await queries.write_waiting(tx, list(some))

        try:
            refused = await write_apart(rows, write)
            if gone:
                async with self._store.transaction() as tx:
                    await queries.remove_waiting(tx, gone)
        except StorageFault as fault:
            self._changed |= changed
            log.error("the waiting list could not be stored", why=str(fault))
            return
        except asyncio.CancelledError:  # the node stops while this is written: it is written at the end
            self._changed |= changed
            raise
        for row, why in refused:
            UNFIT.inc()
            log.error("an entry of the waiting list cannot be stored", device=row["code"], peer=row["address"], why=str(why))

    async def stop(self) -> None:
        """Ends the writer; what is not yet written is."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._write()
