"""Every known device in memory: where it is, and whether it lives. A keep-alive is answered without a task.

Source: GB/T 28181-2022 §9.6 (status), §6.8 (connections).
"""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from prometheus_client import Gauge

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.devices import heartbeats
from fengsui.features.devices.batches import CHALLENGED, DROPPED, Batches
from fengsui.features.devices.door import Door, NoDoor, count_growth
from fengsui.features.devices.heartbeats import Meaning, meaning_of, names_itself
from fengsui.features.devices.model import DeviceState, Peer, Status
from fengsui.features.devices.ports import DeviceCameOnline, DeviceChanged, DeviceWentOffline
from fengsui.features.devices.silence import Silences
from fengsui.settings import SignallingSection
from fengsui.wire.sip.headers import response_to
from fengsui.wire.sip.message import SipRequest, SipResponse

log = structlog.get_logger(__name__)
BY_STATE = Gauge("fengsui_devices", "Devices by state", ["state"])


class Presence:
    """`known`: by code. The door is told of each that comes, moves and goes."""

    def __init__(self, bus: Bus, clock: Clock, settings: SignallingSection, batches: Batches) -> None:
        self._bus = bus
        self._clock = clock
        self._batches = batches
        self.known: dict[str, DeviceState] = {}
        self.door: Door = NoDoor()
        self._door_counted = self.door.counters()
        self._by_connection: dict[int, set[str]] = {}
        self._silences = Silences(settings.keepalive_interval_s, settings.keepalive_missed_limit)
        self._online = 0
        self._faulty = 0

    def restore(self, state: DeviceState) -> None:
        """One of before our start. Nothing is known of it before it speaks; within its silence limit it counts as it was left."""
        now, now_s = self._clock.now().timestamp(), self._clock.monotonic_s()
        self.known[state.code] = state
        # Over a restart only the wall clock knows; one that is behind must not make a life longer than was granted.
        state.registered_s = now_s - max(0.0, now - state.registered_at)
        state.ends_s = now_s + min(state.expires_at - now, state.expires_at - state.registered_at)
        if state.peer is not None and state.peer.transport == "UDP" and state.last_seen_at + self._silences.limit_s > now:
            self.heard(state, now_s)

    def use_door(self, door: Door) -> None:
        """Tells the open door what is known; from now on it is kept up to date."""
        self.door, self._door_counted = door, door.counters()
        for state in self.known.values():
            door.know(state.code, state.password)
            if state.online:
                self._tell_binding(state)

    def note_connection(self, connection: int, code: str) -> None:
        """The device registers over it."""
        self._by_connection.setdefault(connection, set()).add(code)

    def is_alive(self, state: DeviceState, now_s: float) -> bool:
        """Whether it is online and was heard in its rhythm."""
        return state.online and self._silences.is_alive(state, now_s)

    def fallen_silent(self) -> Iterator[tuple[DeviceState, str]]:
        """Devices that are online and have not been heard for too long, each once, and the reason."""
        now_s = self._clock.monotonic_s()
        for state in self._silences.fallen_silent(self.known, now_s):
            yield state, "expired" if now_s > state.ends_s else "silent"

    def by_state(self) -> dict[Status, int]:
        """How many devices are in each state."""
        return {"online": self._online - self._faulty, "fault": self._faulty, "offline": len(self.known) - self._online}

    def known_sender(self, code: str, peer: Peer) -> DeviceState | None:
        """The online device `code` if the message can be its: same host (NAT ports rotate), or its connection."""
        state = self.known.get(code)
        if state is None or not state.online or state.peer is None or state.peer.host != peer.host:
            return None
        return state

    def _tell_binding(self, state: DeviceState) -> None:
        if state.peer is not None and state.peer.transport == "UDP":
            self.door.bind(state.code, state.peer.host, state.peer.port, state.expires_at)
        else:
            self.door.unbind(state.code)

    def bind(self, state: DeviceState, peer: Peer) -> None:
        """It is reached there from now on."""
        if state.peer is not None and state.peer.connection:
            self._by_connection.get(state.peer.connection, set()).discard(state.code)
        state.peer = peer
        if peer.connection:
            self.note_connection(peer.connection, state.code)
        self._tell_binding(state)

    def heard(self, state: DeviceState, now_s: float) -> None:
        """It lives, and is online."""
        self._silences.heard(state, now_s)
        self._set_online(state, True)

    def _set_online(self, state: DeviceState, online: bool) -> None:
        if state.online != online:
            state.online = online
            self._online += 1 if online else -1

    def _set_faulty(self, state: DeviceState, faulty: bool) -> None:
        """The door leaves a faulty device to us: the keep-alive that ends the fault must not be answered unseen."""
        if state.faulty != faulty:
            state.faulty = faulty
            self._faulty += 1 if faulty else -1
            self.door.defer(state.code, faulty)

    def tell_arrival(self, state: DeviceState, *, restarted: bool) -> None:
        """It came online, or started anew."""
        state.arrivals += 1
        self._bus.publish(DeviceCameOnline(state.code, restarted))

    def note_conflict(self, state: DeviceState, first: Peer, second: Peer) -> None:
        """Two devices have one code."""
        conflict = second.host if second.host != first.host else f"{second.host}:{second.port}"
        if state.conflict != conflict:
            state.conflict = conflict
            self._bus.publish(DeviceChanged(state.code))
            log.warning("two devices claim one code", device=state.code, first=f"{first.host}:{first.port}", second=conflict)

    def go_offline(self, state: DeviceState, reason: str) -> None:
        """It is gone; `reason` as of DeviceWentOffline."""
        if state.online:
            self._set_faulty(state, False)
            self._set_online(state, False)
            self.door.unbind(state.code)
            log.info("device offline", device=state.code, reason=reason)
            self._bus.publish(DeviceWentOffline(state.code, reason))

    def count_states(self) -> None:
        """Shows `by_state` in the metrics."""
        for state, count in self.by_state().items():
            BY_STATE.labels(state).set(count)

    def keepalive(self, request: SipRequest, peer: Peer, code: str, status: str = "OK", named: str = "") -> SipResponse:
        """200 for a device that is registered; 403 else, which asks it to register again. `status`: of the device `named`."""
        state = self.known.get(code)
        now, now_s = self._clock.now().timestamp(), self._clock.monotonic_s()
        # Same host: the port of a device behind NAT rotates. A silent but registered device is alive again.
        if state is None or state.peer is None or state.peer.host != peer.host or now_s > state.ends_s:
            heartbeats.UNKNOWN.inc()
            return response_to(request, 403, source=(peer.host, peer.port), to_tag="k")
        if state.online and state.peer != peer and state.displaced == peer and self._silences.is_alive(state, now_s):
            self.note_conflict(state, state.peer, peer)  # both ports speak: they are two devices behind one NAT
            heartbeats.CONFLICT.inc()
            return response_to(request, 403, source=(peer.host, peer.port), to_tag="k")
        meaning = self._meaning_of(named, state)
        if meaning is Meaning.NOTHING:
            heartbeats.OF_ANOTHER.inc()
            return response_to(request, 200 if state.online else 403, source=(peer.host, peer.port), to_tag="k")
        heartbeats.OK.inc()
        came_back = not state.online
        if now > state.expires_at:  # the wall clock was set forward: by the door's, which looks there, it would have ended
            state.expires_at = now + state.ends_s - now_s
            self._tell_binding(state)
        if came_back or state.peer != peer:
            self.bind(state, peer)
            self._batches.move(code, peer)
        state.last_seen_at = now
        self.heard(state, now_s)
        self._batches.touch(code, now)
        was_faulty = state.faulty
        if meaning is Meaning.OWN:
            self._set_faulty(state, status == "ERROR")
        if state.faulty != was_faulty:
            log.warning("device reports a fault" if state.faulty else "device reports that it works again", device=code)
            self._bus.publish(DeviceChanged(code))
        if came_back:
            self.tell_arrival(state, restarted=False)
        return response_to(request, 200, source=(peer.host, peer.port), to_tag="k")

    def _meaning_of(self, named: str, state: DeviceState) -> Meaning:
        meaning = meaning_of(named, state, self.known.get(named))
        if names_itself(named, state.code):
            state.names_itself = True
        elif not state.names_another:
            state.names_another = named
            log.info("a device keeps alive under another code", device=state.code, named=named, counts_as=meaning.value)
        return meaning

    def look_at_door(self) -> None:
        """Heartbeats that the door answered since the last look."""
        now, now_s = self._clock.now().timestamp(), self._clock.monotonic_s()
        for code in self.door.take_heard():
            state = self.known.get(code)
            if state is not None and state.online and now_s > state.ends_s:
                self.door.unbind(code)  # the wall clock was set back: the door, which looks there, would believe it for longer
            elif state is not None and state.online:
                state.names_itself = True
                state.last_seen_at = now
                self._batches.touch(code, now)
                self.heard(state, now_s)
        counted, before = self.door.counters(), self._door_counted
        self._door_counted = counted
        heartbeats.OK.inc(counted.heartbeats - before.heartbeats)
        CHALLENGED.inc(counted.challenged - before.challenged)
        DROPPED.inc(counted.dropped - before.dropped)
        count_growth(counted, before)

    def connection_lost(self, connection: int) -> None:
        """Devices registered over this connection are offline until they register again (§6.8)."""
        for code in self._by_connection.pop(connection, set()):
            being_entered = self._batches.newest(code)
            if being_entered is not None and being_entered.claim.peer.connection == connection:
                self._batches.withdraw(code)
            state = self.known.get(code)
            if state is not None and state.peer is not None and state.peer.connection == connection:
                self.go_offline(state, "disconnected")
