"""Subscriptions: a device reports what changed in its catalogue, or its alarms, unasked. Source: GB/T 28181-2022 §9.11."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from fengsui.clock import Clock
from fengsui.features.devices import Devices, DeviceState, Signalling, SignallingFault, UnknownDevice
from fengsui.wire.gb28181.catalog import CatalogueQuery
from fengsui.wire.gb28181.manscdp import Manscdp
from fengsui.wire.gb28181.subscription import SubscriptionState
from fengsui.wire.gb_code import CodeKind, kind_of

log = structlog.get_logger(__name__)
ASKED_S = 3600
RENEW_SHARE = 0.8
SHORTEST_S = 30
"""Renewed no oftener, however little is granted."""
RETRY_S, LONGEST_RETRY_S = 300.0, 4_800.0
"""Whoever refuses or does not answer is asked again after growing pauses."""
LOOK_EVERY_S = 1.0
RENEWED_AT_ONCE = RETRIED_AT_ONCE = 16
"""Kept apart: a device that does not answer takes seconds, and no renewal of one that reports waits behind it."""
WAIT_REASONS = frozenset(("rejected", "noresource", "giveup", "probation"))
"""Of a notifier's end: not to be asked again at once (RFC 6665 §4.1.3)."""


class Subscriptions:
    """Of one package: begun, renewed before they end, forgotten when the device goes away. `query`: the body, from SN and code."""

    def __init__(
        self, devices: Devices, signalling: Signalling, clock: Clock, package: str, query: Callable[[int, str], Manscdp]
    ) -> None:
        self._package = package
        self._query = query
        self._devices = devices
        self._signalling = signalling
        self._clock = clock
        self._due: dict[str, float] = {}
        self._begun_s: dict[str, float] = {}
        self._refused: set[str] = set()
        """Those of `_due` that report nothing until they are asked again."""
        self._failures: dict[str, int] = {}
        """By device: how often it refused or kept silent since it last agreed."""
        self._asking: dict[str, object] = {}
        """By device: the asking that still counts; none of those begun before it went away does."""

    @property
    def running(self) -> int:
        """Devices that report their changes."""
        return len(self._due) - len(self._refused & self._due.keys())

    def is_subscribed(self, code: str) -> bool:
        """Whether this device accepted."""
        return code in self._due and code not in self._refused

    def is_asked(self, code: str) -> bool:
        """Whether this device accepted, or is asked again."""
        return code in self._due

    async def ask(self, device: DeviceState) -> None:
        """Subscribes at once."""
        await self._subscribe(device)

    async def call_off(self, device: DeviceState) -> None:
        """Not wanted any more: what it granted is given back."""
        granted = self.is_subscribed(device.code)
        self._due.pop(device.code, None)
        if granted:
            with suppress(SignallingFault):  # it ends by itself
                query = self._query(self._signalling.next_sn(), device.code)
                await self._signalling.subscribe(device, query, package=self._package, expires_s=0)
        self.end(device.code)

    def end(self, code: str) -> None:
        """The device went away: what it granted is void."""
        self._due.pop(code, None)
        self._begun_s.pop(code, None)
        self._failures.pop(code, None)
        self._refused.discard(code)
        self._asking.pop(code, None)
        self._signalling.forget_subscriptions(code, self._package)

    def ended_by_device(self, device: DeviceState, state: SubscriptionState) -> None:
        """Asked again as its reason allows, and not oftener than the shortest subscription would be renewed."""
        if device.code not in self._due:
            return
        log.info("subscription ended by device", package=self._package, device=device.code, reason=state.reason)
        now_s = self._clock.monotonic_s()
        if state.reason in WAIT_REASONS:
            due_s = now_s + max(SHORTEST_S, RETRY_S if state.retry_after_s is None else state.retry_after_s)
        else:
            due_s = max(now_s, self._begun_s.get(device.code, now_s) + SHORTEST_S)
        self._refused.add(device.code)
        self._due[device.code] = due_s

    async def renew(self) -> None:
        """Runs until cancelled."""
        renewals: asyncio.Queue[str] = asyncio.Queue()
        retries: asyncio.Queue[str] = asyncio.Queue()
        queued: set[str] = set()
        async with asyncio.TaskGroup() as workers:
            for codes, count in ((renewals, RENEWED_AT_ONCE), (retries, RETRIED_AT_ONCE)):
                for _ in range(count):
                    workers.create_task(self._renew_each(codes, queued))
            while True:
                await asyncio.sleep(LOOK_EVERY_S)
                now_s = self._clock.monotonic_s()
                for code in [code for code, due_s in self._due.items() if due_s <= now_s and code not in queued]:
                    queued.add(code)
                    (retries if code in self._refused else renewals).put_nowait(code)

    async def _renew_each(self, codes: asyncio.Queue[str], queued: set[str]) -> None:
        while True:
            code = await codes.get()
            try:
                if code in self._due:  # it may have gone away while it waited
                    await self._renew_one(code)
            finally:
                queued.discard(code)

    async def _renew_one(self, code: str) -> None:
        with suppress(UnknownDevice):
            await self._subscribe(self._devices.get(code))
            return
        self.end(code)

    async def _subscribe(self, device: DeviceState) -> None:
        now_s, asking = self._clock.monotonic_s(), object()
        query = self._query(self._signalling.next_sn(), device.code)
        self._asking[device.code] = asking
        try:
            granted_s = await self._signalling.subscribe(device, query, package=self._package, expires_s=ASKED_S)
            why = "nothing granted"
        except SignallingFault as fault:
            # Many devices cannot; they are asked again now and then, as firmware changes.
            granted_s, why = 0, str(fault)
        if self._asking.get(device.code) is not asking:
            return  # it went away meanwhile, or was asked anew: this says nothing of what it is now
        del self._asking[device.code]
        if not granted_s:
            log.info("no subscription", package=self._package, device=device.code, why=why)
            self._refused.add(device.code)
            failures = self._failures[device.code] = self._failures.get(device.code, 0) + 1
            self._due[device.code] = now_s + min(LONGEST_RETRY_S, RETRY_S * 2.0 ** min(failures - 1, 8))
            return
        self._refused.discard(device.code)
        self._failures.pop(device.code, None)
        self._begun_s[device.code] = now_s
        self._due[device.code] = now_s + max(SHORTEST_S, granted_s) * RENEW_SHARE


class CatalogueSubscriptions(Subscriptions):
    """Begun when a catalogue was read."""

    def __init__(self, devices: Devices, signalling: Signalling, clock: Clock) -> None:
        super().__init__(devices, signalling, clock, "Catalog", CatalogueQuery)

    async def begin(self, device: DeviceState, items: int) -> None:
        """Subscribes at once; a camera that is its own only channel has nothing to report."""
        if items > 1 or kind_of(device.code) is not CodeKind.CAMERA:
            await self.ask(device)
