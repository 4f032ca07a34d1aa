"""Accounts that report and that nobody has entered. Bounded in all and by address; written behind: a flood costs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from prometheus_client import Counter

from fengsui.alarm_settings import AlarmHostsSection
from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.errors import StorageFault
from fengsui.features.alarms import waiting_queries
from fengsui.features.alarms.ports import WaitingAlarmHostsChanged
from fengsui.features.devices import Shares
from fengsui.store import Store, write_apart

log = structlog.get_logger(__name__)
DAY_S = 86_400.0
FORGOTTEN = Counter("fengsui_alarm_waiting_forgotten_total", "Unknown accounts that are no longer on the waiting list", ["why"])
BY_ADDRESS, BY_LIST, BY_AGE = (FORGOTTEN.labels(why) for why in ("address", "list", "age"))


@dataclass(slots=True)
class WaitingAlarmHost:
    """One account. Times: seconds since 1970."""

    account: str
    address: str
    transport: str
    encrypted: bool
    first_seen_at: float
    last_seen_at: float
    attempts: int = 1


class WaitingAlarmHosts:
    """Entries in memory; `write` brings what has changed to disk. `area`: the node's own; whoever keeps its devices is told."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, settings: AlarmHostsSection, area: str) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._settings = settings
        self._area = area
        self._entries: dict[str, WaitingAlarmHost] = {}
        self._shares = Shares()
        self._changed: set[str] = set()
        """Entered or altered since the last writing, or forgotten of those on disk: a flood of strangers leaves nothing behind."""
        self._stored: set[str] = set()
        """On disk, or on their way there."""
        self._unsure = False
        """A writing failed, and what of it is on disk is not known: the next one writes all anew."""
        self._news = False

    async def start(self) -> None:
        """Reads the list, as much of it as today's limits allow. Raises StorageFault."""
        async with self._store.reading() as tx:
            rows = await waiting_queries.waiting(tx)
        self._stored = {row.account for row in rows}
        for row in reversed(rows):
            self._enter(WaitingAlarmHost(**row._mapping))

    def all(self) -> list[WaitingAlarmHost]:
        """The newest first."""
        return sorted(self._entries.values(), key=lambda entry: -entry.last_seen_at)

    def note(self, account: str, address: str, transport: str, *, encrypted: bool) -> None:
        """A frame of this account came, with a right checksum."""
        now, entry = self._clock.now().timestamp(), self._entries.get(account)
        if entry is None:
            self._enter(WaitingAlarmHost(account, address, transport, encrypted, now, now))
            self._news = True
        else:
            entry.last_seen_at, entry.address, entry.transport, entry.encrypted = now, address, transport, encrypted
            entry.attempts += 1
            self._shares.touch(account, address)
        self._changed.add(account)

    def _enter(self, entry: WaitingAlarmHost) -> None:
        oldest, why = None, BY_LIST
        if self._shares.count(entry.address) >= self._settings.max_waiting_per_address:
            oldest, why = self._shares.oldest_of(entry.address), BY_ADDRESS
        elif len(self._entries) >= self._settings.max_waiting:
            oldest = self._shares.oldest_of_largest()
        if oldest is not None:
            self.forget(oldest)
            why.inc()
        self._entries[entry.account] = entry
        self._shares.touch(entry.account, entry.address)

    def forget(self, account: str) -> None:
        """It is no stranger any more, or has to make room."""
        if self._entries.pop(account, None) is not None:
            self._shares.leave(account)
            self._changed.discard(account)
            if account in self._stored:
                self._changed.add(account)

    def _forget_old(self) -> None:
        before = self._clock.now().timestamp() - self._settings.waiting_days * DAY_S
        for account in [one.account for one in self._entries.values() if one.last_seen_at < before]:
            self.forget(account)
            BY_AGE.inc()

    async def write(self) -> None:
        """What changed since the last time; whoever keeps devices is told that there is a new one."""
        self._forget_old()
        changed, self._changed = set(self._entries) if self._unsure else self._changed, set()
        if not changed and not self._unsure:
            return
        if self._news:
            self._news = False
            self._bus.publish(WaitingAlarmHostsChanged(self._area))
        rows = [asdict(self._entries[account]) for account in changed if account in self._entries]
        gone = [account for account in changed if account not in self._entries]
        anew, self._unsure = self._unsure, True
        self._stored.update(row["account"] for row in rows)  # whoever is forgotten meanwhile is to be removed

        async def write(some: Sequence[dict[str, Any]]) -> None:
            async with self._store.transaction(act=False) as tx:
                await waiting_queries.write_waiting(tx, some)

        try:
            if anew or gone:
                async with self._store.transaction(act=False) as tx:
                    await (waiting_queries.remove_all_waiting(tx) if anew else waiting_queries.remove_waiting(tx, gone))
            refused = await write_apart(rows, write)
        except StorageFault as fault:
            self._stored.clear()
            log.error("unknown accounts of alarm hosts could not be stored", why=str(fault))
            return
        self._unsure = False  # else, as when the node stops while this is written, all is written at the end
        self._stored.difference_update(gone)
        for row, why in refused:
            log.error("an unknown account of an alarm host cannot be stored", account=row["account"], why=str(why))
