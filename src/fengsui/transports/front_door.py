"""The UDP door for the registrar: our words in the engine's shapes, and what was said in the trace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fengsui._engine import SipAnswer, SipDatagram, SipFront, SipFrontCounters, SipRegistration
from fengsui.features.devices import Claim, Devices, Peer, Word
from fengsui.settings import NodeSettings
from fengsui.transports.trace import Trace

TRACED_A_BATCH = 64  # a storm would push everything else out of the trace


def open_front(settings: NodeSettings, devices: Devices, password: str) -> SipFront:
    """Opens the SIP port. Raises PortInUse, OSError."""
    signalling = settings.signalling
    return SipFront(
        host=signalling.host,
        port=signalling.port,
        realm=settings.node.sip_domain,
        nonce_key=devices.nonce_key,
        challenge=signalling.challenge,
        default_password=password,
        admit_unknown=signalling.admission != "waiting-list",
        max_requests_per_address_per_s=signalling.max_requests_per_address_per_s,
        max_requests_per_device_per_s=signalling.max_requests_per_device_per_s,
        max_remembered_addresses=signalling.max_remembered_addresses,
        max_pending=signalling.max_pending_registrations,
        max_waiting=signalling.max_queue_datagrams,
        max_waiting_octets=signalling.max_queue_mb << 20,
    )


class FrontDoor:
    """Implements `features.devices.Door`."""

    def __init__(self, front: SipFront, trace: Trace) -> None:
        self._front = front
        self._trace = trace
        self.know, self.defer, self.bind = front.know, front.defer, front.bind
        self.unbind, self.remove = front.unbind, front.remove
        self._counted = front.counters()

    def take_heard(self) -> Iterable[str]:
        """Devices whose heartbeats were answered since the last call."""
        return self._front.take_heard()

    def counters(self) -> SipFrontCounters:
        """Totals since the start; a closed port keeps its last ones, for the front then counts from nothing."""
        counted = self._front.counters()
        if counted.received >= self._counted.received:
            self._counted = counted
        return self._counted

    def answer(self, words: Sequence[Word]) -> None:
        """Sends our words; a repeated request gets the same."""
        if not words:
            return
        sent = self._front.answer([SipAnswer(word.claim.token, word.status, word.lines) for word in words])
        for word, shown in zip(words[:TRACED_A_BATCH], sent, strict=False):
            self._trace.add(word.claim.code, "out", "UDP", f"{shown.host}:{shown.port}", shown.octets)

    def forget(self, claims: Sequence[Claim]) -> None:
        """They could not be kept: sent again, they are new."""
        self._front.forget([claim.token for claim in claims])

    def claims(self, registrations: Sequence[SipRegistration]) -> list[Claim]:
        """What came through the door, in the registrar's shape."""
        for found in registrations[:TRACED_A_BATCH]:
            self._trace.add(found.code, "in", "UDP", f"{found.host}:{found.port}", _head_of(found.octets))
        return [
            Claim(
                found.code,
                Peer("UDP", found.host, found.port),
                found.call_id,
                found.contact,
                found.expires_s,
                found.version,
                found.user_agent,
                found.token,
            )
            for found in registrations
        ]

    def observed(self, seen: SipDatagram) -> None:
        """A challenged exchange."""
        self._trace.add(seen.code, "out" if seen.out else "in", "UDP", f"{seen.host}:{seen.port}", _head_of(seen.octets))


def _head_of(octets: bytes) -> bytes:
    """A registration has no body; what somebody hangs behind one is not kept."""
    head, gap, _ = octets.partition(b"\r\n\r\n")
    return head + gap
