"""Registers devices, knows who is alive, keeps the waiting list. REGISTER and keep-alive are answered without a task each.

Source: GB/T 28181-2022 §9.1 (registration), §9.6 (status), §9.10 (time). A 200 leaves only after its batch is on disk.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from fengsui.bus import Bus
from fengsui.clock import Clock
from fengsui.features.devices import queries
from fengsui.features.devices.batches import REGISTRATIONS, Accepted, Batches, Reply, Unanswered, answer_to
from fengsui.features.devices.door import Claim, Door, Lines, NoDoor, Word, count_growth
from fengsui.features.devices.model import DeviceState, Peer, Status
from fengsui.features.devices.ports import DeviceCameOnline, DeviceChanged, DeviceWentOffline, UnknownDevice
from fengsui.features.devices.rows import binding_of, restored
from fengsui.features.devices.silence import Silences
from fengsui.features.devices.strangers import Proof, Strangers
from fengsui.features.devices.waiting import WaitingList
from fengsui.loops import keep
from fengsui.settings import NodeSettings
from fengsui.store import Store
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.sip.headers import gb_date, response_to, user_of
from fengsui.wire.sip.message import SipRequest, SipResponse

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 0.5
TOUCH_EVERY_S = 30.0
MIN_EXPIRES_S = 60

KEEPALIVES = Counter("fengsui_keepalives_total", "Keep-alives by outcome", ["outcome"])
KEEPALIVES_OK, CHALLENGED = KEEPALIVES.labels("ok"), REGISTRATIONS.labels("challenged")
BY_STATE = Gauge("fengsui_devices", "Devices by state", ["state"])
DROPPED = REGISTRATIONS.labels("dropped")

Forget = Callable[[AsyncConnection, str], Awaitable[Callable[[], Awaitable[None]]]]
"""Forgets what else is known of a device; what it returns is called when that is committed."""


class Devices:
    """Every known device, in memory and on disk."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, settings: NodeSettings, password: str) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._node = settings.node
        self._settings = settings.signalling
        self._password = password
        self.nonce_key = secrets.token_bytes(32)
        self._strangers = Strangers(self.nonce_key, settings.signalling)
        self._door: Door = NoDoor()
        self._door_counted = self._door.counters()
        self._known: dict[str, DeviceState] = {}
        self._by_connection: dict[int, set[str]] = {}
        self._silences = Silences(self._settings.keepalive_interval_s, self._settings.keepalive_missed_limit)
        self._batches = Batches(store, settings.signalling.max_pending_registrations)
        self._batches.take_effect = self._take_effect
        self._tasks: list[asyncio.Task[None]] = []
        self._online = 0
        self._faulty = 0
        self._leaving: set[str] = set()
        self._on_remove: list[Forget] = []
        self.waiting = WaitingList(store, bus, clock, settings.signalling)

    async def start(self) -> None:
        """Restores bindings, so that devices that only keep alive after our restart are known."""
        async with self._store.reading() as tx:
            rows = await queries.all_devices(tx)
        now, now_s = self._clock.now().timestamp(), self._clock.monotonic_s()
        for row in rows:
            state = restored(row)
            self._known[state.code] = state
            # Over a restart only the wall clock knows; one that is behind must not make a life longer than was granted.
            state.registered_s = now_s - max(0.0, now - state.registered_at)
            state.ends_s = now_s + min(state.expires_at - now, state.expires_at - state.registered_at)
            # Nothing is known of it before it speaks; within its silence limit it counts as it was left.
            if state.peer is not None and state.peer.transport == "UDP" and state.last_seen_at + self._silences.limit_s > now:
                self._heard(state, now_s)
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
        self._door, self._door_counted = door, door.counters()
        self._batches.door = door
        for state in self._known.values():
            door.know(state.code, state.password)
            if state.online:
                self._tell_binding(state)

    def _tell_binding(self, state: DeviceState) -> None:
        if state.peer is not None and state.peer.transport == "UDP":
            self._door.bind(state.code, state.peer.host, state.peer.port, state.expires_at)
        else:
            self._door.unbind(state.code)

    async def stop(self) -> None:
        """Ends the loops; what was acknowledged is on disk."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.waiting.stop()
        await self._batches.write_touched()

    def get(self, code: str) -> DeviceState:
        """Raises UnknownDevice."""
        state = self._known.get(code)
        if state is None:
            raise UnknownDevice(device=code)
        return state

    def shows_fault(self, code: str) -> bool:
        """Whether the device `code` is one camera and reports a fault: of a recorder with several, it is not known whose it is."""
        state = self._known.get(code)
        return state is not None and state.online and state.faulty and state.channels <= 1

    def is_online(self, code: str) -> bool | None:
        """None when there is no such device."""
        state = self._known.get(code)
        return None if state is None else state.online

    def all(self) -> list[DeviceState]:
        """Every known device, by code."""
        return [self._known[code] for code in sorted(self._known)]

    def by_state(self) -> dict[Status, int]:
        """How many devices are in each state."""
        return {"online": self._online - self._faulty, "fault": self._faulty, "offline": len(self._known) - self._online}

    @property
    def registrations_waiting(self) -> int:
        """Registrations that are not on disk yet, and so not answered."""
        return self._batches.waiting

    def ages_s(self) -> list[float]:
        """How long ago each online device was last heard."""
        now = self._clock.now().timestamp()
        return [max(0.0, now - state.last_seen_at) for state in self._known.values() if state.online]

    def known_sender(self, code: str, peer: Peer) -> DeviceState | None:
        """The online device `code` if the message can be its: same host (NAT ports rotate), or its connection."""
        state = self._known.get(code)
        if state is None or not state.online or state.peer is None or state.peer.host != peer.host:
            return None
        return state

    def stranger_may_speak(self, peer: Peer) -> bool:
        """Bounds what one address can ask of us before it has proved itself."""
        return self._strangers.may_speak(peer.host, self._clock.monotonic_s())

    def register(self, request: SipRequest, peer: Peer) -> SipResponse | None:
        """The answer to a REGISTER; None when it is sent after the commit, or never (flood)."""
        code = user_of(request.headers.get("from"))
        now_s = self._clock.monotonic_s()
        if not code or len(code) > 32:
            return self._refusal(request, peer, 400, "malformed")
        if self.known_sender(code, peer) is None and not self.stranger_may_speak(peer):
            DROPPED.inc()
            return None
        state = self._known.get(code)
        if state is None and self._settings.admission == "waiting-list":
            self.waiting.note(code, peer, request.headers.get("user-agent"))
            return self._refusal(request, peer, 403, "unknown")
        if self.waiting.is_blocked(code):
            return self._refusal(request, peer, 403, "blocked")
        if self._is_locked(state, code, peer, now_s):
            return self._refusal(request, peer, 403, "locked")
        password = (state.password if state is not None else "") or self._password
        if self._settings.challenge and password:
            refusal = self._check_digest(request, peer, code, password, now_s)
            if refusal is not None:
                return refusal
        if state is not None:
            self._door.defer(code, state.faulty)
        word = self._decide(Claim.of(request, code, peer), state, now_s)
        return None if word is None else answer_to(request, peer, word.status, word.lines)

    def registrations(self, claims: Sequence[Claim]) -> None:
        """Decides on registrations whose digest the door has checked."""
        now_s, words = self._clock.monotonic_s(), []
        for claim in claims:
            if self.waiting.is_blocked(claim.code):
                REGISTRATIONS.labels("blocked").inc()
                word: Word | None = Word(claim, 403, _version(claim.version))
            elif self._is_locked(self._known.get(claim.code), claim.code, claim.peer, now_s):  # the door does not know of it
                REGISTRATIONS.labels("locked").inc()
                word = Word(claim, 403, _version(claim.version))
            else:
                self._strangers.forgive(claim.code, claim.peer.host)
                word = self._decide(claim, self._known.get(claim.code), now_s)
            if word is not None:
                words.append(word)
        if words:
            self._door.answer(words)

    def _is_locked(self, state: DeviceState | None, code: str, peer: Peer, now_s: float) -> bool:
        """Whether its address has guessed too often: the port where the device is, is not locked for those behind its NAT."""
        own = state is not None and state.online and state.peer == peer
        return not own and self._strangers.is_locked(code, peer.host, now_s)

    def _check_digest(self, request: SipRequest, peer: Peer, code: str, password: str, now_s: float) -> SipResponse | None:
        proof, too_often = self._strangers.weigh(request.headers.get("authorization"), code, peer.host, password, now_s)
        if too_often:
            if code in self._known:
                self._door.defer(code, True)
            log.warning("device locked out after wrong passwords", device=code, peer=peer.host)
        if proof in (Proof.WRONG, Proof.MALFORMED):
            return self._refusal(request, peer, 403, proof.value)
        return None if proof is Proof.GIVEN else self._challenge(request, peer, code, now_s, stale=proof is Proof.STALE)

    def _challenge(self, request: SipRequest, peer: Peer, code: str, now_s: float, *, stale: bool) -> SipResponse:
        CHALLENGED.inc()
        challenge = self._strangers.challenge(self._node.sip_domain, code, peer.host, now_s, stale=stale)
        return answer_to(request, peer, 401, (("WWW-Authenticate", challenge), *_version(request.headers.get("x-gb-ver"))))

    def _refusal(self, request: SipRequest, peer: Peer, status: int, outcome: str) -> SipResponse:
        REGISTRATIONS.labels(outcome).inc()
        return answer_to(request, peer, status, _version(request.headers.get("x-gb-ver")))

    def _decide(self, claim: Claim, state: DeviceState | None, now_s: float) -> Word | None:
        """None: accepted, and in force and answered once it is on disk; or dropped, because too many wait for that."""
        code, peer, call_id = claim.code, claim.peer, claim.call_id[:256]
        if code in self._leaving:  # what it is answered depends on how that ends: it asks again
            self._door.forget([claim] if claim.token else [])
            return None
        version = _version(claim.version)
        if (rival := self._rival(state, claim, call_id, now_s)) is not None:
            if state is not None:
                self._note_conflict(state, rival, peer)
            REGISTRATIONS.labels("conflict").inc()
            return Word(claim, 403, version)
        now = self._clock.now()
        if claim.expires_s == 0:
            REGISTRATIONS.labels("unregistered").inc()
            self._batches.withdraw(code)
            if state is not None:
                state.expires_at, state.ends_s = now.timestamp(), now_s
                self._go_offline(state, "unregistered")
            return Word(claim, 200, (("Expires", "0"), *version))
        granted_s = max(MIN_EXPIRES_S, claim.expires_s or self._settings.default_expires_s)
        contact = claim.contact.partition(";")[0] or f"<sip:{code}@{peer.host}:{peer.port}>"
        lines = (
            ("Contact", f"{contact};expires={granted_s}"),
            ("Expires", str(granted_s)),
            ("Date", gb_date(now)),
            *version,
        )
        begins = now.timestamp()
        edition = int(Edition.announced(claim.version))
        if not self._batches.add(Accepted(claim, call_id, edition, begins, begins + granted_s, lines)):
            DROPPED.inc()
            self._door.forget([claim] if claim.token else [])
        elif peer.connection:
            self._by_connection.setdefault(peer.connection, set()).add(code)
        return None

    def _rival(self, state: DeviceState | None, claim: Claim, call_id: str, now_s: float) -> Peer | None:
        """Where another device of the same code is, that lives or is just being entered."""
        being_entered = self._batches.newest(claim.code)
        if being_entered is not None and being_entered.is_another(claim.peer, call_id):
            return being_entered.claim.peer
        alive = state is not None and state.online and self._silences.is_alive(state, now_s)
        return state.peer if alive and state is not None and state.is_another(claim.peer, call_id) else None

    def _take_effect(self, accepted: Accepted) -> None:
        """A registration is on disk."""
        claim, code = accepted.claim, accepted.claim.code
        state = self._known.get(code)
        if state is None:
            state = self._known[code] = DeviceState(code)
        now_s = self._clock.monotonic_s()
        alive = state.online and self._silences.is_alive(state, now_s)
        restarted = state.registers(claim.peer, accepted.call_id, now_s, alive=alive)
        was_online = state.online
        state.edition = accepted.edition
        state.user_agent = claim.user_agent[:256]
        state.registered_at = state.last_seen_at = accepted.registered_at
        state.expires_at, state.ends_s = accepted.expires_at, now_s + accepted.expires_at - accepted.registered_at
        state.conflict = ""
        self._bind(state, claim.peer)
        self._batches.move(claim.code, None)
        self._heard(state, now_s)
        if not was_online or restarted:
            self._tell_arrival(state, restarted=restarted)

    def _tell_arrival(self, state: DeviceState, *, restarted: bool) -> None:
        state.arrivals += 1
        self._bus.publish(DeviceCameOnline(state.code, restarted))

    def _note_conflict(self, state: DeviceState, first: Peer, second: Peer) -> None:
        conflict = second.host if second.host != first.host else f"{second.host}:{second.port}"
        if state.conflict != conflict:
            state.conflict = conflict
            self._bus.publish(DeviceChanged(state.code))
            log.warning("two devices claim one code", device=state.code, first=f"{first.host}:{first.port}", second=conflict)

    def _bind(self, state: DeviceState, peer: Peer) -> None:
        if state.peer is not None and state.peer.connection:
            self._by_connection.get(state.peer.connection, set()).discard(state.code)
        state.peer = peer
        if peer.connection:
            self._by_connection.setdefault(peer.connection, set()).add(state.code)
        self._tell_binding(state)

    def _heard(self, state: DeviceState, now_s: float) -> None:
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
            self._door.defer(state.code, faulty)

    def _count_states(self) -> None:
        for state, count in self.by_state().items():
            BY_STATE.labels(state).set(count)

    def keepalive(self, request: SipRequest, peer: Peer, code: str, status: str = "OK") -> SipResponse:
        """200 for a device that is registered; 403 else, which asks it to register again. `status`: what it says of itself."""
        state = self._known.get(code)
        now, now_s = self._clock.now().timestamp(), self._clock.monotonic_s()
        # Same host: the port of a device behind NAT rotates. A silent but registered device is alive again.
        if state is None or state.peer is None or state.peer.host != peer.host or now_s > state.ends_s:
            KEEPALIVES.labels("unknown").inc()
            return response_to(request, 403, source=(peer.host, peer.port), to_tag="k")
        if state.online and state.peer != peer and state.displaced == peer and self._silences.is_alive(state, now_s):
            self._note_conflict(state, state.peer, peer)  # both ports speak: they are two devices behind one NAT
            KEEPALIVES.labels("conflict").inc()
            return response_to(request, 403, source=(peer.host, peer.port), to_tag="k")
        KEEPALIVES_OK.inc()
        came_back = not state.online
        if now > state.expires_at:  # the wall clock was set forward: by the door's, which looks there, it would have ended
            state.expires_at = now + state.ends_s - now_s
            self._tell_binding(state)
        if came_back or state.peer != peer:
            self._bind(state, peer)
            self._batches.move(code, peer)
        state.last_seen_at = now
        self._heard(state, now_s)
        self._batches.touch(code, now)
        was_faulty = state.faulty
        self._set_faulty(state, status == "ERROR")
        if state.faulty != was_faulty:
            log.warning("device reports a fault" if state.faulty else "device reports that it works again", device=code)
            self._bus.publish(DeviceChanged(code))
        if came_back:
            self._tell_arrival(state, restarted=False)
        return response_to(request, 200, source=(peer.host, peer.port), to_tag="k")

    def _heard_at_door(self) -> None:
        """Heartbeats that the door answered since the last look."""
        now, now_s = self._clock.now().timestamp(), self._clock.monotonic_s()
        for code in self._door.take_heard():
            state = self._known.get(code)
            if state is not None and state.online and now_s > state.ends_s:
                self._door.unbind(
                    code
                )  # the wall clock was set back: the door, which looks there, believes it longer than was granted
            elif state is not None and state.online:
                state.last_seen_at = now
                self._batches.touch(code, now)
                self._heard(state, now_s)
        counted, before = self._door.counters(), self._door_counted
        self._door_counted = counted
        KEEPALIVES_OK.inc(counted.heartbeats - before.heartbeats)
        CHALLENGED.inc(counted.challenged - before.challenged)
        DROPPED.inc(counted.dropped - before.dropped)
        count_growth(counted, before)

    @property
    def door_failures(self) -> int:
        """How often the thread of the UDP port has failed since the start."""
        return self._door.counters().failures

    def connection_lost(self, connection: int) -> None:
        """Devices registered over this connection are offline until they register again (§6.8)."""
        for code in self._by_connection.pop(connection, set()):
            being_entered = self._batches.newest(code)
            if being_entered is not None and being_entered.claim.peer.connection == connection:
                self._batches.withdraw(code)
            state = self._known.get(code)
            if state is not None and state.peer is not None and state.peer.connection == connection:
                self._go_offline(state, "disconnected")

    def _go_offline(self, state: DeviceState, reason: str) -> None:
        if state.online:
            self._set_faulty(state, False)
            self._set_online(state, False)
            self._door.unbind(state.code)
            log.info("device offline", device=state.code, reason=reason)
            self._bus.publish(DeviceWentOffline(state.code, reason))

    async def _watch_silence(self) -> None:
        next_touch_s = self._clock.monotonic_s() + TOUCH_EVERY_S
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._count_states()
            self._heard_at_door()
            now_s = self._clock.monotonic_s()
            for state in self._silences.fallen_silent(self._known, now_s):
                self._go_offline(state, "expired" if now_s > state.ends_s else "silent")
            if now_s >= next_touch_s:
                next_touch_s = now_s + TOUCH_EVERY_S
                await self._batches.write_touched()

    async def admit(self, code: str, *, password: str = "", name: str = "") -> DeviceState:
        """Makes a waiting or future device known, so that it may register."""
        state = self._known.get(code) or DeviceState(code)
        state.password, state.name = password or state.password, name or state.name
        async with self._store.transaction() as tx:
            await queries.write_bindings(tx, [binding_of(state)])
            await queries.write_facts(tx, code, password=state.password, name=state.name)
        if (meanwhile := self._known.setdefault(code, state)) is not state:  # open admission: it registered while this was written
            meanwhile.password, meanwhile.name = state.password, state.name
            state = meanwhile
        self._door.know(code, state.password)
        self._count_states()
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
        self._door.know(code, state.password)
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
        self._go_offline(state, "removed")
        self._known.pop(code, None)
        self._door.remove(code)
        self._count_states()
        for tell in then:
            await tell()


def _version(announced: str) -> Lines:
    return (("X-GB-Ver", "3.0"),) if announced else ()
