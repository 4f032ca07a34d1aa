"""Decides on registrations: who may, who has proved itself, and who has a rival. REGISTER is answered without a task.

Source: GB/T 28181-2022 §9.1 (registration), §9.10 (time). A 200 leaves only after its batch is on disk.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

import structlog

from fengsui.clock import Clock
from fengsui.features.devices.batches import CHALLENGED, DROPPED, REGISTRATIONS, Accepted, Batches, answer_to
from fengsui.features.devices.door import Claim, Lines, Word
from fengsui.features.devices.model import DeviceState, Peer
from fengsui.features.devices.presence import Presence
from fengsui.features.devices.strangers import Proof, Strangers
from fengsui.features.devices.waiting import WaitingList
from fengsui.settings import NodeSettings
from fengsui.wire.gb28181.edition import Edition
from fengsui.wire.sip.headers import gb_date, user_of
from fengsui.wire.sip.message import SipRequest, SipResponse

log = structlog.get_logger(__name__)
MIN_EXPIRES_S = 60


class Registrar:
    """`leaving`: devices that are being removed."""

    def __init__(
        self,
        settings: NodeSettings,
        password: str,
        *,
        clock: Clock,
        presence: Presence,
        batches: Batches,
        strangers: Strangers,
        waiting: WaitingList,
        leaving: Container[str],
    ) -> None:
        self._node = settings.node
        self._settings = settings.signalling
        self._password = password
        self._clock = clock
        self._presence = presence
        self._batches = batches
        self._strangers = strangers
        self._waiting = waiting
        self._leaving = leaving
        batches.take_effect = self._take_effect

    def stranger_may_speak(self, peer: Peer) -> bool:
        """Bounds what one address can ask of us before it has proved itself."""
        return self._strangers.may_speak(peer.host, self._clock.monotonic_s())

    def register(self, request: SipRequest, peer: Peer) -> SipResponse | None:
        """The answer to a REGISTER; None when it is sent after the commit, or never (flood)."""
        code = user_of(request.headers.get("from"))
        now_s = self._clock.monotonic_s()
        if not code or len(code) > 32:
            return self._refusal(request, peer, 400, "malformed")
        if self._presence.known_sender(code, peer) is None and not self.stranger_may_speak(peer):
            DROPPED.inc()
            return None
        state = self._presence.known.get(code)
        if state is None and self._settings.admission == "waiting-list":
            self._waiting.note(code, peer, request.headers.get("user-agent"))
            return self._refusal(request, peer, 403, "unknown")
        if self._waiting.is_blocked(code):
            return self._refusal(request, peer, 403, "blocked")
        if self._is_locked(state, code, peer, now_s):
            return self._refusal(request, peer, 403, "locked")
        password = (state.password if state is not None else "") or self._password
        if self._settings.challenge and password:
            refusal = self._check_digest(request, peer, code, password, now_s)
            if refusal is not None:
                return refusal
        if state is not None:
            self._presence.door.defer(code, state.faulty)
        word = self._decide(Claim.of(request, code, peer), state, now_s)
        return None if word is None else answer_to(request, peer, word.status, word.lines)

    def registrations(self, claims: Sequence[Claim]) -> None:
        """Decides on registrations whose digest the door has checked."""
        now_s, words = self._clock.monotonic_s(), []
        for claim in claims:
            state = self._presence.known.get(claim.code)
            if self._waiting.is_blocked(claim.code):
                REGISTRATIONS.labels("blocked").inc()
                word: Word | None = Word(claim, 403, _version(claim.version))
            elif self._is_locked(state, claim.code, claim.peer, now_s):  # the door does not know of it
                REGISTRATIONS.labels("locked").inc()
                word = Word(claim, 403, _version(claim.version))
            else:
                self._strangers.forgive(claim.code, claim.peer.host)
                word = self._decide(claim, state, now_s)
            if word is not None:
                words.append(word)
        if words:
            self._presence.door.answer(words)

    def _is_locked(self, state: DeviceState | None, code: str, peer: Peer, now_s: float) -> bool:
        """Whether its address has guessed too often: the port where the device is, is not locked for those behind its NAT."""
        own = state is not None and state.online and state.peer == peer
        return not own and self._strangers.is_locked(code, peer.host, now_s)

    def _check_digest(self, request: SipRequest, peer: Peer, code: str, password: str, now_s: float) -> SipResponse | None:
        proof, too_often = self._strangers.weigh(request.headers.get("authorization"), code, peer.host, password, now_s)
        if too_often:
            if code in self._presence.known:
                self._presence.door.defer(code, True)
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
            self._presence.door.forget([claim] if claim.token else [])
            return None
        version = _version(claim.version)
        if (rival := self._rival(state, claim, call_id, now_s)) is not None:
            if state is not None:
                self._presence.note_conflict(state, rival, peer)
            REGISTRATIONS.labels("conflict").inc()
            return Word(claim, 403, version)
        now = self._clock.now()
        if claim.expires_s == 0:
            REGISTRATIONS.labels("unregistered").inc()
            self._batches.withdraw(code)
            if state is not None:
                state.expires_at, state.ends_s = now.timestamp(), now_s
                self._presence.go_offline(state, "unregistered")
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
            self._presence.door.forget([claim] if claim.token else [])
        elif peer.connection:
            self._presence.note_connection(peer.connection, code)
        return None

    def _rival(self, state: DeviceState | None, claim: Claim, call_id: str, now_s: float) -> Peer | None:
        """Where another device of the same code is, that lives or is just being entered."""
        being_entered = self._batches.newest(claim.code)
        if being_entered is not None and being_entered.is_another(claim.peer, call_id):
            return being_entered.claim.peer
        alive = state is not None and self._presence.is_alive(state, now_s)
        return state.peer if alive and state is not None and state.is_another(claim.peer, call_id) else None

    def _take_effect(self, accepted: Accepted) -> None:
        """A registration is on disk."""
        claim, code = accepted.claim, accepted.claim.code
        state = self._presence.known.get(code)
        if state is None:
            state = self._presence.known[code] = DeviceState(code)
        now_s = self._clock.monotonic_s()
        alive = self._presence.is_alive(state, now_s)
        restarted = state.registers(claim.peer, accepted.call_id, now_s, alive=alive)
        state.names_itself &= not restarted
        was_online = state.online
        state.edition = accepted.edition
        state.user_agent = claim.user_agent[:256]
        state.registered_at = state.last_seen_at = accepted.registered_at
        state.expires_at, state.ends_s = accepted.expires_at, now_s + accepted.expires_at - accepted.registered_at
        state.conflict = ""
        self._presence.bind(state, claim.peer)
        self._batches.move(claim.code, None)
        self._presence.heard(state, now_s)
        if not was_online or restarted:
            self._presence.tell_arrival(state, restarted=restarted)


def _version(announced: str) -> Lines:
    return (("X-GB-Ver", "3.0"),) if announced else ()
