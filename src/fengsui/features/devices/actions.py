"""The registrar's room: every known device in memory and on disk; what is admitted, changed and removed.

Source: GB/T 28181-2022 §9.1 (registration), §9.6 (status).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.devices import queries
from fengsui.features.devices.batches import Batches, Reply, Unanswered
from fengsui.features.devices.door import Door
from fengsui.features.devices.model import DeviceState
from fengsui.features.devices.ports import DeviceChanged, UnknownDevice
from fengsui.features.devices.presence import Presence
from fengsui.features.devices.registrar import Registrar
from fengsui.features.devices.rows import binding_of, restored
from fengsui.features.devices.strangers import Strangers
from fengsui.features.devices.waiting import WaitingList
from fengsui.loops import keep
from fengsui.settings import NodeSettings
from fengsui.store import Store

LOOK_EVERY_S = 0.5
TOUCH_EVERY_S = 30.0

Forget = Callable[[AsyncConnection, str], Awaitable[Callable[[], Awaitable[None]]]]
"""Forgets what else is known of a device; what it returns is called when that is committed."""


class Devices:
    """Every known device, in memory and on disk."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, settings: NodeSettings, password: str) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self.nonce_key = secrets.token_bytes(32)
        self._batches = Batches(store, settings.signalling.max_pending_registrations)
        self._presence = Presence(bus, clock, settings.signalling, self._batches)
        self._tasks: list[asyncio.Task[None]] = []
        self._leaving: set[str] = set()
        self._on_remove: list[Forget] = []
        self.waiting = WaitingList(store, bus, clock, settings.signalling)
        self._registrar = Registrar(
            settings,
            password,
            clock=clock,
            presence=self._presence,
            batches=self._batches,
            strangers=Strangers(self.nonce_key, settings.signalling),
            waiting=self.waiting,
            leaving=self._leaving,
        )
        self.register = self._registrar.register
        self.registrations = self._registrar.registrations
        self.stranger_may_speak = self._registrar.stranger_may_speak
        self.known_sender = self._presence.known_sender
        self.keepalive = self._presence.keepalive
        self.connection_lost = self._presence.connection_lost
        self.by_state = self._presence.by_state

    async def start(self) -> None:
        """Restores bindings, so that devices that only keep alive after our restart are known."""
        async with self._store.reading() as tx:
            rows = await queries.all_devices(tx)
        for row in rows:
            self._presence.restore(restored(row))
        await self.waiting.start()
        self._tasks = [keep("registrations", self._batches.write), keep("silence", self._watch_silence)]

    def use_reply(self, reply: Reply, unanswered: Unanswered = lambda *_: None) -> None:
        """How what came as a request is answered later, or told to be `unanswered`: sent again, it is new."""
        self._batches.reply, self._batches.unanswered = reply, unanswered

    def on_remove(self, act: Forget) -> None:
        """`act` forgets what else is known of a device, in the transaction that removes it."""
        self._on_remove.append(act)

    def use_door(self, door: Door) -> None:
        """Tells the open door what is known; from now on it is kept up to date."""
        self._batches.door = door
        self._presence.use_door(door)

    async def stop(self) -> None:
        """Ends the loops; what was acknowledged is on disk."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.waiting.stop()
        await self._batches.write_touched()

    def get(self, code: str) -> DeviceState:
        """Raises UnknownDevice."""
        state = self._presence.known.get(code)
        if state is None:
            raise UnknownDevice(device=code)
        return state

    def shows_fault(self, code: str) -> bool:
        """Whether the device `code` is one camera and reports a fault: of a recorder with several, it is not known whose it is."""
        state = self._presence.known.get(code)
        return state is not None and state.online and state.faulty and state.channels <= 1

    def is_online(self, code: str) -> bool | None:
        """None when there is no such device."""
        state = self._presence.known.get(code)
        return None if state is None else state.online

    def all(self) -> list[DeviceState]:
        """Every known device, by code."""
        return [self._presence.known[code] for code in sorted(self._presence.known)]

    @property
    def registrations_waiting(self) -> int:
        """Registrations that are not on disk yet, and so not answered."""
        return self._batches.waiting

    def ages_s(self) -> list[float]:
        """How long ago each online device was last heard."""
        now = self._clock.now().timestamp()
        return [max(0.0, now - state.last_seen_at) for state in self._presence.known.values() if state.online]

    @property
    def door_failures(self) -> int:
        """How often the thread of the UDP port has failed since the start."""
        return self._presence.door.counters().failures

    async def _watch_silence(self) -> None:
        next_touch_s = self._clock.monotonic_s() + TOUCH_EVERY_S
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._presence.count_states()
            self._presence.look_at_door()
            for state, reason in self._presence.fallen_silent():
                self._presence.go_offline(state, reason)
            now_s = self._clock.monotonic_s()
            if now_s >= next_touch_s:
                next_touch_s = now_s + TOUCH_EVERY_S
                await self._batches.write_touched()

    async def admit(self, code: str, *, password: str = "", name: str = "") -> DeviceState:
        """Makes a waiting or future device known, so that it may register."""
        state = self._presence.known.get(code) or DeviceState(code)
        state.password, state.name = password or state.password, name or state.name
        async with self._store.transaction() as tx:
            await queries.write_bindings(tx, [binding_of(state)])
            await queries.write_facts(tx, code, password=state.password, name=state.name)
        meanwhile = self._presence.known.setdefault(code, state)
        if meanwhile is not state:  # open admission: it registered while this was written
            meanwhile.password, meanwhile.name = state.password, state.name
            state = meanwhile
        self._presence.door.know(code, state.password)
        self._presence.count_states()
        await self.waiting.remove(code)
        self._bus.publish(DeviceChanged(code))
        return state

    async def update(self, code: str, **facts: Any) -> DeviceState:
        """Sets name, maker, model, firmware, channels, password or media_transport. Raises UnknownDevice."""
        state = self.get(code)
        async with self._store.transaction() as tx:
            await queries.write_facts(tx, code, **facts)
        for name, value in facts.items():
            setattr(state, name, value)
        self._presence.door.know(code, state.password)
        self._bus.publish(DeviceChanged(code))
        return state

    async def remove(self, code: str) -> None:
        """Forgets a device. Raises UnknownDevice."""
        state = self.get(code)
        self._leaving.add(code)
        try:
            async with self._batches.none_of(code), self._store.transaction() as tx:
                await queries.remove(tx, code)
                then = [await act(tx, code) for act in self._on_remove]
        finally:
            self._leaving.discard(code)
        self._presence.go_offline(state, "removed")
        self._presence.known.pop(code, None)
        self._presence.door.remove(code)
        self._presence.count_states()
        for tell in then:
            await tell()
