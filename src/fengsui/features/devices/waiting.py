"""The waiting list: who knocked and is not known. Bounded; written behind, so that a flood costs nothing."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass

import structlog

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.devices import queries
from fengsui.features.devices.model import Peer
from fengsui.features.devices.ports import UnknownDevice, WaitingChanged
from fengsui.settings import SignallingSection
from fengsui.store import Store

log = structlog.get_logger(__name__)
WRITE_EVERY_S = 2.0


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
    """Entries in memory, changed ones written every WRITE_EVERY_S."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, settings: SignallingSection) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._limit = settings.max_waiting_devices
        self._entries: dict[str, WaitingDevice] = {}
        self._changed: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reads the list."""
        async with self._store.reading() as tx:
            rows = await queries.waiting(tx)
        self._entries = {row.code: WaitingDevice(**row._mapping) for row in rows}
        self._task = asyncio.create_task(self._write_behind())

    def all(self) -> list[WaitingDevice]:
        """Newest first."""
        return sorted(self._entries.values(), key=lambda entry: -entry.last_seen_at)

    def note(self, code: str, peer: Peer, maker: str) -> None:
        """Somebody unknown knocked. A full list takes no more; those on it stay."""
        now = self._clock.now().timestamp()
        entry = self._entries.get(code)
        if entry is None:
            if len(self._entries) >= self._limit:
                return
            self._entries[code] = WaitingDevice(code, peer.host, peer.transport, maker[:200], now, now)
            self._bus.publish(WaitingChanged(code))
        else:
            entry.last_seen_at, entry.address, entry.transport = now, peer.host, peer.transport
            entry.attempts += 1
        self._changed.add(code)

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
        async with self._store.transaction() as tx:
            await queries.write_waiting(tx, asdict(entry))
        self._bus.publish(WaitingChanged(code))
        return entry

    async def remove(self, code: str) -> None:
        """Takes an entry off, if it is there."""
        if self._entries.pop(code, None) is not None:
            async with self._store.transaction() as tx:
                await queries.remove_waiting(tx, code)
            self._bus.publish(WaitingChanged(code))

    async def _write_behind(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            changed, self._changed = self._changed, set()
            entries = [self._entries[code] for code in changed if code in self._entries]
            if not entries:
                continue
            try:
                async with self._store.transaction() as tx:
                    for entry in entries:
                        await queries.write_waiting(tx, asdict(entry))
            except StorageFault as fault:
                log.error("the waiting list could not be stored", why=str(fault))

    async def stop(self) -> None:
        """Ends the writer."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
